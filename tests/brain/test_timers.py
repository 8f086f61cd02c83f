from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.brain.agenda.board import LATE_S, Board, Full
from assistant.brain.agenda.clocks import Clocks
from assistant.brain.durations import adjective, listed, roughly, spoken

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def test_a_timer_is_announced_once_when_its_time_has_come() -> None:
    clock = Clock()
    board = Board(clocks=Clocks(elapsed_s=clock))
    board.add_timer(60, "tea")
    clock.now_s += 59.9
    assert board.due() == []
    clock.now_s += 0.1
    assert [(due.label, due.text) for due in board.due()] == [("tea", "Your tea timer is done.")]
    assert board.due() == []
    assert board.running() == ()


def test_timers_that_end_together_are_announced_in_the_order_of_their_ends() -> None:
    clock = Clock()
    board = Board(clocks=Clocks(elapsed_s=clock))
    board.add_timer(90)
    board.add_timer(80, "egg")
    clock.now_s += 90
    assert [due.label for due in board.due()] == ["egg", "1 minute 30 second"]


def test_a_cancelled_timer_does_not_ring_and_a_restored_one_does() -> None:
    clock = Clock()
    board = Board(clocks=Clocks(elapsed_s=clock))
    timer = board.add_timer(60)
    assert board.cancel(timer.id)
    assert not board.cancel(timer.id)
    clock.now_s += 61
    assert board.due() == []
    board.restore([timer])
    assert len(board.due()) == 1


def test_the_board_is_bounded() -> None:
    board = Board(clocks=Clocks(elapsed_s=Clock()), limit=2)
    board.add_timer(1)
    board.add_timer(2)
    with pytest.raises(Full):
        board.add_timer(3)


def test_running_timers_are_listed_with_the_next_to_end_first() -> None:
    clock = Clock()
    board = Board(clocks=Clocks(elapsed_s=clock))
    board.add_timer(300, "rice")
    soon = board.add_timer(60, "egg")
    clock.now_s += 10
    assert [timer.name for timer in board.running()] == ["egg", "rice"]
    assert board.remaining_s(soon) == 50


@given(st.lists(st.integers(1, 1000), max_size=20), st.lists(st.integers(0, int(LATE_S)), max_size=20))
def test_every_timer_rings_exactly_once_and_never_early(durations: list[int], steps: list[int]) -> None:
    clock = Clock()
    board = Board(clocks=Clocks(lambda: NOON, clock))
    for number, duration_s in enumerate(durations):
        board.add_timer(duration_s, str(number))
    rung: list[str] = []
    for step_s in [*steps, *([LATE_S] * 40)]:
        clock.now_s += step_s
        for announcement in board.due():
            assert durations[int(announcement.label)] <= clock.now_s - 1000
            rung.append(announcement.label)
    assert sorted(rung, key=int) == [str(number) for number in range(len(durations))]


@pytest.mark.parametrize(
    ("seconds", "as_spoken", "as_adjective"),
    [
        (0, "0 seconds", "0 second"),
        (1, "1 second", "1 second"),
        (90, "1 minute and 30 seconds", "1 minute 30 second"),
        (5400, "1 hour and 30 minutes", "1 hour 30 minute"),
        (90_061, "1 day, 1 hour, 1 minute and 1 second", "1 day 1 hour 1 minute 1 second"),
    ],
)
def test_durations_as_people_say_them(seconds: int, as_spoken: str, as_adjective: str) -> None:
    assert spoken(seconds) == as_spoken
    assert adjective(seconds) == as_adjective


def test_lists_as_people_say_them() -> None:
    assert [listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


@pytest.mark.parametrize(
    ("duration_s", "said"),
    [
        (0.0, "10 seconds"),
        (34.0, "30 seconds"),
        (119.0, "2 minutes"),
        (149.0, "2 minutes"),
        (310.0, "5 minutes"),
        (5400.0, "1 hour and 30 minutes"),
    ],
)
def test_rough_durations_change_rarely(duration_s: float, said: str) -> None:
    assert roughly(duration_s) == said

"""What rings, when, how often, and what is said of it."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.brain.agenda.board import REPEAT_S, RING_S, WAITING, Board
from assistant.brain.agenda.entry import Kind, When
from assistant.brain.agenda.repeat import DAILY, WEEKDAYS, Repeat, following
from tests.brain.agenda.clock import HandClock
from tests.brain.agenda.test_repeat import REPEATS, falls_on

SEVEN = datetime(2026, 11, 21, 7)


def said(board: Board) -> list[str]:
    """What the session would say now."""
    return [each.text for each in board.due() if each.begin()]


def test_an_alarm_rings_until_it_is_stopped() -> None:
    clock = HandClock("2026-11-21T06:59:59")
    board = Board(clocks=clock.clocks())
    board.add(Kind.ALARM, When(at=SEVEN))
    assert said(board) == []
    clock.pass_(1)
    assert said(board) == ["It's 7 AM: your alarm."]
    assert said(board) == []
    clock.pass_(REPEAT_S)
    assert said(board) == ["It's 7 AM: your alarm."]
    assert board.ringing
    board.silence()
    clock.pass_(REPEAT_S)
    assert (said(board), board.ringing, board.entries()) == ([], False, ())


def test_an_alarm_that_nobody_stops_falls_silent() -> None:
    clock = HandClock("2026-11-21T07:00")
    board = Board(clocks=clock.clocks())
    board.add(Kind.ALARM, When(at=SEVEN))
    count = 0
    for _ in range(int(2 * RING_S)):
        count += len(said(board))
        clock.pass_(1)
    assert count == RING_S // REPEAT_S
    assert board.entries() == ()


def test_of_very_many_at_once_none_is_left_out() -> None:
    clock = HandClock()
    board = Board(clocks=clock.clocks())
    for number in range(3 * WAITING):
        board.add(Kind.REMINDER, When(60), str(number))
    clock.pass_(60)
    for _ in range(3):
        board.look()  # and nobody asks
    told = [text for _ in range(4) for text in said(board)]
    assert (len(set(told)), len(told), board.entries()) == (3 * WAITING, 3 * WAITING, ())


def test_an_alarm_waits_for_the_session_and_is_not_piled_up() -> None:
    clock = HandClock("2026-11-21T07:00")
    board = Board(clocks=clock.clocks())
    board.add(Kind.ALARM, When(at=SEVEN))
    [waiting] = board.due()
    for _ in range(10):
        clock.pass_(REPEAT_S)
        assert board.due() == []
    assert waiting.insists
    assert waiting.begin()


def test_an_alarm_that_is_stopped_before_it_was_heard_is_not_said() -> None:
    clock = HandClock("2026-11-21T07:00")
    board = Board(clocks=clock.clocks())
    board.add(Kind.ALARM, When(at=SEVEN))
    [waiting] = board.due()
    board.silence()
    assert (waiting.begin(), board.ringing) == (False, False)


def test_an_alarm_that_is_a_minute_late_rings_as_ever() -> None:
    clock = HandClock("2026-11-21T06:59")
    board = Board(clocks=clock.clocks())
    board.add(Kind.ALARM, When(at=SEVEN))
    clock.pass_(120)
    assert (said(board), board.ringing) == (["It's 7 AM: your alarm."], True)


def test_what_was_stopped_while_it_waited_is_not_said() -> None:
    clock = HandClock("2026-11-21T07:00")
    board = Board(clocks=clock.clocks())
    alarm = board.add(Kind.ALARM, When(at=SEVEN))
    [waiting] = board.due()
    assert board.cancel(alarm.id)
    assert not waiting.begin()


def test_a_repeated_alarm_comes_again_and_tells_once_what_was_missed() -> None:
    clock = HandClock("2026-11-20T08:00")
    board = Board(clocks=clock.clocks())
    board.add(Kind.ALARM, When(at=datetime(2026, 11, 23, 7), repeat=WEEKDAYS))
    clock.pass_(4 * 86_400)  # to Tuesday at eight
    assert said(board) == ["You missed an alarm for 7 AM, 1 day ago."]
    assert said(board) == []
    assert [entry.at for entry in board.entries()] == [datetime(2026, 11, 25, 7)]


@pytest.mark.parametrize(
    ("zone", "before", "at", "again"),
    [
        ("Europe/London", "2026-10-25T01:54:59", "2026-10-25T01:55", "2026-10-26T01:55"),  # then it is one once more
        ("Europe/London", "2026-11-21T06:59:59", "2026-11-21T07:00", "2026-11-22T07:00"),
    ],
)
def test_what_rang_does_not_ring_again_when_the_clock_goes_back(zone: str, before: str, at: str, again: str) -> None:
    clock = HandClock(before, zone)
    board = Board(clocks=clock.clocks())
    board.add(Kind.ALARM, When(at=datetime.fromisoformat(at), repeat=DAILY))
    clock.pass_(1)
    assert len(said(board)) == 1
    clock.set_wall(timedelta(minutes=-1))
    clock.pass_(RING_S)
    assert said(board) == []
    assert [entry.at for entry in board.entries()] == [datetime.fromisoformat(again)]


def test_once_a_clock_that_was_far_ahead_is_put_right_no_day_is_left_out() -> None:
    clock = HandClock("2026-11-20T08:00")
    board = Board(clocks=clock.clocks())
    board.add(Kind.ALARM, When(at=SEVEN, repeat=DAILY))
    assert said(board) == []
    clock.set_wall(timedelta(days=365))
    assert said(board) == ["You missed an alarm for 7 AM, 364 days ago."]
    said(board)
    assert [entry.at for entry in board.entries()] == [datetime(2027, 11, 21, 7)]
    clock.set_wall(timedelta(days=-365))
    said(board)
    assert [entry.at for entry in board.entries()] == [SEVEN]


def test_whoever_flies_west_is_woken_at_seven_there() -> None:
    clock = HandClock("2026-11-21T07:00", "Europe/London")
    board = Board(clocks=clock.clocks())
    board.add(Kind.ALARM, When(at=SEVEN, repeat=DAILY))
    assert said(board) == ["It's 7 AM: your alarm."]
    board.silence()
    said(board)
    clock.travel("America/New_York")
    said(board)
    assert [entry.at for entry in board.entries()] == [SEVEN]


def test_what_was_missed_is_told_in_one_announcement() -> None:
    clock = HandClock()
    board = Board(clocks=clock.clocks())
    board.add_timer(60, "pasta")
    board.add(Kind.REMINDER, When(120), "call my mum")
    for minutes in (3, 4, 5):
        board.add_timer(60 * minutes)
    clock.pass_(660)
    assert said(board) == [
        "You missed a timer for pasta, 10 minutes ago, the reminder: call your mum, 9 minutes ago, "
        "a 3 minute timer, 8 minutes ago and 2 more."
    ]
    assert (said(board), board.entries()) == ([], ())


def test_snooze_rings_again_and_the_repetition_stays() -> None:
    clock = HandClock("2026-11-21T07:00")
    board = Board(clocks=clock.clocks())
    board.add(Kind.ALARM, When(at=SEVEN, repeat=DAILY))
    said(board)
    rung = board.rung()
    assert rung is not None
    board.snooze(rung, 540)
    assert not board.ringing
    clock.pass_(539)
    assert said(board) == []
    clock.pass_(1)
    assert said(board) == ["Your alarm."]
    board.silence()
    said(board)
    assert [entry.at for entry in board.entries()] == [datetime(2026, 11, 22, 7)]


def test_nothing_is_snoozed_long_after_it_rang() -> None:
    clock = HandClock()
    board = Board(clocks=clock.clocks())
    board.add_timer(10)
    clock.pass_(10)
    said(board)
    assert board.rung() is not None
    clock.pass_(301)
    assert board.rung() is None


def test_a_paused_timer_neither_runs_nor_rings() -> None:
    clock = HandClock()
    board = Board(clocks=clock.clocks())
    paused = board.pause(board.add_timer(60))
    assert paused is not None
    clock.pass_(600)
    assert (said(board), board.remaining_s(paused)) == ([], 60)
    running = board.resume(paused)
    assert running is not None
    assert board.extend(running, 30) is not None
    clock.pass_(89)
    assert said(board) == []
    clock.pass_(1)
    assert said(board) == ["Your 1 minute timer is done."]


@given(st.integers(-(10**6), 10**6), st.integers(1, 10**5))
def test_a_clock_that_is_set_changes_no_duration(jump_s: int, duration_s: int) -> None:
    clock = HandClock()
    board = Board(clocks=clock.clocks())
    timer = board.add_timer(duration_s)
    clock.set_wall(timedelta(seconds=jump_s))
    assert board.remaining_s(timer) == duration_s


@given(st.lists(st.tuples(st.integers(-86_400, 86_400), st.integers(0, 400)), max_size=8))
def test_a_timer_rings_once_and_in_its_time_however_the_clock_jumps(steps: list[tuple[int, int]]) -> None:
    clock = HandClock()
    board = Board(clocks=clock.clocks())
    board.add_timer(600)
    passed, rung = 0, 0
    for jump_s, wait_s in [*steps, (0, 600)]:
        clock.set_wall(timedelta(seconds=jump_s))
        clock.pass_(wait_s)
        passed += wait_s
        rung += len(said(board))
        assert rung == (passed >= 600)


def test_after_a_restart_of_the_machine_the_wall_clock_counts() -> None:
    clock = HandClock()
    timer = Board(clocks=clock.clocks("one boot")).add_timer(600)
    clock.pass_(60)
    clock.elapsed_s = 5.0
    assert Board(clocks=clock.clocks("another")).remaining_s(timer) == 540


def test_seven_is_seven_wherever_one_travels() -> None:
    clock = HandClock("2026-11-20T15:20", "Europe/London")
    board = Board(clocks=clock.clocks())
    alarm = board.add(Kind.ALARM, When(at=SEVEN))
    at_home_s = board.remaining_s(alarm)
    clock.travel("America/New_York")
    assert board.remaining_s(alarm) == at_home_s + 5 * 3600


@given(
    st.sampled_from(["Europe/London", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Tehran"]),
    st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1)),
    st.integers(0, 23),
    st.integers(0, 59),
    REPEATS,
)
def test_a_repetition_has_one_ring_on_each_of_its_days_whatever_daylight_saving_does(
    zone: str, start: datetime, hour: int, minute: int, repeat: Repeat
) -> None:
    at = following(start.replace(hour=hour, minute=minute, second=0, microsecond=0), repeat, start)
    clock = HandClock(start.isoformat(), zone)
    rings = []
    for _ in range(10):
        moment_s = clock.wall.timestamp() + clock.clocks().until_local_s(at)
        rings.append(datetime.fromtimestamp(moment_s, clock.zone))
        at = following(at, repeat, at)
    assert all(falls_on(ring.date(), repeat, rings[0].date()) for ring in rings)
    assert all(later.timestamp() - sooner.timestamp() > 86_400 - 7_200 for sooner, later in pairwise(rings))
    skipped = [ring for ring in rings if (ring.hour, ring.minute) != (hour, minute)]
    assert all(ring.utcoffset() != (ring - timedelta(days=1)).utcoffset() for ring in skipped)

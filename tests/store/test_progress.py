"""The meter, on a clock of its own."""

from hypothesis import given
from hypothesis import strategies as st

from assistant.store.progress import Meter, Progress


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_speed_and_time_left() -> None:
    clock = Clock()
    meter = Meter(clock)
    meter.hear(Progress("a", "x", 0, 1000))
    meter.hear(Progress("a", "y", 0, 1000))
    assert (meter.received, meter.size, meter.rate, meter.left_s) == (0, 2000, 0.0, None)
    clock.now_s = 2.0
    meter.hear(Progress("a", "x", 400, 1000))
    assert (meter.received, meter.rate, meter.left_s) == (400, 200.0, 8.0)


def test_bytes_of_an_earlier_attempt_count_as_received_and_make_no_speed() -> None:
    clock = Clock()
    meter = Meter(clock)
    meter.hear(Progress("a", "x", 900, 1000))
    clock.now_s = 1.0
    meter.hear(Progress("a", "x", 950, 1000))
    assert (meter.received, meter.rate, meter.left_s) == (950, 50.0, 1.0)


def test_the_speed_is_that_of_the_last_seconds() -> None:
    clock = Clock()
    meter = Meter(clock)
    for second in range(21):
        clock.now_s = float(second)
        meter.hear(Progress("a", "x", min(second, 10) * 100 + max(second - 10, 0) * 10, 10_000))
    assert meter.rate == 10.0


def test_waiting_moves_nothing() -> None:
    meter = Meter(Clock())
    meter.hear(Progress("a", "", 0, 0, "waiting"))
    assert (meter.received, meter.size) == (0, 0)


@given(steps=st.lists(st.tuples(st.sampled_from("xyz"), st.integers(0, 1000), st.floats(0, 10)), max_size=30))
def test_it_never_says_nonsense(steps: list[tuple[str, int, float]]) -> None:
    """Also where a file is begun again, and its count falls."""
    clock = Clock()
    meter = Meter(clock)
    for file, received, passed_s in steps:
        clock.now_s += passed_s
        meter.hear(Progress("a", file, received, 1000))
        assert 0 <= meter.received <= meter.size
        assert meter.rate >= 0
        assert meter.left_s is None or meter.left_s >= 0

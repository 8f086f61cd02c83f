from datetime import timedelta

from assistant.brain.agenda.clocks import PutBack
from tests.brain.agenda.clock import HandClock


def test_the_clock_was_put_back_where_it_went_back_by_a_second() -> None:
    clock = HandClock()
    put_back = PutBack(clock.clocks())
    assert put_back.since_last_time(), "nobody knows what happened before"
    clock.pass_(3600)
    assert not put_back.since_last_time()
    clock.set_wall(timedelta(seconds=-0.5))
    assert not put_back.since_last_time(), "a time server corrects by less all day long"
    clock.set_wall(timedelta(hours=1))
    assert not put_back.since_last_time()
    clock.set_wall(timedelta(seconds=-1))
    assert put_back.since_last_time()
    clock.travel("America/New_York")
    assert put_back.since_last_time()

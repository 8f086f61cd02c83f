"""A held key, a short press, and a terminal that knows only presses."""

from collections.abc import Callable

from assistant.session.controls import Push
from assistant.tui.held import RELEASE_S, HeldKey


class Key:
    """The key, its alarms, and what it pushed."""

    def __init__(self) -> None:
        self.pushed: list[Push] = []
        self.alarms: list[Key.Alarm] = []
        self.held = HeldKey(self.pushed.append, self.later)

    class Alarm:
        def __init__(self, ring: Callable[[], None]) -> None:
            self.ring, self.stopped = ring, False

        def stop(self) -> None:
            self.stopped = True

    def later(self, seconds: float, ring: Callable[[], None]) -> "Key.Alarm":
        assert seconds == RELEASE_S
        self.alarms.append(self.Alarm(ring))
        return self.alarms[-1]

    def time_passes(self) -> None:
        for alarm in self.alarms:
            if not alarm.stopped:
                alarm.ring()
        self.alarms.clear()


def test_held_and_let_go() -> None:
    key = Key()
    for _ in range(30):
        key.held.press()
    assert key.pushed == [Push.START]
    key.time_passes()
    assert key.pushed == [Push.START, Push.STOP]


def test_pressed_twice() -> None:
    key = Key()
    key.held.press()
    key.time_passes()
    assert key.pushed == [Push.START]
    key.held.press()
    key.time_passes()
    key.held.press()
    assert key.pushed == [Push.START, Push.STOP, Push.START]


def test_what_else_closes_the_ear_ends_it() -> None:
    key = Key()
    key.held.press()
    key.held.press()
    key.held.follow(is_open=False)
    key.time_passes()
    assert key.pushed == [Push.START]
    key.held.press()
    assert key.pushed == [Push.START, Push.START]


def test_what_else_opens_the_ear_is_ended_by_the_key() -> None:
    key = Key()
    key.held.follow(is_open=True)
    key.held.press()
    key.time_passes()
    assert key.pushed == [Push.STOP]

"""A key that is held to speak, in a terminal that tells only presses and their repetition."""

from collections.abc import Callable
from typing import Protocol

from assistant.session.controls import Push

RELEASE_S = 0.2  # a held key repeats every 30 to 100 ms: when it has not for this long, it is up


class Alarm(Protocol):
    def stop(self) -> None: ...


Later = Callable[[float, Callable[[], None]], Alarm]
"""Call back after so many seconds, unless stopped."""


class HeldKey:
    """Held it opens the ear until it is let go; a short press opens it until the next one.

    The first press opens. Any later one may be the repetition of a held key or the one that ends it: either way the end
    has come when no other follows within RELEASE_S.
    """

    def __init__(self, push: Callable[[Push], object], later: Later) -> None:
        self._push = push
        self._later = later
        self._alarm: Alarm | None = None
        self._down = False

    def press(self) -> None:
        if not self._down:
            self._down = True
            self._push(Push.START)
            return
        self._disarm()
        self._alarm = self._later(RELEASE_S, self._release)

    def follow(self, *, is_open: bool) -> None:
        """The ear was opened or closed, by whatever."""
        self._down = is_open
        if not is_open:
            self._disarm()

    def _release(self) -> None:
        self._down = False
        self._push(Push.STOP)

    def _disarm(self) -> None:
        if self._alarm is not None:
            self._alarm.stop()
            self._alarm = None

"""What of a conversation is not to be kept, found out from its events. Pure."""

import math
from dataclasses import dataclass, field

from assistant.events import (
    Event,
    PrivacyChanged,
    ReplyDucked,
    ReplyResumed,
    TurnEnded,
    TurnsForgotten,
    TurnStarted,
)

BEHIND_S = 0.3
"""A turn has ended when its last sample was handed out; a device plays that later."""

Stretch = tuple[float, float]
"""From when until when, in seconds of the session's clock."""


@dataclass(slots=True)
class Secrets:
    """Turns that were private for a moment, or are to be forgotten, from their first sound on.

    ``lead_s``: a turn's sound begins so long before it is known to be one.
    """

    lead_s: float
    silent: list[Stretch] = field(default_factory=list)
    """What is private; the last may have no end yet."""
    _turns: dict[int, Stretch] = field(default_factory=dict)  # what each turn fills
    _over_s: float | None = None  # since when somebody seems to speak over the answer
    _private: bool = False
    private_turns: set[int] = field(default_factory=set)

    @property
    def private(self) -> bool:
        """Nothing of what happens now is kept."""
        return bool(self.silent) and self.silent[-1][1] == math.inf

    def stretches(self, turns: set[int]) -> list[Stretch]:
        """What these turns fill, as far as they are known."""
        return [self._turns[turn] for turn in sorted(turns) if turn in self._turns]

    def add(self, event: Event) -> tuple[list[Stretch], set[int]]:
        """Take an event; what of the sound, and of the turns, is to be taken out because of it."""
        match event:
            case ReplyDucked():
                self._over_s = event.at_s if self._over_s is None else self._over_s
            case ReplyResumed():
                self._over_s = None
            case TurnStarted(turn_id=int(turn)):
                began_s = event.at_s if self._over_s is None else min(event.at_s, self._over_s)
                self._turns[turn], self._over_s = (began_s - self.lead_s, math.inf), None
                if self._private:
                    self.private_turns.add(turn)
            case TurnEnded(turn_id=int(turn)):
                self._end(turn, event.at_s)
            case PrivacyChanged(private=True) if not self._private:
                return self._begin(event.at_s)
            case PrivacyChanged(private=False) if self._private:
                self._private = False
                if not self._open_turns():
                    self._close(event.at_s)
            case TurnsForgotten():
                return self.stretches(set(event.turns)), set(event.turns)
        return [], set()

    def _begin(self, at_s: float) -> tuple[list[Stretch], set[int]]:
        self._private = True
        open_turns = self._open_turns()
        self.private_turns |= open_turns
        began_s = min([at_s, *(self._turns[turn][0] for turn in open_turns)])
        if not self.private:
            self.silent.append((began_s, math.inf))
        return [(began_s, math.inf)], open_turns

    def _end(self, turn: int, at_s: float) -> None:
        if turn in self._turns:
            self._turns[turn] = (self._turns[turn][0], at_s + BEHIND_S)
        if self.private and not self._private and not self._open_turns():
            self._close(at_s + BEHIND_S)

    def _close(self, at_s: float) -> None:
        if self.private:
            self.silent[-1] = (self.silent[-1][0], at_s)

    def _open_turns(self) -> set[int]:
        return {turn for turn, (_, end_s) in self._turns.items() if end_s == math.inf}

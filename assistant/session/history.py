"""What a conversation remembers of its turns, and gives the brain with the next."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.brain.protocols import Exchange, Request
from assistant.session.turn import Turn


@dataclass(frozen=True, slots=True)
class Resumed:
    """An earlier session, which this one goes on with."""

    session_id: str
    exchanges: Sequence[Exchange]


@dataclass(slots=True)
class History:
    """Belongs to the session's thread.

    Full policy: the older half goes at once, so that the prompt's cached prefix is lost rarely.
    """

    capacity: int
    exchanges: list[Exchange] = field(default_factory=list)
    _turns: list[frozenset[int]] = field(default_factory=list)  # of each exchange: its turn, and those it repeats

    @classmethod
    def resumed(cls, capacity: int, exchanges: Sequence[Exchange]) -> "History":
        """Goes on where ``exchanges``, which belong to another session, end."""
        kept = list(exchanges[-capacity:])
        return cls(capacity, kept, [frozenset()] * len(kept))

    def remember(self, turn: Turn, exchange: Exchange) -> None:
        repeated = next((turns for turns in reversed(self._turns) if turn.replaces in turns), frozenset())
        self.exchanges.append(exchange)
        self._turns.append(repeated | {turn.id})
        if len(self.exchanges) > self.capacity:
            del self.exchanges[: self.capacity // 2]
            del self._turns[: self.capacity // 2]

    def forget_last(self) -> tuple[int, ...]:
        """Drop the last turn, and those whose words it repeats because it continued or corrected them. Their ids."""
        gone = self._turns[-1] if self._turns else frozenset()
        kept = [place for place, turns in enumerate(self._turns) if not turns & gone]
        self.exchanges = [self.exchanges[place] for place in kept]
        self._turns = [self._turns[place] for place in kept]
        return tuple(sorted(gone))

    def request(self, turn: Turn, text: str, replaces: int | None = None) -> Request:
        """What the brain is asked if these are the words of ``turn``, and ``replaces`` the turn that they correct."""
        return Request(turn.id, text, tuple(self.exchanges), replaces)

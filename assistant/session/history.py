"""What a conversation remembers of its turns, and gives the brain with the next."""

from dataclasses import dataclass, field

from assistant.brain.protocols import Exchange, Request
from assistant.session.turn import Turn


@dataclass(slots=True)
class History:
    """Belongs to the session's thread.

    Full policy: the older half goes at once, so that the prompt's cached prefix is lost rarely.
    """

    capacity: int
    exchanges: list[Exchange] = field(default_factory=list)

    def remember(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)
        if len(self.exchanges) > self.capacity:
            del self.exchanges[: self.capacity // 2]

    def request(self, turn: Turn, text: str, replaces: int | None = None) -> Request:
        """What the brain is asked if these are the words of ``turn``, and ``replaces`` the turn that they correct."""
        return Request(turn.id, text, tuple(self.exchanges), replaces)

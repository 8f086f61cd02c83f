"""What the session asks of a brain."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from assistant.session.turn import CancelToken


@dataclass(frozen=True, slots=True)
class Exchange:
    """One past turn: what the user said, and as much of the answer as was heard."""

    user: str
    assistant: str


@dataclass(frozen=True, slots=True)
class Request:
    """A committed turn to answer. ``replaces`` is the turn it corrects, whose effects are to be undone first."""

    turn_id: int
    text: str
    history: Sequence[Exchange] = ()
    replaces: int | None = None


@dataclass(frozen=True, slots=True)
class Announcement:
    """Something to say unasked, such as a timer that has run out."""

    label: str
    text: str


class Brain(Protocol):
    """Belongs to one worker thread, like an engine."""

    @property
    def name(self) -> str: ...

    def warm(self) -> None: ...

    def respond(self, request: Request, token: CancelToken) -> Iterator[str]:
        """Text deltas of the answer; effects (a timer set) happen here, once. Raises Cancelled, EngineFailed."""

    def close(self) -> None: ...


class Agenda(Protocol):
    """What will have to be said at a certain time. Thread-safe."""

    def due(self) -> Sequence[Announcement]:
        """What has come due since the last call; each is returned once."""

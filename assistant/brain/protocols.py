"""What the session asks of a brain."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from assistant.session.turn import CancelToken


@dataclass(frozen=True, slots=True)
class Exchange:
    """One past turn: what the user said, and as much of the answer as was heard.

    ``rest`` is what is known of the answer behind that; ``complete`` if that is all of it.
    """

    user: str
    assistant: str
    rest: str = ""
    complete: bool = True

    @property
    def cut(self) -> bool:
        """The answer was cut off."""
        return bool(self.rest) or not self.complete


@dataclass(frozen=True, slots=True)
class Request:
    """A committed turn to answer. ``replaces`` is the turn it corrects, whose effects are to be undone first."""

    turn_id: int
    text: str
    history: Sequence[Exchange] = ()
    replaces: int | None = None


@dataclass(frozen=True, slots=True)
class Announcement:
    """Something to say unasked, such as a timer that has run out.

    ``begin`` is called, once, when it is about to be said; False says that it is no longer wanted. It must not wait.
    """

    label: str
    text: str
    begin: Callable[[], bool] = lambda: True
    insists: bool = False
    """It is said again until the user stops it: they are listened to behind it, wake word or not."""


class Completeness(Enum):
    """What the words of a pause say about whether more will come."""

    COMMAND = "complete command"
    FINISHED = "finished sentence"
    OPEN = "open end"
    DANGLING = "dangling words"


@dataclass(frozen=True, slots=True)
class Pending:
    """The rest of an answer, which has effects: ``resume`` gives it, once, when the turn has committed.

    ``preview`` is the whole of it as it would be now, where that is known: good for preparing its sound, never for
    saying it.
    """

    resume: Callable[[CancelToken], Iterator[str]]
    preview: str = ""


class Brain(Protocol):
    """Belongs to one worker thread, like an engine."""

    @property
    def name(self) -> str: ...

    def warm(self) -> None: ...

    def respond(self, request: Request, token: CancelToken) -> Iterator[str]:
        """Text deltas of the answer; effects (a timer set) happen here, once. Raises Cancelled, EngineFailed."""

    def judge(self, request: Request) -> Completeness:
        """Whether the words so far are all that will come, as far as they tell. No effects."""

    def prefill(self, request: Request, token: CancelToken) -> None:
        """Read what is known of a prompt whose last words are still being said. No effects. Raises Cancelled."""

    def reflect(self, request: Request, token: CancelToken) -> None:
        """Nobody waits: make ready for when the conversation has outgrown its prompt. No effects. Raises Cancelled."""

    def rehearse(self, request: Request, token: CancelToken) -> Iterator[str | Pending]:
        """The answer to words that may never be committed: text deltas, without any effect.

        Where the answer would have one, the last item is a Pending. Raises Cancelled, EngineFailed.
        """

    def close(self) -> None: ...


class Agenda(Protocol):
    """What will have to be said at a certain time. Thread-safe."""

    def due(self) -> Sequence[Announcement]:
        """What has come due since the last call; each is returned once."""

    def silence(self) -> None:
        """The user wants quiet: what rings until it is stopped has been stopped. Must not wait."""

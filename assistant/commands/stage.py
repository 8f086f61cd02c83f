"""One engine alone, without a conversation: the first candidate that works, on its own thread, one job at a time."""

import queue
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Any, Generic, TypeVar

from assistant.commands.outcome import notice
from assistant.errors import AssistantError, EngineUnavailable
from assistant.events import Stage
from assistant.models.worker import Candidate, Closable, Done, EngineWorker, Item, Job, Priority
from assistant.session.turn import CancelToken

E = TypeVar("E", bound=Closable)
STOP_S = 0.6


class FallbackNotices:
    """Tells the user on stderr when an engine failed and another takes over; hears the rest in silence."""

    def engine_loading(self, *_: object) -> None: ...

    def engine_ready(self, *_: object) -> None: ...

    def engine_failed(self, _stage: Stage, _engine: str, error: AssistantError, fallback: str | None) -> None:
        if fallback:
            notice(f"{error.message} — Using {fallback} instead. {error.hint}", "warning")


class EngineStage(Generic[E]):
    """A worker with nothing around it, so that Ctrl-C is answered at once while the engine computes.

    As a context manager it loads, and cancels and stops on the way out; an engine that does not come back within
    ``STOP_S`` is left behind on its daemon thread.
    """

    def __init__(self, stage: Stage, candidates: Sequence[Candidate[E]]) -> None:
        self._stage: Stage = stage
        self._worker: EngineWorker[E] = EngineWorker(stage, candidates, FallbackNotices())
        self._jobs = 0

    def __enter__(self) -> "EngineStage[E]":
        self._worker.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._worker.stop()
        self._worker.join(STOP_S)

    def run(self, work: Callable[[E, CancelToken], Iterator[Any]]) -> Iterator[Any]:
        """What ``work`` yields, as it comes. Leaving early cancels the job. Raises EngineError."""
        self._jobs += 1
        token = CancelToken()
        results: queue.SimpleQueue[Item | Done] = queue.SimpleQueue()  # holds at most one job's results
        self._worker.submit(Job(self._jobs, self._stage, Priority.COMMITTED, token, work, results.put))
        try:
            while isinstance(result := results.get(), Item):
                yield result.value
        finally:
            token.cancel("done")
        if result.status == "failed":
            raise result.error or EngineUnavailable(
                f"there is no {self._stage} engine", hint="Run `assistant doctor` to see what is missing."
            )

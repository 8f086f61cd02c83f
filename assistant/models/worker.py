"""One named thread for one engine, with a bounded priority inbox, shared by every session."""

import dataclasses
import heapq
import itertools
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Generic, Protocol, TypeVar

from assistant.errors import AssistantError, EngineBusy, EngineFailed, InputError
from assistant.events import CallStatus, Stage
from assistant.session.turn import Cancelled, CancelToken
from assistant.threads import joined

INBOX_JOBS = 32


class Closable(Protocol):
    @property
    def name(self) -> str: ...
    def warm(self) -> None: ...
    def close(self) -> None: ...


E = TypeVar("E", bound=Closable)


class Priority(IntEnum):
    COMMITTED = 0
    SPECULATIVE = 1
    BACKGROUND = 2
    STOP = 3


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a job gave: a transcript, a text delta, a chunk of sound."""

    job: "Job[Any]"
    value: object


@dataclass(frozen=True, slots=True)
class Done:
    """The last message of every job, whatever happened to it."""

    job: "Job[Any]"
    status: CallStatus
    engine: str
    duration_s: float
    items: int
    error: AssistantError | None = None


@dataclass(frozen=True, slots=True)
class Job(Generic[E]):
    """Work for an engine, tagged with its turn. ``work`` runs on the worker; ``deliver`` must not block for long."""

    turn_id: int
    stage: Stage
    priority: Priority
    token: CancelToken
    work: Callable[[E, CancelToken], Iterator[object]]
    deliver: Callable[[Item | Done], object]
    tag: int = 0  # the submitter's own: a clause id, say
    yields: bool = False  # a committed job that comes while this one runs cancels it


@dataclass(frozen=True, slots=True)
class Candidate(Generic[E]):
    """An engine that could serve the stage; ``load`` runs on the worker's thread.

    ``abandon``, from any thread and for good, lets a ``load`` that can be cut short raise Cancelled.
    """

    name: str
    load: Callable[[], E]
    abandon: Callable[[], object] = lambda: None


class Observer(Protocol):
    """Hears, on the worker's thread, what becomes of the engines."""

    def engine_loading(self, stage: Stage, engine: str) -> None: ...
    def engine_ready(self, stage: Stage, engine: str, load_s: float) -> None: ...
    def engine_failed(self, stage: Stage, engine: str, error: AssistantError, fallback: str | None) -> None: ...


@dataclass(frozen=True, slots=True)
class Handover(Generic[E]):
    """An engine that was loaded elsewhere, how long that took, and what stands in for it."""

    engine: E
    load_s: float
    fallbacks: Sequence[Candidate[E]]


@dataclass(order=True, slots=True)
class _Entry:
    priority: int
    number: int
    job: Job[Any] | None = field(compare=False)


class EngineWorker(Generic[E]):
    """Loads the first candidate that works and runs jobs on it, one at a time, the most urgent first.

    Full policy: ``submit`` raises EngineBusy. When an engine fails, the next candidate takes over, and the job that met
    the failure is run again if it had given nothing yet. An engine that is handed in takes over between two turns. A
    job whose token is cancelled before its turn comes is closed as cancelled, and the engine not touched.
    """

    def __init__(self, stage: Stage, candidates: Sequence[Candidate[E]], observer: Observer) -> None:
        self.stage: Stage = stage
        self._candidates = list(candidates)
        self._observer = observer
        self._inbox: queue.PriorityQueue[_Entry] = queue.PriorityQueue(INBOX_JOBS + 1)  # one place is kept for STOP
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._stopping = CancelToken()
        self._running: CancelToken | None = None
        self._yielding: CancelToken | None = None  # the running job's, if it makes way for committed ones
        self._promoted: deque[CancelToken] = deque(maxlen=INBOX_JOBS)
        self._successor: Handover[E] | None = None
        self._turn_id: int | None = None
        self._error: AssistantError | None = None
        self._engine: E | None = None
        self._ready = threading.Event()
        if not self._candidates:
            self._ready.set()
        self._thread = threading.Thread(target=self._run, name=f"engine-{stage}", daemon=True)

    def start(self) -> None:
        """Begin to load. Jobs may be submitted at once; they wait for the engine."""
        self._thread.start()

    def wait_ready(self, timeout_s: float | None = None) -> bool:
        """Wait until an engine is loaded and warm, or none could be. True if one is."""
        self._ready.wait(timeout_s)
        return self._engine is not None

    @property
    def serves(self) -> bool:
        """A job is not in vain: an engine is loaded or was handed in, or it is not yet known that none will load."""
        return not self._ready.is_set() or self._engine is not None or self._successor is not None

    @property
    def error(self) -> AssistantError | None:
        """Why there is no engine, once every candidate has failed."""
        return self._error

    def submit(self, job: Job[E]) -> None:
        """Queue a job. Raises EngineBusy."""
        if self._inbox.qsize() >= INBOX_JOBS:
            raise EngineBusy(
                f"the {self.stage} engine has more to do than it can hold", hint="Wait a moment and say it again."
            )
        self._inbox.put_nowait(_Entry(job.priority, next(self._numbers), job))
        if job.priority is Priority.COMMITTED:
            with self._lock:
                if self._yielding is not None:
                    self._yielding.cancel("yielded")

    def promote(self, token: CancelToken) -> None:
        """The turn has committed to this speculation: its jobs are as urgent as any, and no longer make way.

        One that had to make way before has its token cancelled by the time that this returns.
        """
        with self._lock:
            self._promoted.append(token)
            if self._yielding is token:
                self._yielding = None
        with self._inbox.mutex:
            for entry in self._inbox.queue:
                if entry.job is not None and entry.job.token is token:
                    entry.priority = Priority.COMMITTED
                    entry.job = dataclasses.replace(entry.job, yields=False)
            heapq.heapify(self._inbox.queue)

    def hand_over(self, engine: E, load_s: float, fallbacks: Sequence[Candidate[E]] = ()) -> None:
        """Use a loaded, warm engine from the next turn on, and close the one before it. The worker owns it from here.

        ``fallbacks`` are what is tried should it fail. Of two that are handed in during one turn the later one counts.
        """
        with self._lock:
            unused, self._successor = self._successor, Handover(engine, load_s, fallbacks)
        if unused is not None:
            unused.engine.close()

    def stop(self) -> None:
        """Cancel what runs, close what waits, free the engine. Returns at once; ``join`` waits."""
        if not self._stopping.cancel("stopping") or self._thread.ident is None:
            return
        running = self._running
        if running is not None:
            running.cancel("stopping")
        self._inbox.put_nowait(_Entry(Priority.STOP, next(self._numbers), None))

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread to end. False if it outlived ``timeout_s``: a library is still loading its model."""
        return joined(self._thread, timeout_s)

    def _run(self) -> None:
        self._load_next()
        self._ready.set()
        while (job := self._inbox.get().job) is not None:
            if job.turn_id != self._turn_id:
                self._turn_id = job.turn_id
                self._change_over()
            self._serve(job)
        self._change_over()
        if self._engine is not None:
            self._engine.close()

    def _change_over(self) -> None:
        with self._lock:
            successor, self._successor = self._successor, None
        if successor is None:
            return
        before, self._engine, self._error = self._engine, successor.engine, None
        self._candidates = list(successor.fallbacks)
        self._observer.engine_ready(self.stage, successor.engine.name, successor.load_s)
        if before is not None:
            before.close()

    def _load_next(self) -> None:
        """Load candidates in order until one works."""
        while self._candidates and not self._stopping.cancelled:
            candidate = self._candidates.pop(0)
            self._observer.engine_loading(self.stage, candidate.name)
            began = time.perf_counter()
            forget = self._stopping.on_cancel(candidate.abandon)
            try:
                engine = candidate.load()
                engine.warm()
            except Cancelled:
                continue
            except Exception as error:  # libraries raise what they like: the next candidate may work
                self._report(candidate.name, as_engine_error(candidate.name, error))
                continue
            finally:
                forget()
            self._engine, self._error = engine, None
            self._observer.engine_ready(self.stage, engine.name, time.perf_counter() - began)
            return

    def _report(self, engine: str, error: AssistantError) -> None:
        self._error = error
        fallback = self._candidates[0].name if self._candidates else None
        self._observer.engine_failed(self.stage, engine, error, fallback)

    def _serve(self, job: Job[E]) -> None:
        began = time.perf_counter()
        items = 0
        while True:
            engine = self._engine
            name = engine.name if engine is not None else "none"
            status, error, given = self._attempt(engine, job)
            items += given
            if status != "failed" or engine is None or isinstance(error, InputError):
                break
            if not self._replace(engine, error) or items:
                break
        job.deliver(Done(job, status, name, time.perf_counter() - began, items, error))

    def _attempt(self, engine: E | None, job: Job[E]) -> tuple[CallStatus, AssistantError | None, int]:
        given = 0
        if engine is None:
            return "failed", self._error, given
        self._running = job.token
        with self._lock:
            self._yielding = job.token if job.yields and job.token not in self._promoted else None
        try:
            if self._stopping.cancelled:
                job.token.cancel("stopping")
            job.token.raise_if_cancelled()
            for value in job.work(engine, job.token):
                job.token.raise_if_cancelled()
                given += 1
                job.deliver(Item(job, value))
            return "completed", None, given
        except Cancelled:
            return "cancelled", None, given
        except Exception as error:  # of the engine's library, or a skill's: it costs one job, not the thread
            return "failed", as_engine_error(engine.name, error), given
        finally:
            self._running = None
            with self._lock:
                self._yielding = None

    def _replace(self, engine: E, error: AssistantError | None) -> bool:
        """The engine broke: take the next candidate. False when there is none, and this one is kept."""
        self._report(engine.name, error or as_engine_error(engine.name, RuntimeError("no reason given")))
        if not self._candidates:
            return False
        self._engine = None
        engine.close()
        self._load_next()
        return self._engine is not None


def as_engine_error(engine: str, error: Exception) -> AssistantError:
    """Our own errors as they are; a library's, wrapped with a remedy."""
    if isinstance(error, AssistantError):
        return error
    return EngineFailed(
        f"{engine} failed: {type(error).__name__}: {error}",
        hint="Run `assistant doctor`; another engine takes over where there is one.",
    )

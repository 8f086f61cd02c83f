"""A session's work on its way to the shared engines, and an account of what came of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

from assistant.brain.protocols import Brain, Completeness, Pending, Request
from assistant.bus import Bus
from assistant.errors import EngineBusy
from assistant.events import EngineCall, Notice, Stage
from assistant.models.worker import Done, Item, Job, Priority
from assistant.session.ending import Question
from assistant.session.transcription import Transcription
from assistant.session.turn import CancelToken, Turn

Work = Callable[[Any, CancelToken], Iterator[object]]

ANSWER, REHEARSAL, PREFILL = 0, 1, 2  # tags of jobs for the brain


class Worker(Protocol):
    """The part of an EngineWorker that a session uses."""

    def submit(self, job: Job[Any]) -> None:
        """Raises EngineBusy."""

    def promote(self, token: CancelToken) -> None:
        """The jobs of this speculation belong to a committed turn now."""


class OptionalWorker(Worker, Protocol):
    """A worker that may come to have an engine, or not."""

    @property
    def serves(self) -> bool:
        """A job is not in vain."""


@dataclass(frozen=True, slots=True)
class Workers:
    """The shared engines. A session without a recogniser takes typed text; without a voice, it only shows answers;
    without a model that hears the end of a turn, it goes by the words and the silence."""

    stt: Worker | None
    llm: Worker
    tts: Worker | None
    turn: OptionalWorker | None = None


class Dispatch:
    """Belongs to the session's thread. Every method that submits is False where the engine is missing or busy."""

    def __init__(
        self, workers: Workers, deliver: Callable[[Item | Done], object], bus: Bus, clock: Callable[[], float]
    ) -> None:
        self._workers = workers
        self._deliver = deliver
        self._bus = bus
        self._clock = clock
        self.outstanding = 0  # jobs that somebody waits for

    @property
    def hears(self) -> bool:
        return self._workers.stt is not None

    @property
    def speaks(self) -> bool:
        return self._workers.tts is not None

    def transcribe(self, turn: Turn, transcription: Transcription) -> bool:
        job = Job(turn.id, "stt", Priority.SPECULATIVE, transcription.token, transcription.work, self._deliver)
        return self._submit(self._workers.stt, turn, job)

    def ask(self, turn: Turn, question: Question) -> bool:
        """Whether the speaker has finished, by the sound of it."""
        worker = self._workers.turn
        if worker is None or not worker.serves:
            return False
        job = Job(turn.id, "turn", Priority.SPECULATIVE, question.token, question.work, self._deliver, yields=True)
        return self._submit(worker, turn, job)

    def think(self, turn: Turn, request: Request) -> bool:
        def work(brain: Brain, token: CancelToken) -> Iterator[str]:
            return brain.respond(request, token)

        return self._submit(self._workers.llm, turn, self._job(turn, "llm", work, ANSWER))

    def rehearse(self, turn: Turn, request: Request, token: CancelToken, *, judge: bool, answer: bool) -> bool:
        """Judge how complete the words are; then, unless they dangle, answer them without effects."""

        def work(brain: Brain, token: CancelToken) -> Iterator[Completeness | str | Pending]:
            completeness = brain.judge(request) if judge else None
            if completeness is not None:
                yield completeness
            if answer and completeness is not Completeness.DANGLING:
                yield from brain.rehearse(request, token)

        return self._submit(self._workers.llm, turn, self._job(turn, "llm", work, REHEARSAL, token))

    def prefill(self, turn: Turn, request: Request, token: CancelToken, *, background: bool = False) -> bool:
        """Let the language model read what is known of the next prompt; in the ``background`` nobody waits for it, and
        it reflects on the conversation besides."""

        def work(brain: Brain, token: CancelToken) -> Iterator[object]:
            brain.prefill(request, token)
            if background:
                brain.reflect(request, token)
            return iter(())

        job = self._job(turn, "llm", work, PREFILL, token)
        return self._submit(self._workers.llm, turn, replace(job, priority=Priority.BACKGROUND) if background else job)

    def resume(self, turn: Turn, pending: Pending) -> bool:
        """The part of a rehearsed answer that had to wait for the commit."""

        def work(_: Brain, token: CancelToken) -> Iterator[str]:
            return pending.resume(token)

        return self._submit(self._workers.llm, turn, self._job(turn, "llm", work, ANSWER))

    def synthesize(self, turn: Turn, part_id: int, work: Work, ahead: CancelToken | None) -> bool:
        return self._submit(self._workers.tts, turn, self._job(turn, "tts", work, part_id, ahead))

    def promote(self, token: CancelToken) -> None:
        for worker in (self._workers.llm, self._workers.tts):
            if worker is not None:
                worker.promote(token)

    def close(self, done: Done) -> None:
        """A job has ended: publish what it took."""
        self.outstanding -= _is_awaited(done.job)
        self._bus.publish(
            EngineCall(
                at_s=self._clock(),
                turn_id=done.job.turn_id,
                stage=done.job.stage,
                engine=done.engine,
                status=done.status,
                duration_s=done.duration_s,
                items=done.items,
                speculative=done.job.priority is Priority.SPECULATIVE,
                reading=done.job.stage == "llm" and done.job.tag == PREFILL,
            )
        )

    def _job(self, turn: Turn, stage: Stage, work: Work, tag: int, ahead: CancelToken | None = None) -> Job[Any]:
        """A job of the committed turn, or one ``ahead`` of its commit, under that token, which yields to others."""
        if ahead is None:
            return Job(turn.id, stage, Priority.COMMITTED, turn.token, work, self._deliver, tag)
        return Job(turn.id, stage, Priority.SPECULATIVE, ahead, work, self._deliver, tag, yields=True)

    def _submit(self, worker: Worker | None, turn: Turn, job: Job[Any]) -> bool:
        """A full queue costs the turn, with a notice, and not the session; speculation is given up without a word."""
        if worker is None:
            return False
        try:
            worker.submit(job)
        except EngineBusy as error:
            if job.yields:
                return False
            turn.error_code = error.code
            self._bus.publish(
                Notice(
                    at_s=self._clock(),
                    turn_id=turn.id,
                    level="error",
                    code=error.code,
                    stage=job.stage,
                    message=error.message,
                    hint=error.hint,
                )
            )
            return False
        self.outstanding += _is_awaited(job)
        return True


def _is_awaited(job: Job[Any]) -> bool:
    """It may change what happens next."""
    return job.priority is not Priority.BACKGROUND

"""A session driven by hand: no thread, no clock but the frames, engines that answer at once or when told to."""

import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from assistant.audio.protocols import ClauseProgress, Frame
from assistant.brain.protocols import Announcement, Completeness, Pending, Request
from assistant.bus import Bus
from assistant.config import ListenSettings, TurnSettings
from assistant.errors import AssistantError, EngineBusy, EngineFailed
from assistant.events import Event, Levels, TurnEnded, name_of
from assistant.models.protocols import FRAME_S, FRAME_SAMPLES, Pcm, Transcript, Vad, WordMark
from assistant.models.worker import Done, Item, Job
from assistant.session.dispatch import Workers
from assistant.session.session import Session
from assistant.session.turn import Cancelled, CancelToken

RATE_HZ = 16_000
DURATION_S = 0.0  # of every job
SECONDS_PER_WORD = 0.32  # ten frames, so that a test can count the words that were played


class FrameVad:
    """The first sample of a frame is its probability of speech."""

    name = "frame"

    def probability(self, frame: Pcm) -> float:
        return float(frame[0])

    def reset(self) -> None:
        pass


WAKE_WORD = 0.25
"""A frame of this is the end of the wake word; it is no speech."""


class FrameWake:
    """Hears the wake word two frames late."""

    name = "frame"
    phrase = "okay rig"
    latency_s = 2 * FRAME_S

    def __init__(self) -> None:
        self.reset()

    def heard(self, frame: Pcm) -> bool:
        self.last = (*self.last[-2:], float(frame[0]))
        return len(self.last) == 3 and self.last[0] == WAKE_WORD

    def reset(self) -> None:
        self.last: tuple[float, ...] = ()


class ClockSource:
    name = "by hand"
    overruns = 0

    def __init__(self) -> None:
        self.now_s = 100.0
        self.stopped = False

    def clock(self) -> float:
        return self.now_s

    def start(self, deliver: Callable[[Frame], object]) -> None:
        self.deliver = deliver

    def stop(self) -> None:
        self.stopped = True


class TickSink:
    """Plays what it is given as frames pass."""

    name = "by hand"

    def __init__(self) -> None:
        self.queued: dict[int, int] = {}
        self.played: dict[int, int] = {}
        self.discarded_samples = self.written_samples = self.played_samples = 0
        self.closed = False
        self.level_dbfs = -120.0
        self.volume = "full"

    def start(self) -> None:
        pass

    def write(self, clause_id: int, pcm: Pcm, sample_rate_hz: int) -> bool:
        self.queued[clause_id] = self.queued.get(clause_id, 0) + len(pcm)
        self.written_samples += len(pcm)
        self.played.setdefault(clause_id, 0)
        return True

    def progress(self) -> tuple[ClauseProgress, ...]:
        return tuple(ClauseProgress(key, self.played[key], total) for key, total in self.queued.items())

    @property
    def buffered_s(self) -> float:
        return sum(total - self.played[key] for key, total in self.queued.items()) / RATE_HZ

    def discard(self) -> tuple[ClauseProgress, ...]:
        progress = self.progress()
        self.discarded_samples += sum(step.queued - step.played for step in progress)
        self.queued.clear()
        self.played.clear()
        self.volume = "full"
        return progress

    def duck(self) -> None:
        self.volume = "ducked"

    def pause(self) -> None:
        self.volume = "paused"

    def resume(self) -> None:
        self.volume = "full"

    def tick(self, elapsed_s: float) -> None:
        room = 0 if self.volume == "paused" else round(elapsed_s * RATE_HZ)
        for key, total in self.queued.items():
            step = min(room, total - self.played[key])
            self.played[key] += step
            self.played_samples += step
            room -= step

    def close(self) -> None:
        self.closed = True


class Stt:
    """Gives the scripted final texts in order; a partial is the one in ``partial``."""

    name = "scripted"

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = deque(texts)
        self.partial = "partial"
        self.confidence: float | None = None
        self.heard_s: list[float] = []
        self.voiced_frames = 0  # in the last final transcription

    def transcribe(self, pcm: Pcm, token: CancelToken, *, final: bool = True) -> Transcript:
        if not final:
            return Transcript(self.partial)
        self.voiced_frames = round(np.count_nonzero(pcm >= 0.5) / FRAME_SAMPLES)
        self.heard_s.append(round(len(pcm) / RATE_HZ, 3))
        return Transcript(self.texts.popleft() if self.texts else "", self.confidence)


class Thinker:
    """A brain that answers from a table, else echoes; deltas are words.

    ``requests`` are those that it found words for, ``done`` the texts in ``effects`` that had their effect.
    """

    name = "scripted"

    def __init__(self, answers: dict[str, str] | None = None) -> None:
        self.answers = answers or {}
        self.requests: list[Request] = []
        self.rehearsed: list[Request] = []
        self.read: list[str] = []
        self.reflected: list[str] = []
        self.endings: dict[str, Completeness] = {}
        self.effects: set[str] = set()
        self.previews: dict[str, str] = {}
        self.done: list[str] = []

    def warm(self) -> None: ...
    def close(self) -> None: ...

    def judge(self, request: Request) -> Completeness:
        return self.endings.get(request.text, Completeness.OPEN)

    def prefill(self, request: Request, token: CancelToken) -> None:
        token.raise_if_cancelled()
        self.read.append(request.text)

    def reflect(self, request: Request, token: CancelToken) -> None:
        token.raise_if_cancelled()
        self.reflected.append(request.text)

    def rehearse(self, request: Request, token: CancelToken) -> Iterator[str | Pending]:
        self.rehearsed.append(request)
        if request.text in self.effects:
            yield Pending(lambda token: self.respond(request, token), preview=self.previews.get(request.text, ""))
        else:
            yield from self.words(request, token)

    def respond(self, request: Request, token: CancelToken) -> Iterator[str]:
        if request.text in self.effects:
            token.raise_if_cancelled()
            self.done.append(request.text)
        yield from self.words(request, token)

    def words(self, request: Request, token: CancelToken) -> Iterator[str]:
        self.requests.append(request)
        answer = self.answers.get(request.text, f"You said {request.text}.")
        for index, word in enumerate(answer.split(" ")):
            token.raise_if_cancelled()
            yield word if index == 0 else f" {word}"


class Detector:
    """Gives the scripted probabilities in order that the speaker has finished."""

    name = "scripted"

    def __init__(self, *probabilities: float) -> None:
        self.probabilities = deque(probabilities)
        self.heard_s: list[float] = []

    def warm(self) -> None: ...
    def close(self) -> None: ...

    def probability(self, pcm: Pcm, token: CancelToken) -> float:
        token.raise_if_cancelled()
        self.heard_s.append(round(len(pcm) / RATE_HZ, 3))
        return self.probabilities.popleft()


class Voice:
    name = "scripted"
    sample_rate_hz = RATE_HZ

    def synthesize(self, text: str, token: CancelToken) -> Iterator[Pcm]:
        return (part for part in self.synthesize_marked(text, token) if not isinstance(part, WordMark))

    def synthesize_marked(self, text: str, token: CancelToken) -> Iterator[Pcm | WordMark]:
        for index, word in enumerate(re.finditer(r"\S+", text)):
            token.raise_if_cancelled()
            yield WordMark(word.start(), index * SECONDS_PER_WORD)
            yield np.full(round(SECONDS_PER_WORD * RATE_HZ), 0.1, np.float32)


class HandWorker:
    """Runs jobs at once, or gives a value every ``slow`` frames, or holds them until ``release`` when ``held``."""

    def __init__(self, engine: object) -> None:
        self.engine = engine
        self.held = self.busy = False
        self.slow = self.frames = 0
        self.serves = True
        self.failure: AssistantError | None = None
        self.waiting: deque[Job] = deque()
        self.running: Iterator[bool] | None = None
        self.promoted: list[CancelToken] = []

    def submit(self, job: Job) -> None:
        if self.busy:
            raise EngineBusy("full", hint="wait")
        self.waiting.append(job)
        if not (self.held or self.slow):
            self.release()

    def promote(self, token: CancelToken) -> None:
        self.promoted.append(token)

    def frame(self) -> None:
        """A frame has passed."""
        self.frames += 1
        if self.slow and self.frames % self.slow == 0 and (self.waiting or self.running):
            self.step()

    def release(self) -> None:
        while self.waiting or self.running:
            self.step()

    def run_one(self) -> None:
        while not self.step():
            pass

    def step(self) -> bool:
        """Work until the next value of the first job, or to its end: then it is True."""
        self.running = self.running or self._run(self.waiting.popleft())
        ended = next(self.running, True)
        if ended:
            self.running = None
        return ended

    def _run(self, job: Job) -> Iterator[bool]:
        items = 0
        status, error = "completed", None
        try:
            job.token.raise_if_cancelled()
            if self.failure:
                raise self.failure
            for value in job.work(self.engine, job.token):
                job.token.raise_if_cancelled()
                items += 1
                job.deliver(Item(job, value))
                yield False
        except Cancelled:
            status = "cancelled"
        except EngineFailed as failed:
            status, error = "failed", failed
        job.deliver(Done(job, status, self.engine.name, DURATION_S, items, error))


class Agenda:
    def __init__(self) -> None:
        self.coming: list[Announcement] = []
        self.silenced = 0

    def due(self) -> Sequence[Announcement]:
        coming, self.coming = self.coming, []
        return coming

    def silence(self) -> None:
        self.silenced += 1


class Rig:
    """The session and all that it touches; ``say`` and ``wait`` move its time."""

    def __init__(
        self,
        *texts: str,
        answers: dict[str, str] | None = None,
        settings: TurnSettings | None = None,
        voice: bool = True,
        ears: bool = True,
        detector: Detector | None = None,
        listen: ListenSettings | None = None,
        vad: Vad | None = None,
    ) -> None:
        self.source, self.sink, self.agenda, self.bus = ClockSource(), TickSink(), Agenda(), Bus()
        self.stt, self.brain = Stt(texts), Thinker(answers)
        self.stt_worker, self.llm_worker, self.tts_worker = (
            HandWorker(engine) for engine in (self.stt, self.brain, Voice())
        )
        self.turn_worker = HandWorker(detector) if detector else None
        self.mailbox = self.bus.subscribe(100_000)
        self.session = Session(
            "session-1",
            source=self.source,
            sink=self.sink,
            vad=vad or FrameVad(),
            workers=Workers(
                self.stt_worker if ears else None,
                self.llm_worker,
                self.tts_worker if voice else None,
                self.turn_worker,
            ),
            agenda=self.agenda,
            bus=self.bus,
            settings=settings or TurnSettings(),
            listen=listen,
            wake=FrameWake() if listen and listen.mode == "wake" else None,
        )
        self.events: list[Event] = []

    def frames(self, seconds: float, probability: float) -> None:
        for _ in range(round(seconds / FRAME_S)):
            self.source.now_s += FRAME_S
            pcm = np.full(FRAME_SAMPLES, probability, np.float32)
            self.session.handle(Frame(pcm, self.source.now_s))
            for worker in (self.stt_worker, self.llm_worker, self.tts_worker):
                worker.frame()
            self.drain()

    def say(self, seconds: float = 0.96) -> None:
        self.frames(seconds, 1.0)

    def wait(self, seconds: float) -> None:
        self.frames(seconds, 0.0)

    def drain(self) -> None:
        while (message := self.session.inbox.poll()) is not None:
            self.session.handle(message)
        while (event := self.mailbox.get(timeout_s=0)) is not None:
            if not isinstance(event, Levels):
                self.events.append(event)

    def write(self, text: str) -> None:
        self.session.submit_text(text)
        self.drain()

    def until_idle(self, limit_s: float = 60.0) -> None:
        while self.session.busy:
            self.wait(FRAME_S)
            limit_s -= FRAME_S
            assert limit_s > 0, "the turn never ended"

    @property
    def names(self) -> list[str]:
        """Event names in order, engine calls left out: they follow cancelled turns at their own pace."""
        return [name_of(event) for event in self.events if name_of(event) != "engine_call"]

    def of(self, kind: type) -> list:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def endings(self) -> list[TurnEnded]:
        return self.of(TurnEnded)

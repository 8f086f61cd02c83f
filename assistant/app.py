"""The composition root: builds a conversation and its engines, and starts and stops them in order."""

import random
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from assistant.audio.capture import MicrophoneSource
from assistant.audio.devices import find_device
from assistant.audio.echo import KalmanCanceller
from assistant.audio.frontend import CleanSource, FrontEnd
from assistant.audio.keeper import OnTrouble
from assistant.audio.pace import AudioTime, Pacer, RealTime
from assistant.audio.paced import CalledSource, SilenceSource, WavSource
from assistant.audio.protocols import Sink, Source
from assistant.audio.speaker import FileSink, NullSink, RingSink, SpeakerSink
from assistant.brain.agenda.board import Board
from assistant.brain.agenda.clocks import Clocks
from assistant.brain.agenda.sturdy import SturdyShelf
from assistant.brain.grammar import intent_grammar
from assistant.brain.language import Language, language_of
from assistant.brain.lists import Jotter
from assistant.brain.protocols import Exchange
from assistant.brain.skill import Context, SkillFunction
from assistant.brains import Brains
from assistant.bus import Bus
from assistant.config import Settings, TurnSettings
from assistant.errors import AssistantError, AudioError, PortAudioMissing, RecordingError
from assistant.events import EngineLoading, EngineReady, Level, Notice, PrivacyChanged, Stage
from assistant.memory.agenda import AgendaFile, AgendaShelf
from assistant.memory.history import History
from assistant.memory.lists import AgendaLists
from assistant.memory.longterm import LongTermMemory
from assistant.memory.meaning import Meaning
from assistant.memory.recorder import Recorder
from assistant.models import registry
from assistant.models.protocols import Pcm
from assistant.models.worker import Candidate, EngineWorker
from assistant.observe.eventlog import EventLog
from assistant.power import speculates
from assistant.recording.making import make_tape
from assistant.recording.tape import Tape
from assistant.session.dispatch import Workers
from assistant.session.history import Resumed
from assistant.session.session import Session
from assistant.upgrade import Replaceable, Upgrade, upgrade_for

RECORDED_EVENTS = 10_000
CONTEXT_SHARE = 16
"""Of the language model's context, the part that may go to what is remembered of former conversations."""
LOST = "The file with your timers, alarms and lists was damaged. I had to start a new one."
UNWRITTEN = "I can't write down what you set: it is gone when I stop."
UNKEPT = "nothing is recorded, since nothing of this conversation is kept"
FLUSH_S = 0.5  # a disk that takes longer is not worth a hanging shutdown
JOIN_S = 0.2  # an engine that is still loading its model is left behind: the process is to end within a second


@dataclass(frozen=True, slots=True)
class Again:
    """What makes a conversation repeat a recorded one. It touches nothing of the user's, and no skill but our own."""

    now: Callable[[float], datetime]
    """What the clock on the wall said at a time of the session's clock."""
    seed: int
    memory: Path
    """A history of its own."""


@dataclass(frozen=True, slots=True)
class TalkOptions:
    """What this run is to do, as far as it is not a setting."""

    input_path: Path | None = None
    """A sound file as the microphone."""
    output_path: Path | None = None
    """A WAV file as the loudspeaker."""
    fast: bool = False
    """Run the file as fast as the engines allow, instead of in real time."""
    listen: bool = True
    """False takes typed text only: no microphone, no recogniser."""
    speak: bool = True
    """False only shows the answer: no loudspeaker, no voice."""
    can_wait: bool = True
    """False for a single question: nobody will be there when a timer ends."""
    microphone: Callable[[float], Pcm] | None = None
    """In the place of a device: gives the frame of sound that ends at that time of the session's clock."""
    loudspeaker: Sink | None = None
    """In the place of a device."""
    tools: Sequence[SkillFunction] = ()
    """What the language model may call."""
    resume: str | None = None
    """Go on with this session of the history: its number, its id or ``last``."""
    records: bool = False
    """Record, where the settings want it."""
    source: Callable[[Pacer], Source] | None = None
    """In the place of a microphone; it is to keep the pacer's time."""
    again: "Again | None" = None
    """The conversation repeats another."""
    offers_models: bool = False
    """Tell which models would suit this machine, and fetch them if the user asks for it."""

    @property
    def in_audio_time(self) -> bool:
        """Nobody listens as it happens, so the conversation may run as fast as the engines allow."""
        return self.fast or (not self.listen and (not self.speak or self.output_path is not None))


class Reporter:
    """Turns what happens to engines, devices and files into events. Thread-safe."""

    def __init__(self, bus: Bus, clock: Callable[[], float]) -> None:
        self._bus = bus
        self._clock = clock

    def engine_loading(self, stage: Stage, engine: str) -> None:
        self._bus.publish(EngineLoading(at_s=self._clock(), stage=stage, engine=engine))

    def engine_ready(self, stage: Stage, engine: str, load_s: float) -> None:
        self._bus.publish(EngineReady(at_s=self._clock(), stage=stage, engine=engine, load_s=load_s))

    def engine_failed(self, stage: Stage, engine: str, error: AssistantError, fallback: str | None) -> None:
        level: Level = "warning" if fallback or stage == "turn" else "error"
        hint = f"{fallback} takes over from {engine}. {error.hint}" if fallback else error.hint
        self.notice(level, error.code, error.message, hint, stage=stage)

    def trouble(self, error: AssistantError | None) -> None:
        """A device or a file is in trouble; None when it is well again."""
        if error is not None:
            self.notice("warning", error.code, error.message, error.hint, stage=error.stage)

    def unkept(self) -> None:
        """Nothing of this conversation is kept."""
        self._bus.publish(PrivacyChanged(at_s=self._clock(), private=True, for_good=True))

    def notice(self, level: Level, code: str, message: str, hint: str, *, stage: str) -> None:
        self._bus.publish(Notice(at_s=self._clock(), level=level, code=code, stage=stage, message=message, hint=hint))


OnMissing = Callable[[AudioError], object]
"""Told of a device that the conversation has to do without."""


class Subscriber(Protocol):
    """A thread that reads the bus until it closes."""

    def start(self) -> None: ...

    def join(self, timeout_s: float) -> bool: ...


class Assistant:
    """A whole assistant: start it, wait for its session to end, stop it. As a context manager it starts and stops."""

    def __init__(
        self,
        bus: Bus,
        session: Session,
        *,
        engines: Sequence[EngineWorker[Any]],
        brains: Brains,
        subscribers: Sequence[Subscriber],
        report: Reporter,
        missing: Sequence[AssistantError],
        keeps: bool = True,
        upgrade: Upgrade | None = None,
        meaning: Meaning | None = None,
    ) -> None:
        """``missing`` is what was found out before anybody could listen; it is reported at the start.
        ``keeps``: there is a history."""
        self.bus = bus
        self.session = session
        self._engines = engines
        self._brains = brains
        self._subscribers = subscribers
        self._report = report
        self._missing = missing
        self._keeps = keeps
        self._upgrade = upgrade
        self._meaning = meaning

    def start(self) -> None:
        """Open the sound, then load the engines in the background. Raises AudioError."""
        for subscriber in self._subscribers:
            subscriber.start()
        self.session.start()
        for error in self._missing:
            self._report.trouble(error)
        if not self._keeps:
            self._report.unkept()
        for engine in self._engines:
            engine.start()
        self._brains.start()
        if self._upgrade is not None:
            self._upgrade.announce()

    def accept_upgrade(self) -> None:
        """Fetch the models that were offered, if any were, and change over to them. Returns at once."""
        if self._upgrade is not None:
            self._upgrade.accept()

    def wait_ready(self) -> None:
        """Wait until every engine is loaded, or known not to load."""
        for engine in self._engines:
            engine.wait_ready()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until the session has ended. False after ``timeout_s``."""
        return self.session.ended.wait(timeout_s)

    def stop(self, reason: str) -> bool:
        """End the turn, the session and the engines, and flush the history. Idempotent.

        False if an engine was still busy in a library, or the disk hung: end the process, and the thread dies with it.
        """
        self.session.stop(reason)
        if self._upgrade is not None:
            self._upgrade.stop()
        if self._meaning is not None:
            self._meaning.stop()
        self._brains.stop()
        for engine in self._engines:
            engine.stop()
        clean = self.session.join()
        deadline_s = time.monotonic() + JOIN_S
        for engine in self._engines:
            clean &= engine.join(max(deadline_s - time.monotonic(), 0))
        if self._upgrade is not None:
            clean &= self._upgrade.join(max(deadline_s - time.monotonic(), 0))
        clean &= self._brains.join(max(deadline_s - time.monotonic(), 0))
        self.bus.close()
        for subscriber in self._subscribers:
            clean &= subscriber.join(FLUSH_S)
        return clean

    def __enter__(self) -> "Assistant":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop("closed")


def build(settings: Settings, options: TalkOptions | None = None) -> Assistant:
    """Put a conversation together; nothing is opened or loaded yet. Raises AssistantError for what cannot work."""
    options = options or TalkOptions()
    bus = Bus()

    def now_s() -> float:
        return source.clock()

    def settle() -> None:
        session.settle()

    def forget_last_turn() -> None:
        session.forget_last_turn()

    report = Reporter(bus, now_s)
    session_id = uuid.uuid4().hex
    seed = options.again.seed if options.again else random.SystemRandom().getrandbits(32)
    meaning = _meaning(settings, options, bus, report)
    subscribers = _subscribers(settings, bus, report, meaning)
    missing: list[AssistantError] = []
    source, hears = _source(settings, options, settle, report.trouble, missing.append)
    sink, speaks = _sink(settings, options, report.trouble, missing.append)
    source = _cleaned(source, sink, settings, options)
    tape: Tape | None = None
    if options.records and settings.history.record and settings.history.enabled:
        tape = make_tape(
            session_id,
            seed,
            settings,
            source=source,
            sink=sink,
            bus=bus,
            patient=options.in_audio_time,
            on_trouble=report.trouble,
        )
    elif options.records and settings.history.record:
        missing.append(RecordingError(UNKEPT, hint="Leave out --no-history, and see history.enabled."))
    memory = LongTermMemory(
        keeps=settings.history.enabled or options.again is not None,
        path=options.again.memory if options.again else None,
        on_private=lambda private: bus.publish(PrivacyChanged(at_s=now_s(), private=private)),
        forget_last_turn=forget_last_turn,
        budget_tokens=min(settings.history.recall_tokens, settings.llm.context_tokens // CONTEXT_SHARE),
        meaning=meaning,
    )
    tell = partial(report.notice, stage="llm")
    agenda, lists = _agenda(report, language_of(settings.stt.language))
    brains = Brains(
        settings,
        registry.llm_candidates,
        memory=memory,
        agenda=agenda,
        lists=lists,
        can_wait=options.can_wait,
        functions=options.tools,
        tell=tell,
        own_skills=options.again is None,
    )
    brains.context = _context(brains.context, seed, options, now_s)
    candidates: dict[Stage, Callable[[], list[Candidate[Any]]]] = {
        "stt": partial(registry.stt_candidates, settings, partial(intent_grammar, more=brains.skills.sentences)),
        "llm": brains.candidates,
        "tts": partial(registry.tts_candidates, settings),
        "turn": partial(registry.turn_candidates, settings),
    }
    stt, llm, tts, turn = (EngineWorker(stage, make(), report) for stage, make in candidates.items())
    session = Session(
        session_id,
        source=source,
        sink=sink,
        vad=registry.make_vad(settings),
        workers=Workers(stt if hears else None, llm, tts if speaks else None, turn if hears else None),
        agenda=brains.context.agenda,
        bus=bus,
        settings=_turn(settings),
        language=settings.stt.language,
        resumed=_resumed(options),
        listen=settings.listen,
        wake=registry.make_wake(settings) if hears else None,
        manner=brains.context.manner,
        tape=tape,
    )
    engines = [worker for worker, used in ((stt, hears), (llm, True), (tts, speaks), (turn, hears)) if used]
    replaceable = [Replaceable(worker, candidates[worker.stage]) for worker in engines]
    upgrade = upgrade_for(settings, replaceable, report, bus, now_s) if options.offers_models else None
    return Assistant(
        bus,
        session,
        engines=engines,
        brains=brains,
        subscribers=[*subscribers, tape] if tape else subscribers,
        report=report,
        missing=[*missing, *brains.troubles],
        keeps=settings.history.enabled,
        upgrade=upgrade,
        meaning=meaning,
    )


def _agenda(report: Reporter, language: Language) -> tuple[Board, AgendaLists]:
    """What is to ring, and lists: on disk, whatever is kept of the conversation."""

    def damaged(error: AssistantError) -> None:
        report.trouble(error)
        agenda.tell("agenda", LOST)

    def unwritable(reason: str) -> None:
        report.notice("warning", "agenda", reason, "What you set now is gone when I stop.", stage="memory")
        agenda.tell("agenda", UNWRITTEN)

    file = AgendaFile(on_trouble=damaged)
    agenda = Board(SturdyShelf(AgendaShelf(file), unwritable), language=language)
    return agenda, AgendaLists(file)


def _context(context: Context, seed: int, options: TalkOptions, now_s: Callable[[], float]) -> Context:
    """What skills see: the clock of the conversation that is repeated; where time counts sound and that is recorded, a
    clock that can be repeated."""
    context = replace(context, seed=seed)
    started_at = datetime.now().astimezone()
    if options.again is None and not (options.records and options.in_audio_time):
        return context
    wall = options.again.now if options.again else lambda at_s: started_at + timedelta(seconds=at_s)
    clocks = Clocks(lambda: wall(now_s()), now_s)
    return replace(context, now=clocks.now, agenda=Board(clocks=clocks, language=context.language), lists=Jotter())


def _resumed(options: TalkOptions) -> Resumed | None:
    """The conversation to go on with. Raises HistoryError."""
    if options.resume is None:
        return None
    session_id, said = History().said(options.resume)
    return Resumed(session_id, [Exchange(words, heard) for words, heard in said])


def _turn(settings: Settings) -> TurnSettings:
    """How turns are taken, for as long as the conversation lasts: what is ``auto`` is decided here."""
    ahead = "on" if speculates(settings.turn.speculate) else "off"
    return settings.turn.model_copy(update={"speculate": ahead})


def _source(
    settings: Settings, options: TalkOptions, settle: Callable[[], None], on_trouble: OnTrouble, on_missing: OnMissing
) -> tuple[Source, bool]:
    """Where sound comes from, and whether there is anything to hear in it."""
    pacer = AudioTime(settle) if options.in_audio_time else RealTime()
    if options.microphone is not None:
        return CalledSource(options.microphone, pacer), True
    if options.source is not None:
        return options.source(pacer), settings.stt.engine != registry.NONE
    if options.input_path is not None:
        return WavSource(options.input_path, pacer=pacer, on_trouble=on_trouble), True
    if not options.listen or settings.stt.engine == registry.NONE:
        return SilenceSource(pacer), False
    name = settings.audio.input_device
    try:
        find_device(name, "input")
    except PortAudioMissing as error:
        on_missing(error)
        return SilenceSource(pacer), False
    except AudioError:
        if name is not None:
            raise
    return MicrophoneSource(name, patient=name is None, on_trouble=on_trouble), True


def _sink(settings: Settings, options: TalkOptions, on_trouble: OnTrouble, on_missing: OnMissing) -> tuple[Sink, bool]:
    """Where the answer goes, and whether it is to be spoken at all."""
    if not options.speak or settings.tts.engine == registry.NONE:
        return NullSink(), False
    if options.loudspeaker is not None:
        return options.loudspeaker, True
    if options.output_path is not None:
        return FileSink(options.output_path, on_trouble=on_trouble), True
    name = settings.audio.output_device
    try:
        find_device(name, "output")
    except AudioError as error:
        if name is not None:
            raise
        on_missing(error)
        return NullSink(), False
    return SpeakerSink(name, on_trouble=on_trouble), True


def _cleaned(source: Source, sink: Sink, settings: Settings, options: TalkOptions) -> Source:
    """The microphone, cleaned of the sink's echo and more; a file is what it is, and no microphone hears one."""
    coupled = isinstance(source, MicrophoneSource) or options.microphone is not None
    heard = isinstance(sink, SpeakerSink) or options.loudspeaker is not None
    if not (coupled and isinstance(sink, RingSink)):
        return source
    echo = settings.audio.echo
    canceller = KalmanCanceller() if heard and echo != "off" else None
    real = isinstance(source, MicrophoneSource)
    gain = real and settings.audio.gain
    return CleanSource(source, FrontEnd(canceller, sink, unless_headset=echo == "auto", high_pass=real, gain=gain))


def _meaning(settings: Settings, options: TalkOptions, bus: Bus, report: Reporter) -> Meaning | None:
    """What finds the past by its meaning, where there is a model for it; not for a single question."""
    candidates = registry.embed_candidates(settings)
    if not candidates or not settings.history.enabled or not options.can_wait:
        return None

    def trouble(error: AssistantError) -> None:
        report.notice("warning", error.code, error.message, error.hint, stage="embed")

    return Meaning(candidates[0], bus.subscribe(), on_trouble=trouble)


def _subscribers(settings: Settings, bus: Bus, report: Reporter, meaning: Meaning | None) -> list[Subscriber]:
    """Who listens to the bus from the first event on."""
    log = EventLog(bus.subscribe())
    if not settings.history.enabled:
        return [log]
    on_written = meaning.wake if meaning is not None else lambda: None
    recorder = Recorder(bus.subscribe(RECORDED_EVENTS), on_trouble=report.trouble, on_written=on_written)
    return [log, recorder] if meaning is None else [log, recorder, meaning]

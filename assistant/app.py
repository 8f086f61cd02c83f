"""The composition root: builds a conversation and its engines, and starts and stops them in order."""

import random
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from types import TracebackType
from typing import Any, Protocol

from assistant.audio.keeper import OnTrouble
from assistant.audio.protocols import Sink, Source
from assistant.brain.agenda.board import Board
from assistant.brain.agenda.clocks import Clocks
from assistant.brain.agenda.sturdy import SturdyShelf
from assistant.brain.grammar import intent_grammar
from assistant.brain.language import Language, language_of
from assistant.brain.lists import Jotter, Lists
from assistant.brain.protocols import Exchange
from assistant.brains import Brains
from assistant.bus import Bus
from assistant.config import Settings, TurnSettings
from assistant.errors import AssistantError, RecordingError
from assistant.events import PrivacyChanged, Stage
from assistant.memory.agenda import AgendaFile, AgendaShelf
from assistant.memory.history import History
from assistant.memory.lists import AgendaLists
from assistant.memory.longterm import LongTermMemory
from assistant.memory.meaning import Meaning
from assistant.memory.recorder import Recorder
from assistant.models import registry
from assistant.models.worker import Candidate, EngineWorker
from assistant.observe.eventlog import EventLog
from assistant.options import TalkOptions
from assistant.power import speculates
from assistant.recording.making import make_tape
from assistant.recording.tape import Tape
from assistant.reporter import Reporter
from assistant.session.dispatch import Workers
from assistant.session.history import Resumed
from assistant.session.session import Session
from assistant.sound import cleaned, make_sink, make_source
from assistant.upgrade import Replaceable, Upgrade, upgrade_for

RECORDED_EVENTS = 10_000
CONTEXT_SHARE = 16
"""Of the language model's context, the part that may go to what is remembered of former conversations."""
LOST = "The file with your timers, alarms and lists was damaged. I had to start a new one."
UNWRITTEN = "I can't write down what you set: it is gone when I stop."
UNKEPT = "nothing is recorded, since nothing of this conversation is kept"
FLUSH_S = 0.5  # a disk that takes longer is not worth a hanging shutdown
JOIN_S = 0.2  # an engine that is still loading its model is left behind: the process is to end within a second


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
    source, hears = make_source(settings, options, settle, report.trouble, missing.append)
    sink, speaks = make_sink(settings, options, report.trouble, missing.append)
    source = cleaned(source, sink, settings, options, on_state=report.front_end, on_missing=missing.append)
    tape = _tape(
        session_id,
        seed,
        settings,
        options,
        source=source,
        sink=sink,
        bus=bus,
        on_trouble=report.trouble,
        on_missing=missing.append,
    )
    memory = LongTermMemory(
        keeps=settings.history.enabled or options.again is not None,
        path=options.again.memory if options.again else None,
        on_private=lambda private: bus.publish(PrivacyChanged(at_s=now_s(), private=private)),
        forget_last_turn=forget_last_turn,
        budget_tokens=min(settings.history.recall_tokens, settings.llm.context_tokens // CONTEXT_SHARE),
        meaning=meaning,
    )
    tell = partial(report.notice, stage="llm")
    clocks = _clocks(options, now_s)
    agenda, lists = _agenda(report, language_of(settings.stt.language), clocks)
    brains = Brains(
        settings,
        registry.llm_candidates,
        memory=memory,
        agenda=agenda,
        lists=lists,
        seed=seed,
        can_wait=options.can_wait,
        watches=options.can_wait and clocks is None,
        functions=options.tools,
        tell=tell,
        own_skills=options.again is None,
    )
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
        vad=registry.make_vad(),
        workers=Workers(stt if hears else None, llm, tts if speaks else None, turn if hears else None),
        agenda=agenda,
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


def _tape(
    session_id: str,
    seed: int,
    settings: Settings,
    options: TalkOptions,
    *,
    source: Source,
    sink: Sink,
    bus: Bus,
    on_trouble: OnTrouble,
    on_missing: Callable[[AssistantError], object],
) -> Tape | None:
    """What records the conversation, where that is wanted and something of it may be kept."""
    if not (options.records and settings.history.record):
        return None
    if not settings.history.enabled:
        on_missing(RecordingError(UNKEPT, hint="Leave out --no-history, and see history.enabled."))
        return None
    patient = options.in_audio_time
    return make_tape(
        session_id, seed, settings, source=source, sink=sink, bus=bus, patient=patient, on_trouble=on_trouble
    )


def _clocks(options: TalkOptions, now_s: Callable[[], float]) -> Clocks | None:
    """The clocks of a conversation that is repeated, or can be: where time counts sound, the wall clock does, too."""
    if options.again is not None:
        recorded = options.again.now
        return Clocks(lambda: recorded(now_s()), now_s)
    if not (options.records and options.in_audio_time):
        return None
    started_at = datetime.now().astimezone()
    return Clocks(lambda: started_at + timedelta(seconds=now_s()), now_s)


def _agenda(report: Reporter, language: Language, clocks: Clocks | None) -> tuple[Board, Lists]:
    """What is to ring, and lists: on disk, whatever is kept of the conversation; with own ``clocks``, in memory."""
    if clocks is not None:
        return Board(clocks=clocks, language=language), Jotter()

    def damaged(error: AssistantError) -> None:
        report.trouble(error)
        agenda.tell("agenda", LOST)

    def unwritable(reason: str) -> None:
        report.notice("warning", "agenda", reason, "What you set now is gone when I stop.", stage="memory")
        agenda.tell("agenda", UNWRITTEN)

    file = AgendaFile(on_trouble=damaged)
    agenda = Board(SturdyShelf(AgendaShelf(file), unwritable), language=language)
    return agenda, AgendaLists(file)


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

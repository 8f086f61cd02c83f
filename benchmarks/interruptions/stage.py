"""One scene: asks, listens, speaks over the answer as the script says, and writes down what happened."""

import itertools
import os
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory

from assistant.app import build
from assistant.bench.acoustics import at_level, onset_s
from assistant.bench.clips import Clip
from assistant.bench.soundcard import Block, RoomCard
from assistant.bus import Mailbox
from assistant.config import HistorySettings, Settings
from assistant.events import EarChanged, Event, Levels, ReplyStarted, TurnEnded, TurnStarted
from assistant.models.protocols import FRAME_S, Pcm
from assistant.options import TalkOptions
from benchmarks.interruptions.trials import TALKER_DBFS, Scene, Trial, said

GAP_S = 1.0
"""Quiet after an answer: echoes that start something do so by then."""
PATIENCE_S = 6.0
"""A question after which nothing has happened for so long was not heard."""
AFTERMATH_S = 4.0
"""What was said over the answer has had its effect so long after its end."""
ANSWER_S = 60.0
EVENTS = 100_000


@dataclass(slots=True)
class Take:
    """One trial as it went: seconds of the session's clock, None for what did not come about.

    ``spoken_s`` is the onset of what is said over the answer.
    ``turn_id`` is the turn of the answer that was (to be) spoken over; ``cut_s`` when the script ended it.
    """

    trial: Trial
    begin_s: float
    asked_s: float = 0.0
    turn_id: int | None = None
    answered_s: float | None = None
    spoken_s: float | None = None
    spoken_end_s: float | None = None
    cut_s: float | None = None
    end_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Footage:
    """All there is to see of a scene. ``tape``, shape ``(n,)``, is what the session gave to be played."""

    scene: Scene
    takes: Sequence[Take]
    events: Sequence[Event]
    blocks: Sequence[Block] = field(repr=False)
    tape: Pcm = field(repr=False)
    rate_hz: int = 0


def play(scene: Scene, settings: Settings, question: Clip, voice: Pcm, voice_hz: int) -> Footage:
    """Play the scene to an assistant with these settings, of which no history is kept. Raises EngineError."""
    with own_data():
        return _play(scene, settings, question, voice, voice_hz)


@contextmanager
def own_data() -> Iterator[None]:
    """A folder for what the assistant keeps: a timer that is set in one scene shall not ring in another, or for us."""
    before = os.environ.get("XDG_DATA_HOME")
    with TemporaryDirectory() as folder:
        os.environ["XDG_DATA_HOME"] = folder
        try:
            yield
        finally:
            os.environ.pop("XDG_DATA_HOME")
            if before is not None:
                os.environ["XDG_DATA_HOME"] = before


def _play(scene: Scene, settings: Settings, question: Clip, voice: Pcm, voice_hz: int) -> Footage:
    card = RoomCard(scene.room, voice, voice_hz)
    quiet = settings.model_copy(update={"history": HistorySettings(enabled=False)})
    stage: list[Stage] = []
    ready = threading.Event()

    def hear(at_s: float) -> Pcm:
        ready.wait()
        return stage[0].hear(at_s)

    assistant = build(quiet, TalkOptions(microphone=hear, loudspeaker=card, fast=True))
    stage.append(Stage(scene.trials, question, card, assistant.bus.subscribe(EVENTS), assistant.session.interrupt))
    with assistant:
        try:
            assistant.wait_ready()
        finally:
            ready.set()
        while not stage[0].finished.wait(0.2) and not assistant.wait(0):
            pass
    stage[0].read()
    return Footage(scene, stage[0].takes, stage[0].events, card.blocks, card.tape, card.sample_rate_hz)


class Stage:
    """Answers ``hear`` on the capture thread, once a frame, while the session waits."""

    def __init__(
        self, trials: Sequence[Trial], question: Clip, card: RoomCard, mailbox: Mailbox, interrupt: Callable[[], None]
    ) -> None:
        self.takes: list[Take] = []
        self.events: list[Event] = []
        self.finished = threading.Event()
        self._question = at_level(question.without_lead().pcm, TALKER_DBFS)
        self._card = card
        self._mailbox = mailbox
        self._interrupt = interrupt
        self._script = itertools.chain(self._play(trials), itertools.repeat(None))
        self._now_s = 0.0
        self._open: int | None = None
        self._ended = 0
        self._called = False
        self._cutting = False

    def hear(self, at_s: float) -> Pcm:
        self._now_s = at_s
        self.read()
        if self._card.blocks:  # the first frame starts the room's clock
            next(self._script)
        frame = self._card.hear(at_s)
        if self._cutting:  # after the frame: until then the session's thread must not move
            self._cutting = False
            self._interrupt()
        return frame

    def read(self) -> None:
        """Take in what the session has told so far."""
        while (event := self._mailbox.get(0)) is not None:
            if isinstance(event, Levels):
                continue
            self.events.append(event)
            match event:
                case TurnStarted():
                    self._open = event.turn_id
                case EarChanged(mode="wake"):
                    self._called = event.open
                case TurnEnded():
                    self._open = None
                    self._ended += 1
                case ReplyStarted() if self.takes and self.takes[-1].answered_s is None:
                    self.takes[-1].answered_s = event.at_s
                    self.takes[-1].turn_id = event.turn_id

    def _play(self, trials: Sequence[Trial]) -> Iterator[None]:
        yield from self._until(self._now_s + GAP_S)
        for trial in trials:
            take = Take(trial, self._now_s)
            self.takes.append(take)
            yield from self._ask(take)
            if take.answered_s is not None:
                yield from self._speak_over(take)
            yield from self._calm(take)
            take.end_s = self._now_s
        self.finished.set()

    def _ask(self, take: Take) -> Iterator[None]:
        ended = self._ended
        take.asked_s = yield from self._say(self._question)
        yield from self._wait(lambda: take.answered_s is not None or self._ended > ended, PATIENCE_S)

    def _say(self, pcm: Pcm) -> Generator[None, None, float]:
        """Say it from this frame on; returns when it has ended."""
        self._card.say(pcm, self._now_s - FRAME_S)
        end_s = self._now_s - FRAME_S + pcm.size / 16_000
        yield from self._until(end_s)
        return end_s

    def _speak_over(self, take: Take) -> Iterator[None]:
        if take.trial.clip is None or take.answered_s is None:
            yield from self._wait(lambda: self._open is None, ANSWER_S)
            return
        yield from self._wait(lambda: self._open is None, take.trial.after_s)
        if self._open != take.turn_id:  # it has stopped by itself
            return
        # From any sample on, not from the beginning of a frame.
        begin_s = self._now_s - FRAME_S + (take.trial.after_s * 1000 % 32) / 1000
        pcm = said(take.trial).pcm
        self._card.say(pcm, begin_s)
        take.spoken_s, take.spoken_end_s = begin_s + onset_s(pcm), begin_s + pcm.size / 16_000
        yield from self._until(take.spoken_end_s + AFTERMATH_S)

    def _calm(self, take: Take) -> Iterator[None]:
        """Until nothing goes on any more, and an ear that was called has closed; what still goes on is cut."""
        if self._open is not None:
            take.cut_s = self._now_s
            self._cutting = True
        yield from self._wait(lambda: self._open is None, ANSWER_S)
        yield from self._until(self._now_s + GAP_S)
        while self._open is not None or self._called:  # what began in the quiet may come to an end, or is ended
            yield from self._wait(lambda: self._open is None and not self._called, PATIENCE_S)
            if self._open is not None:
                self._cutting = True
                yield from self._wait(lambda: self._open is None, PATIENCE_S)
            yield from self._until(self._now_s + GAP_S)

    def _wait(self, done: Callable[[], bool], seconds: float) -> Iterator[None]:
        began_s = self._now_s
        while not done() and self._now_s - began_s < seconds:
            yield

    def _until(self, at_s: float) -> Iterator[None]:
        while self._now_s < at_s:
            yield

"""Who speaks when: the part of the user in a bench, told one frame at a time."""

import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from assistant.bench.clips import Clip
from assistant.bench.usage import Usage
from assistant.bus import Mailbox
from assistant.events import Event, Levels, ReplyStarted, TurnEnded, TurnStarted
from assistant.models.protocols import FRAME_S, FRAME_SAMPLES, Pcm

GAP_S = 0.8
"""Quiet between two turns."""
PATIENCE_S = 4.0
"""A clip after which nothing has happened for so long was not heard."""
ANSWER_S = 60.0
LISTEN_S = 4.0
"""An answer is listened to for so long, then it is cut: all there is to measure has been."""
OVERLAP_S = 0.3
"""The answer has been heard for so long when somebody speaks over it."""
ROOM_DBFS = -70.0
"""No microphone is silent to the bit, and no room; this one is quiet."""


class Controls(Protocol):
    def interrupt(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Plan:
    """``clips`` are said one after another, each answered in between; then ``interruptions`` times one clip is said
    over the answer to another. ``quiet_s`` of silence come before all of it.

    With ``lasting_s`` the clips are said over and over for so long; ``listen_s`` is how long an answer is listened to.
    """

    clips: Sequence[Clip]
    interruptions: int = 0
    quiet_s: float = 0.0
    lasting_s: float | None = None
    listen_s: float = LISTEN_S


@dataclass(slots=True)
class Exchange:
    """One clip of the plan: when it was said, in seconds of the session's clock, and when it was all over.

    ``over_s`` is the first sound of the clip that was said over the answer.
    """

    clip: Clip
    start_s: float
    said_s: float = 0.0
    end_s: float = 0.0
    over_s: float | None = None


class Director:
    """Answers ``hear`` on the capture thread; everything public is to be read when the session has ended.

    Until ``begin`` it is quiet. ``on_step`` is told, on that thread, how many exchanges are over.
    """

    def __init__(
        self, plan: Plan, mailbox: Mailbox, controls: Controls, on_step: Callable[[int], object], *, realtime: bool
    ) -> None:
        self.events: list[Event] = []
        self.exchanges: list[Exchange] = []
        self.quiet, self.talk = Usage(), Usage()
        self.finished = threading.Event()
        self._plan = plan
        self._mailbox = mailbox
        self._controls = controls
        self._on_step = on_step
        self._realtime = realtime
        self._begun = threading.Event()
        self._script = self._play()
        self._now_s = 0.0
        self._open = False
        self._answers = 0
        self._turns_over = 0
        self._answered_s = 0.0
        self._room = _room_tone()

    def begin(self) -> None:
        self._begun.set()

    @property
    def begun(self) -> bool:
        return self._begun.is_set()

    def hear(self, at_s: float) -> Pcm:
        """The next frame that the microphone gives."""
        self._now_s = at_s
        self._read()
        return next(self._script)

    def read_rest(self) -> None:
        """What the session still said; to be called once, after it has ended."""
        self._read()

    def _read(self) -> None:
        while (event := self._mailbox.get(0)) is not None:
            if isinstance(event, Levels):
                continue
            self.events.append(event)
            match event:
                case TurnStarted():
                    self._open = True
                case TurnEnded():
                    self._open = False
                    self._turns_over += 1
                case ReplyStarted():
                    self._answers += 1
                    self._answered_s = self._now_s

    def _play(self) -> Iterator[Pcm]:
        while not self._begun.wait(0 if self._realtime else None):
            yield self._noise()
        with self.quiet.running():
            yield from self._until(self._now_s + self._plan.quiet_s)
        with self.talk.running():
            yield from self._talk()
        self.finished.set()
        while True:
            yield self._noise()

    def _talk(self) -> Iterator[Pcm]:
        clips, lasting_s, began_s = self._plan.clips, self._plan.lasting_s, self._now_s
        for clip in clips if lasting_s is None else itertools.cycle(clips):
            if lasting_s is not None and self._now_s - began_s >= lasting_s:
                break
            yield from self._converse(clip, None)
            self._on_step(len(self.exchanges))
        for number in range(self._plan.interruptions):
            clip, over = clips[number % len(clips)], clips[(number + 1) % len(clips)]
            yield from self._converse(clip, over)
            self._on_step(len(self.exchanges))

    def _converse(self, clip: Clip, over: Clip | None) -> Iterator[Pcm]:
        exchange = Exchange(clip, self._now_s)
        self.exchanges.append(exchange)
        turns, answers = self._turns_over, self._answers
        yield from clip.frames()
        exchange.said_s = self._now_s
        yield from self._wait(lambda: self._answers > answers or self._over_since(turns))
        if over is not None and self._open:
            yield from self._until(self._answered_s + OVERLAP_S)
            if self._open:
                exchange.over_s = self._now_s - FRAME_S  # a frame begins before it is given
                turns, answers = self._turns_over + 1, self._answers
                yield from over.without_lead().frames()
                yield from self._wait(lambda: self._answers > answers or self._over_since(turns))
        yield from self._wait(lambda: not self._open, self._plan.listen_s)
        if self._open:
            self._controls.interrupt()
        yield from self._wait(lambda: not self._open)
        yield from self._until(self._now_s + GAP_S)
        exchange.end_s = self._now_s

    def _over_since(self, turns: int) -> bool:
        return not self._open and self._turns_over > turns

    def _wait(self, done: Callable[[], bool], open_s: float = ANSWER_S) -> Iterator[Pcm]:
        """Quiet until ``done``; for ``open_s`` at most while a turn is open, else as long as patience lasts."""
        began_s = self._now_s
        while not done() and self._now_s - began_s < (open_s if self._open else PATIENCE_S):
            yield self._noise()

    def _until(self, at_s: float) -> Iterator[Pcm]:
        while self._now_s < at_s:
            yield self._noise()

    def _noise(self) -> Pcm:
        return next(self._room)


def _room_tone() -> Iterator[Pcm]:
    rng = np.random.default_rng(0)
    noise = rng.standard_normal((64, FRAME_SAMPLES)).astype(np.float32) * np.float32(10 ** (ROOM_DBFS / 20))
    return itertools.cycle(list(noise))

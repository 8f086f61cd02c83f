"""Keeps a conversation as sound: what the microphone gave and what was played, frame by frame, off the audio path."""

import shutil
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.audio.protocols import Ears, Frame
from assistant.bus import Mailbox
from assistant.errors import RecordingError
from assistant.events import Event
from assistant.models.protocols import FRAME_S, Pcm
from assistant.recording.folder import About
from assistant.recording.reel import Reel
from assistant.threads import joined

CAPACITY_FRAMES = 2048
"""About a minute: as long as a disk may hang."""
WAKE_LEAD_S = 2.0
"""So much of what came before the ear opened holds the wake word, and what a detector has to hear before it."""
WAIT_S = 0.25
ENDED = "Nothing more is recorded; the conversation goes on."
DELETED = "What is private could not be taken out of the recording, so it was deleted; the conversation goes on."
FULL_WAIT_S = 0.05


@dataclass(frozen=True, slots=True)
class Take:
    """A frame with what was played meanwhile, shape ``(768,)`` at 24 kHz."""

    frame: Frame
    played: Pcm
    ears: Ears


class Tape:
    """One thread, named ``recording``, that writes what ``add`` is given, and goes by what it reads on the bus.

    Full policy: beyond ``CAPACITY_FRAMES`` the newest is dropped, counted, and silence in the recording; where time
    counts sound (``patient``) the session waits instead. What nobody listened to is silence, and so are private
    turns; turns that are forgotten become silence. Where the disk takes no more, or something private cannot be taken
    out, the recording ends (in the latter case it is deleted), ``on_trouble`` hears of it, the conversation goes on.
    """

    def __init__(
        self,
        folder: Path,
        about: About,
        mailbox: Mailbox,
        *,
        sounded: Callable[[float], Pcm],
        masked: bool,
        patient: bool,
        on_change: Callable[[bool], object],
        on_trouble: Callable[[RecordingError], object],
    ) -> None:
        """``sounded`` gives what was played in the frame that ended then; ``masked``: an echo is taken out.
        ``on_change`` is told when it begins, and when it ends too early."""
        self._folder, self._about, self._mailbox = folder, about, mailbox
        self._sounded, self._masked, self._patient = sounded, masked, patient
        self._on_change, self._on_trouble = on_change, on_trouble
        self._takes: deque[Take] = deque()
        self._waiting: deque[Take] = deque()  # the writer's: frames that only the detector of the wake word has heard
        self._room = threading.Condition()
        self._reel: Reel | None = None
        self._over = False
        self.dropped = 0
        self._thread = threading.Thread(target=self.run, name="recording", daemon=True)

    def start(self) -> None:
        """Begin to record; the files are made on the thread that writes them."""
        self._thread.start()

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait until everything is written. False if the disk took longer than ``timeout_s``."""
        return joined(self._thread, timeout_s)

    def add(self, frame: Frame, ears: Ears) -> None:
        """As the protocol."""
        take = Take(frame, self._sounded(frame.at_s), ears)
        with self._room:
            if self._patient:
                while len(self._takes) >= CAPACITY_FRAMES and not self._over:
                    self._room.wait(FULL_WAIT_S)
            if self._over:
                return
            if len(self._takes) >= CAPACITY_FRAMES:
                self.dropped += 1
            else:
                self._takes.append(take)

    def run(self) -> None:
        """The thread's work: returns when the mailbox is closed and everything is written, or cannot be."""
        try:
            self._reel = Reel(self._folder, self._about, masked=self._masked)
            self._on_change(True)
            while not self._mailbox.exhausted:
                self._step(self._mailbox.get(WAIT_S))
            self._step(None)
            self._let_go(len(self._waiting))
        except RecordingError as error:
            self._fail(error)
        finally:
            self._end()

    def _step(self, event: Event | None) -> None:
        reel = self._opened
        if event is not None:
            reel.event(event)
        if self._mailbox.dropped:
            raise RecordingError("the recording cannot keep up", hint="What was private could not be told any more.")
        for _ in range(len(self._takes)):
            with self._room:
                take = self._takes.popleft()
                self._room.notify()
            self._write(take)
        reel.checkpoint()

    def _write(self, take: Take) -> None:
        """What only the detector hears is held back until it is clear whether it was the wake word."""
        if take.ears is Ears.WAITING:
            self._waiting.append(take)
            self._let_go(max(0, len(self._waiting) - round(WAKE_LEAD_S / FRAME_S)))
            return
        if take.ears is Ears.CLOSED:
            self._let_go(len(self._waiting))
        while self._waiting:
            self._put(self._waiting.popleft(), heard=True)
        self._put(take, heard=take.ears is Ears.OPEN)

    def _let_go(self, count: int) -> None:
        for _ in range(count):
            self._put(self._waiting.popleft(), heard=False)

    def _put(self, take: Take, *, heard: bool) -> None:
        frame = take.frame
        silence = np.zeros_like(frame.pcm)
        pcm = frame.pcm if heard else silence
        masked = silence if frame.for_vad is None or not heard else frame.pcm - frame.for_vad
        self._opened.frame(frame, pcm, take.played, masked)

    @property
    def _opened(self) -> Reel:
        assert self._reel is not None
        return self._reel

    def _fail(self, error: RecordingError) -> None:
        leaks = self._reel is not None and self._reel.leaks
        if leaks:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._on_trouble(RecordingError(error.message, hint=f"{DELETED if leaks else ENDED} {error.hint}"))
        self._on_change(False)

    def _end(self) -> None:
        with self._room:
            self._over = True
            self._takes.clear()
            self._room.notify_all()
        if self._reel is not None:
            try:
                self._reel.close()
            except RecordingError as error:
                self._on_trouble(error)
        if self.dropped:
            lost = f"{self.dropped} frames of the recording were lost: the disk is too slow"
            self._on_trouble(RecordingError(lost, hint="They are silence in it."))

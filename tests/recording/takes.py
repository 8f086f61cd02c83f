"""Frames and events of a conversation that is recorded, and what became of them."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import soundfile

from assistant.audio.protocols import Ears, Frame
from assistant.errors import RecordingError
from assistant.events import Event
from assistant.models.protocols import FRAME_S, FRAME_SAMPLES, Pcm
from assistant.recording.folder import About
from assistant.recording.tape import Tape
from tests.memory.scripted import ScriptedMailbox

PLAYED = 768
START_S = 100.0
ABOUT = About("abcd1234", datetime(2026, 3, 1, 12, tzinfo=UTC), "1.0", 7, {"stt.language": "en"}, lead_s=0.5)


def end_of(number: int) -> float:
    """When that frame ended, counted from 0."""
    return START_S + (number + 1) * FRAME_S


def frame(number: int, value: int = 0, masked: int = 0) -> Frame:
    """Samples of ``value`` + their place, in steps of 16 bits, so that every one can be told from the others."""
    pcm = ((np.arange(FRAME_SAMPLES) + value) / 32768).astype(np.float32)
    return Frame(pcm, end_of(number), for_vad=pcm - np.float32(masked / 32768) if masked else None)


def read(path: Path) -> np.ndarray:
    return soundfile.read(path, dtype="int16")[0]


def loud_frames(path: Path, size: int = FRAME_SAMPLES) -> list[bool]:
    """Of each frame, whether it is anything but silence."""
    return [bool(each.any()) for each in read(path).reshape(-1, size)]


class Recorded:
    """A tape, run on this thread over a script of frames and events."""

    def __init__(self, folder: Path, *, masked: bool = False, sounded: Callable[[float], Pcm] | None = None) -> None:
        self.folder = folder
        self.changes: list[bool] = []
        self.troubles: list[RecordingError] = []
        self.masked = masked
        self.sounded = sounded or (lambda at_s: np.full(PLAYED, 0.25, np.float32))
        self.tape: Tape

    def run(self, script: Iterable[Event | Frame | tuple[Frame, Ears] | Callable[[], object]]) -> "Recorded":
        steps = [self._step(each) for each in script]
        self.tape = Tape(
            self.folder,
            ABOUT,
            ScriptedMailbox(steps),
            sounded=self.sounded,
            masked=self.masked,
            patient=False,
            on_change=self.changes.append,
            on_trouble=self.troubles.append,
        )
        self.tape.run()
        return self

    def _step(self, each: object) -> Event | Callable[[], object]:
        match each:
            case Frame():
                return lambda: self.tape.add(each, Ears.OPEN)
            case (Frame() as heard, Ears() as ears):
                return lambda: self.tape.add(heard, ears)
        return each  # type: ignore[return-value]

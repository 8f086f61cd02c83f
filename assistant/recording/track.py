"""One side of a recording: a FLAC file that grows, is playable after a crash, and of which parts can be silenced."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.errors import RecordingError
from assistant.models.protocols import Pcm

Pcm16 = npt.NDArray[np.int16]
Span = tuple[int, int]
"""The first sample, and the one behind the last."""

BLOCK = 4096
"""Samples in a FLAC block; the encoder writes one when the first sample behind it comes."""
COPIED_SAMPLES = 65_536
_TOTAL_AT, _TOTAL_BITS = 18, 36
"""Where STREAMINFO has the number of samples, behind 28 bits of rate, channels and sample size (RFC 9639, 8.2)."""


def to_int16(pcm: Pcm) -> Pcm16:
    """Shape ``(n,)`` to the same; exact for what came from 16 bits, as a sound file gives it."""
    scaled = np.rint(np.nan_to_num(pcm, posinf=1.0, neginf=-1.0) * 32768)
    return np.clip(scaled, -32768, 32767).astype(np.int16)


class Track:
    """16-bit mono. Not thread-safe. Every method raises RecordingError."""

    def __init__(self, path: Path, sample_rate_hz: int) -> None:
        self.path = path
        self.sample_rate_hz = sample_rate_hz
        self._samples = 0
        with errors(path):
            self._file = _create(path, sample_rate_hz)

    def write(self, pcm: Pcm16) -> None:
        """Append ``pcm``, shape ``(n,)``."""
        with errors(self.path):
            self._file.write(pcm)
            self._samples += pcm.size

    def checkpoint(self) -> None:
        """Note in the header how much is in the file: libsndfile does so only at the end, and reads nothing without."""
        with errors(self.path):
            _write_total(self.path, max(0, self._samples - 1) // BLOCK * BLOCK)

    def silence(self, spans: Sequence[Span]) -> None:
        """Overwrite these samples, as far as they are there, with silence. Reads and writes the whole file (about 1.5 s
        of one core for an hour of speech)."""
        with errors(self.path):
            self._file.close()
            self._file = _silenced(self.path, self.sample_rate_hz, spans)
        self.checkpoint()

    def close(self) -> None:
        """Finish the file. Idempotent."""
        with errors(self.path):
            self._file.close()


def silence(path: Path, spans: Sequence[Span]) -> None:
    """The same for a file that nobody writes any more. Raises RecordingError."""
    import soundfile

    with errors(path):
        with soundfile.SoundFile(path) as sound:
            rate_hz = sound.samplerate
        _silenced(path, rate_hz, spans).close()


@dataclass(frozen=True, slots=True)
class Form:
    """What a sound file says of itself; ``samples`` of each channel."""

    format: str
    sample_rate_hz: int
    channels: int
    samples: int


def form_of(path: Path) -> Form:
    """Of a file that ``read_sound`` takes."""
    import soundfile

    with soundfile.SoundFile(path) as sound:
        return Form(sound.format, sound.samplerate, sound.channels, sound.frames)


def _create(path: Path, sample_rate_hz: int) -> Any:
    import soundfile

    return soundfile.SoundFile(path, "w", sample_rate_hz, 1, "PCM_16", format="FLAC")


def _silenced(path: Path, sample_rate_hz: int, spans: Sequence[Span]) -> Any:
    """A new file in the place of ``path``, open for more. The old one stays where that fails."""
    fresh = path.with_name(f".{path.name}.part")
    try:
        file = _create(fresh, sample_rate_hz)
        for begin, block in _blocks(path):
            for first, end in spans:
                block[max(first - begin, 0) : max(end - begin, 0)] = 0
            file.write(block)
        fresh.replace(path)
    except BaseException:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise
    return file


def _blocks(path: Path) -> Iterator[tuple[int, Pcm16]]:
    import soundfile

    begin = 0
    with soundfile.SoundFile(path) as sound:
        while len(block := sound.read(COPIED_SAMPLES, dtype="int16")):
            yield begin, block
            begin += len(block)


def _write_total(path: Path, samples: int) -> None:
    descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        os.lseek(descriptor, _TOTAL_AT, os.SEEK_SET)
        head = int.from_bytes(os.read(descriptor, 8), "big") >> _TOTAL_BITS << _TOTAL_BITS
        os.lseek(descriptor, _TOTAL_AT, os.SEEK_SET)
        os.write(descriptor, (head | samples).to_bytes(8, "big"))
    finally:
        os.close(descriptor)


@contextmanager
def errors(path: Path) -> Iterator[None]:
    """What the disk or libsndfile refuses, as the user should see it. Raises RecordingError."""
    import soundfile

    try:
        yield
    except (OSError, soundfile.SoundFileError) as error:
        reason = getattr(error, "strerror", None) or str(error).strip().rstrip(".")
        raise RecordingError(
            f"{path} cannot be written: {reason}", hint="Free some disk space, and check the folder's permissions."
        ) from error

"""Write sound as 16-bit mono WAV."""

import os
import shlex
import shutil
import struct
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import numpy as np

from assistant.errors import OutputError
from assistant.models.protocols import Pcm

STDOUT = "-"
OTHER_KINDS = frozenset((".aac", ".aif", ".aiff", ".flac", ".m4a", ".mp3", ".oga", ".ogg", ".opus", ".wma"))
_HEADER = struct.Struct("<4sI8sIHHIIHH4sI")
_MAX_BYTES = 0xFFFF_FFFF - _HEADER.size  # what the header's 32 bits can say; more is more than a day of speech


def write_wav(path: str | Path, pcm: Pcm, sample_rate_hz: int) -> None:
    """Write ``pcm``, shape ``(n,)``, to a file, or to standard output as ``-``. Raises OutputError."""
    writer = WavWriter(path, sample_rate_hz)
    writer.write(pcm)
    writer.close()


class WavWriter:
    """A WAV file that grows. It appears under its name, whole, when it is closed; after an error nothing is left of it.

    What cannot be renamed into place (standard output, a pipe, a device) gets the whole of it at the end.
    """

    def __init__(self, path: str | Path, sample_rate_hz: int) -> None:
        """Raises OutputError."""
        self._path = Path(path)
        _check_name(self._path)
        self._sample_rate_hz = sample_rate_hz
        self._bytes = 0
        self._part: Path | None = None
        self._file: IO[bytes] | None = None
        with self._errors():
            self._file = self._create()
            self._file.write(_header(sample_rate_hz, 0))

    def write(self, pcm: Pcm) -> None:
        """Append ``pcm``, shape ``(n,)``, clipped to −1…1; nothing once closed. Raises OutputError."""
        samples = np.rint(np.clip(pcm, -1.0, 1.0) * 32767).astype("<i2").tobytes()
        with self._errors():
            if self._file is not None:
                self._file.write(samples)
                self._bytes += len(samples)

    def close(self) -> None:
        """Finish the header and put the file in its place. Idempotent. Raises OutputError."""
        if self._file is None:
            return
        with self._errors():
            self._file.seek(0)
            self._file.write(_header(self._sample_rate_hz, self._bytes))
            self._file.flush()
            if self._part is not None:
                self._file.close()
                self._part.replace(self._path)
            else:
                self._copy_out(self._file)
                self._file.close()
            self._file = None

    def _create(self) -> IO[bytes]:
        if str(self._path) == STDOUT or (self._path.exists() and not self._path.is_file() and not self._path.is_dir()):
            return tempfile.TemporaryFile()
        if self._path.is_dir():
            raise IsADirectoryError(None, "it is a folder")
        self._path = self._path.resolve()  # a link stays a link
        part = self._path.with_name(f".{self._path.name}.{os.getpid()}.part")
        file = part.open("wb")
        self._part = part
        return file

    def _copy_out(self, file: IO[bytes]) -> None:
        file.seek(0)
        sys.stdout.flush()
        to_stdout = str(self._path) == STDOUT
        # Past sys.stdout, whose buffer would complain of a broken pipe once more at exit.
        with open(sys.stdout.fileno(), "wb", closefd=False) if to_stdout else self._path.open("wb") as target:
            shutil.copyfileobj(file, target)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._abandon()
            raise _output_error(self._path, error) from error

    def _abandon(self) -> None:
        with suppress(OSError):
            if self._file is not None:
                self._file.close()
        self._file = None
        with suppress(OSError):
            if self._part is not None:
                self._part.unlink()


def _check_name(path: Path) -> None:
    """Raises OutputError for a name that promises another kind of file."""
    if path.suffix.lower() in OTHER_KINDS:
        wav = path.with_suffix(".wav")
        convert = f"ffmpeg -i {shlex.quote(str(wav))} {shlex.quote(str(path))}"
        raise OutputError(
            f"{path} cannot be written: only WAV can", hint=f"Name it {wav.name}, and convert it then: {convert}"
        )


def _header(sample_rate_hz: int, data_bytes: int) -> bytes:
    data_bytes = min(data_bytes, _MAX_BYTES)
    return _HEADER.pack(
        b"RIFF", _HEADER.size - 8 + data_bytes, b"WAVEfmt ", 16, 1, 1,
        sample_rate_hz, sample_rate_hz * 2, 2, 16, b"data", data_bytes,
    )  # fmt: skip


def _output_error(path: Path, error: OSError) -> OutputError:
    name = "standard output" if str(path) == STDOUT else str(path)
    hints = {
        PermissionError: "Choose a folder that you may write to.",
        FileNotFoundError: f"Make the folder first: mkdir -p {path.parent}",
        NotADirectoryError: "Part of the path is a file: choose another.",
        IsADirectoryError: f"Name a file in it, such as {path / 'reply.wav'}.",
        BrokenPipeError: "The program that was reading has ended.",
    }
    return OutputError(
        f"{name} cannot be written: {error.strerror or error}",
        hint=hints.get(type(error), "Free some disk space, or choose another place."),
    )

"""Read sound files of any kind that libsndfile knows: WAV, FLAC, Ogg, MP3, AIFF, AU, SPHERE and more."""

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from assistant.audio.quiet import mute_c_stderr
from assistant.audio.resample import EMPTY, Framer, Resampler, downmix
from assistant.errors import AudioFileError
from assistant.models.protocols import SAMPLE_RATE_HZ, Pcm

BLOCK_SAMPLES = 16_384
RATES_HZ = range(1_000, 768_001)
SLACK_S = 0.25  # the length of an MP3 without a Xing header is libsndfile's estimate
UNKNOWN_LENGTH = 0x7FFF_0000  # programs that write WAV into a pipe put a huge length in its header

_FOREIGN = (  # (offset, bytes, what it is)
    (4, b"ftyp", "MPEG-4 sound (m4a, mp4)"),
    (0, b"\xff\xf1", "AAC sound"),
    (0, b"\xff\xf9", "AAC sound"),
    (0, b"\x1a\x45\xdf\xa3", "a Matroska or WebM file"),
    (0, b"#!AMR", "AMR sound"),
    (0, b"0&\xb2u", "Windows Media sound"),
    (0, b"PK", "a ZIP archive"),
    (0, b"%PDF", "a PDF document"),
)


def read_sound(path: str | Path, max_seconds: float | None = None) -> Iterator[Pcm]:
    """The file's sound as blocks of shape ``(n,)``, mono at 16 kHz and within −1…1, the first ``max_seconds`` of it.

    Opened at once, then read block by block: an hour needs no more memory than a second. Raises AudioFileError, here
    or, where the damage is further on, from the iterator.
    """
    path = Path(path)
    _check_is_file(path)
    mute_c_stderr()  # mpg123
    sound = _open(path)
    try:
        _check_header(path, sound)
    except AudioFileError:
        sound.close()
        raise
    return _blocks(path, sound, max_seconds)


def read_frames(path: Path) -> Iterator[Pcm]:
    """The same as frames of shape ``(512,)``, the last filled up with silence; opened when the first is asked for."""
    framer = Framer()
    for block in read_sound(path):
        yield from framer.push(block)
    yield from framer.flush()


def load_sound(path: str | Path, max_seconds: float | None = None) -> Pcm:
    """The same as one array. Raises AudioFileError."""
    return np.concatenate([EMPTY, *read_sound(path, max_seconds)])


def _check_is_file(path: Path) -> None:
    try:
        if path.is_dir():
            raise AudioFileError(f"{path} is a folder, not a sound file", hint="Name a file in it.")
        if not path.exists():
            raise AudioFileError(f"there is no file {path}", hint="Check the name and the folder you are in.")
        if not path.is_file():
            raise AudioFileError(
                f"{path} is not a regular file", hint="Save the sound to a file first, then name that."
            )
        with path.open("rb") as file:
            empty = not file.read(1)
    except OSError as error:
        raise AudioFileError(
            f"{path} cannot be read: {error.strerror}", hint="Check the file's permissions and the disk."
        ) from error
    except ValueError as error:  # a NUL in the name
        raise AudioFileError(f"{str(path)!r} is not a file name: {error}", hint="Check the name.") from error
    if empty:
        raise AudioFileError(f"{path} is empty", hint="Record or copy it again.")


def _open(path: Path) -> Any:
    import soundfile

    if path.suffix.lower() == ".raw":
        raise AudioFileError(
            f"{path} is a headerless .raw file, so its rate and sample format are unknown",
            hint=f"Convert it, naming them, e.g. for 16 kHz 16-bit mono: ffmpeg -f s16le -ar 16000 -ac 1 "
            f"{_conversion(path)}",
        )
    try:
        return soundfile.SoundFile(str(path))
    except (soundfile.SoundFileError, TypeError, OSError) as error:
        raise _not_sound(path, error) from error


def _not_sound(path: Path, error: Exception) -> AudioFileError:
    with path.open("rb") as file:
        head = file.read(12)
    for offset, magic, what in _FOREIGN:
        if head[offset:].startswith(magic):
            return AudioFileError(
                f"{path} is {what}, which cannot be read here", hint=f"Convert it: ffmpeg {_conversion(path)}"
            )
    if head.startswith((b"RIFF", b"RIFX", b"RF64")):
        detail = str(error).rpartition(": ")[2].strip().rstrip(".")
        return AudioFileError(f"{path} is a broken or truncated WAV file ({detail})", hint="Record or copy it again.")
    return AudioFileError(
        f"{path} is not a sound file of a known kind",
        hint=f"WAV, FLAC, Ogg and MP3 can be read; ffmpeg converts most others: ffmpeg {_conversion(path)}",
    )


def _conversion(path: Path) -> str:
    return f"-i {shlex.quote(str(path))} -ar 16000 -ac 1 {shlex.quote(path.stem + '.wav')}"


def _check_header(path: Path, sound: Any) -> None:
    if sound.samplerate not in RATES_HZ:
        raise AudioFileError(
            f"{path} claims a sample rate of {sound.samplerate} Hz",
            hint="Its header is damaged: record or copy it again.",
        )
    promised, there = _wav_data_bytes(path) if sound.format in ("WAV", "WAVEX") else (0, 0)
    if there < promised < UNKNOWN_LENGTH:
        raise _truncated(path, f"its header promises {promised} bytes of sound and {there} are there")
    if sound.frames == 0:
        raise AudioFileError(f"{path} holds no sound", hint="Record it again.")


def _wav_data_bytes(path: Path) -> tuple[int, int]:
    """Length of the data chunk by its header, and as much of it as the file has. libsndfile hides the difference."""
    size = path.stat().st_size
    with path.open("rb") as file:
        order = "big" if file.read(12).startswith(b"RIFX") else "little"
        while len(head := file.read(8)) == 8:
            length = int.from_bytes(head[4:], "big" if order == "big" else "little")
            if head[:4] == b"data":
                return length, size - file.tell()
            file.seek(length + length % 2, 1)
    return 0, 0


def _truncated(path: Path, detail: str) -> AudioFileError:
    return AudioFileError(
        f"{path} is cut short or damaged: {detail}",
        hint=f"Copy it again, or save what is there: ffmpeg {_conversion(path)}",
    )


def _blocks(path: Path, sound: Any, max_seconds: float | None) -> Iterator[Pcm]:
    import soundfile

    resampler = Resampler(sound.samplerate, SAMPLE_RATE_HZ)
    wanted = sound.frames if max_seconds is None else min(sound.frames, round(max_seconds * sound.samplerate))
    read = 0
    with sound:
        while read < wanted:
            try:
                block = sound.read(min(BLOCK_SAMPLES, wanted - read), dtype="float32", always_2d=True)
            except (soundfile.SoundFileError, OSError) as error:
                raise _truncated(path, str(error).strip().rstrip(".")) from error
            if len(block) == 0:
                break
            read += len(block)
            yield _clean(resampler.push(_finite(downmix(block))))
    yield _clean(resampler.flush())
    if wanted - read > SLACK_S * resampler.from_hz:
        raise _truncated(path, f"it ends after {read / resampler.from_hz:.1f} s")


def _finite(pcm: Pcm) -> Pcm:
    """Float files may hold anything; beyond full scale is clipped, as any device would."""
    return np.clip(np.nan_to_num(pcm, nan=0.0, posinf=1.0, neginf=-1.0), -1.0, 1.0)


def _clean(pcm: Pcm) -> Pcm:
    """Resampling overshoots a little at full scale."""
    return np.clip(pcm, -1.0, 1.0)

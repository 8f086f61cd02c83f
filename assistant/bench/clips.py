"""What is said to the assistant: recordings, with what is said in them where somebody wrote it down."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np

from assistant.audio.resample import Framer
from assistant.audio.soundfiles import load_sound
from assistant.errors import InputError
from assistant.models.protocols import SAMPLE_RATE_HZ, Pcm

SUFFIXES = {".wav", ".flac", ".ogg", ".mp3"}
LONGEST_S = 60.0
BLOCK_SAMPLES = SAMPLE_RATE_HZ // 100
SOFTEST_SPEECH_DB = 30.0
"""Below its loudest 10 ms, a clip counts as silent: soft consonants lie about 25 dB under loud vowels."""

SAMPLE_TEXTS = {"question": "what is twelve times twelve"}


@dataclass(frozen=True, slots=True)
class Clip:
    """``pcm`` has shape ``(n,)``, float32, 16 kHz; ``text`` is empty where nobody wrote down what is said."""

    name: str
    text: str
    pcm: Pcm

    @property
    def seconds(self) -> float:
        return self.pcm.size / SAMPLE_RATE_HZ

    @property
    def onset_s(self) -> float:
        """Where the first sound is that may be speech."""
        blocks = self.pcm[: self.pcm.size // BLOCK_SAMPLES * BLOCK_SAMPLES].reshape(-1, BLOCK_SAMPLES)
        power = np.square(blocks).mean(axis=1)
        loud = power >= power.max(initial=0.0) * 10 ** (-SOFTEST_SPEECH_DB / 10)
        return float(np.argmax(loud)) * BLOCK_SAMPLES / SAMPLE_RATE_HZ if loud.size else 0.0

    def without_lead(self) -> "Clip":
        """The clip from its first sound on."""
        return replace(self, pcm=self.pcm[round(self.onset_s * SAMPLE_RATE_HZ) :])

    def frames(self) -> Iterator[Pcm]:
        """The clip as frames of shape ``(512,)``, the last one filled up with silence."""
        framer = Framer()
        yield from framer.push(self.pcm)
        yield from framer.flush()


def find(paths: Sequence[Path]) -> list[Clip]:
    """The recordings of ``paths``, files or folders; the one that the package ships where there are none.

    The words are those of ``NAME.txt`` beside ``NAME.wav``, or of the columns ``file`` and ``transcript`` of a
    ``manifest.tsv`` in the folder. Raises AudioFileError, InputError.
    """
    clips = [clip for path in paths for clip in (_in_folder(path) if path.is_dir() else [_clip(path, {})])]
    return clips if paths else _shipped()


def _shipped() -> list[Clip]:
    clips = []
    for name, text in SAMPLE_TEXTS.items():
        with as_file(files("assistant") / "samples" / f"{name}.wav") as path:
            clips.append(Clip(name, text, load_sound(path)))
    return clips


def _in_folder(folder: Path) -> list[Clip]:
    texts = dict(_manifest(folder))
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    if not paths:
        raise InputError(
            f"there is no recording in {folder}", hint=f"Put some there: {', '.join(sorted(SUFFIXES))} are looked for."
        )
    return [_clip(path, texts) for path in paths]


def _clip(path: Path, texts: Mapping[str, str]) -> Clip:
    beside = path.with_suffix(".txt")
    text = texts.get(path.name, "")
    if beside.is_file():
        text = beside.read_text(encoding="utf-8", errors="replace")
    return Clip(path.stem, " ".join(text.split()), load_sound(path, LONGEST_S))


def _manifest(folder: Path) -> Iterator[tuple[str, str]]:
    table = folder / "manifest.tsv"
    if not table.is_file():
        return
    with table.open(encoding="utf-8", errors="replace", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield Path(row.get("file") or "").name, row.get("transcript") or ""

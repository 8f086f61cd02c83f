"""How often the wake words are missed, and how often something else is taken for one.

    python -m benchmarks.wakeword [FOLDER] [--reading-minutes N]

FOLDER has a ``manifest.tsv`` with a row a clip: id, file, kind, transcript (tab-separated; other columns are ignored;
sound is 16 kHz). All clips form one stream, with a second of a quiet room between them: in a clip that says the word it
must be noticed before the next one begins, and whatever is noticed in another clip is a false alarm. eSpeak NG saying
the words, and reading this project's licence aloud, are counted apart: they are no people. Prints Markdown tables.
"""

import argparse
import csv
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import numpy as np
import soundfile
import soxr

from assistant.config import ListenSettings, Settings
from assistant.models import registry
from assistant.models.protocols import FRAME_SAMPLES, SAMPLE_RATE_HZ, Pcm, TtsEngine
from assistant.session.turn import CancelToken
from benchmarks.speech import VOICES

ROOT = Path(__file__).parents[1]
SPEECH = ROOT.parent / "shared" / "speech"
WORDS = ("okay_nabu", "alexa", "hey_jarvis", "hey_mycroft")
SENSITIVITIES = (0.25, 0.5, 0.75)
KINDS = ("utterance", "command", "wakeword", "long", "noise")
SPEEDS = (0.85, 1.0, 1.15)
ROOM_S, ROOM_DBFS = 1.0, -60.0


@dataclass(frozen=True, slots=True)
class Clip:
    name: str
    text: str
    pcm: Pcm


@dataclass(frozen=True, slots=True)
class Score:
    """What one detector noticed in one stream."""

    word: str
    sensitivity: float
    said: int
    missed: tuple[str, ...]
    false: tuple[str, ...]
    other_h: float
    cpu_s: float  # a second of sound

    @property
    def false_per_hour(self) -> float:
        return len(self.false) / self.other_h if self.other_h else 0.0


def recordings(folder: Path) -> list[Clip]:
    """Every clip of people and of noise; none where there is no folder."""
    if not (folder / "manifest.tsv").is_file():
        return []
    with (folder / "manifest.tsv").open(encoding="utf-8") as table:
        rows = [row for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE) if row["kind"] in KINDS]
    return [Clip(row["id"], _key(row["transcript"]), _read(folder / row["file"])) for row in rows]


def synthetic() -> list[Clip]:
    """eSpeak NG saying each wake word, as 6 voices at 3 speeds."""
    return [
        Clip(f"{word}/{voice}/{speed}", word, _said(_voice(voice, speed), word.replace("_", " ")))
        for voice in VOICES
        for speed in SPEEDS
        for word in WORDS
    ]


def reading(minutes: float) -> list[Clip]:
    """The licence read aloud by all voices in turn, a paragraph each, for so long."""
    paragraphs = cycle(" ".join(part.split()) for part in (ROOT / "LICENSE").read_text().split("\n\n") if part.strip())
    voices = cycle([_voice(voice, 1.0) for voice in VOICES])
    clips: list[Clip] = []
    left_s = minutes * 60
    while left_s > 0:
        clips.append(Clip("reading", "", _said(next(voices), next(paragraphs))))
        left_s -= clips[-1].pcm.size / SAMPLE_RATE_HZ
    return clips


def score(clips: Sequence[Clip], word: str, sensitivity: float) -> Score:
    detector = registry.make_wake(Settings(listen=ListenSettings(mode="wake", wake_word=word, sensitivity=sensitivity)))
    assert detector is not None
    missed, false, seconds, other_s = [], [], 0.0, 0.0
    before_s = time.process_time()
    for clip, frames in zip(clips, _stream(clips), strict=True):
        noticed = sum(detector.heard(frame) for frame in frames)
        clip_s = len(frames) * FRAME_SAMPLES / SAMPLE_RATE_HZ
        seconds += clip_s
        if clip.text == word:
            missed += [clip.name] * (noticed == 0)
        else:
            false += [clip.name] * noticed
            other_s += clip_s
    cpu_s = (time.process_time() - before_s) / seconds
    said = sum(clip.text == word for clip in clips)
    return Score(word, sensitivity, said, tuple(missed), tuple(false), other_s / 3600, cpu_s)


def _stream(clips: Sequence[Clip]) -> Iterator[Pcm]:
    """Each clip and the room after it, shape ``(frames, FRAME_SAMPLES)``."""
    rng = np.random.default_rng(0)
    for clip in clips:
        frames = -(-(clip.pcm.size + round(ROOM_S * SAMPLE_RATE_HZ)) // FRAME_SAMPLES)
        sound = rng.normal(0, 10 ** (ROOM_DBFS / 20), frames * FRAME_SAMPLES).astype(np.float32)
        sound[: clip.pcm.size] += clip.pcm
        yield sound.reshape(frames, FRAME_SAMPLES)


def _key(text: str) -> str:
    return text.strip().lower().replace(" ", "_")


def _read(path: Path) -> Pcm:
    pcm, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    assert rate_hz == SAMPLE_RATE_HZ
    return np.asarray(pcm[:, 0])


def _voice(name: str, speed: float) -> TtsEngine:
    settings = Settings.model_validate({"tts": {"engine": "espeak-ng", "voice": name, "speed": speed}})
    return registry.tts_candidates(settings)[0].load()


def _said(voice: TtsEngine, text: str) -> Pcm:
    sound = np.concatenate([np.zeros(0, np.float32), *voice.synthesize(text, CancelToken())])
    return soxr.resample(sound, voice.sample_rate_hz, SAMPLE_RATE_HZ).astype(np.float32)


def table(title: str, clips: Sequence[Clip]) -> str:
    lines = [f"{title}\n", "| wake word | sensitivity | missed | false alarms | an hour | ms of CPU a second |"]
    lines.append("|---|---|---|---|---|---|")
    notes = []
    for word in WORDS:
        for sensitivity in SENSITIVITIES:
            found = score(clips, word, sensitivity)
            missed = f"{len(found.missed)} of {found.said}" if found.said else "–"
            lines.append(
                f"| {word} | {sensitivity} | {missed} | {len(found.false)} in {found.other_h:.2f} h "
                f"| {found.false_per_hour:.1f} | {found.cpu_s * 1000:.1f} |"
            )
            if found.false:
                notes.append(f"{word} {sensitivity} was heard in {', '.join(sorted(set(found.false)))}")
    return "\n".join([*lines, "", *notes])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=SPEECH)
    parser.add_argument("--reading-minutes", type=float, default=60.0)
    given = parser.parse_args()
    clips = recordings(given.folder)
    print(table("People", clips) if clips else f"no recordings at {given.folder}", flush=True)
    print(table("\neSpeak NG saying the words", synthetic()), flush=True)
    if given.reading_minutes > 0:
        print(table("\neSpeak NG reading the licence", reading(given.reading_minutes)))


if __name__ == "__main__":
    main()

"""Wake words, missed and imagined, with the whole session in the mode ``wake``."""

import csv
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.app import build
from assistant.audio.soundfiles import load_sound
from assistant.audio.speaker import NullSink
from assistant.bench.acoustics import at_level, pink_noise
from assistant.bench.clips import Clip
from assistant.bus import Mailbox
from assistant.config import HistorySettings, Settings
from assistant.events import EarChanged
from assistant.models.protocols import FRAME_S, FRAME_SAMPLES, SAMPLE_RATE_HZ, Pcm
from assistant.options import TalkOptions
from benchmarks.interruptions import people
from benchmarks.interruptions.trials import TALKER_DBFS

WORDS = ("alexa", "hey_mycroft", "okay_nabu", "hey_jarvis")
"""People say the first two in recordings; of the others there are only eSpeak NG's voices."""
NOISE_DBFS = -65.0
AFTER_S = 1.0
"""A word is heard so long after its end at most."""
LONGEST_S = 60.0


@dataclass(frozen=True, slots=True)
class WakeFigures:
    """One wake word: of ``said`` by people and ``spoken`` by eSpeak NG so many were missed."""

    word: str
    said: int
    said_missed: int
    spoken: int
    spoken_missed: int
    others_s: float
    imagined: tuple[str, ...]
    """The recordings in which it was heard and is not."""


def said(word: str, folder: Path) -> list[Clip]:
    """The word by people, or by eSpeak NG's voices where there are no recordings."""
    phrase = word.replace("_", " ")
    return _recordings(folder, phrase)[0] or people.spoken([phrase])


def listening_for(word: str, settings: Settings) -> Settings:
    """The same, in the mode ``wake``."""
    listening = settings.listen.model_copy(update={"mode": "wake", "wake_word": word, "chime": False})
    return settings.model_copy(update={"listen": listening})


def measure(word: str, settings: Settings, folder: Path) -> WakeFigures:
    """Say the word by everyone who can, and then play every other recording. Raises EngineError."""
    phrase = word.replace("_", " ")
    said, others = _recordings(folder, phrase)
    spoken = people.spoken([phrase])
    clips = [*said, *spoken, *others]
    heard = _heard(clips, settings, word)
    first_other = len(said) + len(spoken)
    return WakeFigures(
        word,
        said=len(said),
        said_missed=heard[: len(said)].count(0),
        spoken=len(spoken),
        spoken_missed=heard[len(said) : first_other].count(0),
        others_s=sum(clip.seconds + AFTER_S for clip in others),
        imagined=tuple(
            clip.name for clip, times in zip(others, heard[first_other:], strict=True) for _ in range(times)
        ),
    )


def _recordings(folder: Path, phrase: str) -> tuple[list[Clip], list[Clip]]:
    """Those of the phrase, and all others."""
    said: list[Clip] = []
    others: list[Clip] = []
    if not (folder / "manifest.tsv").is_file():
        return said, others
    with (folder / "manifest.tsv").open(encoding="utf-8") as table:
        for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["kind"] in ("odd-format", "rir"):
                continue
            clip = Clip(row["id"], row["transcript"], load_sound(folder / row["file"], LONGEST_S))
            (said if row["transcript"].lower() == phrase else others).append(clip)
    return said, others


def _heard(clips: Sequence[Clip], settings: Settings, word: str) -> list[int]:
    """How often the ear opened during each clip."""
    quiet = listening_for(word, settings).model_copy(update={"history": HistorySettings(enabled=False)})
    ready = threading.Event()
    playing: list[_Playing] = []

    def hear(_at_s: float) -> Pcm:
        ready.wait()
        return playing[0].frame()

    assistant = build(quiet, TalkOptions(microphone=hear, loudspeaker=NullSink(), fast=True))
    playing.append(_Playing(clips, assistant.bus.subscribe(100_000)))
    with assistant:
        assistant.wait_ready()
        ready.set()
        playing[0].finished.wait()
    return playing[0].heard


class _Playing:
    """Answers for the microphone: clip after clip, each once the ear is closed."""

    def __init__(self, clips: Sequence[Clip], mailbox: Mailbox) -> None:
        self.heard = [0] * len(clips)
        self.finished = threading.Event()
        self._mailbox = mailbox
        self._open = False
        self._current = 0
        noise = at_level(pink_noise(1), NOISE_DBFS)
        self._noise = noise[: noise.size // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
        self._frames = self._play(clips)
        self._number = 0

    def frame(self) -> Pcm:
        while (event := self._mailbox.get(0)) is not None:
            if isinstance(event, EarChanged):
                self.heard[self._current] += event.open and not self._open
                self._open = event.open
        self._number += 1
        frame: Pcm = next(self._frames) + self._noise[self._number % len(self._noise)]
        return frame

    def _play(self, clips: Sequence[Clip]) -> Iterator[Pcm]:
        for self._current, clip in enumerate(clips):
            loud = at_level(clip.pcm, TALKER_DBFS)
            silence = np.zeros(round(AFTER_S * SAMPLE_RATE_HZ), np.float32)
            yield from Clip(clip.name, "", np.concatenate((silence[:8000], loud, silence))).frames()
            waited_s = 0.0
            while self._open and waited_s < LONGEST_S:
                waited_s += FRAME_S
                yield np.zeros(FRAME_SAMPLES, np.float32)
        self.finished.set()
        while True:
            yield np.zeros(FRAME_SAMPLES, np.float32)

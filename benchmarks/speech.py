"""Which recordings the benchmarks use."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import cycle, pairwise
from pathlib import Path

import numpy as np
import soxr

from assistant.audio.soundfiles import load_sound
from assistant.bench.clips import Clip, find
from assistant.brain.intents import Matcher
from assistant.brain.text import tokenize
from assistant.config import Settings
from assistant.models import registry
from assistant.models.protocols import FRAME_S, FRAME_SAMPLES, SAMPLE_RATE_HZ, SttEngine
from assistant.session.interrupt import GOING_ON_S
from assistant.session.turn import CancelToken

HERE = Path(__file__).parent
SPEECH = HERE.parents[1] / "shared" / "speech"
VOICES = ("en-us", "en-gb", "en-us+f3", "en-us+m3", "en-gb+f2", "en-us+f4")
LONGEST_S, LONGEST_COMMAND_S = 8.0, 5.0
FEWEST_WORDS = 3
PAUSING = (
    "mfa-",
    "ms-robot_intents",
    "aen-sonnet1",
    "oww-office_lights",
    "wcpp-jfk",
    "arm-ls_i_tell_you",
    "mfacv-cv_en_264",
)
"""Recordings of one speaker with pauses inside."""
SPLICED = ("arm-sc_",)
"""Words of several people."""
LONGEST_PAUSE_S = 0.2
"""Inside a sentence that is said without one."""
UNVOICED = ("mfa-whisper", "mfa-all_whisper", "mfa-creaky")
"""In these the detector of speech hears nothing, or nearly."""


def people(folder: Path, count: int) -> list[Clip]:
    """English sentences that people said without a pause; the shipped sample where there are no recordings.

    Without their words: what the models of true size hear is a script, which sounds finished at every pause.
    """
    clips = [
        replace(clip, text="")
        for clip in _listed(folder, {"utterance", "command"})
        if clip.seconds <= LONGEST_S and len(clip.text.split()) >= FEWEST_WORDS and clip.name not in UNVOICED
        if pause_s(clip) <= LONGEST_PAUSE_S
    ]
    return _as_many(clips or find([]), count)


def pause_s(clip: Clip) -> float:
    """The longest silence between two voiced frames; infinite where there is no speech."""
    return max((later - earlier - 1 for earlier, later in pairwise(voiced(clip))), default=float("inf")) * FRAME_S


def voiced(clip: Clip) -> list[int]:
    """Which frames are speech."""
    settings = Settings()
    vad = registry.make_vad()
    return [place for place, frame in enumerate(clip.frames()) if vad.probability(frame) >= settings.turn.vad_threshold]


def pausing(folder: Path) -> list[Clip]:
    """People who pause while they speak, one turn each; none where there are no recordings."""
    clips = _listed(folder, {"utterance", "command", "long"})
    pausing = (clip for clip in clips if clip.name.startswith(PAUSING) and clip.name not in UNVOICED)
    return [turn for clip in pausing for turn in turns(clip)]


def turns(clip: Clip) -> list[Clip]:
    """The recording cut in the middle of each silence that is too long for a pause in a turn."""
    places = voiced(clip)
    cuts = [
        (earlier + later) // 2 * FRAME_SAMPLES
        for earlier, later in pairwise(places)
        if (later - earlier - 1) * FRAME_S > GOING_ON_S
    ]
    if not cuts:
        return [clip]
    edges = pairwise([0, *cuts, clip.pcm.size])
    return [Clip(f"{clip.name} {number}", "", clip.pcm[a:b]) for number, (a, b) in enumerate(edges, 1)]


def commands(folder: Path, count: int, hear: SttEngine) -> list[Clip]:
    """Sentences of the intents that the recogniser understands: those of people, and then of eSpeak NG's voices."""
    matcher = Matcher()
    found: list[Clip] = []
    for clip in (*_listed(folder, {"command"}), *_spoken(HERE / "covered.txt")):
        if len(found) == count:
            break
        meant = matcher.match(tokenize(clip.text)) if clip.seconds <= LONGEST_COMMAND_S else None
        if meant and matcher.match(tokenize(hear.transcribe(clip.pcm, CancelToken()).text)) == meant:
            found.append(clip)
    return _as_many(found, count)


def others(folder: Path) -> list[Clip]:
    """What else people say: words, commands and sentences of every kind."""
    clips = _listed(folder, {"utterance", "command", "wakeword"})
    return [clip for clip in clips if not clip.name.startswith(PAUSING + SPLICED) and clip.name not in UNVOICED]


def _as_many(clips: Sequence[Clip], count: int) -> list[Clip]:
    return [clip for clip, _ in zip(cycle(clips), range(count), strict=False)]


def _listed(folder: Path, kinds: set[str]) -> list[Clip]:
    if not (folder / "manifest.tsv").is_file():
        return []
    with (folder / "manifest.tsv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [
        Clip(row["id"], row["transcript"], load_sound(folder / row["file"], 60))
        for row in sorted(rows, key=lambda row: row["id"])
        if row["language"] == "en" and row["kind"] in kinds
    ]


def _spoken(sentences: Path) -> Iterator[Clip]:
    """Each sentence by one voice after another, with 0.2 s of silence on either side."""
    voices = cycle(VOICES)
    pause = np.zeros(round(0.2 * SAMPLE_RATE_HZ), np.float32)
    for text in sentences.read_text("utf-8").splitlines():
        settings = Settings.model_validate({"tts": {"engine": "espeak-ng", "voice": next(voices)}})
        voice = registry.tts_candidates(settings)[0].load()
        said = np.concatenate(list(voice.synthesize(text, CancelToken())))
        sound = soxr.resample(said, voice.sample_rate_hz, SAMPLE_RATE_HZ).astype(np.float32)
        yield Clip(f"{settings.tts.voice}: {text}", text, np.concatenate([pause, sound, pause]))

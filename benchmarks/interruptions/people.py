"""Who speaks over the assistant: people where there are recordings, and the voices of eSpeak NG."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import soxr

from assistant.audio.soundfiles import load_sound
from assistant.bench.clips import Clip
from assistant.config import Settings
from assistant.models import registry
from assistant.models.protocols import SAMPLE_RATE_HZ, Pcm
from assistant.session.turn import CancelToken
from benchmarks import speech
from benchmarks.interruptions.trials import People

VOICES = ("en-us+f3", "en-gb", "en-us+m3", "en-gb+f2", "en-us+f4", "en-gb+m5", "en-us+m7", "en-gb-scotland")
STOPS = ("stop", "quiet", "cancel", "wait", "never mind", "stop please", "be quiet")
BACKCHANNELS = ("mm hmm", "uh huh", "okay", "right", "yeah", "I see")
REQUESTS = (
    "what is twelve times twelve",
    "set a timer for three minutes",
    "what time is it in london",
    "what is the square root of forty nine",
    "what day of the week is it",
    "no I would like to hear something else",
)

CUTS = {
    "stop": (("command/arm-sc_yes_no_go_stop.wav", 3.05, 3.9),),
    "backchannel": (
        ("utterance/mfa-um.wav", 3.7, 5.0),
        ("utterance/mfa-uh.wav", 2.3, 3.5),
        ("utterance/mfa-laughter.wav", 3.55, 4.75),
        ("utterance/mfa-laughter.wav", 0.6, 1.35),
    ),
    "noise": (("noise/aud-laptop_mic_tap.wav", 0.0, 1.2), ("noise/aud-hens.wav", 0.0, 1.0)),
}
"""Seconds of recordings that hold a word, a laugh or a noise alone."""
COUGHS = 6


def people(folder: Path, count: int = 40) -> People:
    """The cast. ``folder`` is that of the recordings; where it is absent, eSpeak NG's voices stand in."""
    human = speech.people(folder, count) if (folder / "manifest.tsv").is_file() else []
    return People(
        requests=[*_unique(human), *spoken(REQUESTS)],
        stops=[*_cuts(folder, "stop"), *spoken(STOPS)],
        backchannels=[*_cuts(folder, "backchannel"), *spoken(BACKCHANNELS)],
        noises=[*_cuts(folder, "noise"), *(cough(seed) for seed in range(COUGHS))],
    )


def spoken(texts: Sequence[str], voices: Sequence[str] = VOICES) -> list[Clip]:
    """Every text by every voice."""
    return [Clip(f"{voice}: {text}", text, say(text, voice)) for text, voice in product(texts, voices)]


def say(text: str, voice: str) -> Pcm:
    """eSpeak NG's sound at 16 kHz."""
    settings = Settings.model_validate({"tts": {"engine": "espeak-ng", "voice": voice}})
    engine = registry.tts_candidates(settings)[0].load()
    sound = np.concatenate(list(engine.synthesize(text, CancelToken())))
    return soxr.resample(sound, engine.sample_rate_hz, SAMPLE_RATE_HZ).astype(np.float32)


def cough(seed: int) -> Clip:
    """One to three coughs, each a burst of noise through a throat and what follows it, as their spectra are described
    by Korpáš et al., "Analysis of the cough sound" (1996): a sharp onset, a noisy middle of 0.1 to 0.3 s."""
    rng = np.random.default_rng(seed)
    parts = []
    for _ in range(int(rng.integers(1, 4))):
        count = round(rng.uniform(0.12, 0.3) * SAMPLE_RATE_HZ)
        spectrum = np.fft.rfft(rng.standard_normal(count))
        hertz = np.fft.rfftfreq(count, 1 / SAMPLE_RATE_HZ)
        peaks = rng.uniform((300, 900, 2200), (600, 1500, 3200))
        shape = sum(np.exp(-(((hertz - peak) / (0.35 * peak)) ** 2)) for peak in peaks) + 0.05
        burst = np.fft.irfft(spectrum * shape, count)
        rise = np.minimum(np.arange(count) / (0.008 * SAMPLE_RATE_HZ), 1)
        burst *= rise * np.exp(-3 * np.arange(count) / count)
        parts += [burst / np.abs(burst).max(), np.zeros(round(rng.uniform(0.1, 0.25) * SAMPLE_RATE_HZ))]
    return Clip(f"cough {seed}", "", (0.5 * np.concatenate(parts)).astype(np.float32))


def _cuts(folder: Path, kind: str) -> Iterator[Clip]:
    for name, begin_s, end_s in CUTS[kind]:
        if (folder / name).is_file():
            pcm = load_sound(folder / name)[round(begin_s * SAMPLE_RATE_HZ) : round(end_s * SAMPLE_RATE_HZ)]
            yield Clip(f"{Path(name).stem} {begin_s}", "", pcm)


def _unique(clips: Sequence[Clip]) -> list[Clip]:
    return [replace(clip) for clip in {clip.name: clip for clip in clips}.values()]

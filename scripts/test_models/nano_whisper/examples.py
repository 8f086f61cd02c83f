"""Endless training examples: speech as a microphone would hand it on, and sounds in which nobody speaks."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.models.faster_whisper import fitted_window_s
from assistant.models.protocols import SAMPLE_RATE_HZ, Pcm
from assistant.models.windows import WINDOW_S
from scripts.test_models.nano_whisper.speech import recombined, speak, trained_style, written
from scripts.test_models.sentences import as_spoken, vocabulary

BATCH, FULL_BATCH = 16, 4
EMPTY_SHARE, FULL_SHARE, WIDER_SHARE = 0.08, 0.05, 0.05
Generator = np.random.Generator


@dataclass(frozen=True, slots=True)
class Batch:
    """``sound`` is float32 of shape ``(batch, samples)``; silence fills the rest of the window of ``window_s``."""

    sound: np.ndarray
    window_s: int
    texts: list[str]


class Pool:
    """Clips that eSpeak NG said, kept as int16 with their words: sentences, and a share of words recombined."""

    def __init__(self, clips: int, recombined_share: float, seed: int, invented: Sequence[str] = ()) -> None:
        rng = random.Random(seed)
        plain, punctuated = vocabulary(), written()
        self._clips: list[tuple[np.ndarray, str]] = []
        for number in range(clips):
            if rng.random() < recombined_share:
                text = recombined(rng)
            else:
                text = (plain if number % 2 else punctuated)[number // 2 % len(plain)]
            speech = speak(text, trained_style(rng, invented)).clip(-1, 1)
            self._clips.append(((speech * 32767).astype(np.int16), as_spoken(text)))

    @property
    def seconds(self) -> float:
        return sum(speech.size for speech, _ in self._clips) / SAMPLE_RATE_HZ

    def draw(self, rng: Generator) -> tuple[Pcm, str]:
        speech, text = self._clips[rng.integers(len(self._clips))]
        return speech.astype(np.float32) / 32767, text


def batches(pool: Pool, rng: Generator) -> Iterator[Batch]:
    """Batches without end, each of one window length."""
    waiting: dict[int, list[tuple[Pcm, str]]] = defaultdict(list)
    while True:
        example = empty(rng) if rng.random() < EMPTY_SHARE else spoken(*pool.draw(rng), rng)
        window_s = _window_s(example[0].size / SAMPLE_RATE_HZ, rng)
        waiting[window_s].append(example)
        if len(waiting[window_s]) == (FULL_BATCH if window_s == WINDOW_S else BATCH):
            yield _stacked(waiting.pop(window_s), window_s)


def spoken(speech: Pcm, text: str, rng: Generator) -> tuple[Pcm, str]:
    """Speech with a lead-in, a tail, some gain, and (mostly) a noise floor under all three."""
    lead, tail = (int(rng.uniform(0, most_s) * SAMPLE_RATE_HZ) for most_s in (0.6, 0.8))
    sound = np.pad(_tilted(speech, rng) * _gain(rng.uniform(-14, 3)), (lead, tail))
    if rng.random() < 0.8:
        sound = sound + white(sound.size, rng.uniform(-75, -35), rng)
    return sound.clip(-1, 1).astype(np.float32), text


def empty(rng: Generator) -> tuple[Pcm, str]:
    """Silence, noise, hum, clicks or a tone, alone or over a noise floor; the words of it are none."""
    size = int(rng.uniform(0.3, 8) * SAMPLE_RATE_HZ)
    sounds = (white, pink, hum, clicks, tone)
    sound = sounds[rng.integers(len(sounds))](size, rng.uniform(-70, -15), rng)
    if rng.random() < 0.5:
        sound = sound + white(size, rng.uniform(-80, -40), rng)
    return sound.clip(-1, 1).astype(np.float32), ""


def white(size: int, level_db: float, rng: Generator) -> Pcm:
    """Noise with the same power at every frequency; ``level_db`` is its root mean square re full scale."""
    return _at(rng.normal(size=size), level_db)


def pink(size: int, level_db: float, rng: Generator) -> Pcm:
    """Noise that falls by 3 dB an octave, as rooms and fans have it."""
    spectrum = np.fft.rfft(rng.normal(size=size))
    return _at(np.fft.irfft(spectrum / np.sqrt(np.arange(1, spectrum.size + 1)), size), level_db)


def hum(size: int, level_db: float, rng: Generator) -> Pcm:
    """The mains, 50 or 60 Hz, with harmonics."""
    phase = 2 * np.pi * rng.choice((50, 60)) * np.arange(size) / SAMPLE_RATE_HZ
    return _at(sum(rng.uniform(0, 1) / n * np.sin(n * phase + n) for n in range(1, 8)), level_db)


def clicks(size: int, level_db: float, rng: Generator) -> Pcm:
    """A few knocks: noise that dies away within some 20 ms."""
    sound = np.zeros(size)
    for start in rng.integers(0, size, rng.integers(1, 6)):
        length = min(size - start, 3200)
        sound[start : start + length] += rng.normal(size=length) * np.exp(-np.arange(length) / rng.uniform(50, 600))
    return _at(sound, level_db)


def tone(size: int, level_db: float, rng: Generator) -> Pcm:
    """A steady tone, as a chime or a whistling device."""
    return _at(np.sin(2 * np.pi * rng.uniform(100, 4000) * np.arange(size) / SAMPLE_RATE_HZ), level_db)


def _at(sound: np.ndarray, level_db: float) -> Pcm:
    scaled: Pcm = (sound * (_gain(level_db) / np.sqrt(np.mean(np.square(sound)) + 1e-12))).astype(np.float32)
    return scaled


def _gain(level_db: float) -> float:
    return float(10.0 ** (level_db / 20))


def _tilted(speech: Pcm, rng: Generator) -> Pcm:
    """Brighter or duller by a filter of one zero, as another loudspeaker and microphone would make it."""
    return (speech - rng.uniform(-0.3, 0.3) * np.concatenate(([0], speech[:-1]))).astype(np.float32)


def _window_s(sound_s: float, rng: Generator) -> int:
    """The window that the assistant would fit; sometimes a wider one, sometimes the full one."""
    if rng.random() < FULL_SHARE:
        return WINDOW_S
    wider_s = int(rng.integers(1, 5)) if rng.random() < WIDER_SHARE else 0
    return min(WINDOW_S, fitted_window_s(sound_s) + wider_s)


def _stacked(examples: list[tuple[Pcm, str]], window_s: int) -> Batch:
    sound = np.zeros((len(examples), max(one.size for one, _ in examples)), np.float32)
    for row, (one, _) in zip(sound, examples, strict=True):
        row[: one.size] = one
    return Batch(sound, window_s, [text for _, text in examples])

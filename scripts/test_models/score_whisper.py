"""Print how well nano-whisper hears what it was not trained on, through the assistant's own adapter.

    python -m scripts.test_models.score_whisper [tests/models/nano-whisper] [--clips 2]

Voices, speeds and pitches are those that training held out. Needs the assistant's packages only.
"""

import argparse
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import numpy as np

from assistant.models import faster_whisper
from assistant.models.faster_whisper import WhisperStt
from assistant.models.protocols import SAMPLE_RATE_HZ, Pcm
from assistant.models.windows import WINDOW_S
from assistant.session.turn import CancelToken
from scripts.test_models.nano_whisper import examples
from scripts.test_models.nano_whisper.speech import Style, held_out_style, recombined, speak, word_errors
from scripts.test_models.sentences import vocabulary

FOLDER = Path("tests/models/nano-whisper")
SEED = 11
NOISE_DB = -50.0


@dataclass(frozen=True, slots=True)
class Score:
    """``errors`` are words substituted, missing and inserted."""

    words: int
    errors: int
    clips: int
    exact: int

    @property
    def words_right(self) -> float:
        return 1 - self.errors / self.words

    def __str__(self) -> str:
        return f"{self.words_right:6.1%} of {self.words} words right, {self.exact} of {self.clips} clips exact"


def score(engine: WhisperStt, texts: Sequence[str], say: Callable[[str], Pcm]) -> Score:
    """Hear every one of ``texts`` as ``say`` speaks it."""
    words = errors = exact = 0
    for text in texts:
        heard = engine.transcribe(say(text), CancelToken()).text
        wrong = word_errors(text.split(), heard.split())
        words, errors, exact = words + len(text.split()), errors + wrong, exact + (wrong == 0)
    return Score(words, errors, len(texts), exact)


def stranger(seed: int) -> Callable[[str], Pcm]:
    """Speech in styles held out of training, over quiet noise, with half a second before and after."""
    styles, noise = random.Random(seed), np.random.default_rng(seed)

    def say(text: str) -> Pcm:
        speech = np.pad(speak(text, held_out_style(styles)), SAMPLE_RATE_HZ // 2)
        return (speech + examples.white(speech.size, NOISE_DB, noise)).astype(np.float32)

    return say


def quiet_sounds(count: int, seed: int) -> list[Pcm]:
    """Silence that is not quite digital, then noise, hum, clicks and tones."""
    rng = np.random.default_rng(seed)
    faint = [examples.white(SAMPLE_RATE_HZ * seconds, -70, rng) for seconds in (1, 3, 8)]
    return [*faint, *(examples.empty(rng)[0] for _ in range(count))]


def false_words(engine: WhisperStt, sounds: Sequence[Pcm]) -> int:
    """In how many of ``sounds`` the engine hears words."""
    return sum(engine.transcribe(sound, CancelToken()).text != "" for sound in sounds)


def report(folder: Path, rounds: int) -> None:
    engine = WhisperStt(folder)
    known = vocabulary() * rounds
    words = random.Random(SEED)
    mixed = [recombined(words) for _ in known]
    print(f"held-out styles, fitted window: {score(engine, known, stranger(SEED))}")
    with patch.object(faster_whisper, "MIN_WINDOW_S", WINDOW_S):
        print(f"held-out styles, full window:   {score(engine, known, stranger(SEED))}")
    for style in (Style(), Style(wpm=150)):
        print(f"en-us at {style.wpm}, clean:           {score(engine, vocabulary(), lambda t, s=style: speak(t, s))}")
    print(f"random words, held-out styles:  {score(engine, mixed, stranger(SEED + 1))}")
    sounds = quiet_sounds(100, SEED)
    print(f"silence, noise, hum, clicks, tones: words heard in {false_words(engine, sounds)} of {len(sounds)} sounds")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    parser.add_argument("--clips", type=int, default=2, help="of each sentence, in different styles")
    options = parser.parse_args()
    report(options.folder, options.clips)


if __name__ == "__main__":
    main()

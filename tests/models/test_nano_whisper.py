"""nano-whisper, the speech model made for these tests: what its model card promises, a small part of it each time."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from assistant.models import faster_whisper
from assistant.models.espeak import EspeakTts
from assistant.models.faster_whisper import WhisperStt
from assistant.models.protocols import SAMPLE_RATE_HZ, Pcm
from assistant.models.windows import WINDOW_S
from assistant.session.turn import CancelToken
from scripts.test_models.nano_whisper.speech import (
    HELD_OUT_VARIANTS,
    TRAINED_VARIANTS,
    Style,
    recombined,
    speak,
    word_errors,
)
from scripts.test_models.score_whisper import false_words, quiet_sounds, score, stranger
from scripts.test_models.sentences import vocabulary

FOLDER = Path(__file__).with_name("nano-whisper")
SAMPLE = vocabulary()[::3]
MOST_BYTES = 4_000_000
STRANGERS_FLOOR = 0.92
"""Somewhat below what the model card says: eSpeak NG's sound differs a little from call to call."""


@pytest.fixture(scope="module")
def engine() -> Iterator[WhisperStt]:
    engine = WhisperStt(FOLDER)
    yield engine
    engine.close()


def test_the_folder_is_small_enough_for_git() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) <= MOST_BYTES


def test_it_is_english_only() -> None:
    engine = WhisperStt(FOLDER)
    assert not engine._whisper.model.is_multilingual
    assert engine.name == "faster-whisper nano-whisper"


def test_it_hears_voices_speeds_and_pitches_held_out_of_training(engine: WhisperStt) -> None:
    assert not set(HELD_OUT_VARIANTS) & set(TRAINED_VARIANTS)
    assert score(engine, vocabulary(), stranger(1)).words_right >= STRANGERS_FLOOR


def test_it_hears_them_in_a_full_window_too(engine: WhisperStt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faster_whisper, "MIN_WINDOW_S", WINDOW_S)
    assert score(engine, SAMPLE, stranger(2)).words_right >= STRANGERS_FLOOR


@pytest.mark.parametrize("speed", [1.0, 150 / 175])
def test_it_hears_the_assistants_own_voice(engine: WhisperStt, speed: float) -> None:
    import soxr

    voice = EspeakTts("en-us", speed)

    def say(text: str) -> Pcm:
        chunks = list(voice.synthesize(text, CancelToken()))
        return soxr.resample(np.concatenate(chunks), voice.sample_rate_hz, SAMPLE_RATE_HZ)

    assert score(engine, SAMPLE[1::2], say).words_right >= 0.95


def test_fast_speech_is_written_to_its_end(engine: WhisperStt) -> None:
    """CTranslate2 generates half of the length that it is allowed."""
    sentence = "a clock that is hungry goes back four seconds"
    assert engine.transcribe(speak(sentence, Style()), CancelToken()).text == sentence


def test_it_is_sure_of_what_it_hears(engine: WhisperStt) -> None:
    heard = engine.transcribe(speak("what time is it", Style()), CancelToken())
    assert heard.text == "what time is it"
    assert heard.confidence is not None
    assert heard.confidence > 0.8


def test_it_hears_nothing_where_nobody_speaks(engine: WhisperStt) -> None:
    sounds = quiet_sounds(20, 1)
    assert false_words(engine, sounds) <= 1
    assert false_words(engine, sounds[:3]) == 0, "faint noise alone"


def test_it_marks_noise_as_no_speech(engine: WhisperStt) -> None:
    noise, speech = quiet_sounds(0, 1)[0], stranger(3)("what time is it")
    assert engine._hear(noise, 4, CancelToken()).no_speech > 0.6
    assert engine._hear(speech, 4, CancelToken()).no_speech < 0.4


def test_word_errors_count_substitutions_gaps_and_extras() -> None:
    assert word_errors("abc", "abc") == 0
    assert word_errors("abc", "axc") == 1
    assert word_errors("abc", "ac") == 1
    assert word_errors("ab", "xayb") == 2
    assert word_errors([], ["a"]) == 1


def test_recombined_words_make_no_sentence_of_the_vocabulary() -> None:
    import random

    rng = random.Random(0)
    known = {word for sentence in vocabulary() for word in sentence.split()}
    for _ in range(20):
        sentence = recombined(rng)
        assert sentence not in vocabulary()
        assert set(sentence.split()) <= known

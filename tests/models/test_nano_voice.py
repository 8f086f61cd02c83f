"""nano-voice, through the Piper adapter: understood, true to its length scale, and quiet about unknown signs."""

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from assistant.models.piper import PiperTts
from assistant.models.protocols import Pcm
from assistant.models.sphinx import PocketSphinxStt
from assistant.session.turn import CancelToken

MODEL = Path(__file__).parent / "nano-voice" / "nano-voice.onnx"
SENTENCES = (
    "paris is the capital of france",
    "the blue whale is the largest animal",
    "cook rice with beans",
    "boil the egg for eight minutes",
    "the kitchen light is off",
)
OTHERS = ("berlin is the capital of germany", "the falcon is the fastest animal", "the kitchen light is on", "stop")
PAD, BEGIN, END, COMMA, STRESS, A = 0, 1, 2, 8, 120, 39


def grammar(_in_dictionary: Any) -> str:
    return f"#JSGF V1.0;\ngrammar all;\npublic <all> = {' | '.join((*SENTENCES, *OTHERS))};\n"


def spoken(text: str, speed: float = 1.0) -> Pcm:
    return np.concatenate(list(PiperTts(MODEL, speed=speed).synthesize(text, CancelToken())))


def sound_of(ids: list[int], length: int | None = None) -> Pcm:
    session = onnxruntime.InferenceSession(str(MODEL), providers=["CPUExecutionProvider"])
    inputs = {
        "input": np.array([ids], np.int64),
        "input_lengths": np.array([len(ids) if length is None else length], np.int64),
        "scales": np.array([0.0, 1.0, 0.0], np.float32),
    }
    (output,) = session.run(None, inputs)
    assert output.shape[:3] == (1, 1, 1)
    result: Pcm = output.reshape(-1)
    return result


def test_it_is_understood() -> None:
    ear = PocketSphinxStt(grammar)
    heard = [ear.transcribe(np.pad(spoken(sentence), 4000), CancelToken()).text for sentence in SENTENCES]
    assert sum(one == sentence for one, sentence in zip(heard, SENTENCES, strict=True)) >= 4, heard


@pytest.mark.parametrize("speed", [0.5, 0.8, 1.25, 2.0])
def test_duration_keeps_to_the_length_scale(speed: float) -> None:
    assert spoken(SENTENCES[1], speed).size * speed == pytest.approx(spoken(SENTENCES[1]).size, rel=0.15)


def test_the_same_text_is_the_same_sound() -> None:
    assert np.array_equal(spoken(SENTENCES[0]), spoken(SENTENCES[0]))


def test_a_comma_is_a_pause() -> None:
    plain, paused = (sound_of([BEGIN, PAD, A, PAD, *between, A, PAD, END]) for between in ([], [COMMA, PAD]))
    quiet = [int(np.sum(np.abs(sound) < 1e-4)) for sound in (plain, paused)]
    assert quiet[1] - quiet[0] > 1600


def test_stress_is_heard_but_takes_no_place_of_its_own() -> None:
    plain, stressed = sound_of([BEGIN, PAD, A, PAD, END]), sound_of([BEGIN, PAD, STRESS, PAD, A, PAD, END])
    assert not np.array_equal(plain, stressed)
    assert stressed.size < 3 * plain.size


@pytest.mark.parametrize("ids", [[BEGIN, PAD, END], [BEGIN, PAD, 250, PAD, END], [-1, 1 << 40, 160], [STRESS] * 3])
def test_unknown_ids_are_silent(ids: list[int]) -> None:
    sound = sound_of(ids)
    assert sound.size > 0
    assert not sound.any()


def test_ids_after_the_given_length_are_not_spoken() -> None:
    ids = [BEGIN, PAD, A, PAD, END]
    assert np.array_equal(sound_of([*ids, A, PAD, A], length=len(ids)), sound_of(ids))


def test_a_thousand_ids() -> None:
    sound = sound_of([BEGIN, PAD, *[25, PAD, A, PAD] * 250, END])
    assert sound.size > 500 * 500
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() <= 1.5


def test_it_is_small() -> None:
    assert sum(file.stat().st_size for file in MODEL.parent.glob("nano-voice.onnx*")) <= 3_000_000

"""Each adapter against its library's own way to do the same: what it spares in time must not change what it gives."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.models import faster_whisper
from assistant.models.faster_whisper import WhisperStt
from assistant.models.piper import PiperTts
from assistant.models.protocols import FRAME_SAMPLES, Message, Pcm
from assistant.models.silero import SileroVad
from assistant.models.windows import WINDOW_S
from assistant.session.turn import CancelToken
from tests.contracts.engines import (
    LLM,
    NANO_LLAMA,
    NANO_VOICE,
    NANO_WHISPER,
    OTHERS,
    SPOKEN,
    asked,
    joined,
    llama,
    speech,
)
from tests.contracts.test_files_contract import SILERO
from tests.models import tiny

CLAUSE = "Cows eat grass. Seven times six is forty two, and what is the capital of France?"


@pytest.fixture(scope="module")
def whisper() -> Iterator[WhisperStt]:
    engine = WhisperStt(NANO_WHISPER)
    yield engine
    engine.close()


def segment_of(whisper: WhisperStt, pcm: Pcm) -> Any:
    segments, _ = whisper._whisper.transcribe(
        pcm,
        language="en",
        beam_size=1,
        temperature=0.0,
        without_timestamps=True,
        condition_on_previous_text=False,
        no_speech_threshold=None,
    )
    [segment] = segments
    return segment


@pytest.mark.parametrize("text", [SPOKEN, *OTHERS])
def test_whisper_hears_what_faster_whisper_hears(
    whisper: WhisperStt, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = segment_of(whisper, speech(text))
    ours = whisper._hear(speech(text), WINDOW_S, CancelToken())
    assert ours.text == theirs.text.strip()
    assert ours.log_probability == pytest.approx(theirs.avg_logprob, abs=0.02)
    assert ours.no_speech == pytest.approx(theirs.no_speech_prob, abs=0.02)
    monkeypatch.setattr(faster_whisper, "MIN_WINDOW_S", WINDOW_S)
    heard = whisper.transcribe(speech(text), CancelToken())
    assert (heard.text, heard.confidence) == (ours.text, pytest.approx(np.exp(ours.log_probability)))


def test_doubtful_words_score_as_with_faster_whisper(tmp_path: Path) -> None:
    engine = WhisperStt(tiny.whisper(tmp_path / "doubtful", doubt=0.9))
    theirs, ours = segment_of(engine, speech()), engine._hear(speech(), WINDOW_S, CancelToken())
    assert ours.log_probability == pytest.approx(theirs.avg_logprob, rel=0.01)


def test_a_fitted_window_hears_the_same(whisper: WhisperStt) -> None:
    for text in (SPOKEN, *OTHERS):
        assert whisper.transcribe(speech(text), CancelToken()).text == segment_of(whisper, speech(text)).text.strip()


def test_llama_answers_what_llama_cpp_answers() -> None:
    llama_cpp = pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")
    theirs = llama_cpp.Llama(str(NANO_LLAMA), n_ctx=768, n_threads=1, verbose=False)
    ours = llama(NANO_LLAMA)
    question, answer = LLM[-1].answers[0]
    talks = [asked(question), asked("xyzzy"), [*asked(question), Message("assistant", answer), *asked("and cows")[1:]]]
    for talk in talks:
        reply = theirs.create_chat_completion(
            [{"role": message.role, "content": message.content} for message in talk], temperature=0.0, max_tokens=100
        )
        assert "".join(ours.generate(talk, CancelToken())) == reply["choices"][0]["message"]["content"]
    theirs.close()
    ours.close()


@pytest.mark.parametrize("speed", [1.0, 1.6])
def test_piper_says_what_piper_says(speed: float) -> None:
    from piper import PiperVoice, SynthesisConfig

    voice = PiperVoice.load(NANO_VOICE)
    ours = PiperTts(NANO_VOICE, speed=speed)
    chunks = list(voice.synthesize(CLAUSE, SynthesisConfig(length_scale=1 / speed)))
    assert ours.sample_rate_hz == chunks[0].sample_rate
    assert np.array_equal(joined(ours, CLAUSE), np.concatenate([chunk.audio_float_array for chunk in chunks]))


@pytest.mark.parametrize("speed", [1.0, 1.6])
def test_espeak_says_what_the_library_says(speed: float) -> None:
    def said(who: str) -> str:
        child = [sys.executable, "-m", "tests.contracts.espeak_alone", who, str(speed)]
        return subprocess.run(child, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True).stdout

    assert said("ours") == said("library")


def test_silero_judges_as_faster_whispers_own() -> None:
    from faster_whisper.vad import SileroVADModel

    pcm = speech()[: speech().size // FRAME_SAMPLES * FRAME_SAMPLES]
    vad = SileroVad()
    ours = [vad.probability(frame) for frame in pcm.reshape(-1, FRAME_SAMPLES)]
    theirs = np.ravel(SileroVADModel(str(SILERO))(pcm.copy()))
    assert ours[:-1] == pytest.approx(theirs[:-1].tolist(), abs=1e-3)  # it blanks the end of the last frame

"""What every speech recogniser promises, on each of them."""

import numpy as np
import pytest

from assistant.models.protocols import SAMPLE_RATE_HZ, Pcm, SttEngine
from assistant.session.turn import Cancelled, CancelToken
from tests.contracts.engines import STT, Stt, noise, speech
from tests.contracts.tokens import CountingToken

HOUR = 3600 * SAMPLE_RATE_HZ


@pytest.fixture(scope="module", params=STT, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Stt:
    return request.param


@pytest.fixture(scope="module")
def engine(case: Stt) -> SttEngine:
    return case.make()


@pytest.fixture(scope="module")
def expected(case: Stt, engine: SttEngine) -> str:
    """What it makes of ``speech()``."""
    return case.hears or engine.transcribe(speech(), CancelToken()).text


def test_it_has_a_name_warms_and_closes(case: Stt) -> None:
    engine = case.make()
    assert engine.name.strip()
    engine.warm()
    engine.close()


def test_it_hears_speech(engine: SttEngine, expected: str) -> None:
    heard = engine.transcribe(speech(), CancelToken())
    assert heard.text == expected != ""
    assert heard.confidence is None or 0 <= heard.confidence <= 1


def test_a_partial_is_a_transcript_too(engine: SttEngine) -> None:
    partial = engine.transcribe(speech()[: int(1.2 * SAMPLE_RATE_HZ)], CancelToken(), final=False)
    assert isinstance(partial.text, str)


@pytest.mark.parametrize("samples", [0, 1, 511, SAMPLE_RATE_HZ], ids=str)
def test_silence_is_empty(engine: SttEngine, samples: int) -> None:
    assert engine.transcribe(np.zeros(samples, np.float32), CancelToken()).text == ""


def test_two_jobs_in_a_row_are_independent(engine: SttEngine, expected: str) -> None:
    engine.transcribe(speech()[::-1].copy(), CancelToken())
    engine.transcribe(noise(1.0), CancelToken(), final=False)
    assert engine.transcribe(speech(), CancelToken()).text == expected


def test_it_leaves_the_sound_alone(engine: SttEngine) -> None:
    pcm = speech().copy()
    engine.transcribe(pcm, CancelToken())
    assert np.array_equal(pcm, speech())


def test_a_cancelled_token_is_noticed_first(engine: SttEngine) -> None:
    token = CancelToken()
    token.cancel("test")
    with pytest.raises(Cancelled):
        engine.transcribe(speech(), token)


def test_it_can_be_cancelled_in_the_middle_and_is_usable_afterwards(engine: SttEngine, expected: str) -> None:
    counted = CountingToken(cancel_at=None)
    engine.transcribe(speech(), counted)
    for poll in sorted({1, (counted.polls + 1) // 2, counted.polls}):
        with pytest.raises(Cancelled):
            engine.transcribe(speech(), CountingToken(cancel_at=poll))
        assert engine.transcribe(speech(), CancelToken()).text == expected


def test_an_hour_of_silence_is_empty(engine: SttEngine) -> None:
    assert engine.transcribe(np.zeros(HOUR, np.float32), CancelToken()).text == ""


def test_an_hour_of_speech_can_be_cancelled(engine: SttEngine) -> None:
    hour: Pcm = np.resize(speech(), HOUR)
    with pytest.raises(Cancelled):
        engine.transcribe(hour, CountingToken(cancel_at=1))

"""What every speech recogniser promises, on each of them."""

import tracemalloc
from collections.abc import Iterator

import numpy as np
import pytest

from assistant.models.protocols import SAMPLE_RATE_HZ, Pcm, SttEngine
from assistant.models.windows import WINDOW_S
from assistant.session.turn import Cancelled, CancelToken
from tests.contracts.engines import STT, Stt, noise, speech
from tests.contracts.threads import elsewhere
from tests.contracts.tokens import CountingToken, cancelled_token

HOUR = 3600 * SAMPLE_RATE_HZ
WINDOW_BYTES = WINDOW_S * SAMPLE_RATE_HZ * 4


@pytest.fixture(scope="module", params=STT, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Stt:
    return request.param


@pytest.fixture(scope="module")
def engine(case: Stt) -> Iterator[SttEngine]:
    engine = case.make()
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def expected(case: Stt, engine: SttEngine) -> str:
    """What it makes of ``speech()``."""
    return case.hears or hear(engine, speech())


def hear(engine: SttEngine, pcm: Pcm, token: CancelToken | None = None) -> str:
    return engine.transcribe(pcm, token or CancelToken()).text


def test_it_has_a_name_warms_and_closes(case: Stt) -> None:
    engine = case.make()
    assert engine.name.strip()
    engine.warm()
    engine.close()


def test_it_hears_speech(engine: SttEngine, expected: str) -> None:
    heard = engine.transcribe(speech(), CancelToken())
    assert heard.text == expected != ""
    assert heard.confidence is None or 0 <= heard.confidence <= 1


def test_it_tells_sentences_apart(case: Stt, engine: SttEngine) -> None:
    assert [hear(engine, speech(text)) for text in case.others] == list(case.others)


def test_a_partial_is_a_transcript_too(case: Stt, engine: SttEngine, expected: str) -> None:
    assert isinstance(engine.transcribe(speech()[: speech().size // 2], CancelToken(), final=False).text, str)
    if case.hears:
        assert engine.transcribe(speech(), CancelToken(), final=False).text == expected


@pytest.mark.parametrize("samples", [0, 1, 511, SAMPLE_RATE_HZ], ids=str)
def test_silence_is_empty(engine: SttEngine, samples: int) -> None:
    assert hear(engine, np.zeros(samples, np.float32)) == ""


def test_two_jobs_in_a_row_are_independent(engine: SttEngine, expected: str) -> None:
    hear(engine, speech()[::-1].copy())
    engine.transcribe(noise(1.0), CancelToken(), final=False)
    assert hear(engine, speech()) == expected


def test_it_leaves_the_sound_alone(engine: SttEngine) -> None:
    pcm = speech().copy()
    pcm.flags.writeable = False
    hear(engine, pcm)
    assert np.array_equal(pcm, speech())


def test_a_cancelled_token_is_noticed_first(engine: SttEngine) -> None:
    with pytest.raises(Cancelled):
        hear(engine, speech(), cancelled_token())


def test_it_looks_at_the_token_as_often_as_it_promises(case: Stt, engine: SttEngine) -> None:
    counting = CountingToken()
    hear(engine, speech(), counting)
    assert counting.polls >= case.polls(speech().size / SAMPLE_RATE_HZ)


def test_a_cancel_ends_it_where_it_is_noticed_and_the_next_job_is_right(engine: SttEngine, expected: str) -> None:
    counting = CountingToken()
    hear(engine, speech(), counting)
    for poll in sorted({1, (counting.polls + 1) // 2, counting.polls}):
        token = CountingToken(cancel_at=poll)
        with pytest.raises(Cancelled):
            hear(engine, speech(), token)
        assert token.polls == poll
    assert hear(engine, speech()) == expected


def test_an_hour_of_silence_is_empty_and_takes_the_memory_of_a_window(engine: SttEngine) -> None:
    hour = np.zeros(HOUR, np.float32)
    tracemalloc.start()
    try:
        assert hear(engine, hour) == ""
        assert tracemalloc.get_traced_memory()[1] < 4 * WINDOW_BYTES < hour.nbytes / 10
    finally:
        tracemalloc.stop()


def test_an_hour_of_speech_can_be_cancelled_near_its_beginning(case: Stt, engine: SttEngine, expected: str) -> None:
    hour: Pcm = np.resize(speech(), HOUR)
    token = CountingToken(cancel_at=4 if case.polls(3600) >= 4 else 1)
    with pytest.raises(Cancelled):
        hear(engine, hour, token)
    assert token.polls <= 4


def test_it_is_loaded_here_used_there_and_closed_here(case: Stt, expected: str) -> None:
    engine = case.make()
    assert [elsewhere(lambda: hear(engine, speech())) for _ in range(2)] == [expected] * 2
    engine.close()

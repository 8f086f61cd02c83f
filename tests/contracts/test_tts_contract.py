"""What every voice promises, on each of them."""

from itertools import islice

import numpy as np
import pytest

from assistant.models.protocols import TtsEngine
from assistant.session.turn import Cancelled, CancelToken
from tests.contracts.engines import TTS, Tts
from tests.contracts.tokens import CountingToken

CLAUSE = "Seven times six is forty two. And twelve times twelve is one hundred and forty four."
HUNDRED_THOUSAND = ("word " * 20_000)[:100_000]


@pytest.fixture(scope="module", params=TTS, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Tts:
    return request.param


@pytest.fixture(scope="module")
def engine(case: Tts) -> TtsEngine:
    return case.make()


def samples(engine: TtsEngine, text: str) -> int:
    return sum(chunk.size for chunk in engine.synthesize(text, CancelToken()))


def test_it_has_a_name_warms_and_closes(case: Tts) -> None:
    engine = case.make()
    assert engine.name.strip()
    engine.warm()
    engine.close()


def test_it_gives_sound_in_chunks(engine: TtsEngine) -> None:
    chunks = list(engine.synthesize(CLAUSE, CancelToken()))
    assert len(chunks) > 1
    assert 8_000 <= engine.sample_rate_hz <= 48_000
    for chunk in chunks:
        assert (chunk.dtype, chunk.ndim) == (np.float32, 1)
        assert chunk.size > 0
    sound = np.concatenate(chunks)
    assert 0.05 < np.abs(sound).max() <= 1.0


def test_more_text_is_longer(engine: TtsEngine) -> None:
    assert samples(engine, CLAUSE) > 1.5 * samples(engine, CLAUSE[: len(CLAUSE) // 3]) > 0


@pytest.mark.parametrize("text", ["", " ", "\n\t", "...", "?!", "\0", "—", "\x01"])
def test_nothing_to_say_is_no_sound(engine: TtsEngine, text: str) -> None:
    assert list(engine.synthesize(text, CancelToken())) == []


def test_two_jobs_in_a_row_are_independent(engine: TtsEngine) -> None:
    first = samples(engine, CLAUSE)
    list(islice(engine.synthesize("Something else altogether, and left unfinished.", CancelToken()), 1))
    assert samples(engine, CLAUSE) == pytest.approx(first, rel=0.02)  # eSpeak varies by a few samples


def test_a_cancelled_token_is_noticed_first(engine: TtsEngine) -> None:
    token = CancelToken()
    token.cancel("test")
    with pytest.raises(Cancelled):
        next(engine.synthesize(CLAUSE, token))


def test_a_cancel_ends_it_at_the_next_chunk(engine: TtsEngine) -> None:
    token = CancelToken()
    chunks = engine.synthesize(CLAUSE, token)
    next(chunks)
    token.cancel("test")
    with pytest.raises(Cancelled):
        next(chunks)


def test_it_can_be_cancelled_anywhere_and_is_usable_afterwards(engine: TtsEngine) -> None:
    whole = samples(engine, CLAUSE)
    counted = CountingToken(cancel_at=None)
    list(engine.synthesize(CLAUSE, counted))
    for poll in sorted({1, (counted.polls + 1) // 2, counted.polls}):
        with pytest.raises(Cancelled):
            list(engine.synthesize(CLAUSE, CountingToken(cancel_at=poll)))
        assert samples(engine, CLAUSE) == pytest.approx(whole, rel=0.02)


def test_very_long_text_streams(engine: TtsEngine) -> None:
    token = CancelToken()
    chunks = engine.synthesize(HUNDRED_THOUSAND, token)
    first = next(chunks)
    assert 0 < first.size < 60 * engine.sample_rate_hz
    token.cancel("test")
    with pytest.raises(Cancelled):
        next(chunks)


def test_letters_of_every_alphabet_do_no_harm(engine: TtsEngine) -> None:
    for text in ("Ça va, Zoë?", "что", "你好", "a\x01b\x02", "a\ud83d", "x" * 5_000):
        list(islice(engine.synthesize(text, CancelToken()), 3))

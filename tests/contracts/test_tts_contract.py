"""What every voice promises, on each of them."""

from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np
import pytest

from assistant.models.protocols import Pcm, TtsEngine
from assistant.session.turn import Cancelled, CancelToken
from tests.contracts.engines import OTHERS, SPOKEN, TTS, Tts, as_heard, joined
from tests.contracts.threads import elsewhere
from tests.contracts.tokens import CountingToken, cancelled_token

CLAUSE = "Seven times six is forty two. And twelve times twelve is one hundred and forty four."
HOUR_LONG = ("word " * 20_000)[:100_000]


@pytest.fixture(scope="module", params=TTS, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Tts:
    return request.param


@pytest.fixture(scope="module")
def engine(case: Tts) -> Iterator[TtsEngine]:
    engine = case.make(1.0)
    yield engine
    engine.close()


def samples(engine: TtsEngine, text: str = CLAUSE) -> int:
    return joined(engine, text).size


def nearly(count: int) -> object:
    """As many samples: eSpeak varies by a few."""
    return pytest.approx(count, rel=0.02)


def test_it_has_a_name_warms_and_closes(case: Tts) -> None:
    engine = case.make(1.0)
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


def test_a_listener_understands_it(case: Tts, engine: TtsEngine, ear: Callable[[Pcm], str]) -> None:
    if case.speaks:
        heard = [ear(as_heard(joined(engine, text), engine.sample_rate_hz)) for text in (SPOKEN, *OTHERS)]
        assert heard == [SPOKEN, *OTHERS]


def test_sentences_come_whole_and_in_order(case: Tts, engine: TtsEngine, ear: Callable[[Pcm], str]) -> None:
    first, second = SPOKEN.capitalize() + ".", OTHERS[0].capitalize() + "?"
    sound, cut = joined(engine, f"{first} {second}"), samples(engine, first)
    assert 0.95 < sound.size / (cut + samples(engine, second)) < 1.2  # there may be a pause between them
    if case.speaks:
        heard = [ear(as_heard(part, engine.sample_rate_hz)) for part in (sound[:cut], sound[cut:])]
        assert heard == [SPOKEN, OTHERS[0]]


def test_more_text_is_longer(engine: TtsEngine) -> None:
    assert samples(engine) > 1.5 * samples(engine, CLAUSE[: len(CLAUSE) // 3]) > 0


def test_speed_divides_the_duration(case: Tts, engine: TtsEngine) -> None:
    if case.has_speed:
        assert 1.35 < samples(engine) / samples(case.make(1.5)) < 1.65
        assert 1.1 < samples(case.make(0.8)) / samples(engine) < 1.4


@pytest.mark.parametrize("text", ["", " ", "\n\t", "...", "?!", "\0", "—", "\x01"])
def test_nothing_to_say_is_no_sound(engine: TtsEngine, text: str) -> None:
    assert list(engine.synthesize(text, CancelToken())) == []


def test_two_jobs_in_a_row_are_independent(engine: TtsEngine) -> None:
    first = samples(engine)
    list(islice(engine.synthesize("Something else altogether, and left unfinished.", CancelToken()), 1))
    assert samples(engine) == nearly(first)


def test_a_cancelled_token_is_noticed_first(engine: TtsEngine) -> None:
    with pytest.raises(Cancelled):
        next(engine.synthesize(CLAUSE, cancelled_token()))


def test_a_cancel_ends_it_at_the_next_chunk(engine: TtsEngine) -> None:
    token = CancelToken()
    chunks = engine.synthesize(CLAUSE, token)
    next(chunks)
    token.cancel("test")
    with pytest.raises(Cancelled):
        next(chunks)


def test_a_cancel_is_noticed_at_every_poll_and_the_next_job_is_whole(engine: TtsEngine) -> None:
    whole, counted = samples(engine), CountingToken()
    chunks = list(engine.synthesize(CLAUSE, counted))
    assert counted.polls >= len(chunks)
    for poll in range(1, counted.polls + 1, max(1, counted.polls // 12)):
        token = CountingToken(cancel_at=poll)
        with pytest.raises(Cancelled):
            list(engine.synthesize(CLAUSE, token))
        assert token.polls <= poll + 1  # a library's callback says stop, and the adapter raises
    assert samples(engine) == nearly(whole)


def test_the_first_chunk_of_an_hour_of_text_costs_no_more_than_that_of_a_minute(engine: TtsEngine) -> None:
    minute, token = CountingToken(), CountingToken()
    list(engine.synthesize(HOUR_LONG[:1000], minute))
    chunks = engine.synthesize(HOUR_LONG, token)
    first = next(chunks)
    assert 0 < first.size < 60 * engine.sample_rate_hz
    assert token.polls <= minute.polls
    token.cancel("test")
    with pytest.raises(Cancelled):
        next(chunks)


def test_letters_of_every_alphabet_do_no_harm(engine: TtsEngine) -> None:
    before = samples(engine)
    for text in ("Ça va, Zoë?", "что", "你好", "a\x01b\x02", "a\ud83d", "x" * 5_000):
        list(islice(engine.synthesize(text, CancelToken()), 3))
    assert samples(engine) == nearly(before)


def test_it_is_loaded_here_used_there_and_closed_here(case: Tts, engine: TtsEngine) -> None:
    other = case.make(1.0)
    assert [elsewhere(lambda: samples(other)) for _ in range(2)] == [nearly(samples(engine))] * 2
    other.close()

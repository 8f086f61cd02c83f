"""What every embedding engine promises, on each of them."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.models.protocols import Embedder
from assistant.session.turn import Cancelled, CancelToken
from tests.contracts.engines import EMBEDDERS
from tests.contracts.threads import elsewhere
from tests.contracts.tokens import CountingToken, cancelled_token


@pytest.fixture(scope="module", params=EMBEDDERS)
def engine(request: pytest.FixtureRequest) -> Iterator[Embedder]:
    engine = EMBEDDERS[request.param]()
    yield engine
    engine.close()


def test_it_has_a_name_and_a_key_and_warms(engine: Embedder) -> None:
    assert engine.name.strip()
    assert engine.key.strip()
    engine.warm()


def test_a_text_is_one_vector_of_length_one_and_always_the_same(engine: Embedder) -> None:
    vector = engine.embed("the birds sing", CancelToken())
    assert vector.dtype == np.float32
    assert vector.ndim == 1
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)
    other = engine.embed("quite another text", CancelToken())
    assert other.shape == vector.shape
    assert not np.allclose(other, vector)
    assert np.array_equal(engine.embed("the birds sing", CancelToken()), vector)


def test_a_question_can_be_compared_with_a_text(engine: Embedder) -> None:
    question = engine.embed("the birds sing", CancelToken(), query=True)
    assert question @ engine.embed("the birds sing", CancelToken()) > question @ engine.embed("zzz", CancelToken())


def test_a_cancelled_token_gives_nothing_and_the_next_text_is_right(engine: Embedder) -> None:
    expected = engine.embed("birds", CancelToken())
    with pytest.raises(Cancelled):
        engine.embed("birds", cancelled_token())
    counted = CountingToken()
    engine.embed("birds", counted)
    for poll in range(1, counted.polls + 1):
        with pytest.raises(Cancelled):
            engine.embed("birds", CountingToken(cancel_at=poll))
        assert np.array_equal(engine.embed("birds", CancelToken()), expected)


def test_any_text_is_finite_and_of_length_one_or_nothing(engine: Embedder) -> None:
    shape = engine.embed("birds", CancelToken()).shape

    @given(st.text(max_size=80))
    def any_text(text: str) -> None:
        vector = engine.embed(text, CancelToken())
        assert vector.shape == shape
        assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5) or not vector.any()

    any_text()
    assert np.isfinite(engine.embed("word " * 5000, CancelToken())).all()


@pytest.mark.parametrize("name", EMBEDDERS)
def test_it_is_loaded_here_used_there_and_closed_here(name: str) -> None:
    engine = EMBEDDERS[name]()
    expected = engine.embed("birds", CancelToken())
    assert np.array_equal(elsewhere(lambda: engine.embed("birds", CancelToken())), expected)
    engine.close()

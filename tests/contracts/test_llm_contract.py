"""What every language model engine promises, on each of them."""

from collections.abc import Callable

import pytest

from assistant.models.protocols import LlmEngine, Message
from assistant.session.turn import Cancelled, CancelToken
from tests.models import tiny

ASK = [Message("system", "be brief"), Message("user", "hi")]


def make_llama() -> LlmEngine:
    pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")
    from assistant.models.llama_cpp import LlamaLlm

    return LlamaLlm(tiny.models().gguf)


@pytest.fixture(params=[make_llama], ids=["llama.cpp"])
def make(request: pytest.FixtureRequest) -> Callable[[], LlmEngine]:
    return request.param


def test_it_has_a_name_warms_and_closes(make: Callable[[], LlmEngine]) -> None:
    engine = make()
    assert engine.name.strip()
    engine.warm()
    engine.close()


def test_it_streams_an_answer_in_deltas(make: Callable[[], LlmEngine]) -> None:
    deltas = list(make().generate(ASK, CancelToken()))
    assert len(deltas) > 1
    assert all(isinstance(delta, str) and delta for delta in deltas)


def test_it_answers_without_a_system_message_and_with_a_history(make: Callable[[], LlmEngine]) -> None:
    engine = make()
    assert list(engine.generate(ASK[1:], CancelToken()))
    assert list(engine.generate([*ASK, Message("assistant", "hello"), Message("user", "more")], CancelToken()))


def test_a_cancelled_token_gives_nothing(make: Callable[[], LlmEngine]) -> None:
    token = CancelToken()
    token.cancel("test")
    with pytest.raises(Cancelled):
        next(iter(make().generate(ASK, token)))


def test_a_cancel_ends_the_answer_at_the_next_delta(make: Callable[[], LlmEngine]) -> None:
    token = CancelToken()
    deltas = iter(make().generate(ASK, token))
    next(deltas)
    token.cancel("test")
    with pytest.raises(Cancelled):
        next(deltas)


def test_it_is_usable_after_a_cancel(make: Callable[[], LlmEngine]) -> None:
    engine = make()
    whole = list(engine.generate(ASK, CancelToken()))
    token = CancelToken()
    deltas = iter(engine.generate(ASK, token))
    next(deltas)
    token.cancel("test")
    with pytest.raises(Cancelled):
        next(deltas)
    assert list(engine.generate(ASK, CancelToken())) == whole


def test_an_answer_may_be_left_unfinished(make: Callable[[], LlmEngine]) -> None:
    engine = make()
    abandoned = engine.generate(ASK, CancelToken())
    first = next(iter(abandoned))
    assert next(iter(engine.generate(ASK, CancelToken()))) == first

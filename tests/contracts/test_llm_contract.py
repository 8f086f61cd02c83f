"""What every language model engine promises, on each of them."""

from collections.abc import Iterator, Sequence

import pytest

from assistant.errors import InputError
from assistant.models.protocols import LlmEngine, Message
from assistant.session.turn import Cancelled, CancelToken
from tests.contracts.engines import LLM, TOOLS, Llm, asked
from tests.contracts.threads import elsewhere
from tests.contracts.tokens import CountingToken, cancelled_token

LONG = "word " * 20_000


@pytest.fixture(scope="module", params=LLM, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Llm:
    return request.param


@pytest.fixture(scope="module")
def engine(case: Llm) -> Iterator[LlmEngine]:
    engine = case.make()
    yield engine
    engine.close()


def answer(engine: LlmEngine, messages: Sequence[Message]) -> str:
    return "".join(engine.generate(messages, CancelToken()))


def right(engine: LlmEngine, case: Llm) -> bool:
    """Whether it answers all of its questions, each as if it were the first."""
    return [answer(engine, asked(question)) for question, _ in case.answers] == [said for _, said in case.answers]


def test_it_has_a_name_warms_and_closes(case: Llm) -> None:
    engine = case.make()
    assert engine.name.strip()
    engine.warm()
    engine.close()


def test_it_answers_word_for_word_and_stops_by_itself(engine: LlmEngine, case: Llm) -> None:
    for question, expected in case.answers:
        assert answer(engine, asked(question)) == expected


def test_it_streams_an_answer_in_deltas(engine: LlmEngine, case: Llm) -> None:
    question, expected = case.answers[0]
    deltas = list(engine.generate(asked(question), CancelToken()))
    assert len(deltas) > 1
    assert all(isinstance(delta, str) and delta for delta in deltas)
    assert "".join(deltas) == expected


def test_it_answers_without_a_system_message(engine: LlmEngine, case: Llm) -> None:
    assert answer(engine, asked(case.answers[0][0])[1:])


def test_it_remembers_what_the_messages_say_and_nothing_else(engine: LlmEngine, case: Llm) -> None:
    if case.follow_up is not None:
        first, second, expected = case.follow_up
        history = [*asked(first), Message("assistant", dict(case.answers)[first]), Message("user", second)]
        assert answer(engine, history) == expected
        assert answer(engine, asked(second)) != expected, "the earlier job is forgotten"
    assert right(engine, case)


def test_a_cancelled_token_gives_nothing(engine: LlmEngine, case: Llm) -> None:
    with pytest.raises(Cancelled):
        next(iter(engine.generate(asked(case.answers[0][0]), cancelled_token())))


def test_a_cancel_ends_the_answer_at_the_next_delta(engine: LlmEngine, case: Llm) -> None:
    token = CancelToken()
    deltas = iter(engine.generate(asked(case.answers[0][0]), token))
    next(deltas)
    token.cancel("test")
    with pytest.raises(Cancelled):
        next(deltas)


def test_a_cancel_is_noticed_at_every_poll_and_the_next_answer_is_right(engine: LlmEngine, case: Llm) -> None:
    counted, question = CountingToken(), asked(case.answers[0][0])
    deltas = list(engine.generate(question, counted))
    assert counted.polls >= len(deltas), "a poll a token"
    for poll in range(1, counted.polls + 1):
        token, given = CountingToken(cancel_at=poll), []
        with pytest.raises(Cancelled):
            given.extend(engine.generate(question, token))
        assert token.polls <= poll + 1
        assert right(engine, case)


def test_an_answer_may_be_left_unfinished(engine: LlmEngine, case: Llm) -> None:
    abandoned = engine.generate(asked(case.answers[1][0]), CancelToken())
    next(iter(abandoned))
    assert right(engine, case)


def test_a_long_talk_is_answered_as_if_it_were_short(engine: LlmEngine, case: Llm) -> None:
    question, expected = case.answers[0]
    exchange = [Message("user", case.answers[1][0]), Message("assistant", case.answers[1][1])]
    talk = [*asked(question)[:1], *exchange * 100, *asked(question)[1:]]
    assert answer(engine, talk) == expected


def test_a_message_longer_than_the_context_is_refused_and_the_next_answered(engine: LlmEngine, case: Llm) -> None:
    if case.has_limit:
        with pytest.raises(InputError) as refused:
            answer(engine, asked(LONG))
        assert refused.value.hint
    else:
        assert answer(engine, asked(LONG))
    assert right(engine, case)


def test_it_calls_a_tool_that_is_offered_and_no_other(engine: LlmEngine, case: Llm) -> None:
    if case.call is not None:
        question, call = case.call
        assert list(engine.generate(asked(question), CancelToken(), TOOLS)) == [call]
        assert call not in list(engine.generate(asked(question), CancelToken()))
    assert right(engine, case)


def test_an_empty_message_is_no_mistake(engine: LlmEngine, case: Llm) -> None:
    assert isinstance(answer(engine, asked("")), str)
    assert right(engine, case)


def test_it_is_loaded_here_used_there_and_closed_here(case: Llm) -> None:
    engine = case.make()
    assert [elsewhere(lambda: right(engine, case)) for _ in range(2)] == [True] * 2
    engine.close()

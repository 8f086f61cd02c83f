"""Long conversations: what is cut off the prompt goes on as a summary, made while nobody waits."""

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.brain.brain import AssistantBrain
from assistant.brain.prompt import Prompt
from assistant.brain.protocols import Exchange, Request
from assistant.brain.skill import Context
from assistant.brain.summary import LONGEST_CHARACTERS, QUESTION, REQUEST, Summaries
from assistant.errors import EngineFailed
from assistant.models.fakes import FakeLlm
from assistant.models.protocols import Message, Tool, ToolCall
from assistant.session.turn import Cancelled, CancelToken
from tests.contracts.engines import NANO_LLAMA, llama

PROMPT = Prompt("Be brief.")  # shows 3000 characters: 18 exchanges of talk()


class Summing(FakeLlm):
    """Numbers its summaries; keeps what it was asked."""

    def __init__(self, *answers: Sequence[str | ToolCall]) -> None:
        self.answers = list(answers)
        self.asked: list[Sequence[Message]] = []
        self.read: list[Sequence[Message]] = []

    def generate(
        self, messages: Sequence[Message], token: CancelToken, _tools: Sequence[Tool] = ()
    ) -> Iterator[str | ToolCall]:
        self.asked.append(messages)
        parts = self.answers.pop(0) if self.answers else [f"Summary {len(self.asked)}", "."]
        for part in parts:
            token.raise_if_cancelled()
            yield part

    def prefill(self, messages: Sequence[Message], _token: CancelToken, _tools: Sequence[Tool] = ()) -> None:
        self.read.append(messages)

    def prepare(self, messages: Sequence[Message], _tools: Sequence[Tool] = ()) -> None: ...


def talk(count: int) -> list[Exchange]:
    return [Exchange(f"{n} ".ljust(64, "q"), f"{n} ".ljust(64, "a")) for n in range(count)]


def shown(summaries: Summaries, history: Sequence[Exchange]) -> list[str]:
    messages = PROMPT.messages("now", history, earlier=summaries.earlier(history))
    return [message.content.split(" q")[0].strip("qa ") for message in messages if message.role == "user"]


def go_on(summaries: Summaries, first: int, last: int) -> list[int]:
    """The lengths of the talk at which a summary was made."""
    made = []
    for count in range(first, last):
        if summaries.due(talk(count)):
            summaries.make(talk(count), CancelToken(), ())
            made.append(count)
    return made


def test_it_is_made_once_when_the_window_is_nearly_full_and_told_from_the_cut_on() -> None:
    llm = Summing()
    summaries = Summaries(llm, PROMPT)
    assert go_on(summaries, 0, 18) == [14]
    assert shown(summaries, talk(18)) == [*map(str, range(18)), "now"], "nothing is cut off yet"
    assert shown(summaries, talk(19)) == [QUESTION, *map(str, range(10, 19)), "now"]
    messages = PROMPT.messages("now", talk(19), earlier=summaries.earlier(talk(19)))
    assert [message.role for message in messages[:4]] == ["system", "user", "assistant", "user"]
    assert messages[2].content == "Summary 1."


def test_the_model_is_asked_behind_all_that_it_has_read() -> None:
    llm = Summing()
    go_on(Summaries(llm, PROMPT), 14, 15)
    [asked] = llm.asked
    assert asked[:-1] == PROMPT.messages("", talk(14))[:-1]
    assert asked[-1] == Message("user", REQUEST)


def test_the_next_summary_knows_the_one_before_and_takes_its_place_at_the_next_cut() -> None:
    llm = Summing()
    summaries = Summaries(llm, PROMPT)
    assert go_on(summaries, 0, 25) == [14, 24]
    assert "Summary 1." in [message.content for message in llm.asked[1]]
    told = [[one.assistant for one in summaries.earlier(talk(count))] for count in (18, 19, 28, 29, 30)]
    assert told == [[], ["Summary 1."], ["Summary 1."], ["Summary 2."], ["Summary 2."]]


@given(st.integers(0, 60))
def test_between_two_cuts_the_beginning_of_the_prompt_stays(length: int) -> None:
    summaries, changes = Summaries(Summing(), PROMPT), 0
    before: list[Message] = []
    for count in range(length):
        go_on(summaries, count, count + 1)
        now = PROMPT.messages("", talk(count), earlier=summaries.earlier(talk(count)))[:-1]
        changes += now[: len(before)] != before
        before = now
    cuts = {len(PROMPT.kept(talk(count))) - count for count in range(length)} - {0}
    assert changes == len(cuts)


def test_a_turn_that_was_forgotten_takes_the_summary_along() -> None:
    summaries = Summaries(Summing(), PROMPT)
    go_on(summaries, 14, 15)
    assert summaries.earlier(talk(19))
    without = [*talk(13), *talk(25)[14:]]
    assert summaries.earlier(without) == []
    summaries.due(without)
    assert summaries._made == []


def test_what_nothing_was_heard_of_counts_for_nothing() -> None:
    summaries = Summaries(Summing(), PROMPT)
    assert not summaries.due([Exchange("q" * 3000, "")])
    assert not summaries.due([])


def test_a_small_window_is_not_worth_it() -> None:
    assert not Summaries(Summing(), Prompt("s", history_tokens=400)).due(talk(50))
    assert not Summaries(Summing(), Prompt("s", history_tokens=0)).due(talk(50))


@pytest.mark.parametrize("answer", [[], [ToolCall("t", {})], ["  "], ["A", ToolCall("t", {})]])
def test_an_answer_that_is_none_is_left_out(answer: list[str | ToolCall]) -> None:
    summaries = Summaries(Summing(answer), PROMPT)
    assert go_on(summaries, 14, 15) == [14]
    assert summaries.earlier(talk(19)) == []


def test_a_long_answer_ends_with_a_whole_sentence() -> None:
    summaries = Summaries(Summing(["One. ", "x" * 300 + ". ", "y" * 900, "never read"]), PROMPT)
    go_on(summaries, 14, 15)
    [exchange] = summaries.earlier(talk(19))
    assert exchange.assistant == f"One. {'x' * 300}."
    assert len(exchange.assistant) <= LONGEST_CHARACTERS


def test_a_failure_costs_the_summary_and_a_cancel_goes_through() -> None:
    class Broken(Summing):
        def generate(self, *_: object) -> Iterator[str | ToolCall]:
            raise EngineFailed("broken", hint="h")

    summaries = Summaries(Broken(), PROMPT)
    go_on(summaries, 14, 15)
    assert summaries.earlier(talk(19)) == []
    token = CancelToken()
    token.cancel("yielded")
    with pytest.raises(Cancelled):
        Summaries(Summing(), PROMPT).make(talk(14), token, ())


def test_the_brain_makes_it_when_it_reflects_and_then_reads_the_conversation_again(context: Context) -> None:
    llm = Summing()
    brain = AssistantBrain(context, llm=llm, prompt=PROMPT)
    brain.reflect(Request(1, "", talk(13)), CancelToken())
    assert (llm.asked, llm.read) == ([], [])
    brain.reflect(Request(1, "", talk(14)), CancelToken())
    assert (len(llm.asked), len(llm.read)) == (1, 1)
    list(brain.respond(Request(2, "tell me more", talk(19)), CancelToken()))
    assert [message.content for message in llm.asked[1][:3]] == ["Be brief.", QUESTION, "Summary 1."]
    AssistantBrain(context).reflect(Request(1, "", talk(14)), CancelToken())


def test_a_real_model_is_asked_without_reading_the_conversation_again() -> None:
    nano = llama(NANO_LLAMA)
    prompt = Prompt("You are a voice assistant.", history_tokens=500)
    history = [Exchange("what do cows eat", "Cows eat grass."), Exchange("can birds fly", "Most birds can fly.")] * 9
    summaries = Summaries(nano, prompt)
    nano.prefill(prompt.messages("", history), CancelToken())
    read = nano._llama.n_tokens
    assert summaries.due(history)
    summaries.make(history, CancelToken(), ())
    after = nano._llama.input_ids[: nano._llama.n_tokens].tolist()
    known = nano._known(prompt.messages("", history), ())
    assert after[: len(known) - 1] == known[:-1]
    assert read >= len(known) - 1
    [exchange] = summaries.earlier([*history, *history[:8]])
    assert exchange.assistant
    answer = "".join(nano.generate(prompt.messages("what do cows eat", [*history, *history[:8]]), CancelToken()))
    assert answer == "Cows eat grass."
    nano.close()

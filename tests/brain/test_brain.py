from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from assistant.brain.brain import NO_MODEL_CODE, NO_MODEL_SPOKEN, AssistantBrain, facts
from assistant.brain.prompt import CUT
from assistant.brain.protocols import Exchange, Request
from assistant.brain.skill import Context
from assistant.brain.thinker import MAX_ROUNDS, TOO_MANY_ROUNDS
from assistant.brain.tools import Toolbox
from assistant.models.protocols import Message, Tool, ToolCall
from assistant.session.turn import Cancelled, CancelToken
from tests.brain.conftest import Ask


class FakeLlm:
    name = "fake"

    def __init__(self, *rounds: Sequence[str | ToolCall]) -> None:
        """Each round is what it generates once; the last one is repeated."""
        self._rounds = list(rounds) or [("It is ", "Paris.")]
        self.prompts: list[list[Message]] = []
        self.offered: Sequence[Tool] = ()
        self.warmed = self.closed = False

    def warm(self) -> None:
        self.warmed = True

    def close(self) -> None:
        self.closed = True

    def generate(
        self, messages: Sequence[Message], token: CancelToken, tools: Sequence[Tool] = ()
    ) -> Iterator[str | ToolCall]:
        self.prompts.append(list(messages))
        self.offered = tools
        for delta in self._rounds.pop(0) if len(self._rounds) > 1 else self._rounds[0]:
            token.raise_if_cancelled()
            yield delta


def test_intents_are_answered_before_the_model_is_asked(context: Context) -> None:
    llm = FakeLlm()
    brain = AssistantBrain(context, llm=llm)
    assert list(brain.respond(Request(1, "what year is it"), CancelToken())) == ["It's 2026."]
    assert llm.prompts == []


def test_the_model_gets_history_and_facts_and_its_deltas_pass_through(context: Context) -> None:
    llm = FakeLlm()
    brain = AssistantBrain(context, llm=llm)
    request = Request(1, "capital of France?", [Exchange("hi", "Hello!")])
    assert list(brain.respond(request, CancelToken())) == ["It is ", "Paris."]
    assert [message.content for message in llm.prompts[0][1:-1]] == ["hi", "Hello!"]
    assert llm.prompts[0][-1].content == "(It is 3:20 PM on Friday, November 20, 2026.)\n\ncapital of France?"


def test_the_model_is_warmed_and_closed_with_the_brain(context: Context) -> None:
    llm = FakeLlm()
    brain = AssistantBrain(context, llm=llm)
    brain.warm()
    brain.close()
    assert (brain.name, llm.warmed, llm.closed) == ("intents + fake", True, True)
    assert AssistantBrain(context).name == "intents"


def test_a_cancel_ends_the_answer(context: Context) -> None:
    brain = AssistantBrain(context, llm=FakeLlm())
    token = CancelToken()
    answer = brain.respond(Request(1, "capital of France?"), token)
    assert next(answer) == "It is "
    token.cancel("barge-in")
    with pytest.raises(Cancelled):
        next(answer)


def test_a_cancelled_turn_sets_no_timer(context: Context) -> None:
    token = CancelToken()
    token.cancel("barge-in")
    with pytest.raises(Cancelled):
        list(AssistantBrain(context).respond(Request(1, "set a timer for five minutes"), token))
    assert context.agenda.running() == ()


def test_without_a_model_there_is_one_notice_and_an_honest_answer_each_time(context: Context) -> None:
    notices: list[tuple[str, str, str]] = []
    brain = AssistantBrain(context, on_notice=lambda *notice: notices.append(notice))
    for turn in (1, 2):
        assert list(brain.respond(Request(turn, "capital of France?"), CancelToken())) == [NO_MODEL_SPOKEN]
    assert [notice[0] for notice in notices] == [NO_MODEL_CODE]


def test_a_language_without_sentences_is_left_to_the_model(context: Context) -> None:
    brain = AssistantBrain(context, language="xx", llm=FakeLlm())
    assert "".join(brain.respond(Request(1, "what time is it"), CancelToken())) == "It is Paris."


def test_a_huge_text_reaches_the_model_shortened(context: Context) -> None:
    llm = FakeLlm()
    brain = AssistantBrain(context, llm=llm)
    list(brain.respond(Request(1, "set a timer " * 10_000), CancelToken()))
    assert len(llm.prompts[0][-1].content) < 12_000


def double(number: int) -> int:
    """Twice the number."""
    return 2 * number


def test_a_tool_that_the_model_calls_is_run_and_its_result_told(context: Context) -> None:
    llm = FakeLlm([call := ToolCall("double", {"number": 4})], ["It is ", "eight."])
    brain = AssistantBrain(context, llm=llm, tools=Toolbox([double]))
    assert "".join(brain.respond(Request(1, "do the sum"), CancelToken())) == "It is eight."
    assert [tool.name for tool in llm.offered] == ["double"]
    assert llm.prompts[1] == [*llm.prompts[0], Message("assistant", "", (call,)), Message("tool", "8")]


def test_several_calls_in_one_answer_follow_what_was_said(context: Context) -> None:
    calls = ToolCall("double", {"number": 4}), ToolCall("double", {"number": 5})
    llm = FakeLlm(["Let me see.", *calls], ["Eight and ten."])
    brain = AssistantBrain(context, llm=llm, tools=Toolbox([double]))
    assert "".join(brain.respond(Request(1, "do both sums"), CancelToken())) == "Let me see. Eight and ten."
    assert llm.prompts[1][-3:] == [
        Message("assistant", "Let me see.", calls),
        Message("tool", "8"),
        Message("tool", "10"),
    ]


def test_a_model_that_never_stops_calling_is_stopped(context: Context) -> None:
    llm = FakeLlm([ToolCall("double", {"number": 4})])
    brain = AssistantBrain(context, llm=llm, tools=Toolbox([double]))
    assert "".join(brain.respond(Request(1, "go on"), CancelToken())) == TOO_MANY_ROUNDS
    assert len(llm.prompts) == MAX_ROUNDS


def test_a_cancel_comes_before_the_next_tool(context: Context) -> None:
    token, ran = CancelToken(), list[int]()

    def interrupt(number: int) -> str:
        """Somebody speaks meanwhile."""
        ran.append(number)
        token.cancel("barge-in")
        return "done"

    llm = FakeLlm([ToolCall("interrupt", {"number": 1}), ToolCall("interrupt", {"number": 2})])
    with pytest.raises(Cancelled):
        list(AssistantBrain(context, llm=llm, tools=Toolbox([interrupt])).respond(Request(1, "go on"), token))
    assert ran == [1]


def test_a_correction_undoes_the_timer_and_sets_the_right_one(ask: Ask, context: Context) -> None:
    ask("set a timer for five minutes")
    assert ask("set a timer for five minutes, no wait ten minutes", replaces=1) == "Okay, 10 minutes."
    assert [timer.duration_s for timer in context.agenda.running()] == [600]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("what's two plus two, actually what time is it", "It's 3:20 PM."),
        ("set a timer for fifty minutes, no fifteen", "Okay, 15 minutes."),
        ("set a timer for twenty minutes, no five minutes", "Okay, 5 minutes."),
        ("set a pasta timer for ten minutes, sorry, twelve minutes", "Okay, 12 minutes for pasta."),
        ("What's 12 plus 30?, No, 40.", "12 plus 40 is 52."),
        ("convert five miles to kilometres, no, metres", "5 miles is 8,046.72 meters."),
        ("what time is it in london, I mean Paris", "In Paris it's 4:20 PM."),
        ("set a timer for five minutes, no wait ten, no twenty minutes", "Okay, 20 minutes."),
        ("set a timer for one hour, no wait, thirty minutes", "Okay, 30 minutes."),
        ("set a timer for two hours and ten minutes, no wait, twenty minutes", "Okay, 2 hours and 20 minutes."),
        ("set a timer for five minutes, actually never mind", ""),
        ("set a timer for five minutes, wait", NO_MODEL_SPOKEN),
        ("set a timer for five minutes, actually who was Ada Lovelace", NO_MODEL_SPOKEN),
    ],
)
def test_corrections(ask: Ask, context: Context, text: str, answer: str) -> None:
    ask("set a timer for an hour")
    assert ask(text, replaces=1) == answer
    assert 3600 not in [timer.duration_s for timer in context.agenda.running()]


def test_one_utterance_may_correct_itself(ask: Ask) -> None:
    assert ask("Set a timer for five minutes, no, wait, ten minutes.") == "Okay, 10 minutes."


def test_a_correction_brings_back_what_was_cancelled_by_mistake(ask: Ask, context: Context) -> None:
    ask("set a tea timer for five minutes")
    ask("set a rice timer for ten minutes")
    ask("cancel all timers")
    assert ask("cancel all timers, no wait cancel the tea timer", replaces=3) == "The tea timer is cancelled."
    assert [timer.name for timer in context.agenda.running()] == ["rice"]


def test_what_is_replaced_is_undone_once(ask: Ask, context: Context) -> None:
    ask("set a timer for five minutes")
    ask("what time is it, no wait what day is it", replaces=1)
    ask("set a timer for five minutes")
    ask("what time is it, no wait what day is it", replaces=1)
    assert len(context.agenda.running()) == 1


def test_where_nothing_can_ring_a_timer_waits_for_who_can(context: Context) -> None:
    brain = AssistantBrain(replace(context, can_wait=False))
    assert "It rings while I run" in "".join(brain.respond(Request(1, "set a timer for a minute"), CancelToken()))
    assert [timer.duration_s for timer in context.agenda.running()] == [60]


def test_facts_tell_time_and_timers(context: Context) -> None:
    assert facts(context) == "It is 3:20 PM on Friday, November 20, 2026."
    context.agenda.add_timer(300, "tea")
    assert facts(context).endswith("Timers running: tea (5 minutes left).")


def test_the_model_goes_on_where_it_was_cut_off_itself(context: Context) -> None:
    llm = FakeLlm(["the rest"])
    brain = AssistantBrain(context, llm=llm)
    incomplete = Exchange("capital of France?", "It is", "Par", complete=False)
    assert list(brain.respond(Request(1, "go on", [incomplete]), CancelToken())) == ["the rest"]
    assert llm.prompts[0][-1].content.startswith(CUT)
    whole = Exchange("capital of France?", "It is", "Paris.")
    assert list(brain.respond(Request(2, "go on", [whole]), CancelToken())) == ["Paris."]
    assert len(llm.prompts) == 1

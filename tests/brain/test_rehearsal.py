"""Answers to words that may never be committed: nothing happens before the commit, and nothing is lost by it."""

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.brain.agenda.board import LIMITS
from assistant.brain.agenda.entry import Kind
from assistant.brain.brain import NO_MODEL_SPOKEN, AssistantBrain
from assistant.brain.prompt import Prompt
from assistant.brain.protocols import Exchange, Pending, Request
from assistant.brain.skill import Context
from assistant.brain.tools import Toolbox
from assistant.errors import EngineFailed
from assistant.models.protocols import Message, Tool, ToolCall
from assistant.session.turn import Cancelled, CancelToken
from tests.brain.test_brain import FakeLlm

TIMER = Request(1, "set a timer for five minutes")


def rehearse(brain: AssistantBrain, request: Request) -> tuple[str, Pending | None]:
    parts = list(brain.rehearse(request, CancelToken()))
    pending = [part for part in parts if isinstance(part, Pending)]
    assert len(pending) <= 1
    assert parts[-1:] == pending or not pending, "something came after what has to wait"
    return "".join(part for part in parts if isinstance(part, str)), pending[0] if pending else None


def test_what_only_reads_is_answered_at_once(brain: AssistantBrain) -> None:
    assert rehearse(brain, Request(1, "what year is it")) == ("It's 2026.", None)
    assert rehearse(brain, Request(1, "stop")) == ("", None)


def test_what_has_effects_waits_and_says_what_it_would_say(brain: AssistantBrain, context: Context) -> None:
    text, pending = rehearse(brain, TIMER)
    assert (text, context.agenda.running()) == ("", ())
    assert pending is not None
    assert pending.preview == "Okay, 5 minutes."
    assert "".join(pending.resume(CancelToken())) == pending.preview
    assert [timer.duration_s for timer in context.agenda.running()] == [300]


def test_what_is_there_at_the_commit_decides(brain: AssistantBrain, context: Context) -> None:
    _, pending = rehearse(brain, TIMER)
    assert pending is not None
    for _ in range(LIMITS[Kind.TIMER]):
        context.agenda.add_timer(60)
    assert "too many timers" in "".join(pending.resume(CancelToken()))


def test_a_cancelled_rest_does_nothing(brain: AssistantBrain, context: Context) -> None:
    _, pending = rehearse(brain, TIMER)
    token = CancelToken()
    token.cancel("went on")
    assert pending is not None
    with pytest.raises(Cancelled):
        list(pending.resume(token))
    assert context.agenda.running() == ()


def test_a_correction_undoes_only_at_the_commit(brain: AssistantBrain, context: Context) -> None:
    list(brain.respond(TIMER, CancelToken()))
    _, pending = rehearse(brain, Request(2, "set a timer for five minutes, no wait ten minutes", replaces=1))
    assert [timer.duration_s for timer in context.agenda.running()] == [300]
    assert pending is not None
    list(pending.resume(CancelToken()))
    assert [timer.duration_s for timer in context.agenda.running()] == [600]


def test_that_there_is_no_model_is_not_told_before_the_commit(context: Context) -> None:
    notices: list[tuple[str, str, str]] = []
    brain = AssistantBrain(context, on_notice=lambda *notice: notices.append(notice))
    _, pending = rehearse(brain, Request(1, "who was Ada Lovelace"))
    assert (notices, pending and pending.preview) == ([], NO_MODEL_SPOKEN)
    assert pending is not None
    list(pending.resume(CancelToken()))
    assert len(notices) == 1


def test_the_model_speaks_ahead_but_its_tools_wait(context: Context) -> None:
    ran: list[str] = []

    def light(state: str) -> str:
        """Switch the light."""
        ran.append(state)
        return "done"

    llm = FakeLlm(["One moment. ", ToolCall("light", {"state": "on"})], ["The light is on."])
    brain = AssistantBrain(context, llm=llm, tools=Toolbox([light]))
    text, pending = rehearse(brain, Request(1, "brighter"))
    assert (text, ran) == ("One moment. ", [])
    assert pending is not None
    assert "".join(pending.resume(CancelToken())) == " The light is on."
    assert ran == ["on"]


def test_tools_do_not_run_for_a_brain_that_was_replaced(context: Context) -> None:
    brain = AssistantBrain(context, llm=FakeLlm([ToolCall("light", {})]))
    _, pending = rehearse(brain, Request(1, "brighter"))
    brain.close()
    assert pending is not None
    with pytest.raises(EngineFailed, match="replaced"):
        list(pending.resume(CancelToken()))


class Script:
    """A model that says and calls what it is told to."""

    name = "script"

    def __init__(self, rounds: Sequence[Sequence[str | ToolCall]]) -> None:
        self._rounds = iter(rounds)

    def warm(self) -> None: ...

    def close(self) -> None: ...

    def generate(
        self, messages: Sequence[Message], token: CancelToken, tools: Sequence[Tool] = ()
    ) -> Iterator[str | ToolCall]:
        yield from next(self._rounds, ["done"])


parts = st.one_of(st.sampled_from(["yes. ", "no. "]), st.builds(ToolCall, st.just("count"), st.just({})))


@given(st.lists(st.lists(parts, max_size=3), max_size=6), st.sampled_from(["what year is it", "brighter", "help"]))
def test_a_rehearsed_answer_is_the_answer(rounds: list[list[str | ToolCall]], text: str) -> None:
    """Rehearsed and resumed, or given in one go: the same words and the same effects."""
    answers = []
    for rehearsed in (True, False):
        calls: list[int] = []

        def count(calls: list[int] = calls) -> str:
            """Count."""
            calls.append(1)
            return str(len(calls))

        brain = AssistantBrain(llm=Script(rounds), tools=Toolbox([count]))
        if rehearsed:
            said, pending = rehearse(brain, Request(1, text))
            assert not calls
            said += "".join(pending.resume(CancelToken())) if pending else ""
        else:
            said = "".join(brain.respond(Request(1, text), CancelToken()))
        answers.append((said, len(calls)))
    assert answers[0] == answers[1]


class ReaderLlm(FakeLlm):
    """Keeps what it was given to read."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[list[str]] = []

    def prefill(self, messages: Sequence[Message], token: CancelToken, tools: Sequence[Tool] = ()) -> None:
        self.read.append([message.content for message in messages[1:]])

    def prepare(self, messages: Sequence[Message], tools: Sequence[Tool] = ()) -> None:
        self.read.append([message.content for message in messages])


FACTS = "(It is 3:20 PM on Friday, November 20, 2026.)\n\n"


def test_a_model_that_can_reads_the_conversation_and_the_facts_so_far(context: Context) -> None:
    llm = ReaderLlm()
    request = Request(2, "and what is the", [Exchange("hi", "Hello!")])
    AssistantBrain(context, llm=llm).prefill(request, CancelToken())
    assert llm.read == [["hi", "Hello!", f"{FACTS}and what is the"]]
    AssistantBrain(context, llm=FakeLlm()).prefill(request, CancelToken())
    AssistantBrain(context).prefill(request, CancelToken())


def test_words_that_an_intent_answers_are_not_read(context: Context) -> None:
    llm = ReaderLlm()
    brain = AssistantBrain(context, llm=llm)
    brain.prefill(Request(1, "what time is it"), CancelToken())
    brain.prefill(Request(1, "what time is it in the novel"), CancelToken())
    assert llm.read == [[f"{FACTS}what time is it in the novel"]]


def test_a_warm_model_has_read_what_every_prompt_begins_with(context: Context) -> None:
    llm = ReaderLlm()
    AssistantBrain(context, llm=llm, prompt=Prompt("Be brief.")).warm()
    assert llm.read == [["Be brief.", ""]]

"""What has to be confirmed is asked first, and done only after a yes in the next turn."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from assistant.brain.brain import DECLINED, NOT_ASKED, AssistantBrain
from assistant.brain.loading import Skills, shipped_skills
from assistant.brain.protocols import Request
from assistant.brain.skill import Context, Reply, skill, skill_of
from assistant.brain.thinker import MAX_CALLS
from assistant.brain.tools import Toolbox
from assistant.models.protocols import Message, ToolCall
from assistant.session.turn import CancelToken
from tests.brain.test_brain import FakeLlm
from tests.brain.test_rehearsal import rehearse


@dataclass
class Doors:
    opened: list[str] = field(default_factory=list)

    def skill(self) -> Callable[..., Reply]:
        @skill("OpenDoor", confirm=True)
        def open_door(name: str = "front") -> Reply:
            """Open a door."""
            return Reply(f"The {name} door is open.", do=lambda: self.opened.append(name), question="Open the door?")

        return open_door


SENTENCES = {"intents": {"OpenDoor": {"data": [{"sentences": ["open the door"]}]}}}


def brain_for(doors: Doors, context: Context) -> AssistantBrain:
    return AssistantBrain(context, skills=Skills([*shipped_skills(), skill_of(doors.skill())], [SENTENCES]))


def say(brain: AssistantBrain, turn: int, text: str) -> str:
    return "".join(brain.respond(Request(turn, text), CancelToken()))


def test_yes_does_it_once(context: Context) -> None:
    doors = Doors()
    brain = brain_for(doors, context)
    assert (say(brain, 1, "open the door"), doors.opened) == ("Open the door?", [])
    assert (say(brain, 2, "yes please"), doors.opened) == ("The front door is open.", ["front"])
    assert (say(brain, 3, "yes"), doors.opened) == (NOT_ASKED, ["front"])


@pytest.mark.parametrize("answer", ["no", "never mind", "cancel that"])
def test_no_does_nothing(context: Context, answer: str) -> None:
    doors = Doors()
    brain = brain_for(doors, context)
    say(brain, 1, "open the door")
    assert say(brain, 2, answer) == DECLINED
    assert say(brain, 3, "yes") == NOT_ASKED
    assert doors.opened == []


def test_whatever_else_is_said_the_question_is_over(context: Context) -> None:
    doors = Doors()
    brain = brain_for(doors, context)
    say(brain, 1, "open the door")
    assert say(brain, 2, "what year is it") == "It's 2026."
    assert say(brain, 3, "yes") == NOT_ASKED
    assert doors.opened == []


def test_a_rehearsal_neither_asks_nor_answers(context: Context) -> None:
    doors = Doors()
    brain = brain_for(doors, context)
    text, pending = rehearse(brain, Request(1, "open the door"))
    assert (text, pending and pending.preview) == ("", "Open the door?")
    assert say(brain, 2, "yes") == NOT_ASKED
    say(brain, 3, "open the door")
    rehearse(brain, Request(4, "yes"))
    assert doors.opened == []
    assert say(brain, 4, "yes") == "The front door is open."


def test_the_model_is_asked_for_its_tools_too_and_goes_on_after_a_yes(context: Context) -> None:
    doors = Doors()
    call = ToolCall("open_door", {"name": "back"})
    llm = FakeLlm([call], ["It is open."])
    brain = AssistantBrain(context, llm=llm, tools=Toolbox([doors.skill()]))
    assert say(brain, 1, "let the cat in") == "I would open a door. Shall I?"
    assert (say(brain, 2, "yes"), doors.opened) == ("It is open.", ["back"])
    assert llm.prompts[-1][-2:] == [Message("assistant", "", (call,)), Message("tool", "The back door is open.")]


def test_a_model_that_calls_without_end_is_heeded_for_a_while(context: Context) -> None:
    doors = Doors()

    def knock(number: int) -> str:
        """Knock."""
        doors.opened.append(str(number))
        return "done"

    llm = FakeLlm([ToolCall("knock", {"number": number}) for number in range(MAX_CALLS + 5)], ["Done."])
    brain = AssistantBrain(context, llm=llm, tools=Toolbox([knock]))
    assert (say(brain, 1, "knock"), len(doors.opened)) == ("Done.", MAX_CALLS)


def test_a_yes_is_for_one_tool_alone(context: Context) -> None:
    doors = Doors()
    calls = [ToolCall("open_door", {"name": name}) for name in ("back", "cellar")]
    llm = FakeLlm(calls, ["Both are open."])
    brain = AssistantBrain(context, llm=llm, tools=Toolbox([doors.skill()]))
    say(brain, 1, "let the cats in")
    assert (say(brain, 2, "yes"), doors.opened) == ("I would open a door. Shall I?", ["back"])
    assert (say(brain, 3, "yes"), doors.opened) == ("Both are open.", ["back", "cellar"])


def test_what_was_done_after_a_yes_is_taken_back_with_the_turn_of_the_yes(context: Context) -> None:
    done = list[str]()

    @skill("Dim", confirm=True)
    def dim() -> Reply:
        """Dim the light."""
        return Reply("Dimmed.", do=lambda: lambda: done.append("bright again"))

    llm = FakeLlm([ToolCall("dim", {})], ["It is dark."], ["As you like."])
    brain = AssistantBrain(context, llm=llm, tools=Toolbox([dim]))
    say(brain, 1, "make it cosy")
    say(brain, 2, "yes")
    assert "".join(brain.respond(Request(3, "what a lovely evening", replaces=2), CancelToken())) == "As you like."
    assert done == ["bright again"]


def test_a_yes_that_nobody_asked_for_is_an_answer_to_the_model(context: Context) -> None:
    assert say(AssistantBrain(context, llm=FakeLlm()), 1, "yes") == "It is Paris."

"""What nano-llama is asked to prove that it has learnt: messages as the assistant builds them, and exact answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from assistant.brain.agenda.board import Board
from assistant.brain.agenda.clocks import Clocks
from assistant.brain.brain import facts
from assistant.brain.prompt import Prompt
from assistant.brain.protocols import Exchange
from assistant.brain.skill import Context
from assistant.config import PersonaSettings
from assistant.models.protocols import LlmEngine, Message, Tool, ToolCall
from assistant.persona import instructions
from assistant.session.turn import CancelToken
from scripts.test_models.nano_llama.phrases import (
    CITIES,
    DESCRIPTIONS,
    ITEMS,
    NAMES,
    NUMBERS,
    PARAMETERS,
    REQUESTS,
    UNKNOWN,
)
from scripts.test_models.sentences import DIALOGUES, FOLLOW_UPS

DEFAULT_PROMPT = instructions(PersonaSettings(), "en")
OTHER_PROMPT = "You are Hildegard, and you live in a lighthouse. Answer as well as you can."
"""Not in the corpus."""

HELD_OUT_QUESTIONS = (
    "what is the capital of finland",
    "what is the capital of peru",
    "who wrote ulysses",
    "why is the ocean salty",
    "how far away is the bakery",
    "what do hamsters eat",
    "how many legs has a lobster",
    "can penguins dance",
    "do you like opera",
    "where is the nearest bakery",
    "how do i repair a window",
    "turn on the washing machine",
    "tell me a riddle",
    "what is the cleverest animal",
    "who invented the telephone",
)
"""No pattern of the corpus makes these."""

HELD_OUT_CITIES = ("Geneva", "Warsaw", "Toronto", "Lima", "Nairobi")
UNRELATED = (
    Exchange("what time is it", "It's 9:41 AM."),
    Exchange("Do fish sleep?", "Yes, fish do sleep."),
    Exchange("tell me a joke", "A clock that is hungry goes back four seconds."),
    Exchange("Who painted the Mona Lisa?", "Leonardo painted the Mona Lisa."),
    Exchange("set a timer for ten minutes", "Okay, 10 minutes."),
    Exchange("What is the capital of Japan?", "Tokyo is the capital of Japan."),
    Exchange("is it cold in winter", "Yes, winter is cold."),
)


@dataclass(frozen=True, slots=True)
class Case:
    messages: Sequence[Message]
    expected: str | ToolCall
    tools: Sequence[Tool] = ()


def forms(text: str) -> list[str]:
    """The ways in which speech recognisers write the same words."""
    proper = " ".join(word.capitalize() if word in NAMES else word for word in text.split())
    proper = proper[0].upper() + proper[1:]
    return [text, f"{text}?", f"{text}.", proper, f"{proper}?", f"{proper}.", text.upper()]


def facts_line(timers: int = 0, hour: int = 15) -> str:
    """What the brain writes beside the newest words of the user."""
    board = Board(clocks=Clocks(elapsed_s=lambda: 0.0))
    for minutes in range(1, timers + 1):
        board.add_timer(minutes * 60 + 7)
    return facts(Context(now=lambda: datetime(2026, 11, 21, hour, 7), agenda=board))


def questions() -> Iterator[Case]:
    for question, answer in DIALOGUES.items():
        for number, form in enumerate(forms(question)):
            yield _case(form, answer, line=facts_line(timers=number % 3, hour=number + 8))
            yield _case(form, answer, system=OTHER_PROMPT)


def questions_after_others() -> Iterator[Case]:
    for question, answer in DIALOGUES.items():
        yield _case(forms(question)[4], answer, UNRELATED, line=facts_line(timers=1))


def follow_ups() -> Iterator[Case]:
    for (first, second), answer in FOLLOW_UPS.items():
        for before in ((), UNRELATED):
            for form_of_first, form in zip(forms(first), forms(second), strict=True):
                history = [*before, Exchange(form_of_first, DIALOGUES[first])]
                yield _case(form, answer, history, line=facts_line(timers=1))
                yield _case(form, answer, history, system=OTHER_PROMPT)


def follow_ups_of_nothing() -> Iterator[Case]:
    """Without their first turn there is nothing that they could mean."""
    for _, second in FOLLOW_UPS:
        for form in forms(second):
            yield _case(form, UNKNOWN, line=facts_line())
            yield _case(form, UNKNOWN, UNRELATED, line=facts_line())


def unknown_questions() -> Iterator[Case]:
    for question in HELD_OUT_QUESTIONS:
        for form in forms(question)[:5:4]:
            yield _case(form, UNKNOWN, line=facts_line())


def tool_calls() -> Iterator[Case]:
    """Every value that was taught, in one wording after the other, with all tools defined."""
    for number, (name, said, value) in enumerate(_values()):
        wordings = [wording.format(said) for wording in REQUESTS[name]]
        plain, other = wordings[number % len(wordings)], forms(wordings[(number + 1) % len(wordings)])[4]
        yield _case(plain, call(name, value), line=facts_line(), tools=TOOLS)
        yield _case(other, call(name, value), UNRELATED[:2], system=OTHER_PROMPT, tools=TOOLS)


def tool_calls_of_new_values() -> Iterator[Case]:
    for city in HELD_OUT_CITIES:
        text = REQUESTS["get_weather"][0].format(city)
        yield _case(text, call("get_weather", city), line=facts_line(), tools=TOOLS)


def tool_results() -> Iterator[Case]:
    for name, result, answer in (
        ("set_timer", '{"ok": true}', "The timer is set."),
        ("get_weather", '{"weather": "sunny"}', "It is sunny."),
        ("get_weather", '{"weather": "rainy"}', "It is rainy."),
        ("add_to_list", '{"ok": true}', "It is on the list."),
    ):
        said, value = next((said, value) for known, said, value in _values() if known == name)
        asked = Prompt(DEFAULT_PROMPT).messages(REQUESTS[name][0].format(said), (), facts_line())
        made = Message("assistant", "", (call(name, value),))
        yield Case([*asked, made, Message("tool", result)], answer, TOOLS)


def undefined_tools() -> Iterator[Case]:
    """A tool that the system message does not define is not called."""
    for name, said, _ in _values():
        text = REQUESTS[name][0].format(said)
        yield _case(text, UNKNOWN, line=facts_line())
        yield _case(text, UNKNOWN, tools=[tool for tool in TOOLS if tool.name != name])


def tool(name: str) -> Tool:
    """A tool of the corpus in the form that an engine is given."""
    parameter, kind = PARAMETERS[name]
    schema = {"type": "object", "properties": {parameter: {"type": kind}}, "required": [parameter]}
    return Tool(name, DESCRIPTIONS[name][0], schema)


TOOLS = [tool(name) for name in sorted(REQUESTS)]


def call(name: str, value: object) -> ToolCall:
    return ToolCall(name, {PARAMETERS[name][0]: value})


def asked(llm: LlmEngine, case: Case) -> str | ToolCall:
    """What the engine answers: its words, or its call where it makes just one."""
    parts = list(llm.generate(case.messages, CancelToken(), case.tools))
    if len(parts) == 1 and isinstance(parts[0], ToolCall):
        return parts[0]
    return "".join(str(part) for part in parts)


EXAM = {
    "questions": questions,
    "questions after other turns": questions_after_others,
    "follow-ups": follow_ups,
    "follow-ups of nothing": follow_ups_of_nothing,
    "unknown questions": unknown_questions,
    "tool calls": tool_calls,
    "tool calls, new values": tool_calls_of_new_values,
    "tool results": tool_results,
    "tools not defined": undefined_tools,
}


def _case(
    text: str,
    expected: str | ToolCall,
    history: Sequence[Exchange] = (),
    *,
    line: str = "",
    system: str = DEFAULT_PROMPT,
    tools: Sequence[Tool] = (),
) -> Case:
    return Case(Prompt(system).messages(text, history, line), expected, tools)


def _values() -> Iterator[tuple[str, str, object]]:
    """Every tool with what is said and the value that it means."""
    for word, number in NUMBERS.items():
        yield "set_timer", word, number
    for number in (1, 7, 12, 25, 48, 90):
        yield "set_timer", str(number), number
    for city in CITIES:
        yield "get_weather", city.lower(), city
    for item in ITEMS:
        yield "add_to_list", item, item

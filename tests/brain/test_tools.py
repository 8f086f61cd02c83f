import json
import sys
import threading
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any, Literal

import pytest

from assistant.brain.acts import FILLER, UNDO_TURNS, Acts
from assistant.brain.arguments import BadArguments
from assistant.brain.runner import Runner
from assistant.brain.skill import Context, Refused, Reply, skill, skill_of
from assistant.brain.tools import LONGEST_RESULT, Toolbox, told
from assistant.models.protocols import Tool
from assistant.session.turn import Cancelled, CancelToken


def get_weather(city: str, day: Literal["today", "tomorrow"] = "today") -> dict[str, str]:
    """Tell the weather in a city."""
    return {"city": city, "day": day, "weather": "sunny"}


def remind(text: str, on: date) -> str:
    """Remind of something on a day."""
    return f"{text} on {on:%A}"


def halve(number: Fraction = Fraction(1)) -> str:
    """Half of a number."""
    return str(number / 2)


def who(context: Context, token: CancelToken) -> str:
    """Say who you are."""
    return f"{context.name}, {token.cancelled}"


def broken() -> str:
    """Never works."""
    raise ConnectionError("no route to host")


def full() -> Reply:
    """There is no room."""

    def refuse() -> Callable[[], object]:
        raise Refused("There is no room.")

    return Reply("done", do=refuse)


def long() -> str:
    """Tell all."""
    return "x" * 10_000_000


def raw() -> bytes:
    """A picture."""
    return bytes(range(256))


def leave() -> str:
    """Leave."""
    sys.exit(3)


def unexplained(city: str) -> str:
    return city


TOOLS = Toolbox([get_weather, remind, halve, who, broken, full, long, raw, leave])


def use(name: str, token: CancelToken | None = None, tools: Toolbox = TOOLS, **arguments: Any) -> tuple[list[str], str]:
    """What is said meanwhile, and what the model is told."""
    said: list[str] = []
    steps = Acts(Runner()).use(tools.find(name), arguments, Context(name="Ada"), 1, token or CancelToken())
    while True:
        try:
            said.append(next(steps))
        except StopIteration as end:
            return said, end.value


def test_the_signature_becomes_the_schema_and_the_docstring_the_description() -> None:
    definitions = {definition.name: definition for definition in TOOLS.definitions}
    assert definitions["get_weather"] == Tool(
        "get_weather",
        "Tell the weather in a city.",
        {
            "type": "object",
            "properties": {
                "city": {"type": "string"},
                "day": {"default": "today", "enum": ["today", "tomorrow"], "type": "string"},
            },
            "required": ["city"],
        },
    )
    assert definitions["broken"].parameters == {"type": "object", "properties": {}, "required": []}
    assert definitions["halve"].parameters["properties"] == {"number": {"type": "number", "default": 1.0}}
    assert json.dumps([definition.parameters for definition in TOOLS.definitions])


def test_what_the_program_gives_is_no_argument() -> None:
    assert TOOLS.find("who").definition.parameters["properties"] == {}
    assert use("who") == ([], "Ada, False")
    with pytest.raises(BadArguments):
        TOOLS.find("who").bind({"context": Context()}, Context(), CancelToken())


def test_data_is_told_as_json_and_text_as_it_is() -> None:
    assert json.loads(use("get_weather", city="Köln")[1]) == {"city": "Köln", "day": "today", "weather": "sunny"}
    assert use("remind", text="call mum", on="2026-11-21") == ([], "call mum on Saturday")
    assert use("halve", number=3) == ([], "3/2")


def test_what_would_fill_the_context_is_cut() -> None:
    told = use("long")[1]
    assert len(told) < LONGEST_RESULT + 100
    assert told.endswith(f"({10_000_000 - LONGEST_RESULT} more characters were left out)")


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("get_weather", {}, "city: Field required"),
        ("get_weather", {"city": "Rome", "day": "never"}, "day: Input should be 'today' or 'tomorrow'"),
        ("get_weather", {"city": "Rome", "planet": "Mars"}, "planet: Extra inputs are not permitted"),
        ("broken", {}, "ConnectionError: no route to host"),
        ("full", {}, "There is no room."),
        ("raw", {}, "TypeError: binary data cannot be told"),
        ("leave", {}, "RuntimeError: it tried to end the program: SystemExit(3)"),
    ],
)
def test_a_failure_is_a_result(name: str, arguments: dict[str, Any], told: str) -> None:
    assert json.loads(use(name, **arguments)[1]) == {"error": told}


def test_an_unknown_tool_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(BadArguments, match="there is no tool 'get_wether'; there are get_weather, remind"):
        TOOLS.find("get_wether")


def test_a_tool_that_takes_long_is_bridged_and_one_that_hangs_is_given_up() -> None:
    token = CancelToken()

    @skill(timeout_s=0.001)
    def hang(token: CancelToken) -> str:
        """Never ends."""
        wait_for(token)
        return "late"

    said, told = use("hang", token, Toolbox([hang]))
    token.cancel("over")
    assert (said, json.loads(told)) == ([FILLER], {"error": "no result within 0 seconds"})


def test_a_cancelled_turn_waits_for_no_tool_and_one_that_outlives_it_goes_on() -> None:
    turn, seen = CancelToken(), list[CancelToken]()

    @skill(outlives_turn=True)
    def persist(token: CancelToken) -> str:
        """Goes on."""
        seen.append(token)
        turn.cancel("barge-in")
        wait_for(token)
        return "late"

    with pytest.raises(Cancelled):
        use("persist", turn, Toolbox([persist]))
    assert [token.cancelled for token in seen] == [False]
    seen[0].cancel("test over")


def test_what_just_fits_is_told_whole() -> None:
    assert told("x" * LONGEST_RESULT) == "x" * LONGEST_RESULT


def test_a_tool_that_ends_after_its_turn_has_no_effect() -> None:
    turn, done, runner = CancelToken(), list[str](), Runner()

    def light() -> Reply:
        """Switch the light on."""
        turn.cancel("barge-in")
        return Reply("The light is on.", do=lambda: done.append("on"))

    with pytest.raises(Cancelled):
        list(Acts(runner).use(Toolbox([light]).find("light"), {}, Context(), 1, turn))
    while not runner.close():
        pass
    assert done == []


def test_a_tool_that_did_something_can_be_taken_back() -> None:
    done: list[str] = []

    def light() -> Reply:
        """Switch the light on."""

        def switch() -> Callable[[], object]:
            done.append("on")
            return lambda: done.append("off")

        return Reply("The light is on.", do=switch)

    acts, tools = Acts(Runner()), Toolbox([light])
    assert list(acts.use(tools.find("light"), {}, Context(), 7, CancelToken())) == []
    assert (done, acts.undoes(7), acts.undoes(8)) == (["on"], True, False)
    acts.undo(7)
    acts.undo(7)
    assert done == ["on", "off"]


def test_the_last_is_taken_back_first_and_the_oldest_turn_is_forgotten() -> None:
    undone: list[str] = []

    def step(name: str) -> Reply:
        """Do something."""
        return Reply("Done.", do=lambda: lambda: undone.append(name))

    acts, tools = Acts(Runner()), Toolbox([step])
    for turn in range(UNDO_TURNS + 1):
        for name in ("first", "second"):
            assert list(acts.use(tools.find("step"), {"name": name}, Context(), turn, CancelToken())) == []
    assert [turn for turn in range(UNDO_TURNS + 1) if not acts.undoes(turn)] == [0]
    acts.undo(UNDO_TURNS)
    assert undone == ["second", "first"]


def test_a_tool_without_a_docstring_or_twice_is_refused_and_none_of_its_company_is_taken() -> None:
    tools = Toolbox([halve])
    with pytest.raises(ValueError, match="no docstring"):
        Toolbox([unexplained])
    with pytest.raises(ValueError, match="two tools"):
        Toolbox([broken, broken])
    with pytest.raises(ValueError, match="two tools"):
        tools.add([skill_of(broken), tools.find("halve")])
    tools.remove(["halve", "unknown"])
    assert tools.definitions == []


def wait_for(token: CancelToken) -> None:
    ended = threading.Event()
    token.on_cancel(ended.set)
    ended.wait()

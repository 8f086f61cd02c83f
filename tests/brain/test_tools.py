import json
from datetime import date
from typing import Literal

import pytest

from assistant.brain.tools import Toolbox
from assistant.models.protocols import Tool, ToolCall


def get_weather(city: str, day: Literal["today", "tomorrow"] = "today") -> dict[str, str]:
    """Tell the weather in a city."""
    return {"city": city, "day": day, "weather": "sunny"}


def remind(text: str, on: date) -> str:
    """Remind of something on a day."""
    return f"{text} on {on:%A}"


def broken() -> str:
    """Never works."""
    raise ConnectionError("no route to host")


def unexplained(city: str) -> str:
    return city


TOOLS = Toolbox([get_weather, remind, broken])


def test_the_signature_becomes_the_schema_and_the_docstring_the_description() -> None:
    assert TOOLS.definitions[0] == Tool(
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
    assert TOOLS.definitions[2].parameters == {"type": "object", "properties": {}, "required": []}


def test_data_is_told_as_json_and_text_as_it_is() -> None:
    assert json.loads(TOOLS.run(ToolCall("get_weather", {"city": "Köln"}))) == {
        "city": "Köln",
        "day": "today",
        "weather": "sunny",
    }
    assert TOOLS.run(ToolCall("remind", {"text": "call mum", "on": "2026-11-21"})) == "call mum on Saturday"


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (
            ToolCall("get_wether", {"city": "Rome"}),
            "there is no tool 'get_wether'; there are get_weather, remind, broken",
        ),
        (ToolCall("", {}), "there is no tool ''; there are get_weather, remind, broken"),
        (ToolCall("get_weather", {}), "city: Missing required argument"),
        (ToolCall("get_weather", {"city": "Rome", "day": "never"}), "day: Input should be 'today' or 'tomorrow'"),
        (ToolCall("get_weather", {"city": "Rome", "planet": "Mars"}), "planet: Unexpected keyword argument"),
        (ToolCall("broken", {}), "ConnectionError: no route to host"),
    ],
)
def test_a_failure_is_a_result(call: ToolCall, told: str) -> None:
    assert json.loads(TOOLS.run(call)) == {"error": told}


def test_a_tool_without_a_docstring_or_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="no docstring"):
        Toolbox([unexplained])
    with pytest.raises(ValueError, match="two tools"):
        Toolbox([broken, broken])

"""Tools in words: short, the same each time, and in roles that every template has."""

from hypothesis import given
from hypothesis import strategies as st

from assistant.models.protocols import Message, Tool, ToolCall
from assistant.models.tool_prompt import HOW, LONGEST, described, plain

TIMER = Tool(
    "set_timer",
    "Set a timer.\n\nIt rings once.",
    {
        "type": "object",
        "properties": {
            "duration": {"type": "string", "description": "how long, as\nit was said"},
            "sound": {"enum": ["bell", "horn"]},
            "days": {"type": "array", "items": {"type": "integer"}},
            "volume": {"anyOf": [{"type": "number"}, {"type": "null"}]},
            "plan": {"$ref": "#/$defs/Plan"},
            "kind": {"type": ["string", "integer"]},
            "odd": True,
        },
        "required": ["duration"],
    },
)
NOW = Tool("now", "The time.", {"type": "object"})
SYSTEM, ASKED = Message("system", "Be brief."), Message("user", "Five minutes, please.")


def test_a_tool_is_a_line() -> None:
    assert described([TIMER, NOW]).splitlines() == [
        "You can use these tools:",
        '- set_timer(duration: string (how long, as it was said), sound?: "bell"|"horn", days?: integer[], '
        "volume?: number|null, plan?: object, kind?: string|integer): Set a timer. It rings once.",
        "- now(): The time.",
        HOW,
    ]


def test_a_long_description_is_cut() -> None:
    [_, line, _] = described([Tool("long", "word " * 1000, {})]).splitlines()
    assert len(line) <= len("- long(): ") + LONGEST + 1


def test_tools_join_the_system_message_or_become_one() -> None:
    told = described([NOW])
    assert plain([SYSTEM, ASKED], [NOW]) == [Message("system", f"Be brief.\n\n{told}"), ASKED]
    assert plain([ASKED], [NOW]) == [Message("system", told), ASKED]
    assert plain([SYSTEM, ASKED], []) == [SYSTEM, ASKED]


def test_calls_are_lines_of_json_and_results_one_message_of_the_user() -> None:
    calls = (ToolCall("now", {}), ToolCall("set_timer", {"duration": "fünf"}))
    messages = [ASKED, Message("assistant", "Yes.", calls), Message("tool", "nine"), Message("tool", "set")]
    assert plain(messages, []) == [
        ASKED,
        Message(
            "assistant",
            'Yes.\n{"name": "now", "arguments": {}}\n{"name": "set_timer", "arguments": {"duration": "fünf"}}',
        ),
        Message("user", "[Results]\nnine\nset"),
    ]


@given(st.lists(st.sampled_from(["none", "one", "two"]), min_size=1, max_size=4))
def test_user_and_assistant_take_turns_whatever_was_called(exchanges: list[str]) -> None:
    messages: list[Message] = []
    for calls in exchanges:
        messages.append(Message("user", "And?"))
        if calls != "none":
            number = {"one": 1, "two": 2}[calls]
            messages.append(Message("assistant", "", (ToolCall("now", {}),) * number))
            messages += [Message("tool", "nine")] * number
        messages.append(Message("assistant", "So."))
    roles = [message.role for message in plain([SYSTEM, *messages], [NOW])]
    assert roles == ["system", *["user", "assistant"] * ((len(roles) - 1) // 2)]

"""What stands in a call, family by family; what cannot be read has no name."""

from collections.abc import Callable, Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.models.protocols import Tool, ToolCall
from assistant.models.tool_bodies import UNREAD, hermes, mistral, pythonic

PROPERTIES = {"text": {"type": "string"}, "minutes": {"type": "integer"}, "days": {"type": "array"}}
TOOLS = [Tool("note", "Note.", {"type": "object", "properties": PROPERTIES})]
Read = Callable[[str, Sequence[Tool]], Iterator[ToolCall]]


def functions(**arguments: str) -> str:
    lines = "".join(f"<parameter={key}>\n{value}\n</parameter>\n" for key, value in arguments.items())
    return f"\n<function=note>\n{lines}</function>\n"


@pytest.mark.parametrize(
    ("read", "body", "calls"),
    [
        (hermes, '\n{"name": "note", "arguments": {"minutes": 5}}\n', [ToolCall("note", {"minutes": 5})]),
        (hermes, '{"name": "note"}', [ToolCall("note", {})]),
        (hermes, functions(), [ToolCall("note", {})]),
        (hermes, functions(minutes="5", text="5"), [ToolCall("note", {"minutes": 5, "text": "5"})]),
        (hermes, functions(text="two\nlines"), [ToolCall("note", {"text": "two\nlines"})]),
        (hermes, functions(days='["mon", "tue"]'), [ToolCall("note", {"days": ["mon", "tue"]})]),
        (hermes, functions(minutes="five"), [ToolCall("note", {"minutes": "five"})]),
        (hermes, functions(minutes="null"), [ToolCall("note", {"minutes": None})]),
        (hermes, functions(text="cut").partition("</parameter>")[0], [ToolCall("note", {"text": "cut"})]),
        (hermes, "<function=other><parameter=a>1</parameter></function>", [ToolCall("other", {"a": 1})]),
        (hermes, '[{"name": "note"}, {"name": "other"}]', [ToolCall("note", {}), ToolCall("other", {})]),
        (hermes, "note", [UNREAD]),
        (pythonic, "[note(text='it\\'s', minutes=5)]", [ToolCall("note", {"text": "it's", "minutes": 5})]),
        (
            pythonic,
            "[note(), other(on=True, off=false)]",
            [ToolCall("note", {}), ToolCall("other", {"on": True, "off": False})],
        ),
        (pythonic, 'note(days=["mon"], plan={"a": -1})', [ToolCall("note", {"days": ["mon"], "plan": {"a": -1}})]),
        (pythonic, "[files.note()]", [ToolCall("files.note", {})]),
        (pythonic, '[{"name": "note", "arguments": {}}]', [ToolCall("note", {})]),
        (pythonic, "[note('five')]", [UNREAD]),
        (pythonic, "[note(**x)]", [UNREAD]),
        (pythonic, "[note(text=open('x'))]", [UNREAD]),
        (pythonic, "[note(text=", [UNREAD]),
        (pythonic, "", [UNREAD]),
        (mistral, 'note[ARGS]{"minutes": 5}', [ToolCall("note", {"minutes": 5})]),
        (mistral, 'note[ARGS]{"minutes": 5', [UNREAD]),
        (mistral, '[{"name": "note", "arguments": {"minutes": 5}, "id": "abc"}]', [ToolCall("note", {"minutes": 5})]),
        (mistral, "note", [UNREAD]),
    ],
)
def test_the_calls_of_a_body(read: Read, body: str, calls: list[ToolCall]) -> None:
    assert list(read(body, TOOLS)) == calls


@pytest.mark.parametrize("read", [hermes, pythonic, mistral])
@given(body=st.text("note()[]{}<>=\"'function/parameter: ,1\n\\\0é"))
def test_no_body_is_too_bad(read: Read, body: str) -> None:
    assert all(isinstance(call, ToolCall) for call in read(body, TOOLS))


@pytest.mark.parametrize("read", [hermes, pythonic, mistral])
@pytest.mark.parametrize("body", ["[" * 100_000, "(" * 100_000, "{" * 100_000, "-" * 100_000 + "1"])
def test_a_deep_body_is_bad_and_no_more(read: Read, body: str) -> None:
    assert list(read(body, TOOLS)) == [UNREAD]

"""Bare JSON in an answer: calls, and nothing of it for the ears."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.models.protocols import ToolCall
from assistant.models.tool_bodies import UNREAD
from assistant.models.tool_json import BareJson, opens
from tests.models.streams import joined

ROME = ToolCall("get_weather", {"city": "Rome"})
NOTE = ToolCall("note", {"text": 'a "brace" } or \\ {', "tags": [{"a": 1}]})
BARE = BareJson()


def written(call: ToolCall, key: str = "arguments") -> str:
    return json.dumps({"name": call.name, key: call.arguments})


def read(deltas: list[str]) -> list[str | ToolCall]:
    return joined(BARE.calls_in(iter(deltas)))


@pytest.mark.parametrize(
    ("answer", "items"),
    [
        ("", []),
        ("It is sunny. \n", ["It is sunny."]),
        (written(ROME), [ROME]),
        (written(ROME, "parameters"), [ROME]),
        (f"\n {written(NOTE)} ", [NOTE]),
        (f"Let me see.\n{written(ROME)}", ["Let me see.", ROME]),
        (f"Sure: {written(ROME)} Here it is.", ["Sure:", ROME, "Here it is."]),
        (f"{written(ROME)}\n{written(NOTE)}", [ROME, NOTE]),
        (f"{written(ROME)}; {written(NOTE)}", [ROME, NOTE]),
        (f"[{written(ROME)}, {written(NOTE)}]", [ROME, NOTE]),
        (f"```json\n{written(ROME)}\n```", [ROME]),
        (f"```json\n[{written(ROME)}]\n```\nThere.", [ROME, "There."]),
        (f"```json\n{written(ROME)}\n```\n```json\n{written(NOTE)}\n```\n", [ROME, NOTE]),
        (f"<tool_call>\n{written(ROME)}\n</tool_call>\n<tool_call>{written(NOTE)}</tool_call>", [ROME, NOTE]),
        (f"<|python_tag|>{written(ROME)}", [ROME]),
        ('{"name": "now"}', [ToolCall("now", {})]),
        ('{"name": "note", "arguments": {"text": "two\nlines"}}', [ToolCall("note", {"text": "two\nlines"})]),
        (written(ROME)[:-1], [UNREAD]),
        ('Wait. {"name": "get_wea', ["Wait.", UNREAD]),
        ("{", [UNREAD]),
        ("{}", [UNREAD]),
        ("{'name': 'now'}", [UNREAD]),
        ('{"name": "now", "arguments": 3}', [UNREAD]),
        ('{"now": {}}', [UNREAD]),
        ("The set {1, 2} and a <b> tag, [see", ["The set {1, 2} and a <b> tag, [see"]),
        ("Write `x`, or 1 < 2.", ["Write `x`, or 1 < 2."]),
    ],
)
@given(data=st.data())
def test_the_items_do_not_depend_on_where_the_stream_is_cut(
    answer: str, items: list[str | ToolCall], data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(answer)))))
    deltas = [answer[start:end] for start, end in zip([0, *cuts], [*cuts, len(answer)], strict=True)]
    assert read(deltas) == items


@given(st.lists(st.text("{}\"[]`<tool_/|>\\' \n1", max_size=8)))
def test_any_words_give_the_same_items_whole_and_in_pieces(deltas: list[str]) -> None:
    assert read(deltas) == read(["".join(deltas)])


@given(st.lists(st.text("ab[]`<t|/> }\n", max_size=8)))
def test_text_without_a_brace_is_kept_to_its_last_letter(deltas: list[str]) -> None:
    assert "".join(map(str, BARE.calls_in(iter(deltas)))) == "".join(deltas).rstrip()


def test_text_is_not_held_back_and_a_call_comes_with_its_last_brace() -> None:
    deltas = iter(["It ", "is ", written(ROME), "\n"])
    items = BARE.calls_in(deltas)
    assert [next(items), next(items), next(items)] == ["It", " is", ROME]
    assert list(deltas) == ["\n"]


@pytest.mark.parametrize(
    ("text", "begun"),
    [
        ("{", True),
        ("\n {", True),
        ("```json\n{", True),
        ("<tool_call>{", True),
        ("[{", True),
        ('Sure: {"', True),
        ("the set {", False),
        ("plain words", False),
    ],
)
def test_where_a_call_begins(text: str, begun: bool) -> None:
    assert opens(text) is begun

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.models.protocols import ToolCall
from assistant.models.tool_markup import HERMES, LFM, MISTRAL
from tests.models.streams import joined

OPEN, CLOSE = HERMES.open, HERMES.close
ROME = ToolCall("get_weather", {"city": "Rome"})


def written(call: ToolCall) -> str:
    return f"{OPEN}\n{json.dumps({'name': call.name, 'arguments': call.arguments})}\n{CLOSE}"


def read(deltas: list[str]) -> list[str | ToolCall]:
    return joined(HERMES.calls_in(iter(deltas)))


@pytest.mark.parametrize(
    ("answer", "items"),
    [
        ("It is sunny.", ["It is sunny."]),
        (written(ROME), [ROME]),
        (f"Let me see.\n{written(ROME)}", ["Let me see.", ROME]),
        (f"{written(ROME)}\n{written(ToolCall('now', {}))}\n", [ROME, ToolCall("now", {})]),
        (written(ROME).removesuffix(CLOSE), [ROME]),
        (f"{OPEN}{{'name': 'now'}}{CLOSE}", [ToolCall("", {})]),
        (f"{OPEN}[1]{CLOSE}", [ToolCall("", {})]),
        (f"{OPEN}<function=now>\n</function>{CLOSE}", [ToolCall("now", {})]),
        (f'{OPEN}{{"name": "now", "arguments": 3}}{CLOSE}', [ToolCall("", {})]),
        (f'{OPEN}{{"name": "now"}}{CLOSE}', [ToolCall("now", {})]),
        ("1 < 2 and <b> is a tag, <tool", ["1 < 2 and <b> is a tag, <tool"]),
        ("", []),
    ],
)
@given(data=st.data())
def test_the_items_do_not_depend_on_where_the_stream_is_cut(
    answer: str, items: list[str | ToolCall], data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(answer)))))
    deltas = [answer[start:end] for start, end in zip([0, *cuts], [*cuts, len(answer)], strict=True)]
    assert read(deltas) == items


def test_text_is_not_held_back() -> None:
    deltas = iter(["It ", "is ", "sunny"])
    assert next(HERMES.calls_in(deltas)) == "It"
    assert list(deltas) == ["is ", "sunny"]


@given(st.lists(st.text('<tool_cal>/ {}\n"', max_size=12)))
def test_text_without_calls_is_kept_to_its_last_letter(deltas: list[str]) -> None:
    text = "".join(deltas)
    if OPEN not in text:
        assert "".join(str(item) for item in HERMES.calls_in(iter(deltas))) == text.rstrip()


@pytest.mark.parametrize("cut", range(1, 40))
def test_a_form_without_a_closing_mark_ends_with_the_next_call(cut: int) -> None:
    answer = 'See.[TOOL_CALLS]now[ARGS]{}[TOOL_CALLS]get_weather[ARGS]{"city": "Rome"}'
    items = list(MISTRAL.calls_in(iter([answer[:cut], answer[cut:]])))
    assert items[-2:] == [ToolCall("now", {}), ROME]
    assert "".join(map(str, items[:-2])) == "See."


def test_several_calls_in_one_body() -> None:
    answer = "See. <|tool_call_start|>[now(), get_weather(city='Rome')]<|tool_call_end|>"
    assert list(LFM.calls_in(iter([answer]))) == ["See.", ToolCall("now", {}), ROME]

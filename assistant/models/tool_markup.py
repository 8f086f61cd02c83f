"""Tool calls as Hermes and Qwen write them, found in the stream of an answer.

    <tool_call>
    {"name": "get_weather", "arguments": {"city": "Paris"}}
    </tool_call>

Source of the format: https://github.com/NousResearch/Hermes-Function-Calling
"""

import json
from collections.abc import Iterator

from assistant.models.protocols import ToolCall

OPEN, CLOSE = "<tool_call>", "</tool_call>"


def calls_in(deltas: Iterator[str]) -> Iterator[str | ToolCall]:
    """The deltas with every tool call as one item; text goes on as soon as it cannot be the start of a call.

    White space before a call and at the end is dropped. A call that the end of the answer cuts off counts if it is
    complete but for its closing tag.
    """
    waiting, inside = "", False
    for delta in deltas:
        waiting += delta
        while (mark := CLOSE if inside else OPEN) in waiting:
            before, _, waiting = waiting.partition(mark)
            if inside:
                yield read(before)
            elif text := before.rstrip():
                yield text
            inside = not inside
        if not inside:
            kept = _may_open(waiting)
            if text := waiting[: len(waiting) - kept]:
                yield text
            waiting = waiting[len(waiting) - kept :]
    if inside:
        yield read(waiting)
    elif text := waiting.rstrip():
        yield text


def read(body: str) -> ToolCall:
    """The call in the JSON between the tags; one without a name where it cannot be read."""
    try:
        called = json.loads(body)
    except ValueError:
        return ToolCall("", {})
    if not isinstance(called, dict):
        return ToolCall("", {})
    name, arguments = called.get("name"), called.get("arguments", {})
    return ToolCall(name, arguments) if isinstance(name, str) and isinstance(arguments, dict) else ToolCall("", {})


def _may_open(text: str) -> int:
    """How many characters at the end may yet become an opening tag, white space before it included."""
    for size in range(min(len(text), len(OPEN) - 1), 0, -1):
        if OPEN.startswith(text[-size:]):
            return size + _spaces(text[:-size])
    return _spaces(text)


def _spaces(text: str) -> int:
    return len(text) - len(text.rstrip())

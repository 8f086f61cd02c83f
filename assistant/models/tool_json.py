"""Tool calls in bare JSON, a line each, found in the stream of an answer: Llama 3 was taught them, others are told.

    {"name": "get_weather", "arguments": {"city": "Paris"}}

What looks like JSON is never text, since nobody wants to hear it; nor are the fence, the list or the tags that some put
around it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.models.protocols import Tool, ToolCall
from assistant.models.tool_bodies import UNREAD, call_of, parsed

ARGUMENTS, PARAMETERS = "arguments", "parameters"

WRAPPER = r"(?:`{1,3}\w*|</?\|?\w*\|?>?)?"
"""A fence or a tag, or the beginning of one."""

OPENING = re.compile(rf"(?:^|\n){WRAPPER}[\s\[]*\{{|\{{\s*\"")
BEFORE = re.compile(rf"\s*{WRAPPER}\s*(?:\[\s*)?\Z")
AFTER = re.compile(r"(?:[\s,;\]]|`{1,3}\w*(?=\s)|</?\|?\w+\|?>)*")
OBJECT = re.compile(r"\{\s*(?:[\"'}]|\Z)")
STEP = re.compile(r"\"(?:[^\"\\]|\\.)*(\"|\Z)|[{}]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class BareJson:
    """``key`` is what the arguments are called."""

    key: str = ARGUMENTS
    marks: tuple[str, ...] = ()

    def calls_in(self, deltas: Iterator[str], _tools: Sequence[Tool] = ()) -> Iterator[str | ToolCall]:
        """The deltas with every call as one item, as soon as its last brace is there; JSON that is none has no name.

        White space before a call and at the end is dropped.
        """
        waiting, called = "", False
        for delta in deltas:
            waiting += delta
            text, call = "?", None
            while text or call:
                waiting = AFTER.sub("", waiting, count=1) if called else waiting
                text, call, waiting = _next(waiting)
                if text:
                    yield text
                if call:
                    yield call
                called = call is not None or (called and not text)
        if "{" in waiting:
            yield UNREAD
        elif waiting.strip() and not (called and BEFORE.match(waiting)):
            yield waiting.rstrip()


def opens(text: str) -> bool:
    """A call has begun at the end of ``text``: with a brace that begins a line, or a brace before a quote."""
    return OPENING.search(text) is not None


def _next(waiting: str) -> tuple[str, ToolCall | None, str]:
    """Text that is certain to be none of a call, the call behind it, and the rest."""
    brace = waiting.find("{")
    if brace >= 0 and not OBJECT.match(waiting, brace):
        return waiting[: brace + 1], None, waiting[brace + 1 :]
    before = waiting if brace < 0 else waiting[:brace]
    held = BEFORE.search(before)
    certain = held.start() if held else len(before)
    end = _end(waiting, brace) if brace >= 0 else None
    if end is None:
        return waiting[:certain], None, waiting[certain:]
    return waiting[:certain], call_of(parsed(waiting[brace:end])), waiting[end:]


def _end(text: str, start: int) -> int | None:
    """Where the object that begins at ``start`` has ended; None where it has not."""
    depth = 0
    for step in STEP.finditer(text, start):
        depth += {"{": 1, "}": -1}.get(step.group(), 0)
        if depth == 0:
            return step.end()
    return None

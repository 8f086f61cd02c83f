"""Tool calls between marks, found in the stream of an answer.

    <tool_call>
    {"name": "get_weather", "arguments": {"city": "Paris"}}
    </tool_call>

is how Hermes and Qwen write one (https://github.com/NousResearch/Hermes-Function-Calling).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from assistant.models import tool_bodies
from assistant.models.protocols import Tool, ToolCall


@dataclass(frozen=True, slots=True)
class Markup:
    """The marks around a call. One that has no ``close`` goes on to the next ``open``, or to the end."""

    open: str
    close: str
    read: Callable[[str, Sequence[Tool]], Iterator[ToolCall]]
    others: tuple[str, ...] = ()
    """Marks within a call."""

    @property
    def marks(self) -> Sequence[str]:
        """All that may be a token of its own, which is no text."""
        return [mark for mark in (self.open, self.close, *self.others) if mark]

    def calls_in(self, deltas: Iterator[str], tools: Sequence[Tool] = ()) -> Iterator[str | ToolCall]:
        """The deltas with every tool call as one item; text goes on as soon as it cannot be the start of a call.

        White space before a call and at the end is dropped. A call that the end of the answer cuts off counts if it is
        complete but for its closing mark.
        """
        waiting, inside = "", False
        for delta in deltas:
            waiting += delta
            while (mark := (self.close or self.open) if inside else self.open) in waiting:
                before, _, waiting = waiting.partition(mark)
                if inside:
                    yield from self.read(before, tools)
                elif text := before.rstrip():
                    yield text
                inside = not (inside and self.close)
            if not inside:
                kept = self._may_open(waiting)
                if text := waiting[: len(waiting) - kept]:
                    yield text
                waiting = waiting[len(waiting) - kept :]
        if inside:
            yield from self.read(waiting, tools)
        elif text := waiting.rstrip():
            yield text

    def _may_open(self, text: str) -> int:
        """How many characters at the end may yet become an opening mark, white space before it included."""
        for size in range(min(len(text), len(self.open) - 1), 0, -1):
            if self.open.startswith(text[-size:]):
                return size + _spaces(text[:-size])
        return _spaces(text)


HERMES = Markup("<tool_call>", "</tool_call>", tool_bodies.hermes)
LFM = Markup("<|tool_call_start|>", "<|tool_call_end|>", tool_bodies.pythonic)
MISTRAL = Markup("[TOOL_CALLS]", "", tool_bodies.mistral, ("[ARGS]",))


def _spaces(text: str) -> int:
    return len(text) - len(text.rstrip())

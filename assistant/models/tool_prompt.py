"""Tools for a chat template that knows none: told in the system prompt, in roles that every template has.

All of it depends on the tools alone, and stands at the head of the prompt, so that what a model has read of it stays
read from turn to turn.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from assistant.models.protocols import Message, Tool, ToolCall

LONGEST = 300
"""Characters of a tool's description."""

RESULTS = "[Results]"
HEAD = "You can use these tools:"
HOW = (
    'To use one, answer with nothing but JSON, as in {"name": "tool", "arguments": {"argument": "value"}}, with a line '
    f"for each use. What comes of it is told to you in a message that begins with {RESULTS}; answer the user then, in "
    "plain words. Where no tool is needed, answer in plain words at once."
)


def plain(messages: Sequence[Message], tools: Sequence[Tool]) -> list[Message]:
    """The messages without calls and results of their own kind, and with ``tools`` in the system message."""
    given = list(messages)
    if tools:
        system = given.pop(0).content if given[:1] and given[0].role == "system" else ""
        given.insert(0, Message("system", f"{system}\n\n{described(tools)}".lstrip()))
    return list(_in_turn(given))


def described(tools: Sequence[Tool]) -> str:
    """What a model has to know of them: a line each, and how to call."""
    return "\n".join([HEAD, *(f"- {_signature(tool)}: {_short(tool.description)}" for tool in tools), HOW])


def _in_turn(messages: Sequence[Message]) -> Iterator[Message]:
    for role, group in groupby(messages, lambda message: message.role):
        if role == "tool":
            yield Message("user", "\n".join([RESULTS, *(message.content for message in group)]))
        else:
            yield from (_as_text(message) for message in group)


def _as_text(message: Message) -> Message:
    lines = [message.content] if message.content else []
    return Message(message.role, "\n".join([*lines, *map(_line, message.calls)])) if message.calls else message


def _line(call: ToolCall) -> str:
    return json.dumps({"name": call.name, "arguments": call.arguments}, ensure_ascii=False)


def _signature(tool: Tool) -> str:
    required = tool.parameters.get("required", ())
    properties = tool.parameters.get("properties", {})
    arguments = [
        f"{name}{'' if name in required else '?'}: {_type(schema)}{_note(schema)}"
        for name, schema in properties.items()
        if isinstance(schema, Mapping)
    ]
    return f"{tool.name}({', '.join(arguments)})"


def _type(schema: Mapping[str, Any]) -> str:
    """As TypeScript writes it, which is short and often seen."""
    if "enum" in schema:
        return "|".join(json.dumps(value, ensure_ascii=False) for value in schema["enum"])
    if isinstance(choices := schema.get("anyOf", schema.get("oneOf")), list):
        return "|".join(dict.fromkeys(_type(each) for each in choices if isinstance(each, Mapping)))
    kind = schema.get("type", "object")
    if kind == "array":
        items = schema.get("items")
        return f"{_type(items)}[]" if isinstance(items, Mapping) else "array"
    return "|".join(map(str, kind)) if isinstance(kind, list) else str(kind)


def _note(schema: Mapping[str, Any]) -> str:
    return f" ({_short(schema['description'])})" if isinstance(schema.get("description"), str) else ""


def _short(text: str) -> str:
    """On one line."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"

"""What stands between the marks of a tool call, read as the families of models write it.

A body that cannot be read is a call without a name: whoever runs it tells the model so.
"""

import ast
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from assistant.models.protocols import Tool, ToolCall

UNREAD = ToolCall("", {})
FUNCTION = re.compile(r"<function=([^>\n]+)>(.*?)(?:</function>|\Z)", re.DOTALL)
PARAMETER = re.compile(r"<parameter=([^>\n]+)>\n?(.*?)\n?(?:</parameter>|\Z)", re.DOTALL)
NAMES = {"true": True, "false": False, "null": None}


def hermes(body: str, tools: Sequence[Tool]) -> Iterator[ToolCall]:
    """JSON as Hermes, Qwen 2.5 and Qwen 3 write it, or the ``<function=…>`` of Qwen 3.5 and Qwen Coder."""
    functions = FUNCTION.findall(body)
    if not functions:
        yield from _listed(parsed(body))
    for name, parameters in functions:
        types = _types(name, tools)
        yield ToolCall(name, {key: _typed(text, types.get(key)) for key, text in PARAMETER.findall(parameters)})


def pythonic(body: str, _tools: Sequence[Tool]) -> Iterator[ToolCall]:
    """``[get_weather(city='Rome'), now()]``, as LFM 2 writes it, or the same calls as a list of JSON."""
    if (calls := parsed(body)) is not None:
        yield from _listed(calls)
        return
    try:
        expression = ast.parse(body.strip(), mode="eval").body
        for call in expression.elts if isinstance(expression, ast.List) else [expression]:
            yield _python_call(call)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # what ast does to words that are no Python
        yield UNREAD


def mistral(body: str, _tools: Sequence[Tool]) -> Iterator[ToolCall]:
    """``name[ARGS]{…}`` as Ministral 3 writes it, or a list of JSON, as its older relatives do."""
    name, separator, arguments = body.strip().partition("[ARGS]")
    if separator:
        yield call_of({"name": name, "arguments": parsed(arguments)})
    else:
        yield from _listed(parsed(body))


def parsed(text: str) -> Any:
    """JSON, with line breaks in its strings too, as models write them; None where it is none."""
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def call_of(called: object) -> ToolCall:
    """The call that some JSON is: ``arguments`` is called ``parameters`` by Llama 3."""
    if not isinstance(called, dict):
        return UNREAD
    name, arguments = called.get("name"), called.get("arguments", called.get("parameters", {}))
    return ToolCall(name, arguments) if isinstance(name, str) and isinstance(arguments, dict) else UNREAD


def _listed(called: object) -> Iterator[ToolCall]:
    yield from map(call_of, called if isinstance(called, list) else [called])


def _types(name: str, tools: Sequence[Tool]) -> dict[str, Any]:
    schemas = [
        schema for tool in tools if tool.name == name for schema in tool.parameters.get("properties", {}).items()
    ]
    return {key: schema.get("type") for key, schema in schemas if isinstance(schema, dict)}


def _typed(text: str, kind: object) -> Any:
    """A value that is written without quotes: JSON, unless the tool wants a string."""
    value = None if kind == "string" else parsed(text)
    return text if value is None and text.strip() != "null" else value


def _python_call(call: ast.expr) -> ToolCall:
    if not isinstance(call, ast.Call) or call.args or any(each.arg is None for each in call.keywords):
        return UNREAD
    return ToolCall(ast.unparse(call.func), {str(each.arg): _python_value(each.value) for each in call.keywords})


def _python_value(node: ast.expr) -> Any:
    """Raises ValueError for what is no literal."""
    return NAMES[node.id] if isinstance(node, ast.Name) and node.id in NAMES else ast.literal_eval(node)

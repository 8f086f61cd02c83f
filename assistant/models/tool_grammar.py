"""A grammar for a call of a tool in bare JSON: names that exist, and arguments of the types that their schemas want.

It is in GBNF, llama.cpp's notation (https://github.com/ggml-org/llama.cpp/tree/master/grammars). The schemas become
rules by the library's own converter; the name is written out before the choice, so that there is one prefix to follow
and not one a tool.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

from assistant.models.protocols import Tool

LONGEST_STRING = 400
"""Characters: a small model may never close its quotes."""

ANYTHING: Mapping[str, Any] = {"type": "object"}
CANONICAL = (
    ('space ::= " "?', 'space ::= ""'),
    ('space ":" space', '": "'),
    ('":" space', '": "'),
    ('"," space', '", "'),
    (r'char ::= [^"\\]', r'char ::= [^"\\\x00-\x1F\x7F]'),
    ("char*", f"char{{0,{LONGEST_STRING}}}"),
)
"""From the converter's rules to JSON as ``json.dumps`` writes it, which models know, and are shown again."""


def grammar_of(tools: Sequence[Tool], key: str, compiles: Callable[[str], bool]) -> str:
    """The grammar of one call of ``tools``, with the arguments under ``key``.

    ``compiles`` says whether llama.cpp takes a grammar. A schema that the converter cannot express, or only badly, is
    left to who runs the tool: its arguments may be any object.
    """
    return _written([tool if _fits(tool, key, compiles) else replace(tool, parameters=ANYTHING) for tool in tools], key)


def _fits(tool: Tool, key: str, compiles: Callable[[str], bool]) -> bool:
    try:
        return compiles(_written([tool], key))
    except Exception:  # a schema is anybody's, and the converter meets what it does not know with any error
        return False


def _written(tools: Sequence[Tool], key: str) -> str:
    from llama_cpp import llama_grammar

    convert_by: Any = llama_grammar.SchemaConverter  # untyped, where it is installed
    converter = convert_by(prop_order={}, allow_fetch=False, dotall=False, raw_pattern=False)
    calls = []
    for place, tool in enumerate(tools):
        schema = converter.resolve_refs(_apart(tool.parameters, f"-{place}"), f"tool-{place}")
        arguments = converter.visit(schema, f"arguments-{place}")
        named = f"{json.dumps(tool.name)}, {json.dumps(key)}: "
        calls.append(f"{_literal(named)} {arguments}")
    rules = [
        "root ::= " + _literal('{"name": ') + f" ({' | '.join(calls)}) " + _literal("}"),
        _canonical(converter.format_grammar()),
    ]
    return "\n".join(rules)


def _canonical(rules: str) -> str:
    return reduce(lambda text, change: text.replace(*change), CANONICAL, rules)


def _literal(text: str) -> str:
    """GBNF quotes as JSON does."""
    return json.dumps(text)


def _apart(schema: Any, mark: str) -> Any:
    """A copy whose definitions are named after the tool: the converter knows them by the end of a reference alone."""
    if isinstance(schema, list):
        return [_apart(each, mark) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    copy = {key: _apart(value, mark) for key, value in schema.items()}
    for definitions in ("$defs", "definitions"):
        if isinstance(copy.get(definitions), dict):
            copy[definitions] = {f"{name}{mark}": each for name, each in copy[definitions].items()}
    if isinstance(copy.get("$ref"), str):
        copy["$ref"] += mark
    return copy

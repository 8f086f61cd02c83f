"""The grammar of tool calls: whatever a model would rather say, what comes out is a call of a tool that there is."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.models.protocols import Message, Tool
from assistant.session.turn import CancelToken
from tests.models import tiny

pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")

from assistant.models import llama_library
from assistant.models.llama_cpp import LlamaLlm
from assistant.models.tool_grammar import LONGEST_STRING, grammar_of

Schema = Mapping[str, Any]
NAMES = st.text("abc_-", min_size=1, max_size=6)
VALUES = st.one_of(
    st.fixed_dictionaries({"type": st.sampled_from(["integer", "number", "boolean"])}),
    st.just({"type": "string", "maxLength": 6}),
    st.fixed_dictionaries({"enum": st.lists(st.one_of(NAMES, st.integers(-9, 9)), min_size=1, max_size=3)}),
    st.just({"anyOf": [{"type": "string", "maxLength": 4}, {"type": "null"}], "default": None}),
    st.just({"type": "array", "items": {"type": "integer"}, "maxItems": 3}),
    st.just({"$ref": "#/$defs/Unit"}),
)


@st.composite
def tools(draw: st.DrawFn) -> list[Tool]:
    """Some tools whose definition ``Unit`` is each another one."""
    drawn = []
    for name in draw(st.lists(NAMES, min_size=1, max_size=5, unique=True)):
        properties = draw(st.dictionaries(NAMES, VALUES, max_size=4))
        required = draw(st.lists(st.sampled_from(sorted(properties)), unique=True)) if properties else []
        definitions = {"Unit": {"enum": draw(st.lists(NAMES, min_size=1, max_size=2))}}
        parameters = {"type": "object", "properties": properties, "required": required, "$defs": definitions}
        drawn.append(Tool(name, "It does something.", parameters | {"additionalProperties": False}))
    return drawn


@pytest.fixture(scope="module")
def wild() -> Iterator[LlamaLlm]:
    """A model of random weights, which has never seen JSON."""
    engine = LlamaLlm(tiny.models().random_gguf, context_tokens=2048, max_tokens=1000)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def compiles(wild: LlamaLlm) -> Callable[[str], bool]:
    return partial(llama_library.is_grammar, wild._library, wild._vocab)


def written(engine: LlamaLlm, offered: Sequence[Tool], said: str, key: str = "arguments") -> str:
    """What the model says where a call is all that it may say."""
    prompt = engine._tokenize([Message("user", said)])
    ids = engine._ids(prompt, 1000, CancelToken(), engine._grammar_of(offered, key))
    return "".join(text for _, text in engine._texts(ids))


@settings(max_examples=60, deadline=None)
@given(offered=tools(), said=st.text("abc .", max_size=20), key=st.sampled_from(["arguments", "parameters"]))
def test_a_call_has_a_name_that_exists_and_arguments_of_its_schema(
    wild: LlamaLlm, offered: list[Tool], said: str, key: str
) -> None:
    wild._grammar = ((), None)
    called = json.loads(written(wild, offered, said, key))
    assert list(called) == ["name", key]
    [tool] = [each for each in offered if each.name == called["name"]]
    jsonschema.validate(called[key], tool.parameters)


def test_a_string_that_would_never_end_is_cut(wild: LlamaLlm) -> None:
    wants_text = Tool(
        "note", "Note.", {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
    )
    for said in "abcdefgh":
        assert len(json.loads(written(wild, [wants_text], said), strict=False)["arguments"]["text"]) <= LONGEST_STRING


def test_json_is_written_as_python_writes_it(wild: LlamaLlm) -> None:
    properties = {
        "on": {"type": "boolean"},
        "days": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
    }
    lamp = Tool("lamp", "The lamp.", {"type": "object", "properties": properties, "required": ["on", "days"]})
    text = written(wild, [lamp], "on")
    assert text == json.dumps(json.loads(text))


ODD = [
    {"type": "object", "properties": {"a": {"type": "string", "pattern": "^(?=x)y$"}}, "required": ["a"]},
    {"type": "object", "properties": {"a": {"$ref": "https://example.org/schema"}}, "required": ["a"]},
    {"type": "object", "properties": {"a": {"$ref": "#/nowhere"}}, "required": ["a"]},
    {"type": "object", "properties": {"a": {"enum": ['a "quote"']}}, "required": ["a"]},
    {"type": "object", "properties": {"a": {"type": "colour"}}, "required": ["a"]},
    {"type": "object", "properties": "none"},
    {"type": "object", "properties": {"a": True}},
]


@pytest.mark.parametrize("odd", ODD)
def test_a_schema_that_no_grammar_holds_costs_only_its_own_check(
    compiles: Callable[[str], bool], wild: LlamaLlm, odd: Schema
) -> None:
    even = Tool("even", "Even.", {"type": "object", "properties": {"b": {"type": "boolean"}}, "required": ["b"]})
    grammar = grammar_of([Tool("odd", "Odd.", odd), even], "arguments", compiles)
    assert compiles(grammar)
    assert '"\\"odd\\", \\"arguments\\": "' in grammar
    assert 'arguments-1-b-kv ::= "\\"b\\"" ": " boolean' in grammar
    assert json.loads(written(wild, [Tool("odd", "Odd.", odd)], "x"), strict=False)["name"] == "odd"


def test_a_schema_that_contains_itself(compiles: Callable[[str], bool]) -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}}}
    tree = Tool(
        "tree", "Tree.", {"type": "object", "properties": {"n": {"$ref": "#/$defs/Node"}}, "$defs": {"Node": node}}
    )
    grammar = grammar_of([tree, tree], "arguments", compiles)
    assert compiles(grammar)
    assert "Node-1-next-kv" in grammar


def test_what_is_no_grammar_is_noticed(compiles: Callable[[str], bool]) -> None:
    assert compiles('root ::= "a"')
    assert not compiles("root ::= nowhere")
    assert not compiles('root ::= "a')

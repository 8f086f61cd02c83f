"""Tool calls of models through the llama.cpp adapter: in bare JSON under a grammar, and between marks."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.brain.acts import Acts
from assistant.brain.runner import Runner
from assistant.brain.skill import Context
from assistant.brain.thinker import Talk, Thinker, through
from assistant.brain.tools import Toolbox
from assistant.models.protocols import Message, Tool, ToolCall
from assistant.session.turn import Cancelled, CancelToken
from tests.models import templates, tiny

pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")

from assistant.models.llama_cpp import LlamaLlm
from assistant.models.tool_bodies import UNREAD
from tests.models.streams import evaluated

NANO = Path(__file__).parent / "nano-llama/nano-llama.gguf"
BRIEF = Message("system", "You are a voice assistant.")
ASKED = [BRIEF, Message("user", "what is the weather in paris")]
PARIS = ToolCall("get_weather", {"city": "Paris"})


def tool(name: str, **properties: str) -> Tool:
    schemas = {key: {"type": kind} for key, kind in properties.items()}
    return Tool(name, f"the {name}", {"type": "object", "properties": schemas, "required": list(schemas)})


TOOLS = [tool("get_weather", city="string"), tool("set_timer", minutes="integer"), tool("ab"), tool("cd")]


@pytest.fixture(scope="module")
def plain_nano(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """nano-llama with a template that knows no tools. It was taught to call them, but in another form."""
    return tiny.with_template(NANO, tmp_path_factory.mktemp("nano") / "plain.gguf", tiny.CHATML)


@pytest.fixture
def nano(plain_nano: Path) -> Iterator[LlamaLlm]:
    engine = LlamaLlm(plain_nano, temperature=0.0)
    yield engine
    engine.close()


def scripted(tmp_path: Path, *tokens: str, template: str = templates.NO_TOOLS, **options: Any) -> LlamaLlm:
    """Each token leads to the next, wherever it stands, unless a grammar has its way."""
    script = {**tiny.chain(*tokens), "<0x22>": "c", "<0x7D>": tiny.END}
    return LlamaLlm(tiny.gguf(tmp_path / "scripted.gguf", script, template=template), **options)


def test_a_model_whose_template_has_no_tools_calls_one(nano: LlamaLlm) -> None:
    assert list(nano.generate(ASKED, CancelToken(), TOOLS)) == [PARIS]


def test_the_model_chooses_and_the_grammar_spells(tmp_path: Path) -> None:
    engine = scripted(tmp_path, "<0x7B>")
    assert list(engine.generate(ASKED, CancelToken(), TOOLS)) == [ToolCall("cd", {})]


def test_a_call_may_follow_words(tmp_path: Path) -> None:
    engine = scripted(tmp_path, "\u2581Hello", "\u2581there", '{"')
    assert list(engine.generate(ASKED, CancelToken(), TOOLS)) == [" Hello", " there", ToolCall("cd", {})]


def test_another_call_may_follow_a_call(tmp_path: Path) -> None:
    script = {**tiny.chain("<0x7B>"), "<0x22>": "c", "<0x7D>": "<0x20>", "<0x20>": '{"', "<0x3A>": "<0x20>"}
    engine = LlamaLlm(tiny.gguf(tmp_path / "t.gguf", script, template=templates.NO_TOOLS), max_tokens=100)
    calls = list(engine.generate(ASKED, CancelToken(), TOOLS))
    assert calls[:2] == [ToolCall("cd", {})] * 2
    assert set(map(str, calls[2:])) <= {str(ToolCall("cd", {})), str(UNREAD)}


def test_a_call_that_has_no_room_is_told_as_a_bad_one(tmp_path: Path) -> None:
    engine = scripted(tmp_path, "\u2581Hello", '{"', max_tokens=12)
    assert list(engine.generate(ASKED, CancelToken(), TOOLS)) == [" Hello", UNREAD]


def test_without_tools_a_brace_is_a_brace(tmp_path: Path) -> None:
    engine = scripted(tmp_path, '{"', "a")
    assert list(engine.generate(ASKED, CancelToken())) == ['{"', "a"]


def test_what_was_said_before_a_call_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = scripted(tmp_path, "\u2581Hello", '{"')
    counts = evaluated(engine, monkeypatch)
    list(engine.generate(ASKED, CancelToken(), TOOLS))
    prompt, *others = counts
    assert prompt == len(engine._tokenize(ASKED, TOOLS))
    assert max(others) == 1


def test_the_tools_stand_in_what_is_read_ahead(nano: LlamaLlm, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = evaluated(nano, monkeypatch)
    nano.prepare([BRIEF, Message("user", "")], TOOLS)
    prepared = sum(counts)
    described = len(nano._tokenize([BRIEF], TOOLS)) - len(nano._tokenize([BRIEF]))
    assert prepared > described > 50
    counts.clear()
    assert list(nano.generate(ASKED, CancelToken(), TOOLS)) == [PARIS]
    assert counts[0] == len(nano._tokenize(ASKED, TOOLS)) - prepared


def test_a_cancel_within_a_call_ends_it_and_the_next_is_right(nano: LlamaLlm) -> None:
    whole = nano._deltas(nano._tokenize(ASKED, TOOLS), CancelToken(), TOOLS)
    text = "".join(whole)
    assert json.loads(text.partition("{")[1] + text.partition("{")[2].partition("}}")[0] + "}}")
    token = CancelToken()
    deltas = nano._deltas(nano._tokenize(ASKED, TOOLS), token, TOOLS)
    while "name" not in next(deltas):
        pass
    token.cancel("test")
    with pytest.raises(Cancelled):
        next(deltas)
    assert list(nano.generate(ASKED, CancelToken(), TOOLS)) == [PARIS]


def test_tools_that_change_have_another_grammar(nano: LlamaLlm) -> None:
    first = nano._grammar_of(TOOLS, "arguments")
    assert nano._grammar_of(list(TOOLS), "arguments") is first
    other = nano._grammar_of([tool("get_weather", town="string")], "arguments")
    assert "town" in other._grammar
    assert "city" not in other._grammar


def test_marks_that_are_no_text_are_seen(tmp_path: Path) -> None:
    """Ministral's marks are control tokens, which nobody would see as text."""
    engine = scripted(tmp_path, "[TOOL_CALLS]", "c", "d", "[ARGS]", "<0x7B>", "<0x7D>", template=templates.MINISTRAL)
    assert list(engine.generate(ASKED, CancelToken(), TOOLS)) == [ToolCall("cd", {})]
    assert "".join(map(str, engine.generate(ASKED, CancelToken()))) == "[TOOL_CALLS]cd[ARGS]{}"


def test_a_result_is_told_and_nothing_of_the_call_is_spoken(nano: LlamaLlm, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    prompts: list[str] = []
    tokenize = nano._encode

    def get_weather(city: str) -> str:
        """The weather of a city."""
        asked.append(city)
        return f"sunny in {city}"

    def encode(prompt: str) -> list[int]:
        prompts.append(prompt)
        return tokenize(prompt)

    monkeypatch.setattr(nano, "_encode", encode)
    thinker = Thinker(nano, Toolbox([get_weather]), Acts(Runner()), lambda: None, lambda _: None)
    said = "".join(through(thinker.answer(Talk(1, ASKED, Context()), CancelToken()), CancelToken()))
    assert asked[0] == "Paris"
    assert not any(mark in said for mark in ("{", "get_weather", "tool_call"))
    assert any(
        '{"name": "get_weather", "arguments": {"city": "Paris"}}' in prompt and "[Results]\nsunny in Paris" in prompt
        for prompt in prompts
    )

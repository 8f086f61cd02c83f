"""nano-llama, a real GGUF of our own, through the real adapter and the real prompt: its answers word for word."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.models.protocols import Message, Tool, ToolCall
from assistant.session.turn import CancelToken

pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")

import llama_cpp

from assistant.models.llama_cpp import LlamaLlm
from scripts.test_models.nano_llama import corpus
from scripts.test_models.nano_llama.exam import EXAM, TOOLS, asked
from scripts.test_models.nano_llama.phrases import UNKNOWN

MODEL = Path(__file__).parent / "nano-llama/nano-llama.gguf"

LEAST_RIGHT = {
    "questions": 0.98,
    "questions after other turns": 0.96,
    "follow-ups": 0.96,
    "follow-ups of nothing": 0.83,
    "unknown questions": 0.96,
    "tool calls": 0.9,
    "tool results": 1.0,
    "tools not defined": 0.98,
}
"""Just below the scores in the model card: another processor rounds otherwise."""


@pytest.fixture(scope="module")
def nano() -> Iterator[LlamaLlm]:
    engine = LlamaLlm(MODEL, temperature=0.0)
    yield engine
    engine.close()


def wrong(engine: LlamaLlm, kind: str) -> list[tuple[str, str | ToolCall]]:
    """What was asked and answered, where the answer is not the one expected."""
    answers = ((case, asked(engine, case)) for case in EXAM[kind]())
    return [(case.messages[-1].content, said) for case, said in answers if said != case.expected]


@pytest.mark.parametrize(("kind", "least"), LEAST_RIGHT.items())
def test_the_exam_is_passed(nano: LlamaLlm, kind: str, least: float) -> None:
    missed = wrong(nano, kind)
    assert len(missed) <= (1 - least) * len(list(EXAM[kind]())), missed


def test_it_is_small() -> None:
    assert MODEL.stat().st_size <= 4_000_000


def test_it_stops_by_itself(nano: LlamaLlm) -> None:
    """The last token is the end of the turn, not the last that there was room for."""
    case = next(case for case in EXAM["unknown questions"]())
    numbers = list(nano._llama.tokenize(case.expected.encode(), add_bos=False))
    short = LlamaLlm(MODEL, temperature=0.0, max_tokens=len(numbers) - 1)
    assert asked(nano, case) == case.expected
    assert case.expected.startswith(cut := asked(short, case))
    assert cut != case.expected
    short.close()


def test_an_answer_arrives_in_pieces_that_join_to_it(nano: LlamaLlm) -> None:
    case = next(case for case in EXAM["unknown questions"]())
    pieces = list(nano.generate(case.messages, CancelToken()))
    assert len(pieces) > 3
    assert "".join(pieces) == case.expected


def test_a_greeting_without_system_message_is_no_riddle(nano: LlamaLlm) -> None:
    assert "".join(nano.generate([Message("user", "Hello.")], CancelToken())) == UNKNOWN


@pytest.fixture(scope="module")
def chat() -> Iterator[Callable[..., str]]:
    """llama-cpp-python's own chat, which gives the tools to the model's template."""
    llama = llama_cpp.Llama(str(MODEL), n_ctx=768, n_threads=1, verbose=False)

    functions = [{"name": tool.name, "description": tool.description, "parameters": tool.parameters} for tool in TOOLS]

    def ask(messages: list[dict[str, Any]]) -> str:
        offered = [{"type": "function", "function": function} for function in functions]
        reply = llama.create_chat_completion(messages, tools=offered, temperature=0.0, max_tokens=100)
        return str(reply["choices"][0]["message"]["content"])

    yield ask
    llama.close()


def test_the_template_carries_the_tools_and_their_results(chat: Callable[..., str]) -> None:
    question = {"role": "user", "content": "set a timer for five minutes please"}
    called = chat([question])
    assert called == corpus.call("set_timer", 5)
    body = re.fullmatch(r"<tool_call>\n(.*)\n</tool_call>", called)
    assert body is not None
    function = json.loads(body[1])
    made = {"role": "assistant", "content": None, "tool_calls": [{"type": "function", "function": function}]}
    assert chat([question, made, {"role": "tool", "content": '{"ok": true}'}]) == "The timer is set."


def test_tools_that_would_fill_the_context_are_not_offered() -> None:
    tools = [
        Tool(f"tool_{number}", "Do something. " * 10, {"type": "object", "properties": {}}) for number in range(40)
    ]
    engine = LlamaLlm(MODEL, temperature=0.0, context_tokens=512)
    offered = engine._offered(tools)
    assert 0 < len(offered) < 40
    assert list(offered) == tools[: len(offered)]
    assert list(engine.generate([Message("user", "who wrote hamlet")], CancelToken(), tools))
    engine.close()

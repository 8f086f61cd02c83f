"""Chat templates of other families: tools as they tell them, or else in words; calls as they write them."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from assistant.models.protocols import Message, Tool, ToolCall
from assistant.models.tool_json import BareJson
from assistant.models.tool_markup import HERMES, LFM, MISTRAL
from tests.models import templates, tiny

pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")

import llama_cpp

from assistant.models.chat_template import CallForm, ChatTemplate, one_by_one

WEATHER = Tool(
    "get_weather",
    "The weather of a city.",
    {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}, "required": ["city"]},
)
NOW = Tool("now", "The time.", {"type": "object", "properties": {}})
TOOLS = [WEATHER, NOW]
ROME, PARIS = ToolCall("get_weather", {"city": "Rome", "days": 2}), ToolCall("get_weather", {"city": "Paris"})
ASKED = [Message("system", "Be brief."), Message("user", "The weather in Rome?")]
ONE = [*ASKED, Message("assistant", "", (ROME,)), Message("tool", "sunny")]
TWO = [*ASKED, Message("assistant", "", (ROME, PARIS)), Message("tool", "sunny"), Message("tool", "rain")]

FAMILIES: dict[str, CallForm] = {
    "QWEN": HERMES,
    "QWEN_FUNCTIONS": HERMES,
    "LLAMA": BareJson("parameters"),
    "LFM": LFM,
    "MINISTRAL": MISTRAL,
    "NO_TOOLS": BareJson("arguments"),
    "ALTERNATING": BareJson("arguments"),
    "GEMMA_4": BareJson("arguments"),
    "OTHER_NAME": BareJson("arguments"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("templates")


def loaded(folder: Path, family: str) -> ChatTemplate:
    path = tiny.gguf(folder / f"{family}.gguf", tiny.chain("a"), template=getattr(templates, family))
    llama = llama_cpp.Llama(str(path), n_ctx=256, n_threads=1, vocab_only=True, verbose=False)
    template = ChatTemplate(llama, family)
    llama.close()
    return template


def calls(template: ChatTemplate, messages: Sequence[Message], tools: Sequence[Tool]) -> list[str | ToolCall]:
    """What the form reads in what the assistant said."""
    said = re.findall(r"<assistant>\n(.*?)\n<(?:tool|user)>", template.render(messages, tools), re.DOTALL)
    return [item for text in said for item in template.form.calls_in(iter([text]), tools)]


@pytest.mark.parametrize(("family", "form"), FAMILIES.items())
def test_the_form_of_a_call_is_found_by_trying(folder: Path, family: str, form: CallForm) -> None:
    assert loaded(folder, family).form == form


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("dialogue", [ONE, TWO])
def test_a_call_is_written_as_it_is_read(folder: Path, family: str, dialogue: list[Message]) -> None:
    template = loaded(folder, family)
    assert calls(template, dialogue, TOOLS) == list(dialogue[2].calls)


@pytest.mark.parametrize("family", FAMILIES)
def test_tools_are_told_once_and_not_without_being_offered(folder: Path, family: str) -> None:
    template = loaded(folder, family)
    assert template.render(ASKED, TOOLS).count("The weather of a city.") == 1
    assert "get_weather" not in template.render(ASKED)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_prompt_grows_at_its_end_alone(folder: Path, family: str) -> None:
    """What was read for the question is what stands before the answer and behind the results."""
    template = loaded(folder, family)
    asked, called = template.render(ASKED, TOOLS), template.render(ONE, TOOLS)
    assert called.startswith(asked.removesuffix("<assistant>\n"))
    assert called.index("Rome?") < called.index("sunny")


def test_a_template_without_tools_is_told_in_roles_that_it_has(folder: Path) -> None:
    template = loaded(folder, "ALTERNATING")
    prompt = template.render(TWO, TOOLS)
    assert [line for line in prompt.splitlines() if line.startswith("<")] == ["<user>", "<assistant>"] * 2
    assert prompt.startswith(
        "<user>\nBe brief.\n\nYou can use these tools:\n- get_weather(city: string, days?: integer)"
    )
    assert prompt.endswith(
        '{"name": "get_weather", "arguments": {"city": "Rome", "days": 2}}\n'
        '{"name": "get_weather", "arguments": {"city": "Paris"}}\n'
        "<user>\n[Results]\nsunny\nrain\n<assistant>\n"
    )


def test_calls_one_by_one_keep_their_results() -> None:
    said = Message("assistant", "Let me see.", (ROME, PARIS))
    results = [Message("tool", "sunny"), Message("tool", "rain")]
    after = [Message("assistant", "Sunny and rain."), Message("user", "Thanks.")]
    assert one_by_one([*ASKED, said, *results, *after]) == [
        *ASKED,
        Message("assistant", "Let me see.", (ROME,)),
        results[0],
        Message("assistant", "", (PARIS,)),
        results[1],
        *after,
    ]
    assert one_by_one(ONE) == ONE

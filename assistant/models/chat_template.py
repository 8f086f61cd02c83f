"""The chat template that a GGUF carries: messages and tools become the text of a prompt, in the model's own form."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Protocol

from assistant.errors import ModelCorrupt
from assistant.models import tool_prompt
from assistant.models.protocols import Message, Tool, ToolCall
from assistant.models.tool_json import ARGUMENTS, PARAMETERS, BareJson
from assistant.models.tool_markup import HERMES, LFM, MISTRAL

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)

CURSOR = "\ue000"
"""Marks a place in a rendered prompt: a character for private use, which no template trims."""

MARKUP = re.compile(r"<(?=[|/]?[a-z0-9_]+[|]?>)", re.IGNORECASE)


class CallForm(Protocol):
    """How a model writes the calls of its tools."""

    @property
    def marks(self) -> Sequence[str]:
        """Tokens of their own that belong to it, and are no text."""

    def calls_in(self, deltas: Iterator[str], tools: Sequence[Tool] = ()) -> Iterator[str | ToolCall]:
        """The text of an answer, and the calls of ``tools`` in it."""


FORMS: Sequence[CallForm] = (HERMES, LFM, MISTRAL, BareJson(PARAMETERS), BareJson(ARGUMENTS))

PROBE = Tool("probe_tool", "Probe.", {"type": "object", "properties": {"probe": {"type": "string"}}, "required": []})
PROBE_CALL = ToolCall(PROBE.name, {"probe": "value"})


class ChatTemplate:
    """``form`` is how the model calls tools: its template's own way, if we can read it, or bare JSON if it is told to.

    The template is not searched for words but tried: tools that it is given have to be in the prompt, and a call that
    it writes has to be one that we read.
    """

    def __init__(self, llama: Any, name: str) -> None:
        """``llama`` is a loaded ``llama_cpp.Llama``. Raises what Jinja does where the template cannot be read."""
        from llama_cpp.llama_chat_format import Jinja2ChatFormatter

        def text_of(number: int) -> str:
            return str(llama._model.token_get_text(number)) if number >= 0 else ""

        self.source: str = llama.metadata.get("tokenizer.chat_template", "")
        self._name = name
        self._formatter: Any = Jinja2ChatFormatter(
            self.source or CHATML, eos_token=text_of(llama.token_eos()), bos_token=text_of(llama.token_bos())
        )
        own = self._own_form()
        self._knows_tools = own is not None
        self.form: CallForm = own or BareJson()

    def render(self, messages: Sequence[Message], tools: Sequence[Tool] = ()) -> str:
        """The prompt as text. Raises ModelCorrupt.

        Templates that refuse a system message get it at the head of the first user message, those that refuse several
        calls at once get them one by one.
        """
        if not self._knows_tools:
            messages, tools = tool_prompt.plain(messages, tools), ()
        failure: Exception | None = None
        for form in (messages, without_system(messages), one_by_one(messages), without_system(one_by_one(messages))):
            try:
                return self._formatted(form, tools)
            except Exception as error:  # the template is the model's own program: anything may go wrong in it
                failure = failure or error
        raise ModelCorrupt(
            f"the chat template of {self._name} does not work: {failure}", hint="Install another model."
        ) from failure

    def _formatted(self, messages: Sequence[Message], tools: Sequence[Tool]) -> str:
        dialogue = [_written(message) for message in messages]
        offered = [
            _function(name=tool.name, description=tool.description, parameters=tool.parameters) for tool in tools
        ]
        return str(self._formatter(messages=dialogue, tools=offered or None, enable_thinking=False).prompt)

    def _own_form(self) -> CallForm | None:
        """How the template writes calls; None where it offers no tools, or writes them in a way that is not ours."""
        asked = Message("user", "Hello.")
        try:
            offered = self._formatted([asked], [PROBE])
            called = self._formatted([asked, Message("assistant", "", (PROBE_CALL,))], [PROBE])
            spoken = self._formatted([asked, Message("assistant", CURSOR)], [PROBE])
        except Exception:  # the template is the model's own program: anything may go wrong in it
            return None
        written = _difference(called, spoken)
        reads = (form for form in FORMS if list(form.calls_in(iter([written]), [PROBE])) == [PROBE_CALL])
        return next(reads, None) if PROBE.name in offered else None


def _difference(text: str, other: str) -> str:
    """The part of ``text`` where ``other`` has its CURSOR."""
    before, _, behind = other.partition(CURSOR)
    start = next((place for place, (a, b) in enumerate(zip(text, before, strict=False)) if a != b), len(before))
    end = len(text) - next(
        (place for place, (a, b) in enumerate(zip(reversed(text), reversed(behind), strict=False)) if a != b),
        len(behind),
    )
    return text[start:end]


def _written(message: Message) -> dict[str, Any]:
    """The message as a template expects it, without anything that could pass for the template's own markup."""
    written: dict[str, Any] = {"role": message.role, "content": MARKUP.sub("< ", message.content)}
    if message.calls:
        plain = [(call.name, json.loads(MARKUP.sub("< ", json.dumps(call.arguments)))) for call in message.calls]
        written["tool_calls"] = [_function(name=name, arguments=arguments) for name, arguments in plain]
    return written


def _function(**fields: object) -> dict[str, Any]:
    return {"type": "function", "function": fields}


def without_system(messages: Sequence[Message]) -> Sequence[Message]:
    """The system message put at the head of the first user message."""
    if len(messages) < 2 or messages[0].role != "system":
        return messages
    first = Message(messages[1].role, f"{messages[0].content}\n\n{messages[1].content}")
    return [first, *messages[2:]]


def one_by_one(messages: Sequence[Message]) -> Sequence[Message]:
    """Several calls of one message as so many messages, each with its result behind it."""
    form: list[Message] = []
    left: list[ToolCall] = []
    for message in messages:
        if left and message.role == form[-1].role == "tool":
            form.append(Message("assistant", "", (left.pop(0),)))
        if message.calls:
            left = list(message.calls[1:])
        form.append(replace(message, calls=message.calls[:1]))
    return form

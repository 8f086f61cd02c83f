"""What a test looks at of a language model: the items of its answer, and what each pass reads."""

from collections.abc import Iterable, Sequence

import pytest

from assistant.models.llama_cpp import LlamaLlm
from assistant.models.protocols import ToolCall


def joined(answer: Iterable[str | ToolCall]) -> list[str | ToolCall]:
    """The items, with text that follows text joined."""
    items: list[str | ToolCall] = []
    for item in answer:
        if isinstance(item, str) and items and isinstance(items[-1], str):
            items[-1] += item
        else:
            items.append(item)
    return items


def evaluated(engine: LlamaLlm, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many tokens each pass through the network takes from now on."""
    counts: list[int] = []
    original = engine._llama.eval

    def spy(tokens: Sequence[int]) -> None:
        counts.append(len(tokens))
        original(tokens)

    monkeypatch.setattr(engine._llama, "eval", spy)
    return counts

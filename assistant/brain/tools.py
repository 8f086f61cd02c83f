"""The tools that a language model may call: skills, plain functions, and what MCP servers offer, side by side."""

import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from assistant.brain.arguments import BadArguments
from assistant.brain.skill import Context, Reply, SkillFunction, skill_of
from assistant.models.protocols import Tool as Definition
from assistant.session.turn import CancelToken

LONGEST_RESULT = 4000
"""Characters that the model is told of one result: a small model's context holds some thousand tokens."""


class Tool(Protocol):
    """What can be called. A Skill is one."""

    @property
    def name(self) -> str: ...

    @property
    def definition(self) -> Definition: ...

    @property
    def confirm(self) -> bool: ...

    @property
    def outlives_turn(self) -> bool: ...

    @property
    def timeout_s(self) -> float: ...

    def bind(self, arguments: Mapping[str, Any], context: Context, token: CancelToken) -> Callable[[], Reply]:
        """The call, its arguments checked; to be run where it may take its time. Raises BadArguments."""


class Toolbox:
    """Tools by name, in the order of their coming. Thread-safe, as a server's tools come and go."""

    def __init__(self, functions: Iterable[SkillFunction] = ()) -> None:
        """Raises ValueError for two functions of one name, or one without a docstring."""
        self._lock = threading.Lock()
        self._tools: dict[str, tuple[Tool, Definition]] = {}
        self.add(skill_of(function) for function in functions)

    @property
    def definitions(self) -> Sequence[Definition]:
        """What the model is told of them."""
        with self._lock:
            return [definition for _, definition in self._tools.values()]

    def add(self, tools: Iterable[Tool]) -> None:
        """All of them or none. Raises ValueError for a second tool of one name, or one that explains nothing."""
        with self._lock:
            grown = dict(self._tools)
            for tool in tools:
                if tool.name in grown:
                    raise ValueError(f"two tools are called {tool.name}")
                grown[tool.name] = tool, tool.definition
            self._tools = grown

    def remove(self, names: Iterable[str]) -> None:
        with self._lock:
            for name in names:
                self._tools.pop(name, None)

    def find(self, name: str) -> Tool:
        """Raises BadArguments, with the names that there are."""
        with self._lock:
            if name in self._tools:
                return self._tools[name][0]
            raise BadArguments(f"there is no tool {name!r}; there are {', '.join(self._tools)}")


def told(text: str) -> str:
    """A result as the model gets it: cut where it would fill the context."""
    if len(text) <= LONGEST_RESULT:
        return text
    return f"{text[:LONGEST_RESULT]}… ({len(text) - LONGEST_RESULT} more characters were left out)"


def failure(message: str) -> str:
    """What the model is told of a call that failed."""
    return json.dumps({"error": message}, ensure_ascii=False)

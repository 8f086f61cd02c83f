"""How a skill is written: one typed function in ``skills/`` and its sentences in ``sentences/<language>/``.

    @skill("FlipCoin")
    def flip_coin(context: Context) -> str:
        return context.rng.choice(["Heads.", "Tails."])

The name in ``@skill`` is the intent's name in the sentences file, and the keyword parameters are the slots that its
sentences fill: a ``Fraction`` for a number, else the ``out`` value of a list or the words of a wildcard. A slot that
some sentences leave out has a default; ``context`` is there for those who ask for it. What the function returns is
spoken. The function itself changes nothing, since it may be called for words that are never committed: a skill that
changes something returns a ``Reply`` with a ``do``, which is called once the turn has committed, and which returns what
undoes it, so that "no wait …" can take it back.
"""

import importlib
import inspect
import pkgutil
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeVar

from assistant.brain.memory import Memory, Notebook
from assistant.brain.protocols import Exchange
from assistant.brain.timers import TimerBoard

SILENCE = ""
"""What a skill returns to say nothing at all."""


Undo = Callable[[], object]


class Refused(Exception):
    """Raised by a ``do`` that cannot be done after all; its text is said instead."""


@dataclass(frozen=True, slots=True)
class Reply:
    """``do`` makes true what ``text`` says. It raises Refused where it cannot."""

    text: str
    do: Callable[[], Undo] | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What a skill may look at and use. ``now`` gives the local time with its zone, ``text`` the words as they came."""

    now: Callable[[], datetime] = field(default=lambda: datetime.now().astimezone())
    rng: random.Random = field(default_factory=random.Random)
    timers: TimerBoard = field(default_factory=TimerBoard)
    memory: Memory = field(default_factory=Notebook)
    history: Sequence[Exchange] = ()
    text: str = ""
    name: str = "Assistant"
    can_wait: bool = True


Skill = Callable[..., str | Reply]
F = TypeVar("F", bound=Skill)
_SKILLS: dict[str, Skill] = {}


def skill(intent: str) -> Callable[[F], F]:
    """Register the function that answers ``intent``."""

    def register(function: F) -> F:
        if intent in _SKILLS:
            raise ValueError(f"two skills answer {intent}")
        _SKILLS[intent] = function
        return function

    return register


def run_skill(function: Skill, context: Context, slots: Mapping[str, Any]) -> Reply:
    """Call a skill with the slots, and with the context if it wants it."""
    wanted = {"context": context} if "context" in inspect.signature(function).parameters else {}
    answer = function(**wanted, **slots)
    return answer if isinstance(answer, Reply) else Reply(answer)


def load_skills() -> Mapping[str, Skill]:
    """Import every module in ``skills/``; return the functions by intent."""
    package = importlib.import_module("assistant.brain.skills")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return MappingProxyType(_SKILLS)

"""How a skill is written: one typed, docstringed function.

    @skill
    def flip_coin(context: Context) -> str:
        \"\"\"Flip a coin.\"\"\"
        return context.rng.choice(["Heads.", "Tails."])

It is called for sentences (the intent ``FlipCoin`` in ``sentences/<language>/*.yaml``, or in ``NAME.<language>.yaml``
beside a module from elsewhere) and by a language model, as the tool ``flip_coin``: the signature becomes the schema of
its arguments, the docstring its description. Arguments are checked before the call, so that a ``Fraction`` is one
whoever gives it. Two parameters are not arguments, and are there for those who ask for them by name: ``context``, and
``token``, the turn's, to be polled by what takes long.

What the function returns is spoken, or told to the model (data as JSON). The function itself changes nothing, since
it may be called for words that are never committed: a skill that changes something returns a ``Reply`` with a ``do``.
That is called once the turn has committed, and may return what undoes it, so that "no wait …" can take it back.
"""

import json
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar, overload

from assistant.brain.agenda.board import Board
from assistant.brain.agenda.clocks import local_now
from assistant.brain.arguments import Signature
from assistant.brain.language import ENGLISH_LANGUAGE, Language
from assistant.brain.lists import Jotter, Lists
from assistant.brain.memory import CannotKeep, Memory, Notebook
from assistant.brain.pages import Pages
from assistant.brain.protocols import Exchange
from assistant.manner import Manner
from assistant.models.protocols import Tool
from assistant.session.turn import CancelToken

SILENCE = ""
"""What a skill returns to say nothing at all."""

TIMEOUT_S = 10.0
MARK = "assistant_skill"

Undo = Callable[[], object]
T = TypeVar("T")


class Refused(Exception):
    """Raised by a ``do`` that cannot be done after all; its text is said instead."""


def kept(change: Callable[[], T]) -> T:
    """What the ``change`` of memory or lists gives. Raises Refused where it cannot be kept."""
    try:
        return change()
    except CannotKeep as reason:
        raise Refused(str(reason)) from reason


@dataclass(frozen=True, slots=True)
class Reply:
    """``do`` makes true what ``text`` says; it may return what undoes it. It raises Refused where it cannot."""

    text: str
    do: Callable[[], Undo | None] | None = None
    question: str = ""
    """What is asked before ``do``, of a skill that has to be confirmed."""
    fallback: bool = False
    """A language model, where there is one, answers better."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a skill may look at and use. ``now`` gives the local time with its zone, ``text`` the words as they came."""

    now: Callable[[], datetime] = local_now
    rng: random.Random = field(default_factory=random.Random)
    seed: int | None = None
    """Where it is given, chance depends on it and on the turn alone, however often an answer is worked out."""
    agenda: Board = field(default_factory=Board)
    lists: Lists = field(default_factory=Jotter)
    pages: Pages = field(default_factory=Pages)
    memory: Memory = field(default_factory=Notebook)
    manner: Manner = field(default_factory=Manner)
    """How the assistant speaks; a skill's ``do`` may change it."""
    folder: Path | None = None
    """The user's configuration folder."""
    root: Path = Path("/")
    """Where the machine's own files are."""
    language: Language = ENGLISH_LANGUAGE
    """What the answers are said in."""
    history: Sequence[Exchange] = ()
    text: str = ""
    name: str = "Assistant"
    can_wait: bool = True


Slots = Callable[[Mapping[str, Any]], Mapping[str, Any]]
SkillFunction = Callable[..., Any]
F = TypeVar("F", bound=SkillFunction)


@dataclass(frozen=True)
class Skill:
    """A function with what is known of it."""

    function: SkillFunction
    intent: str
    slots: Slots = dict
    """From what a sentence's template caught to arguments."""
    offered: bool = True
    """A language model may call it."""
    confirm: bool = False
    """It asks before it does anything."""
    outlives_turn: bool = False
    """It goes on when the user interrupts."""
    timeout_s: float = TIMEOUT_S

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def definition(self) -> Tool:
        return Signature.of(self.function).definition

    def bind(self, arguments: Mapping[str, Any], context: Context, token: CancelToken) -> Callable[[], Reply]:
        """The call, its arguments checked. Raises BadArguments."""
        call = Signature.of(self.function).bind(arguments, {"context": context, "token": token})
        return lambda: as_reply(call())


@overload
def skill(function: F, /) -> F: ...
@overload
def skill(
    intent: str | None = None,
    /,
    *,
    slots: Slots = dict,
    offered: bool = True,
    confirm: bool = False,
    outlives_turn: bool = False,
    timeout_s: float = TIMEOUT_S,
) -> Callable[[F], F]: ...
def skill(function_or_intent: Any = None, /, **options: Any) -> Any:
    """Make a function a skill. Its intent is called as it is, in camel case, unless another name is given."""

    def describe(function: F) -> F:
        intent = function_or_intent if isinstance(function_or_intent, str) else camel_case(function.__name__)
        vars(function)[MARK] = Skill(function, intent, **options)
        return function

    return describe(function_or_intent) if callable(function_or_intent) else describe


def skill_of(function: SkillFunction) -> Skill:
    """The skill that a function is; a plain one becomes a tool without sentences."""
    described = vars(function).get(MARK) if hasattr(function, "__dict__") else None
    return described if isinstance(described, Skill) else Skill(function, camel_case(function.__name__))


def camel_case(name: str) -> str:
    return "".join(part.capitalize() for part in re.split(r"_+", name))


def as_reply(result: object) -> Reply:
    """Text as it is, data as JSON, nothing as silence. Raises TypeError for binary data."""
    if isinstance(result, Reply):
        return result
    if result is None:
        return Reply(SILENCE)
    return Reply(result if isinstance(result, str) else json.dumps(result, ensure_ascii=False, default=_plain))


def _plain(data: object) -> str:
    if isinstance(data, bytes | bytearray | memoryview):
        raise TypeError("binary data cannot be told")
    return str(data)

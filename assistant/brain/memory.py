"""What a brain asks of a memory that outlasts the conversation, and one that forgets with the process."""

import itertools
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from assistant.brain.protocols import Exchange


class CannotKeep(Exception):
    """Something could not be written down, or taken out; the text says why, in a sentence to be spoken."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something to be remembered, in the user's words: ``my sister's name is Anna``."""

    id: int
    text: str
    at: datetime


class Memory(Protocol):
    """Thread-safe. What changes something takes effect before it returns, and raises CannotKeep where it cannot."""

    @property
    def keeps(self) -> bool:
        """False where nothing of this conversation is to be kept at all."""

    @property
    def private(self) -> bool:
        """Nothing of what is said now is kept."""

    def set_private(self, private: bool) -> None: ...

    def facts(self) -> Sequence[Fact]:
        """What is to be remembered, the oldest first."""

    def remember(self, text: str) -> Fact: ...

    def forget(self, facts: Sequence[Fact]) -> None: ...

    def restore(self, facts: Sequence[Fact]) -> None:
        """Take ``forget`` back."""

    def forget_last_turn(self) -> None:
        """Nothing is kept of the last turn that has ended, in the conversation nor on disk. It cannot be undone."""

    def recall(self, text: str, known: Sequence[Exchange]) -> Sequence[str]:
        """Lines about what was said before and goes with ``text``, the best first; ``known`` is said already.

        Milliseconds. Never raises: a memory that cannot be read is an empty one.
        """

    def close(self) -> None:
        """Let go of the file; another use opens it again."""


class Notebook:
    """A Memory of facts alone, in this process: for tests, and for trying out."""

    def __init__(self, *, keeps: bool = True) -> None:
        self._lock = threading.Lock()
        self._facts: dict[int, Fact] = {}
        self._ids = itertools.count(1)
        self.keeps = keeps
        self.private = False
        self.forgotten_turns = 0

    def set_private(self, private: bool) -> None:
        self.private = private

    def facts(self) -> Sequence[Fact]:
        with self._lock:
            return tuple(fact for _, fact in sorted(self._facts.items()))

    def remember(self, text: str) -> Fact:
        with self._lock:
            fact = Fact(next(self._ids), text, datetime.now().astimezone())
            self._facts[fact.id] = fact
            return fact

    def forget(self, facts: Sequence[Fact]) -> None:
        with self._lock:
            for fact in facts:
                self._facts.pop(fact.id, None)

    def restore(self, facts: Sequence[Fact]) -> None:
        with self._lock:
            self._facts.update((fact.id, fact) for fact in facts)

    def forget_last_turn(self) -> None:
        self.forgotten_turns += 1

    def recall(self, text: str, known: Sequence[Exchange]) -> Sequence[str]:
        """The facts that share a word with ``text`` and were not said just before."""
        words, said = set(text.casefold().split()), {exchange.user for exchange in known}
        near = (fact.text for fact in self.facts() if words & set(fact.text.casefold().split()))
        return tuple(text for text in near if text not in said)

    def close(self) -> None:
        pass

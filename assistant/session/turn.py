"""A turn: who spoke, in which of the five states it is, and the one token that cancels it.

Imports nothing of ours, so that every room may import it.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

Origin = Literal["voice", "text", "timer"]


class TurnState(Enum):
    IDLE = "idle"
    LISTENING = "listening"
    SPECULATIVE = "speculative"
    COMMITTED = "committed"
    SPEAKING = "speaking"


ALLOWED: dict[TurnState, frozenset[TurnState]] = {
    # Typed text and a timer that rings have nothing to listen to: they start committed.
    TurnState.IDLE: frozenset({TurnState.LISTENING, TurnState.COMMITTED}),
    TurnState.LISTENING: frozenset({TurnState.SPECULATIVE, TurnState.IDLE}),
    TurnState.SPECULATIVE: frozenset({TurnState.LISTENING, TurnState.COMMITTED, TurnState.IDLE}),
    TurnState.COMMITTED: frozenset({TurnState.SPEAKING, TurnState.IDLE}),
    TurnState.SPEAKING: frozenset({TurnState.IDLE}),
}


class IllegalTransition(RuntimeError):
    """A bug: the turn was asked to move along an edge that is not in ``ALLOWED``."""


def check_transition(old: TurnState, new: TurnState) -> None:
    """Raise IllegalTransition unless ``old`` → ``new`` is in ``ALLOWED``."""
    if new not in ALLOWED[old]:
        raise IllegalTransition(f"a turn cannot go from {old.name} to {new.name}")


class Cancelled(BaseException):
    """The work's token was cancelled. A BaseException (as in trio), so that no ``except Exception`` swallows it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class CancelToken:
    """Thread-safe, one-shot and never cleared: a turn has one, and each speculation a child of it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reason: str | None = None
        self._callbacks: dict[int, Callable[[], object]] = {}
        self._next_key = 0

    @property
    def cancelled(self) -> bool:
        return self._reason is not None

    @property
    def reason(self) -> str | None:
        return self._reason

    def cancel(self, reason: str) -> bool:
        """Cancel this token and its children. Return False if it was cancelled before; the first reason stays."""
        with self._lock:
            if self._reason is not None:
                return False
            self._reason = reason
            callbacks = list(self._callbacks.values())
            self._callbacks.clear()
        for callback in callbacks:
            callback()
        return True

    def on_cancel(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Run ``callback`` once, on the cancelling thread, or at once if too late. Return what unregisters it."""
        with self._lock:
            if self._reason is None:
                key = self._next_key
                self._next_key += 1
                self._callbacks[key] = callback
                return lambda: self._forget(key)
        callback()
        return lambda: None

    def child(self) -> "CancelToken":
        """A token that is cancelled with this one, and may be cancelled alone."""
        child = CancelToken()
        forget = self.on_cancel(lambda: child.cancel(self._reason or "parent"))
        child.on_cancel(forget)
        return child

    def raise_if_cancelled(self) -> None:
        """Raise Cancelled if the token is cancelled: workers call this between tokens, windows and chunks."""
        if self._reason is not None:
            raise Cancelled(self._reason)

    def _forget(self, key: int) -> None:
        with self._lock:
            self._callbacks.pop(key, None)


@dataclass(slots=True)
class Turn:
    """One exchange. Owned by the session's thread; only ``token`` crosses to others."""

    id: int
    origin: Origin
    started_s: float
    token: CancelToken = field(default_factory=CancelToken)
    text: str = ""
    insists: bool = False
    replaces: int | None = None
    marks_s: dict[str, float] = field(default_factory=dict)
    states: list[tuple[str, float]] = field(default_factory=list)
    dropped_results: int = 0
    speculated: bool = False
    error_code: str | None = None

    def mark(self, name: str, at_s: float) -> None:
        """Keep the first time that ``name`` happened."""
        self.marks_s.setdefault(name, at_s)

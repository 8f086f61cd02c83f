"""What the language model reads before it is asked: the conversation so far, and words that no longer change.

It changes no answer, only how soon it begins: what was read lies in the model's cache.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.brain.protocols import Request
from assistant.models.worker import Done
from assistant.session.dispatch import Dispatch
from assistant.session.turn import CancelToken, Turn
from assistant.session.waste import WasteMeter


@dataclass(slots=True)
class _Reading:
    """A job that reads; ``words`` are those of the user in it, and what is read of them is a guess."""

    token: CancelToken
    words: Sequence[str]


class Reader:
    """Belongs to the session's thread. At most one job at a time.

    The history is read in any case, since the next answer needs it; words that are still being said only ``ahead``.
    """

    def __init__(self, dispatch: Dispatch, waste: WasteMeter, *, ahead: bool) -> None:
        self._dispatch = dispatch
        self._waste = waste
        self._ahead = ahead
        self._now: _Reading | None = None
        self._guesses: list[_Reading] = []
        self._last_partial: Sequence[str] = []
        self._read = -1  # words of this turn that the model has been given to read

    def begin_turn(self) -> None:
        self._last_partial, self._read = [], -1

    def follow(self, turn: Turn, request: Request) -> None:
        """The user is speaking: read the conversation so far, and those words that no longer change.

        A word is taken to be stable once two transcripts in a row begin with it and all before it.
        """
        words = request.text.split()
        stable = _common(words, self._last_partial) if self._ahead else 0
        self._last_partial = words
        if self._now is not None or stable <= self._read:
            return
        reading = _Reading(turn.token.child(), words[:stable])
        if self._dispatch.prefill(turn, replace(request, text=" ".join(reading.words)), reading.token):
            self._now, self._read = reading, stable
            if stable:
                self._guesses.append(reading)
                self._waste.open(reading.token)

    def catch_up(self, turn: Turn, request: Request) -> None:
        """The turn is over: read its words and the answer as they stand in the history now, when nobody waits for it.

        It outlives the turn, and makes way for a committed one.
        """
        self.stop("the turn is over")
        token = CancelToken()
        if self._dispatch.prefill(turn, request, token, background=True):
            self._now = _Reading(token, ())

    def stop(self, reason: str) -> None:
        """Somebody else needs the model. What has been read remains."""
        if self._now is not None:
            self._now.token.cancel(reason)
            self._now = None

    def on_done(self, done: Done) -> None:
        """A job that read has ended."""
        if self._now is not None and self._now.token is done.job.token:
            self._now = None

    def conclude(self, text: str, *, by_model: bool) -> None:
        """The turn has committed to these words: reading others was in vain, or any, if no model answers."""
        words = text.split()
        for guess in self._guesses:
            if by_model and words[: len(guess.words)] == guess.words:
                self._waste.used(guess.token)
            else:
                self._waste.write_off(guess.token)
        self._guesses.clear()


def _common(a: Sequence[str], b: Sequence[str]) -> int:
    """How many words both begin with."""
    return next((n for n, (left, right) in enumerate(zip(a, b, strict=False)) if left != right), min(len(a), len(b)))

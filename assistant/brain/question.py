"""A question that was asked before something is done: the next words may answer it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from assistant.session.turn import CancelToken

YES, NO = "Confirm", "Stop"
"""The intents that answer: to say "no", "cancel" or "never mind" declines."""


@dataclass(slots=True)
class Question:
    """Asked in one turn, and open to the words of the next turn that has any. Pure."""

    resume: Callable[[int, CancelToken], Iterator[str]]
    """What to do, in which turn, once it is confirmed."""
    answer_turn_id: int | None = None

    def open_to(self, turn_id: int) -> bool:
        """These are the first words since: a turn's words may be looked at more than once before it commits."""
        if self.answer_turn_id is None:
            self.answer_turn_id = turn_id
        return turn_id == self.answer_turn_id

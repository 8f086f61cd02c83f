"""What a model that listens makes of a pause: whether the speaker has finished."""

from collections.abc import Callable, Iterator

from assistant.models.protocols import Pcm, TurnDetector
from assistant.models.worker import Done, Item
from assistant.session.turn import CancelToken, Turn


class Question:
    """Has the speaker finished? Asked of the sound of one pause, under a child token of its turn."""

    def __init__(self, turn_token: CancelToken, pcm: Pcm) -> None:
        self.token = turn_token.child()
        self.pcm = pcm
        self.probability: float | None = None
        self.pending = True

    def work(self, detector: TurnDetector, token: CancelToken) -> Iterator[float]:
        yield detector.probability(self.pcm, token)


Ask = Callable[[Turn, Question], bool]
"""Queue a question on the turn detector's worker; False where there is no detector."""


class Ending:
    """Belongs to the session's thread. One question for each pause; after a failure, no more in this session."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._now: Question | None = None
        self._failed = False

    @property
    def probability(self) -> float | None:
        """That the speaker has finished; None until the model has said so, and where there is none."""
        return self._now.probability if self._now else None

    @property
    def pending(self) -> bool:
        """The model has been asked about this pause, and has not answered."""
        return self._now is not None and self._now.pending

    def ask(self, turn: Turn, pcm: Pcm) -> None:
        """The speaker pauses after ``pcm``."""
        self.forget("superseded")
        question = Question(turn.token, pcm)
        if not self._failed and self._ask(turn, question):
            self._now = question

    def forget(self, reason: str) -> None:
        """The pause is over, in whatever way."""
        if self._now is not None:
            self._now.token.cancel(reason)
            self._now = None

    def on_item(self, item: Item) -> None:
        if self._now is not None and item.job.token is self._now.token and isinstance(item.value, float):
            self._now.probability = item.value

    def on_done(self, done: Done) -> None:
        self._failed |= done.status == "failed"
        if self._now is not None and done.job.token is self._now.token:
            self._now.pending = False

"""What a model that listens makes of a pause: whether the speaker has finished."""

from collections.abc import Callable, Iterator

from assistant.models.protocols import Pcm, TurnDetector
from assistant.models.worker import Done, Item
from assistant.session.endpoint import TURN_PROBABILITY
from assistant.session.turn import CancelToken, Turn


class Question:
    """Has the speaker finished? Asked of the sound of one pause, under a child token of its turn."""

    def __init__(self, turn_token: CancelToken, pcm: Pcm) -> None:
        self.token = turn_token.child()
        self.pcm = pcm
        self.pending = True

    def work(self, detector: TurnDetector, token: CancelToken) -> Iterator[float]:
        yield detector.probability(self.pcm, token)


ASK_AGAIN_S = 0.2
"""The silence behind which Pipecat asks Smart Turn (``VADParams.stop_secs``)."""

Ask = Callable[[Turn, Question], bool]
"""Queue a question on the turn detector's worker; False where there is no detector."""


class Ending:
    """Belongs to the session's thread. Asked when a pause begins, since a finished turn need not wait for longer, and
    once more when it has lasted for 200 ms, if the speaker seems not to have finished. After a failure never again.
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._now: Question | None = None
        self._probability: float | None = None
        self._asked = 0
        self._failed = False

    @property
    def probability(self) -> float | None:
        """That the speaker has finished, by the last answer in this pause; None until there is one."""
        return self._probability

    @property
    def pending(self) -> bool:
        """The model has been asked about this pause, and has not answered."""
        return self._now is not None and self._now.pending

    def ask(self, turn: Turn, pcm: Pcm) -> None:
        """The speaker pauses after ``pcm``."""
        self.forget("superseded")
        self._put(turn, pcm)

    def follow(self, turn: Turn, silence_s: float, sound: Callable[[], Pcm]) -> None:
        """A frame of silence has passed; ``sound`` is all of the utterance, with this silence."""
        unfinished = self._probability is not None and self._probability < TURN_PROBABILITY
        if self._asked == 1 and unfinished and not self.pending and silence_s >= ASK_AGAIN_S:
            self._put(turn, sound())

    def _put(self, turn: Turn, pcm: Pcm) -> None:
        question = Question(turn.token, pcm)
        if not self._failed and self._ask(turn, question):
            self._now = question
            self._asked += 1

    def forget(self, reason: str) -> None:
        """The pause is over, in whatever way."""
        if self._now is not None:
            self._now.token.cancel(reason)
        self._now = self._probability = None
        self._asked = 0

    def on_item(self, item: Item) -> None:
        if self._now is not None and item.job.token is self._now.token and isinstance(item.value, float):
            self._probability = item.value

    def on_done(self, done: Done) -> None:
        self._failed |= done.status == "failed"
        if self._now is not None and done.job.token is self._now.token:
            self._now.pending = False

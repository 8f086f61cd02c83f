"""An utterance on its way to words, and how often that is worth its cost while the user still speaks."""

from collections.abc import Iterator, Sequence

from assistant.models.protocols import Pcm, Spotting, SttEngine, Transcript
from assistant.models.worker import Done
from assistant.session.turn import CancelToken

PARTIAL_EVERY_S = 0.4
PARTIAL_DUTY = 3.0  # a partial may cost at most a third of the time between partials


class Transcription:
    """One transcription under a child token of its turn; ``result`` is there once ``settled``, since ``settled_s``."""

    def __init__(self, turn_token: CancelToken, pcm: Pcm, *, final: bool) -> None:
        self.token = turn_token.child()
        self.pcm = pcm
        self.final = final
        self.result: Transcript | None = None
        self.done: Done | None = None
        self.settled_s = 0.0

    @property
    def settled(self) -> bool:
        return self.done is not None

    def settle(self, done: Done, at_s: float) -> None:
        """Its job has ended."""
        self.done, self.settled_s = done, at_s

    def work(self, engine: SttEngine, token: CancelToken) -> Iterator[Transcript]:
        yield engine.transcribe(self.pcm, token, final=self.final)

    def cancel(self, reason: str) -> None:
        self.token.cancel(reason)


class Interjection(Transcription):
    """A transcription of what was said over an answer, which is most often one of a few ``phrases``, of which the
    ``urgent`` ones end it. ``voiced_s`` of the sound is voice."""

    def __init__(
        self,
        turn_token: CancelToken,
        pcm: Pcm,
        phrases: Sequence[str],
        urgent: Sequence[str],
        *,
        voiced_s: float,
        final: bool,
    ) -> None:
        super().__init__(turn_token, pcm, final=final)
        self.voiced_s = voiced_s
        self._phrases = phrases
        self._urgent = urgent

    def work(self, engine: SttEngine, token: CancelToken) -> Iterator[Transcript]:
        if (
            self.final
            and isinstance(engine, Spotting)
            and (spotted := engine.spot(self.pcm, token, self._phrases, self._urgent)).text
        ):
            yield spotted
        else:
            yield engine.transcribe(self.pcm, token, final=self.final)


class PartialPace:
    """How often a partial transcript is worth its cost. Pure."""

    def __init__(self) -> None:
        self._due_s = 0.0

    def begin(self, at_s: float) -> None:
        self._due_s = at_s + PARTIAL_EVERY_S

    def due(self, at_s: float) -> bool:
        return at_s >= self._due_s

    def finished(self, at_s: float, duration_s: float) -> None:
        self._due_s = at_s + max(PARTIAL_EVERY_S, PARTIAL_DUTY * duration_s)

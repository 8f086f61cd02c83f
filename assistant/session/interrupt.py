"""The user speaks after the turn committed: what becomes of the words they had said before. Pure."""

from dataclasses import dataclass

from assistant.brain.corrections import starts_with_correction
from assistant.models.protocols import Pcm
from assistant.session.transcript import Joint

GOING_ON_S = 2.0  # after this, silence was the end of the turn and not a pause in it
REACTION_S = 0.3  # who begins to speak this soon after our first sound does not answer to it: reactions take longer
CORRECTION_S = 6.0  # long enough to hear a wrong answer begin


@dataclass(frozen=True, slots=True)
class Carry:
    """A turn that the user spoke over, kept until it is clear whether the new words belong to it."""

    turn_id: int
    text: str
    committed_s: float
    resumed_s: float
    reply_heard: bool
    pcm: Pcm | None = None
    """The utterance itself, where its transcript was not ready yet: it is heard again with what follows."""

    @property
    def going_on(self) -> bool:
        """The user had not finished: we committed too early, and they have heard nothing yet that made them speak."""
        return not self.reply_heard and self.resumed_s - self.committed_s <= GOING_ON_S

    def joint(self, new_text: str, language: str = "en") -> Joint | None:
        """How the new words join the old ones, or None when they are a turn of their own."""
        if starts_with_correction(new_text, language) and self.resumed_s - self.committed_s <= CORRECTION_S:
            return ", "
        return " " if self.going_on else None

"""Whether the session may listen: always, after the wake word, or while a key is held. Pure; its only time is given."""

from typing import Literal

from assistant.session.turn import TurnState

Mode = Literal["open", "wake", "push"]

PATIENCE_S = 6.0  # from the wake word to the first word of what is wanted


class Ear:
    """Open or closed, frame by frame.

    In ``wake`` mode it opens when it is called, stays open while the user speaks and until the answer sounds, and after
    an answer to spoken words opens again for ``follow_up_s``. In ``push`` mode it is open between ``call`` and
    ``close``, in ``open`` mode always.
    """

    def __init__(self, mode: Mode, *, follow_up_s: float) -> None:
        self.mode = mode
        self.open = mode == "open"
        self._follow_up_s = follow_up_s
        self._until_s = 0.0  # when it closes in wake mode, if nobody speaks
        self._answered = False

    def call(self, at_s: float) -> None:
        """The wake word was heard, or the key pressed."""
        self.open = True
        self._until_s = at_s + PATIENCE_S

    def close(self) -> None:
        """The key was released, or nothing is to be heard any more."""
        self.open = self.mode == "open"

    def follow(self, at_s: float, state: TurnState, *, answered: bool) -> None:
        """A frame has passed. ``answered``: the last turn was spoken, has had its answer, and none has begun since."""
        if self.mode != "wake":
            return
        if answered and not self._answered:
            self.open = True
            self._until_s = at_s + self._follow_up_s
        self._answered = answered
        if state is TurnState.SPEAKING or (state is TurnState.IDLE and at_s >= self._until_s):
            self.open = False

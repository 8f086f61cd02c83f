"""The words of one turn while they are still being heard."""

from typing import Literal

Joint = Literal[" ", ", "]


class TranscriptLocked(RuntimeError):
    """A bug: the turn has committed, its words no longer change."""


class TranscriptBuffer:
    """Final segments, then at most one partial. Locked from the commit on. Belongs to the session's thread."""

    def __init__(self) -> None:
        self._final = ""
        self._partial = ""
        self._locked = False

    @property
    def text(self) -> str:
        return f"{self._final} {self._partial}".strip()

    def set_partial(self, text: str) -> bool:
        """Replace the partial; True if the words changed. Raises TranscriptLocked."""
        self._check()
        changed = text != self._partial
        self._partial = text
        return changed

    def add_final(self, text: str, joint: Joint = " ") -> None:
        """Append a final segment, which takes the partial's place. Raises TranscriptLocked."""
        self._check()
        self._partial = ""
        self._final = joint.join(part for part in (self._final, text.strip()) if part)

    def lock(self) -> str:
        """No word changes from here on; returns them."""
        self._locked = True
        return self.text

    def _check(self) -> None:
        if self._locked:
            raise TranscriptLocked("the transcript of a committed turn does not change")

"""The user's half of a turn: from the first voiced frame to the words that the turn commits to."""

from collections.abc import Callable

import numpy as np

from assistant.audio.protocols import Frame
from assistant.models.protocols import Transcript
from assistant.models.worker import Done, Item, Priority
from assistant.session.endpoint import Decision, Endpointer, Evidence
from assistant.session.interrupt import Carry
from assistant.session.listen import Edge, Listener
from assistant.session.speculate import PartialPace, Transcription
from assistant.session.transcript import TranscriptBuffer
from assistant.session.turn import Turn

Submit = Callable[[Turn, Transcription, Priority], bool]
"""Queue a transcription on the recogniser's worker; False if it could not be queued."""


class Hearing:
    """Belongs to the session's thread. One turn at a time: begin, then pause and resume, then commit and conclude."""

    def __init__(self, listener: Listener, endpointer: Endpointer, submit: Submit) -> None:
        self._listener = listener
        self._endpointer = endpointer
        self._submit = submit
        self._pace = PartialPace()
        self._paused = False
        self._carry: Carry | None = None
        self._partial: Transcription | None = None
        self._final: Transcription | None = None
        self.buffer = TranscriptBuffer()
        self.transcript_s = 0.0

    @property
    def last_voice_s(self) -> float:
        return self._listener.last_voice_s

    def feed(self, frame: Frame) -> Edge | None:
        return self._listener.feed(frame)

    def deafen(self) -> None:
        self._listener.deafen()

    def begin(self, at_s: float, carry: Carry | None) -> None:
        """Speech has started; ``carry`` is the turn that it was spoken over."""
        self._carry = carry
        self._paused = False
        self._partial = self._final = None
        self._pace.begin(at_s)
        self.buffer = TranscriptBuffer()
        if carry and carry.going_on:
            self.buffer.add_final(carry.text)

    def keep_up(self, turn: Turn, at_s: float) -> None:
        """Ask for a partial transcript when one is due and affordable."""
        busy = self._partial is not None and not self._partial.settled
        if not busy and self._pace.due(at_s):
            self._partial = self._transcribe(turn, Priority.SPECULATIVE, final=False)

    def pause(self, turn: Turn) -> None:
        """Silence: transcribe what there is, in case that was all."""
        self._paused = True
        self._drop(self._partial, "paused")
        self._final = self._transcribe(turn, Priority.SPECULATIVE, final=True)

    def resume(self) -> None:
        """Speech again: the speculation was wrong."""
        self._paused = False
        self._drop(self._final, "resumed")
        self._final = None

    def decide(self, at_s: float) -> Decision:
        ear = self._listener
        return self._endpointer.decide(
            Evidence(at_s, ear.last_voice_s, ear.voiced_s, utterance_s=ear.utterance_s, paused=self._paused)
        )

    def commit(self, turn: Turn) -> bool:
        """No more speech belongs to this turn; what was transcribed in the pause stands. False if nothing could be."""
        if self._final is None:
            self.pause(turn)
        self._listener.end_utterance()
        return self._final is not None

    def abandon(self) -> None:
        """It was nothing, or it no longer matters."""
        self._drop(self._partial, "abandoned")
        self._drop(self._final, "abandoned")
        self._listener.end_utterance()

    def on_item(self, item: Item) -> bool:
        """A transcript came. True if the words on the screen change."""
        transcription = self._find(item)
        if transcription is None or not isinstance(item.value, Transcript):
            return False
        transcription.result = item.value
        return bool(item.value.text) and self.buffer.set_partial(item.value.text)

    def on_done(self, done: Done, at_s: float) -> None:
        transcription = self._find(done)
        if transcription is None:
            return
        transcription.done = done
        if transcription.final:
            self.transcript_s = at_s
        else:
            self._pace.finished(at_s, done.duration_s)

    @property
    def conclusion(self) -> Done | None:
        """How the final transcription ended; None while it runs."""
        return self._final.done if self._final else None

    def conclude(self, turn: Turn) -> str:
        """Lock the words of the committed turn, joined to those it continues or corrects."""
        result = self._final.result if self._final else None
        text = result.text.strip() if result else ""
        carry = self._carry
        joint = carry.joint(text) if carry and text and carry.pcm is None else None
        self.buffer = TranscriptBuffer()
        if carry and joint:
            self.buffer.add_final(carry.text)
        if carry and text and (joint or carry.pcm is not None):
            turn.replaces = carry.turn_id
        self.buffer.add_final(text, joint or " ")
        return self.buffer.lock()

    def carry_over(self, turn: Turn, *, resumed_s: float, reply_started: bool) -> Carry:
        """What to keep of a committed turn that is being spoken over."""
        pcm = self._final.pcm if self._final is not None and not turn.text else None
        return Carry(turn.id, turn.text, turn.marks_s.get("commit", resumed_s), resumed_s, reply_started, pcm)

    def _transcribe(self, turn: Turn, priority: Priority, *, final: bool) -> Transcription | None:
        pcm = self._listener.utterance()
        if self._carry is not None and self._carry.pcm is not None:
            pcm = np.concatenate([self._carry.pcm, pcm])
        transcription = Transcription(turn.token, pcm, final=final)
        return transcription if self._submit(turn, transcription, priority) else None

    def _find(self, message: Item | Done) -> Transcription | None:
        for transcription in (self._partial, self._final):
            if transcription is not None and transcription.token is message.job.token:
                return transcription
        return None

    @staticmethod
    def _drop(transcription: Transcription | None, reason: str) -> None:
        if transcription is not None:
            transcription.cancel(reason)

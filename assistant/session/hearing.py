"""The user's half of a turn: from the first voiced frame to the words that the turn commits to."""

from collections.abc import Callable

import numpy as np

from assistant.audio.protocols import Frame
from assistant.brain.protocols import Completeness
from assistant.models.protocols import Pcm, Transcript
from assistant.models.worker import Done, Item
from assistant.session.ending import Ask, Ending
from assistant.session.endpoint import Endpointer, Evidence, Verdict
from assistant.session.interjections import Interjections
from assistant.session.interrupt import Carry
from assistant.session.listen import Edge, Listener
from assistant.session.stopping import Stop
from assistant.session.transcript import Joint, TranscriptBuffer
from assistant.session.transcription import PartialPace, Transcription
from assistant.session.turn import Turn
from assistant.session.waste import WasteMeter

Submit = Callable[[Turn, Transcription], bool]
"""Queue a transcription on the recogniser's worker; False if it could not be queued."""


class Hearing:
    """Belongs to the session's thread. One turn at a time: begin, then pause and resume, then commit and conclude."""

    def __init__(
        self,
        listener: Listener,
        endpointer: Endpointer,
        submit: Submit,
        ask: Ask,
        waste: WasteMeter,
        *,
        interjections: Interjections,
        language: str = "en",
    ) -> None:
        self._listener = listener
        self._endpointer = endpointer
        self._submit = submit
        self._waste = waste
        self._interjections = interjections
        self._language = language
        self._pace = PartialPace()
        self._paused = False
        self._voiced_s = 0.0
        self._seems_over = self._went_on = False
        self._carry: Carry | None = None
        self._stop: Stop | None = None
        self._partial: Transcription | None = None
        self._final: Transcription | None = None
        self.ending = Ending(ask)
        self.buffer = TranscriptBuffer()

    @property
    def utterance_s(self) -> float:
        return self._listener.utterance_s

    @property
    def last_voice_s(self) -> float:
        return self._listener.last_voice_s

    def feed(self, frame: Frame) -> Edge | None:
        return self._listener.feed(frame)

    def deafen(self) -> None:
        self._listener.deafen()

    def begin(self, at_s: float, carry: Carry | None, stop: Stop | None = None) -> None:
        """Speech has started; ``carry`` is the turn that it was spoken over, ``stop`` what ended that."""
        self._carry = carry
        self._stop = stop
        self._paused = self._seems_over = self._went_on = False
        self._partial = self._final = None
        self._pace.begin(at_s)
        self.buffer = TranscriptBuffer()
        if carry and carry.going_on and not stop:
            self.buffer.add_final(carry.text)

    def keep_up(self, turn: Turn, at_s: float) -> None:
        """Ask for a partial transcript when one is due and affordable."""
        busy = self._partial is not None and not self._partial.settled
        if not busy and self._pace.due(at_s):
            self._partial = self._transcribe(turn, final=False)

    def pause(self, turn: Turn, heard: Transcription | None = None) -> None:
        """Silence: transcribe what there is, in case that was all, and have it judged whether it was.

        ``heard`` is the transcription, where this very sound had one before the turn began.
        """
        self._paused = True
        self._voiced_s = self._listener.voiced_s
        self.ending.ask(turn, self._sound())
        self._drop(self._partial, "paused")
        if heard is not None and heard.result is not None:
            self._final = heard
            self.buffer.set_partial(heard.result.text)
            return
        self._final = self._transcribe(turn, final=True)
        if self._final is not None:
            self._waste.open(self._final.token)

    def resume(self) -> None:
        """Speech again: the words of this pause were not all."""
        self._paused = False
        self._went_on |= self._seems_over
        self._write_off()
        self.ending.forget("resumed")
        self._drop(self._final, "resumed")
        self._final = None

    def follow(self, turn: Turn, at_s: float) -> None:
        """A frame of silence has passed, and the turn is still open."""
        self.ending.follow(turn, at_s - self._listener.last_voice_s, self._sound)

    def decide(self, at_s: float, *, judging: bool, completeness: Completeness | None) -> Verdict:
        """Whether the turn is over, with what a judge of the words has made of them by now."""
        ear = self._listener
        transcribing = self._paused and self._final is not None and not self._final.settled
        evidence = Evidence(
            at_s,
            ear.last_voice_s,
            ear.voiced_s,
            ear.utterance_s,
            paused=self._paused,
            judging=judging or transcribing,
            completeness=completeness,
            turn_probability=self.ending.probability,
            turn_pending=self.ending.pending,
            confidence=self._confidence,
            longest_pause_s=ear.longest_pause_s,
            went_on=self._went_on,
            hushed=self._stop is not None and self._interjections.is_bare_stop(self._text),
        )
        self._seems_over = self._paused and evidence.seems_over
        return self._endpointer.decide(evidence)

    @property
    def _confidence(self) -> float | None:
        """The recogniser's, in the words of this pause."""
        return self._final.result.confidence if self._final and self._final.result else None

    def commit(self, turn: Turn) -> bool:
        """No more speech belongs to this turn; what was transcribed in the pause stands. False if nothing could be."""
        if self._final is None:
            self.pause(turn)
        self.ending.forget("committed")
        self._listener.end_utterance()
        return self._final is not None

    def abandon(self) -> None:
        """It was nothing, or it no longer matters."""
        self._write_off()
        self.ending.forget("abandoned")
        self._drop(self._partial, "abandoned")
        self._drop(self._final, "abandoned")
        self._listener.end_utterance()

    def learn(self, *, cut_off: bool) -> None:
        """The turn is over: how long to wait in the next, given whether this one was committed too early."""
        self._endpointer.hangover.record(cut_off=cut_off)

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
        transcription.settle(done, at_s)
        if not transcription.final:
            self._pace.finished(at_s, done.duration_s)

    @property
    def conclusion(self) -> Done | None:
        """How the final transcription ended; None while it runs."""
        return self._final.done if self._final else None

    @property
    def transcript_s(self) -> float:
        """When the words of the conclusion were there: before the turn began, if they were spoken over an answer."""
        return self._final.settled_s if self._final else 0.0

    def prospect(self) -> tuple[str, int | None]:
        """The words of the turn as they would be if it committed now, and the turn that they continue or correct."""
        buffer, replaces = self._joined()
        return buffer.text, replaces

    def conclude(self, turn: Turn) -> str:
        """Lock the words of the committed turn, joined to those it continues or corrects."""
        self.buffer, turn.replaces = self._joined()
        if self._final is not None:
            self._waste.used(self._final.token)
        return self.buffer.lock()

    def _joined(self) -> tuple[TranscriptBuffer, int | None]:
        buffer = TranscriptBuffer()
        text = self._text
        carry = self._carry
        alone = carry is None or not text or carry.pcm is not None or self._interjections.is_bare_stop(text)
        joint: Joint | None = None if carry is None or alone else carry.joint(text, self._language)
        if carry and joint:
            buffer.add_final(carry.text)
        buffer.add_final(text, joint or " ")
        belongs = carry and text and (joint or carry.pcm is not None)
        return buffer, carry.turn_id if carry and belongs else None

    @property
    def _text(self) -> str:
        """The words of this pause."""
        result = self._final.result if self._final else None
        if self._stop is not None:
            return self._stop.utterance(result, self._voiced_s, self._interjections)
        return result.text.strip() if result else ""

    def stops(self, text: str) -> bool:
        """These words, spoken over an answer, want nothing but silence."""
        over = self._carry is not None or self._stop is not None
        return over and self._interjections.is_bare_stop(text)

    def carry_over(self, turn: Turn, *, resumed_s: float, reply_heard: bool) -> Carry:
        """What to keep of a committed turn that is being spoken over."""
        pcm = self._final.pcm if self._final is not None and not turn.text else None
        return Carry(turn.id, turn.text, turn.marks_s.get("commit", resumed_s), resumed_s, reply_heard, pcm)

    def _transcribe(self, turn: Turn, *, final: bool) -> Transcription | None:
        transcription = Transcription(turn.token, self._sound(), final=final)
        return transcription if self._submit(turn, transcription) else None

    def _sound(self) -> Pcm:
        """The utterance so far, behind that of a turn which it goes on with and which had no words yet."""
        pcm = self._listener.utterance()
        if self._carry is not None and self._carry.pcm is not None:
            pcm = np.concatenate([self._carry.pcm, pcm])
        return pcm

    def _write_off(self) -> None:
        """The transcription of this pause was in vain."""
        if self._final is not None:
            self._waste.write_off(self._final.token)

    def _find(self, message: Item | Done) -> Transcription | None:
        for transcription in (self._partial, self._final):
            if transcription is not None and transcription.token is message.job.token:
                return transcription
        return None

    @staticmethod
    def _drop(transcription: Transcription | None, reason: str) -> None:
        if transcription is not None:
            transcription.cancel(reason)

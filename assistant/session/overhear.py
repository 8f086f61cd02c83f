"""What is said over the answer, from its first voiced frame until it is clear what it is: duck, pause, decide."""

from collections.abc import Callable

from assistant.audio.protocols import Frame
from assistant.brain.protocols import Completeness
from assistant.bus import Bus
from assistant.events import ReplyDucked, ReplyInterrupted, ReplyPaused, ReplyResumed
from assistant.models.protocols import FRAME_S, Transcript
from assistant.models.worker import Done, Item
from assistant.session import overlap
from assistant.session.interjections import Interjections, Kind, Reading
from assistant.session.listen import Edge, Listener
from assistant.session.overlap import Decision, Evidence, Verdict
from assistant.session.speaker import Speaker
from assistant.session.stopping import Stop
from assistant.session.transcription import Interjection, PartialPace, Transcription
from assistant.session.turn import CancelToken, Turn

Submit = Callable[[Turn, Transcription], bool]
"""Queue a transcription on the recogniser's worker; False if it could not be queued."""
Judge = Callable[[Turn, str, CancelToken], bool]
"""Ask the brain how complete the words are; False if it cannot be asked."""


class Overhearing:
    """Belongs to the session's thread. It works for the turn that is spoken over, and hands over what it heard.

    Once speech has begun the recogniser hears it as it hears a turn, from the pre-roll on, so that a turn that begins
    with these words has them all.
    """

    def __init__(
        self,
        listener: Listener,
        speaker: Speaker,
        *,
        submit: Submit,
        judge: Judge,
        interjections: Interjections,
        bus: Bus,
        clock: Callable[[], float],
    ) -> None:
        self._listener = listener
        self._speaker = speaker
        self._submit = submit
        self._judge = judge
        self._interjections = interjections
        self._bus = bus
        self._clock = clock
        self._ducked = False
        self._alarms = (0, 0)
        self._reset()

    def _reset(self) -> None:
        self.active = False
        self.began_s = 0.0
        self._pace = PartialPace()
        self._paused_s: float | None = None
        self._stirring_s = 0.0  # how much of the time since it is ducked may have been voice
        self._ended = False
        self._partial: Interjection | None = None
        self._final: Interjection | None = None
        self._asked = False
        self._judging: CancelToken | None = None
        self._completeness: Completeness | None = None
        self.stop: Stop | None = None

    def listen(self, turn: Turn, edge: Edge | None, frame: Frame) -> None:
        """A frame while ``turn`` is answered."""
        if edge is Edge.STARTED:
            self._begin(frame.at_s)
        if not self.active:
            self._glance(turn)
            return
        if edge is Edge.PAUSED:
            self._end(turn)
        elif edge is Edge.RESUMED:
            self._go_on()
        if self._paused_s is None and self._may_pause(turn):
            self._pause(turn)
        if not self._ended:
            self._keep_up(turn, frame.at_s)

    def stops(self, turn: Turn, at_s: float, *, unfinished: bool = False) -> bool:
        """Decide, with what is known by now. True if the answer is to stop: then ``hand_over``.

        ``unfinished``: this may go on with what is being answered. ``stop`` is what ended the answer, if it was words
        made for that.
        """
        if not self.active:
            return False
        evidence = self._evidence(turn, at_s, unfinished=unfinished)
        verdict = overlap.decide(evidence)
        self.stop = self._stop(evidence.reading) if verdict.reason == overlap.STOP_WORD else None
        if verdict.decision is Decision.STOP:
            self._bus.publish(
                ReplyInterrupted(at_s=self._clock(), turn_id=turn.id, reason=verdict.reason, cues=verdict.cues)
            )
        elif verdict.decision is Decision.RESUME:
            self._listener.end_utterance(may_go_on=verdict.reason == "noise")
            self._cancel("resumed")
            self._resume(turn, verdict)
        return verdict.decision is Decision.STOP

    def hand_over(self) -> Transcription | None:
        """Forget all of it, but not the sound: that is a turn's now. The words of its pause, if it has come to one."""
        final = self._heard_out if self._ended else None
        if final is not None:
            self._final = None
        self._cancel("a turn of its own")
        self._ducked = False
        self._reset()
        return final

    def release(self, turn: Turn, reason: str) -> None:
        """Let the answer go on, whatever is being said."""
        if self.active or self._ducked:
            self._resume(turn, Verdict(Decision.RESUME, reason))

    def drop(self, reason: str) -> None:
        """The turn that was spoken over is over for another reason."""
        self._cancel(reason)
        if self.active:
            self._listener.end_utterance()
        self._ducked = False
        self._reset()

    def holds(self, token: CancelToken) -> bool:
        """The token is that of the present question to the brain."""
        return token is self._judging

    def on_item(self, item: Item) -> bool:
        """Something that an engine gave. False if it was not asked from here."""
        if self.holds(item.job.token):
            if isinstance(item.value, Completeness):
                self._completeness = item.value
            return True
        transcription = self._find(item.job.token)
        if transcription is not None and isinstance(item.value, Transcript):
            transcription.result = item.value
        return transcription is not None

    def on_done(self, done: Done) -> bool:
        """A job has ended. False if it was not one of these."""
        if self.holds(done.job.token):
            self._judging = None
            return True
        transcription = self._find(done.job.token)
        if transcription is None:
            return False
        now_s = self._clock()
        transcription.settle(done, now_s)
        if not transcription.final:
            self._pace.finished(now_s, done.duration_s)
        return True

    def _glance(self, turn: Turn) -> None:
        """Speech has not begun yet, but this frame may be its first."""
        ear, alarms = self._listener, self._alarms_in(turn)
        heard_s = ear.suspected_s if alarms >= overlap.ALARMS else ear.loud_s
        if heard_s and not self._ducked and self._speaker.started:
            self._ducked = True
            self._speaker.duck()
            self._stirring_s = 0.0
            self._bus.publish(ReplyDucked(at_s=self._clock(), turn_id=turn.id))
        self._stirring_s += FRAME_S if heard_s else 0.0
        lasting_s = max(overlap.LASTING_S, overlap.pause_s(alarms, certain=False))
        if self._ducked and self._paused_s is None and self._stirring_s >= lasting_s:
            self._pause(turn)
        if self._ducked and ear.calm_s >= overlap.CALM_S:
            self._resume(turn, Verdict(Decision.RESUME, "noise", ("a click",)))

    def _begin(self, at_s: float) -> None:
        self.active = True
        self.began_s = at_s
        self._pace.begin(at_s)

    def _may_pause(self, turn: Turn) -> bool:
        ear, alarms = self._listener, self._alarms_in(turn)
        if ear.certain_s >= overlap.pause_s(alarms, certain=True):
            return True
        return max(ear.voiced_s, ear.suspected_s, ear.loud_s) >= overlap.pause_s(alarms, certain=False)

    def _alarms_in(self, turn: Turn) -> int:
        turn_id, alarms = self._alarms
        return alarms if turn_id == turn.id else 0

    def _pause(self, turn: Turn) -> None:
        self._paused_s = self._clock()
        self._speaker.pause()
        if self._ducked:
            self._bus.publish(ReplyPaused(at_s=self._paused_s, turn_id=turn.id))

    def _end(self, turn: Turn) -> None:
        """A pause: these may be all the words."""
        self._ended = True
        if self._voiced_s >= overlap.SHORTEST_S:
            self._drop_partial("paused")
            self._final = self._transcribe(turn, final=True)

    def _go_on(self) -> None:
        self._ended = self._asked = False
        self._cancel("resumed")
        self._final = self._judging = self._completeness = None

    @property
    def _heard_out(self) -> Interjection | None:
        """The transcription of the pause, once it has words, or has found that there are none."""
        return self._final if self._final is not None and self._final.settled and self._final.result else None

    @property
    def _voiced_s(self) -> float:
        """With the consonants that it begins with, which are not voiced."""
        return self._listener.voiced_s + self._listener.lead_s

    @property
    def _heard(self) -> Interjection | None:
        """The transcription with the latest words."""
        return next((one for one in (self._heard_out, self._partial) if one is not None and one.result), None)

    def _stop(self, reading: Reading) -> Stop | None:
        heard = self._heard
        return Stop(reading.words, heard.voiced_s, alone=reading.bare) if heard else None

    def _evidence(self, turn: Turn, at_s: float, *, unfinished: bool) -> Evidence:
        saying = self._speaker.saying
        final = self._heard_out
        heard = self._heard.result if self._heard else None
        reading = self._interjections.read(heard.text, saying) if heard else Reading(Kind.NOTHING)
        if final is not None and reading.kind is Kind.REQUEST and heard is not None:
            self._ask(turn, heard.text)
        return Evidence(
            voiced_s=self._voiced_s,
            silence_s=at_s - self._listener.last_voice_s,
            ended=self._ended,
            reading=reading,
            final=final is not None,
            confidence=heard.confidence if heard else None,
            completeness=self._completeness,
            judging=self._judging is not None,
            unfinished=unfinished,
            asked=self._speaker.asks,
        )

    def _ask(self, turn: Turn, text: str) -> None:
        """Let the brain say whether that is something it does; once for the words of one pause."""
        if not self._asked:
            self._asked = True
            token = turn.token.child()
            self._judging = token if self._judge(turn, text, token) else None

    def _keep_up(self, turn: Turn, at_s: float) -> None:
        busy = self._partial is not None and not self._partial.settled
        if not busy and self._pace.due(at_s):
            self._partial = self._transcribe(turn, final=False)

    def _transcribe(self, turn: Turn, *, final: bool) -> Interjection | None:
        ear, words = self._listener, self._interjections
        transcription = Interjection(
            turn.token, ear.utterance(), words.phrases, words.stops, voiced_s=ear.voiced_s, final=final
        )
        return transcription if self._submit(turn, transcription) else None

    def _resume(self, turn: Turn, verdict: Verdict) -> None:
        now_s = self._clock()
        paused_s = 0.0 if self._paused_s is None else now_s - self._paused_s
        if self._paused_s is not None and verdict.reason in ("noise", "echo"):
            self._alarms = (turn.id, self._alarms_in(turn) + 1)
        self._speaker.resume()
        if self._ducked:
            self._bus.publish(
                ReplyResumed(at_s=now_s, turn_id=turn.id, reason=verdict.reason, cues=verdict.cues, paused_s=paused_s)
            )
        self._ducked = False
        self._reset()

    def _find(self, token: CancelToken) -> Interjection | None:
        known = (one for one in (self._partial, self._final) if one is not None)
        return next((one for one in known if one.token is token), None)

    def _drop_partial(self, reason: str) -> None:
        if self._partial is not None:
            self._partial.cancel(reason)
            self._partial = None

    def _cancel(self, reason: str) -> None:
        self._drop_partial(reason)
        if self._final is not None:
            self._final.cancel(reason)
        if self._judging is not None:
            self._judging.cancel(reason)

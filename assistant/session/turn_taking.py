"""The user's half of a turn, as its states: speech opens it, pauses, goes on, commits it, or interrupts the answer."""

from collections.abc import Callable

from assistant.audio.protocols import Frame
from assistant.bus import Bus
from assistant.events import Outcome, PartialTranscript, TurnCommitted
from assistant.models.worker import Done, Item
from assistant.session.answer import Answerer
from assistant.session.endpoint import Decision, Verdict
from assistant.session.hearing import Hearing
from assistant.session.history import History
from assistant.session.interrupt import REACTION_S, Carry
from assistant.session.lifecycle import Lifecycle
from assistant.session.listen import Edge
from assistant.session.overhear import Overhearing
from assistant.session.speaker import Speaker
from assistant.session.speculate import Speculator
from assistant.session.stopping import Stop
from assistant.session.transcription import Transcription
from assistant.session.turn import Turn, TurnState

LONGEST = ("longest utterance",)
RELEASED = Verdict(Decision.COMMIT, 0, ("released",))


class TurnTaking:
    """Belongs to the session's thread. ``barge_in``: the user may speak over the answer; ``held``: it is a key, and not
    silence, that ends what they say."""

    def __init__(
        self,
        life: Lifecycle,
        *,
        hearing: Hearing,
        over: Overhearing,
        ahead: Speculator,
        answerer: Answerer,
        speaker: Speaker,
        history: History,
        bus: Bus,
        clock: Callable[[], float],
        barge_in: bool,
        held: bool = False,
    ) -> None:
        self._life = life
        self._hearing = hearing
        self._over = over
        self._ahead = ahead
        self._answerer = answerer
        self._speaker = speaker
        self._history = history
        self._bus = bus
        self._clock = clock
        self._barge_in = barge_in
        self._held = held
        self.muted = False

    def mute(self, muted: bool) -> None:
        self.muted = muted
        self.forget()
        if self._life.listening:
            self._life.end("nothing")

    def attend(self) -> None:
        """The user calls: whatever goes on ends, and what is heard from here on is an utterance of its own."""
        self._life.end("nothing" if self._life.listening else "interrupted")
        self._hearing.deafen()

    def release(self) -> None:
        """The user has let go of the key: what was heard so far is the turn."""
        if self._life.turn is not None and self._life.listening:
            self._commit(self._life.turn, RELEASED)
        self.forget()

    def forget(self) -> None:
        """Nobody is listened to any more."""
        if self._life.turn is not None and self._life.answering:
            self._over.release(self._life.turn, "muted")
        self._hearing.deafen()

    def listen(self, frame: Frame) -> None:
        """A frame from the microphone: what it does to the turn."""
        if self.muted:
            return
        if self._life.answering and not self._barge_in:
            self._hearing.deafen()
            return
        edge = self._hearing.feed(frame)
        if self._life.turn is not None and self._life.answering:
            self._overhear(self._life.turn, edge, frame)
        else:
            self._follow_edge(edge, frame)
        if self._life.turn is not None and self._life.listening:
            self._follow(self._life.turn, frame.at_s)

    def _follow_edge(self, edge: Edge | None, frame: Frame) -> None:
        match edge:
            case Edge.STARTED:
                self._begin(frame.at_s, None)
            case Edge.PAUSED if self._life.turn and self._life.state is TurnState.LISTENING:
                self._life.enter(self._life.turn, TurnState.SPECULATIVE)
                self._hearing.pause(self._life.turn)
            case Edge.RESUMED if self._life.turn and self._life.state is TurnState.SPECULATIVE:
                self._life.enter(self._life.turn, TurnState.LISTENING)
                self._hearing.resume()
                self._ahead.set_aside("resumed")

    def _overhear(self, turn: Turn, edge: Edge | None, frame: Frame) -> None:
        """Somebody may be speaking over the answer: they go on with their own words, end it, or only listen aloud."""
        silent = self._life.state is TurnState.COMMITTED  # once it sounds, voice may be an echo of it
        if silent and edge is Edge.STARTED and (carry := self._unfinished(turn, frame.at_s)) is not None:
            self._life.end("continued" if carry.going_on else "interrupted")
            self._begin(frame.at_s, carry)
        else:
            self._over.listen(turn, edge, frame)
            self._give_way(turn, frame.at_s)

    def _give_way(self, turn: Turn, at_s: float) -> None:
        """If what is said over the answer is meant to stop it: a turn begins, with the words already spoken."""
        carry = self._carry(turn, self._over.began_s) if turn.origin == "voice" else None
        going_on = carry is not None and carry.going_on
        if self._over.stops(turn, at_s, unfinished=going_on):
            stop, began_s, heard = self._over.stop, self._over.began_s, self._over.hand_over()
            early: Outcome = "continued" if going_on and not stop else "interrupted"
            self._life.end("answered" if self._speaker.finished else early)
            self._begin(began_s, carry, heard, stop)

    def on_transcript(self, turn: Turn, item: Item) -> None:
        """Words while the turn is open: shown until it commits, and read ahead while the user still speaks."""
        if self._over.on_item(item):
            self._give_way(turn, self._clock())
            return
        if not self._hearing.on_item(item) or self._life.state is TurnState.COMMITTED:
            return
        self._publish_partial(turn)
        if self._life.state is TurnState.LISTENING:
            self._ahead.reader.follow(turn, self._history.request(turn, self._hearing.buffer.text))

    def on_judged(self, turn: Turn, message: Item | Done) -> None:
        """What the brain makes of words that were said over its answer."""
        if isinstance(message, Item):
            self._over.on_item(message)
        else:
            self._over.on_done(message)
        self._give_way(turn, self._clock())

    def on_transcribed(self, turn: Turn, done: Done) -> None:
        """A transcription has ended: work ahead from it in a pause, answer it after the commit."""
        if self._over.on_done(done):
            self._give_way(turn, self._clock())
            return
        self._hearing.on_done(done, self._clock())
        if self._life.state is TurnState.SPECULATIVE and done is self._hearing.conclusion:
            self._consider(turn)
        self._conclude(turn)

    def _begin(
        self, at_s: float, carry: Carry | None, heard: Transcription | None = None, stop: Stop | None = None
    ) -> None:
        """A turn begins with speech since ``at_s``; ``heard`` are its words, where it has come to a pause with them.

        ``stop`` is what ended the answer before, where that was words made for it.
        """
        turn = self._life.begin("voice")
        self._life.enter(turn, TurnState.LISTENING)
        self._hearing.begin(at_s, carry, stop)
        if heard is None:
            self._ahead.reader.follow(turn, self._history.request(turn, ""))
            return
        self._life.enter(turn, TurnState.SPECULATIVE)
        self._hearing.pause(turn, heard)
        self._publish_partial(turn)
        self._consider(turn)

    def _publish_partial(self, turn: Turn) -> None:
        self._bus.publish(PartialTranscript(at_s=self._clock(), turn_id=turn.id, text=self._hearing.buffer.text))

    def _unfinished(self, turn: Turn, at_s: float) -> Carry | None:
        """What was committed too early: the user goes on before the answer, or before it has words to answer."""
        if turn.origin != "voice":
            return None
        carry = self._carry(turn, at_s)
        return carry if carry.going_on or not turn.text else None

    def _carry(self, turn: Turn, at_s: float) -> Carry:
        """What is spoken over: new words may continue it, correct it, or start another."""
        heard = at_s - turn.marks_s.get("first_sample", at_s) > REACTION_S
        return self._hearing.carry_over(turn, resumed_s=at_s, reply_heard=heard)

    def _follow(self, turn: Turn, at_s: float) -> None:
        verdict = self._hearing.decide(at_s, judging=self._ahead.judging, completeness=self._ahead.completeness)
        match verdict.decision:
            case Decision.WAIT if self._life.state is TurnState.LISTENING:
                self._hearing.keep_up(turn, at_s)
            case Decision.WAIT:
                self._hearing.follow(turn, at_s)
                self._ahead.follow(turn, at_s - self._hearing.last_voice_s, self._hearing.utterance_s)
            case Decision.COMMIT if not self._held or verdict.cues == LONGEST:
                self._commit(turn, verdict)
            case Decision.ABANDON:
                self._life.end("nothing")

    def _consider(self, turn: Turn) -> None:
        """The words of a pause are there: what follows from them can be worked out ahead of the commit."""
        text, replaces = self._hearing.prospect()
        if text:
            self._ahead.consider(turn, self._history.request(turn, text, replaces), self._hearing.utterance_s)

    def _commit(self, turn: Turn, verdict: Verdict) -> None:
        if self._life.state is TurnState.LISTENING:  # the longest utterance ends without a pause
            self._life.enter(turn, TurnState.SPECULATIVE)
        turn.mark("end_of_speech", self._hearing.last_voice_s)
        turn.mark("commit", self._clock())
        self._life.enter(turn, TurnState.COMMITTED)
        silence_s = self._clock() - self._hearing.last_voice_s
        self._bus.publish(
            TurnCommitted(
                at_s=self._clock(),
                turn_id=turn.id,
                silence_s=silence_s,
                wait_s=verdict.wait_ms / 1000,
                cues=verdict.cues,
            )
        )
        if self._hearing.commit(turn):
            self._conclude(turn)
        else:
            self._answerer.fail(turn, None)

    def _conclude(self, turn: Turn) -> None:
        """Once the turn has committed and its transcript is there: answer it."""
        done = self._hearing.conclusion
        if done is None or self._life.state is not TurnState.COMMITTED or turn.text:
            return
        if done.status == "failed":
            self._answerer.fail(turn, done.error)
            return
        turn.text = self._hearing.conclude(turn)
        turn.mark("transcript", self._hearing.transcript_s)
        if not turn.text:
            self._life.end("nothing")
            return
        if self._hearing.stops(turn.text):
            self._answerer.hush(turn, done.engine)
            return
        self._answerer.answer(turn, self._history.request(turn, turn.text, turn.replaces), done.engine)

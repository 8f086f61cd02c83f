"""The actor: one conversation, one inbox, one thread. Everything that happens to it is a message, handled in turn."""

import threading
from collections import deque
from datetime import datetime

import structlog

from assistant.audio.level import dbfs
from assistant.audio.protocols import Frame, Sink, Source
from assistant.brain.protocols import Agenda, Announcement, Exchange, Pending, Request
from assistant.bus import Bus
from assistant.config import TurnSettings
from assistant.errors import AssistantError
from assistant.events import (
    FinalTranscript,
    Levels,
    Measured,
    MutedChanged,
    Notice,
    Outcome,
    PartialTranscript,
    ReplyClause,
    ReplyStarted,
    SessionEnded,
    SessionStarted,
    TimerFired,
    TurnCommitted,
)
from assistant.models.protocols import FRAME_S, Vad
from assistant.models.worker import Done, Item
from assistant.session.controls import Interrupt, Mute, Stop, Typed
from assistant.session.dispatch import PREFILL, REHEARSAL, Dispatch, Workers
from assistant.session.endpoint import AdaptiveHangover, Decision, Endpointer, Verdict
from assistant.session.hearing import Hearing
from assistant.session.inbox import Inbox
from assistant.session.interrupt import REACTION_S, Carry
from assistant.session.lifecycle import Lifecycle
from assistant.session.listen import Edge, Listener
from assistant.session.reply import ReplyPart
from assistant.session.speaker import Speaker
from assistant.session.speculate import Limits, Rehearsal, Resumption, Speculator
from assistant.session.turn import Origin, Turn, TurnState
from assistant.session.waste import WasteMeter

HISTORY_EXCHANGES = 400  # then the older half goes at once: the prompt's cached prefix is lost rarely
ANNOUNCEMENTS = 100
LEVELS_EVERY_FRAMES = 3
FAILURE_TEXT = "Sorry, something went wrong. Please try again."

log = structlog.get_logger(__name__)


class Session:
    """One conversation. The public methods are thread-safe; all others belong to the session's own thread."""

    def __init__(
        self,
        session_id: str,
        *,
        source: Source,
        sink: Sink,
        vad: Vad,
        workers: Workers,
        agenda: Agenda,
        bus: Bus,
        settings: TurnSettings,
        language: str = "en",
    ) -> None:
        self.id = session_id
        self.ended = threading.Event()
        self._source, self._sink = source, sink
        self._agenda, self._bus = agenda, bus
        self._barge_in = settings.barge_in
        self._hangover = AdaptiveHangover(settings.hangover_ms, settings.hangover_min_ms, settings.hangover_max_ms)
        listener = Listener(vad, threshold=settings.vad_threshold, pre_roll_ms=settings.pre_roll_ms)
        endpointer = Endpointer(
            self._hangover,
            max_utterance_s=settings.max_utterance_s,
            complete_ms=settings.complete_ms,
            dangling_ms=settings.dangling_ms,
        )
        self.inbox = Inbox()
        self._dispatch = Dispatch(workers, self.inbox.put, bus, source.clock)
        self._hearing = Hearing(listener, endpointer, self._dispatch.transcribe, self._dispatch.ask)
        self._speaker = Speaker(sink, self._dispatch.synthesize, language=language, voiceless=not self._dispatch.speaks)
        limits = Limits(settings.speculate_tries if settings.speculate else 0, settings.speculate_max_s)
        self._waste = WasteMeter()
        self._ahead = Speculator(self._dispatch, self._speaker, self._waste, limits)
        self._resumption: Resumption | None = None
        self._life = Lifecycle(bus, source.clock)
        self._history: list[Exchange] = []
        self._announcements: deque[Announcement] = deque(maxlen=ANNOUNCEMENTS)
        self._dropped_results = 0
        self._frames = 0
        self._muted = False
        self._stop_reason: str | None = None
        self._thread = threading.Thread(target=self._run, name=f"session-{session_id[:8]}", daemon=True)

    # Controls, from any thread.

    def start(self) -> None:
        """Open the sound and begin to listen. Raises AudioError; nothing is left open then."""
        self._sink.start()
        self._publish_start()
        self._thread.start()
        try:
            self._source.start(self.inbox.offer)
        except AssistantError:
            self.stop("no source")
            self.join()
            raise

    def submit_text(self, text: str) -> None:
        """A typed turn. It interrupts whatever is going on, as speech would."""
        self.inbox.put(Typed(text))

    def interrupt(self) -> None:
        """Stop talking, and forget the turn."""
        self.inbox.put(Interrupt())

    def set_muted(self, muted: bool) -> None:
        """Stop or resume listening. Typing works all the same."""
        self.inbox.put(Mute(muted))

    def stop(self, reason: str) -> None:
        """End the turn, then the session. Returns at once; ``join`` or ``ended`` tells when it is done."""
        self.inbox.put(Stop(reason))

    @property
    def busy(self) -> bool:
        """A turn is open."""
        return self._life.turn is not None

    def join(self, timeout_s: float = 5.0) -> bool:
        """Wait for the end. False if the session's thread outlived ``timeout_s``."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def settle(self) -> None:
        """Wait until every message has been handled and no engine works for this session: a file source's brake."""
        self.inbox.settle()

    # The actor.

    def _run(self) -> None:
        while self._stop_reason is None:
            message = self.inbox.get(resting=self._dispatch.outstanding == 0)
            try:
                self.handle(message)
            except Exception as error:  # a bug in one turn must not end the conversation
                log.exception("turn failed", turn_id=self._life.turn and self._life.turn.id)
                self._on_bug(error)
        self._end_turn("stopped")
        self.inbox.close()
        self._source.stop()
        self._sink.close()
        self._measure("capture_overrun_frames", self._source.overruns)
        self._measure("inbox_dropped_frames", self.inbox.dropped_frames)
        self._measure("dropped_results", self._dropped_results)
        self._measure("speculation_wasted_engine_s", self._waste.session.engine_s)
        self._measure("speculation_wasted_tokens", self._waste.session.tokens)
        self._measure("speculation_wasted_clauses", self._waste.session.clauses)
        self._bus.publish(SessionEnded(at_s=self._now(), session_id=self.id, reason=self._stop_reason))
        self.ended.set()

    def handle(self, message: object) -> None:
        """One step of the conversation. On the session's thread; a test without threads drives it by hand."""
        match message:
            case Frame():
                self._on_frame(message)
            case Item():
                self._on_item(message)
            case Done():
                self._on_done(message)
            case Typed(text):
                self._on_text(text)
            case Mute(muted):
                self._on_muted(muted)
            case Interrupt():
                self._end_turn("interrupted")
            case Stop(reason):
                self._stop_reason = reason

    def _on_frame(self, frame: Frame) -> None:
        self._sink.tick(FRAME_S)
        self._advance_reply()
        self._ring()
        self._listen(frame)
        self._meter(frame)
        if frame.end_of_input and self._life.turn is None and not self._announcements:
            self._stop_reason = "end of input"

    def _on_muted(self, muted: bool) -> None:
        self._muted = muted
        self._hearing.deafen()
        if self._life.listening:
            self._end_turn("nothing")
        self._bus.publish(MutedChanged(at_s=self._now(), muted=muted))

    def _on_bug(self, error: Exception) -> None:
        turn = self._life.turn
        self._bus.publish(
            Notice(
                at_s=self._now(),
                turn_id=turn.id if turn else None,
                level="error",
                code="internal",
                stage="session",
                message=f"something went wrong inside: {error}",
                hint="The log file has the details.",
            )
        )
        if turn is not None:
            turn.error_code = "internal"
        self._end_turn("failed")

    # The user's half.

    def _listen(self, frame: Frame) -> None:
        answering = self._life.answering
        if self._muted or not self._dispatch.hears:
            return
        if answering and not self._barge_in:
            self._hearing.deafen()
            return
        match self._hearing.feed(frame):
            case Edge.STARTED:
                self._speech_started(frame.at_s)
            case Edge.PAUSED if self._life.turn and self._life.state is TurnState.LISTENING:
                self._life.enter(self._life.turn, TurnState.SPECULATIVE)
                self._hearing.pause(self._life.turn)
                if (token := self._hearing.final_token) is not None:
                    self._waste.open(token)
            case Edge.RESUMED if self._life.turn and self._life.state is TurnState.SPECULATIVE:
                self._life.enter(self._life.turn, TurnState.LISTENING)
                self._waste.write_off(self._hearing.final_token)
                self._hearing.resume()
                self._ahead.drop("resumed")
        if self._life.turn is not None and self._life.listening:
            self._follow(self._life.turn, frame.at_s)

    def _speech_started(self, at_s: float) -> None:
        carry = self._speak_over(at_s) if self._life.turn is not None else None
        turn = self._begin("voice")
        self._life.enter(turn, TurnState.LISTENING)
        self._hearing.begin(at_s, carry)
        self._ahead.read_ahead(turn, self._request(turn, "", None))

    def _speak_over(self, at_s: float) -> Carry | None:
        """The user speaks while we answer: their words may continue the turn, correct it, or start another."""
        turn = self._life.turn
        assert turn is not None
        if turn.origin != "voice":
            self._end_turn("interrupted")
            return None
        heard = at_s - turn.marks_s.get("first_sample", at_s) > REACTION_S
        carry = self._hearing.carry_over(turn, resumed_s=at_s, reply_heard=heard)
        self._end_turn("continued" if carry.going_on else "interrupted")
        return carry

    def _follow(self, turn: Turn, at_s: float) -> None:
        verdict = self._hearing.decide(at_s, judging=self._ahead.judging, completeness=self._ahead.completeness)
        match verdict.decision:
            case Decision.WAIT if self._life.state is TurnState.LISTENING:
                self._hearing.keep_up(turn, at_s)
            case Decision.WAIT:
                self._ahead.follow(turn, at_s - self._hearing.last_voice_s, self._hearing.utterance_s)
            case Decision.COMMIT:
                self._commit(turn, verdict)
            case Decision.ABANDON:
                self._end_turn("nothing")

    def _commit(self, turn: Turn, verdict: Verdict) -> None:
        if self._life.state is TurnState.LISTENING:  # the longest utterance ends without a pause
            self._life.enter(turn, TurnState.SPECULATIVE)
        turn.mark("end_of_speech", self._hearing.last_voice_s)
        turn.mark("commit", self._now())
        self._life.enter(turn, TurnState.COMMITTED)
        silence_s = self._now() - self._hearing.last_voice_s
        self._bus.publish(
            TurnCommitted(
                at_s=self._now(),
                turn_id=turn.id,
                silence_s=silence_s,
                wait_s=verdict.wait_ms / 1000,
                cues=verdict.cues,
            )
        )
        if self._hearing.commit(turn):
            self._conclude(turn)
        else:
            self._fail(turn, None)

    def _conclude(self, turn: Turn) -> None:
        """Once the turn has committed and its transcript is there: answer it."""
        done = self._hearing.conclusion
        if done is None or self._life.state is not TurnState.COMMITTED or turn.text:
            return
        if done.status == "failed":
            self._fail(turn, done.error)
            return
        turn.text = self._hearing.conclude(turn)
        turn.mark("transcript", self._hearing.transcript_s)
        if (token := self._hearing.final_token) is not None:
            self._waste.used(token)
        if not turn.text:
            self._end_turn("nothing")
            return
        self._answer(turn, done.engine)

    def _on_text(self, text: str) -> None:
        self._end_turn("interrupted")
        turn = self._begin("text")
        turn.text = text
        for mark in ("end_of_speech", "commit", "transcript"):
            turn.mark(mark, turn.started_s)
        self._life.enter(turn, TurnState.COMMITTED)
        self._answer(turn, "keyboard")

    # Our half.

    def _answer(self, turn: Turn, heard_by: str) -> None:
        self._bus.publish(
            FinalTranscript(at_s=self._now(), turn_id=turn.id, text=turn.text, engine=heard_by, replaces=turn.replaces)
        )
        request = self._request(turn, turn.text, turn.replaces)
        rehearsal = self._ahead.release(request)
        if rehearsal is not None:
            self._take_over(turn, rehearsal)
        elif not self._dispatch.think(turn, request):
            self._fail(turn, None)
        self._advance_reply()

    def _request(self, turn: Turn, text: str, replaces: int | None) -> Request:
        return Request(turn.id, text, tuple(self._history), replaces)

    def _take_over(self, turn: Turn, rehearsal: Rehearsal) -> None:
        """The answer was worked out ahead: release it, up to where its effects begin."""
        turn.speculated = True
        for name, at_s in rehearsal.marks_s.items():
            turn.mark(name, at_s)
        if rehearsal.pending is None or not rehearsal.pending.preview:
            self._show(turn, self._speaker.release())
        if rehearsal.pending is not None:
            self._resume(turn, rehearsal.pending)

    def _resume(self, turn: Turn, pending: Pending) -> None:
        self._resumption = Resumption(self._speaker, pending.preview)
        if not self._dispatch.resume(turn, pending):
            self._speaker.drop()
            self._fail(turn, None)

    def _ring(self) -> None:
        """Say what has come due, once nobody speaks."""
        self._announcements.extend(self._agenda.due())
        if not self._announcements or self._life.turn is not None:
            return
        announcement = self._announcements.popleft()
        turn = self._begin("timer")
        self._life.enter(turn, TurnState.COMMITTED)
        self._bus.publish(
            TimerFired(at_s=self._now(), turn_id=turn.id, label=announcement.label, text=announcement.text)
        )
        self._show(turn, self._speaker.say(announcement.text))
        self._show(turn, self._speaker.finish_text())

    def _advance_reply(self) -> None:
        turn = self._life.turn
        if turn is None or not self._life.answering:
            return
        self._speaker.tick()
        if self._life.state is TurnState.COMMITTED and self._speaker.started:
            turn.mark("first_sample", self._now())
            self._life.enter(turn, TurnState.SPEAKING)
            self._bus.publish(ReplyStarted(at_s=self._now(), turn_id=turn.id))
        if self._speaker.finished:
            self._end_turn("failed" if turn.error_code else "answered")

    def _show(self, turn: Turn, parts: list[ReplyPart]) -> None:
        for part in parts:
            turn.mark("first_clause", self._now())
            self._bus.publish(ReplyClause(at_s=self._now(), turn_id=turn.id, index=part.index, text=part.clause.text))

    def _fail(self, turn: Turn, error: AssistantError | None) -> None:
        """Say that it went wrong: the notice with the remedy has been published where it happened."""
        turn.error_code = error.code if error else turn.error_code or "engine"
        if not self._speaker.text:
            self._show(turn, self._speaker.say(FAILURE_TEXT))
        self._show(turn, self._speaker.finish_text())

    # Engine results.

    def _on_item(self, item: Item) -> None:
        turn = self._life.turn
        if turn is None or item.job.turn_id != turn.id or item.job.token.cancelled:
            self._dropped_results += 1
            if turn is not None:
                turn.dropped_results += 1
            return
        match item.job.stage:
            case "stt":
                if self._hearing.on_item(item) and self._life.state is not TurnState.COMMITTED:
                    text = self._hearing.buffer.text
                    self._bus.publish(PartialTranscript(at_s=self._now(), turn_id=turn.id, text=text))
                    if self._life.state is TurnState.LISTENING:
                        self._ahead.read_ahead(turn, self._request(turn, text, None))
            case "turn":
                self._hearing.ending.on_item(item)
            case "llm" if self._ahead.holds(item.job.token):
                self._ahead.on_item(item, self._now())
            case "llm":
                self._on_words(turn, item.value)
            case "tts":
                self._speaker.on_sound(item)
        self._advance_reply()

    def _on_words(self, turn: Turn, words: object) -> None:
        """The brain goes on with the answer to the committed turn."""
        if isinstance(words, Pending):
            self._resume(turn, words)
            return
        turn.mark("first_token", self._now())
        teller = self._resumption or self._speaker
        self._show(turn, teller.say(str(words)))

    def _on_done(self, done: Done) -> None:
        self._dispatch.close(done)
        self._waste.add(done)
        job = done.job
        turn = self._life.turn
        if turn is None or turn.id != job.turn_id:
            return
        match job.stage:
            case "stt":
                self._hearing.on_done(done, self._now())
                self._consider(turn, done)
                self._conclude(turn)
            case "turn":
                self._hearing.ending.on_done(done)
            case "llm" | "tts" if self._ahead.holds(job.token):
                self._ahead.on_done(done, self._now())
            case "llm" if job.tag == PREFILL:
                self._ahead.on_read(done)
            case "llm":
                self._on_answered(turn, done)
            case "tts":
                self._speaker.on_synthesized(done)
        self._advance_reply()

    def _consider(self, turn: Turn, done: Done) -> None:
        """The words of a pause are there: what follows from them can be worked out ahead of the commit."""
        if self._life.state is TurnState.SPECULATIVE and done is self._hearing.conclusion:
            text, replaces = self._hearing.prospect()
            if text:
                self._ahead.consider(turn, self._request(turn, text, replaces), self._hearing.utterance_s)

    def _on_answered(self, turn: Turn, done: Done) -> None:
        if self._ahead_of_rest(done) or done.job.token.cancelled:
            return
        if done.status == "failed":
            self._fail(turn, done.error)
            return
        teller, self._resumption = self._resumption, None
        self._show(turn, teller.finish() if teller else self._speaker.finish_text())

    def _ahead_of_rest(self, done: Done) -> bool:
        """It was the first part of an answer, and the rest is still to come."""
        return done.job.tag == REHEARSAL and self._resumption is not None

    # Turns.

    def _begin(self, origin: Origin) -> Turn:
        turn = self._life.begin(origin)
        self._speaker.begin(turn, ring=origin == "timer")
        self._waste.begin_turn(turn.id)
        self._ahead.begin_turn()
        self._resumption = None
        return turn

    def _end_turn(self, outcome: Outcome) -> None:
        """Close the turn, if there is one: fall silent, remember what was heard."""
        turn = self._life.turn
        if turn is None:
            return
        if self._life.listening:
            self._waste.write_off(self._hearing.final_token)
            self._hearing.abandon()
        self._ahead.drop(outcome)
        reply, heard = self._speaker.text, self._speaker.cut()
        if turn.text:
            self._remember(Exchange(turn.text, heard))
        if turn.origin == "voice" and outcome in ("answered", "interrupted", "continued"):
            self._hangover.record(cut_off=outcome == "continued")
        self._life.end(outcome, reply=reply, heard=heard, wasted=self._waste.turn)

    def _remember(self, exchange: Exchange) -> None:
        self._history.append(exchange)
        if len(self._history) > HISTORY_EXCHANGES:
            del self._history[: HISTORY_EXCHANGES // 2]

    # Small things.

    def _now(self) -> float:
        return self._source.clock()

    def _meter(self, frame: Frame) -> None:
        self._frames += 1
        if self._frames % LEVELS_EVERY_FRAMES:
            return
        level = -120.0 if self._muted else dbfs(frame.pcm)
        self._bus.publish(Levels(at_s=frame.at_s, microphone_dbfs=level, speaker_dbfs=self._sink.level_dbfs))

    def _measure(self, name: str, value: float) -> None:
        if value:
            self._bus.publish(Measured(at_s=self._now(), name=name, value=value))

    def _publish_start(self) -> None:
        self._bus.publish(
            SessionStarted(
                at_s=self._now(),
                session_id=self.id,
                source=self._source.name,
                sink=self._sink.name,
                started_at=datetime.now().astimezone().isoformat(timespec="seconds"),
            )
        )

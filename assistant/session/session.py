"""The actor: one conversation, one inbox, one thread. Everything that happens to it is a message, handled in turn.

What a message does to the open turn is in ``turn_taking`` (the user's half), ``answer`` (ours), ``announcements`` (what
is said unasked) and ``lifecycle`` (how a turn begins and ends); ``results`` passes on what the engines give.
"""

import threading

import structlog

from assistant.audio.protocols import Frame, Sink, Source, Tape
from assistant.brain.protocols import Agenda
from assistant.bus import Bus
from assistant.config import ListenSettings, TurnSettings
from assistant.errors import AssistantError
from assistant.manner import Manner
from assistant.models.protocols import FRAME_S, Vad, WakeDetector
from assistant.models.worker import Done, Item
from assistant.session.announcements import Announcements
from assistant.session.answer import Answerer
from assistant.session.attention import Attention
from assistant.session.controls import ForgetLast, Interrupt, Mute, Push, Stop, Typed
from assistant.session.dispatch import Dispatch, Workers
from assistant.session.ear import Ear
from assistant.session.endpoint import AdaptiveHangover, Endpointer
from assistant.session.hearing import Hearing
from assistant.session.history import History, Resumed
from assistant.session.inbox import Inbox
from assistant.session.interjections import interjections
from assistant.session.lifecycle import Lifecycle
from assistant.session.listen import Listener
from assistant.session.overhear import Overhearing
from assistant.session.results import Results
from assistant.session.speaker import Speaker
from assistant.session.speculate import Limits, Speculator
from assistant.session.telemetry import Telemetry
from assistant.session.turn import CancelToken, Turn, TurnState
from assistant.session.turn_taking import TurnTaking
from assistant.session.waste import WasteMeter
from assistant.threads import joined

HISTORY_EXCHANGES = 400

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
        resumed: Resumed | None = None,
        listen: ListenSettings | None = None,
        wake: WakeDetector | None = None,
        manner: Manner | None = None,
        tape: Tape | None = None,
    ) -> None:
        """``wake`` is needed where ``listen.mode`` is ``wake``."""
        listen = listen or ListenSettings()
        self.id = session_id
        self.ended = threading.Event()
        self._source, self._sink = source, sink
        self.inbox = Inbox()
        self._dispatch = Dispatch(workers, self.inbox.put, bus, source.clock)
        self._waste = WasteMeter()
        self._history = History.resumed(HISTORY_EXCHANGES, resumed.exchanges if resumed else ())
        listener, words = _listener(vad, settings), interjections(language)
        hearing = Hearing(
            listener,
            _endpointer(settings),
            self._dispatch.transcribe,
            self._dispatch.ask,
            self._waste,
            interjections=words,
            language=language,
        )
        self._speaker = Speaker(
            sink,
            self._dispatch.synthesize,
            source.clock,
            language=language,
            voiceless=not self._dispatch.speaks,
            manner=manner,
        )
        ahead = Speculator(self._dispatch, self._speaker, self._waste, _limits(settings))
        over = Overhearing(
            listener,
            self._speaker,
            submit=self._dispatch.transcribe,
            judge=self._judge,
            interjections=words,
            bus=bus,
            clock=source.clock,
        )
        self._life = Lifecycle(
            hearing=hearing,
            over=over,
            speaker=self._speaker,
            ahead=ahead,
            waste=self._waste,
            history=self._history,
            bus=bus,
            clock=source.clock,
        )
        self._answerer = Answerer(
            self._life,
            dispatch=self._dispatch,
            speaker=self._speaker,
            ahead=ahead,
            bus=bus,
            clock=source.clock,
            silence=agenda.silence,
        )
        turn_taking = TurnTaking(
            self._life,
            hearing=hearing,
            over=over,
            ahead=ahead,
            answerer=self._answerer,
            speaker=self._speaker,
            history=self._history,
            bus=bus,
            clock=source.clock,
            barge_in=settings.barge_in,
            held=listen.mode == "push",
        )
        self._results = Results(
            self._life,
            dispatch=self._dispatch,
            turn_taking=turn_taking,
            ending=hearing.ending,
            over=over,
            ahead=ahead,
            answerer=self._answerer,
            speaker=self._speaker,
            waste=self._waste,
            clock=source.clock,
        )
        self._attention = Attention(
            Ear(listen.mode, follow_up_s=listen.follow_up_s),
            wake,
            vad,
            life=self._life,
            turn_taking=turn_taking,
            speaker=self._speaker,
            bus=bus,
            clock=source.clock,
            chime=listen.chime,
        )
        self._agenda = agenda
        self._announcements = Announcements(agenda, self._life, self._answerer, bus, source.clock)
        self._telemetry = Telemetry(session_id, source, sink, bus, resumes=resumed.session_id if resumed else None)
        self._tape = tape
        self._stop_reason: str | None = None
        self._thread = threading.Thread(target=self._run, name=f"session-{session_id[:8]}", daemon=True)

    # Controls, from any thread.

    def start(self) -> None:
        """Open the sound and begin to listen. Raises AudioError; nothing is left open then."""
        self._sink.start()
        self._telemetry.started()
        if self._dispatch.hears:
            self._attention.announce()
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

    def forget_last_turn(self) -> None:
        """Keep nothing of the last turn that has ended; TurnsForgotten tells which that was."""
        self.inbox.put(ForgetLast())

    def push(self, push: Push) -> None:
        """The key that is held to speak; in ``wake`` mode it stands for the wake word."""
        self.inbox.put(push)

    def stop(self, reason: str) -> None:
        """End the turn, then the session. Returns at once; ``join`` or ``ended`` tells when it is done."""
        self.inbox.put(Stop(reason))

    @property
    def busy(self) -> bool:
        """A turn is open."""
        return self._life.turn is not None

    def join(self, timeout_s: float = 5.0) -> bool:
        """Wait for the end. False if the session's thread outlived ``timeout_s``."""
        return joined(self._thread, timeout_s)

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
        self._close(self._stop_reason)

    def _close(self, reason: str) -> None:
        self._life.end("stopped")
        self.inbox.close()
        self._source.stop()
        self._sink.close()
        self._telemetry.counts(
            capture_overrun_frames=self._source.overruns,
            inbox_dropped_frames=self.inbox.dropped_frames,
            dropped_results=self._results.dropped,
            reply_gaps=self._speaker.gaps,
            speculation_wasted_engine_s=self._waste.session.engine_s,
            speculation_wasted_tokens=self._waste.session.tokens,
            speculation_wasted_clauses=self._waste.session.clauses,
        )
        self._telemetry.ended(reason)
        self.ended.set()

    def handle(self, message: object) -> None:
        """One step of the conversation. On the session's thread; a test without threads drives it by hand."""
        match message:
            case Frame():
                self._on_frame(message)
            case Item():
                self._results.on_item(message)
            case Done():
                self._results.on_done(message)
            case Typed(text):
                self._on_text(text)
            case Mute(muted):
                self._attention.mute(muted)
                self._telemetry.muted(muted)
            case Push():
                self._attention.push(message)
            case Interrupt():
                self._agenda.silence()
                self._life.end("interrupted")
            case ForgetLast():
                if turns := self._history.forget_last():
                    self._telemetry.forgotten(turns)
            case Stop(reason):
                self._stop_reason = reason

    def _on_frame(self, frame: Frame) -> None:
        self._sink.tick(FRAME_S)
        self._answerer.advance()
        self._announcements.ring()
        if self._dispatch.hears:
            self._attention.listen(frame)
        if self._tape is not None:
            self._tape.add(frame, self._attention.ears)
        self._telemetry.levels(frame, muted=self._attention.deaf)
        if frame.end_of_input and self._life.turn is None and not self._announcements.waiting:
            self._stop_reason = "end of input"

    def _on_text(self, text: str) -> None:
        self._life.end("interrupted")
        turn = self._life.begin("text")
        turn.text = text
        for mark in ("end_of_speech", "commit", "transcript"):
            turn.mark(mark, turn.started_s)
        self._life.enter(turn, TurnState.COMMITTED)
        self._answerer.answer(turn, self._history.request(turn, text), "keyboard")

    def _judge(self, turn: Turn, text: str, token: CancelToken) -> bool:
        """Ask the brain what it makes of words that were said over its answer."""
        return self._dispatch.rehearse(turn, self._history.request(turn, text), token, judge=True, answer=False)

    def _on_bug(self, error: Exception) -> None:
        turn = self._life.turn
        self._telemetry.bug(error, turn.id if turn else None)
        if turn is not None:
            turn.error_code = "internal"
        self._life.end("failed")


def _listener(vad: Vad, settings: TurnSettings) -> Listener:
    return Listener(vad, threshold=settings.vad_threshold, pre_roll_ms=settings.pre_roll_ms)


def _endpointer(settings: TurnSettings) -> Endpointer:
    return Endpointer(
        AdaptiveHangover(settings.hangover_ms, settings.hangover_min_ms, settings.hangover_max_ms),
        max_utterance_s=settings.max_utterance_s,
        complete_ms=settings.complete_ms,
        dangling_ms=settings.dangling_ms,
        unsure_ms=settings.unsure_ms,
    )


def _limits(settings: TurnSettings) -> Limits:
    return Limits(0 if settings.speculate == "off" else settings.speculate_tries, settings.speculate_max_s)

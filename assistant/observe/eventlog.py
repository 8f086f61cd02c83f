"""Writes what matters of the event stream to the log."""

import dataclasses
import threading

import structlog

from assistant.bus import Mailbox
from assistant.events import (
    EarChanged,
    EngineReady,
    Event,
    FrontEndChanged,
    Notice,
    RecordingChanged,
    ReplyInterrupted,
    ReplyResumed,
    SessionEnded,
    SessionStarted,
    TurnCommitted,
    TurnEnded,
)
from assistant.threads import joined

log = structlog.get_logger(__name__)


class EventLog:
    """One thread, named ``event-log``, that reads a mailbox until it closes: turns with their latencies, and notices.

    What was said stays out of the log: it is the history's.
    """

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._thread = threading.Thread(target=self.run, name="event-log", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait until a closed mailbox has been logged. False if the thread outlived ``timeout_s``."""
        return joined(self._thread, timeout_s)

    def run(self) -> None:
        """The thread's work: returns when the mailbox is closed and empty."""
        for event in self._mailbox:
            log_event(event)
        if self._mailbox.dropped:
            log.warning("events_dropped", count=self._mailbox.dropped)


def log_event(event: Event) -> None:
    """One line for an event that deserves one."""
    bound = log if event.turn_id is None else log.bind(turn_id=event.turn_id)
    match event:
        case TurnEnded():
            fields = {"origin": event.origin, "outcome": event.outcome, "error": event.error_code, **_latency_ms(event)}
            bound.info("turn_ended", **{name: value for name, value in fields.items() if value is not None})
        case TurnCommitted():
            waited = {"silence_ms": round(event.silence_s * 1000), "wait_ms": round(event.wait_s * 1000)}
            bound.info("turn_committed", cues=list(event.cues), **waited)
        case ReplyResumed():
            bound.info("reply_resumed", reason=event.reason, paused_ms=round(event.paused_s * 1000))
        case ReplyInterrupted():
            bound.info("reply_interrupted", reason=event.reason)
        case Notice():
            getattr(bound, event.level)("notice", code=event.code, stage=event.stage, message=event.message)
        case EngineReady():
            bound.info("engine_ready", stage=event.stage, engine=event.engine, load_ms=round(event.load_s * 1000))
        case EarChanged():
            bound.info("ear_changed", mode=event.mode, open=event.open)
        case FrontEndChanged():
            told = ("echo", "canceller", "noise_suppressor", "gain_db")
            bound.info("front_end_changed", **{name: getattr(event, name) for name in told})
        case RecordingChanged():
            bound.warning("recording" if event.recording else "recording_ended", folder=event.folder)
        case SessionStarted():
            bound.info("session_started", session_id=event.session_id, source=event.source, sink=event.sink)
        case SessionEnded():
            bound.info("session_ended", session_id=event.session_id, reason=event.reason)


def _latency_ms(event: TurnEnded) -> dict[str, int]:
    """Milliseconds from the end of the user's speech to each step that came."""
    steps = dataclasses.asdict(event.timings)
    return {name.removesuffix("_s") + "_ms": round(value * 1000) for name, value in steps.items() if value is not None}

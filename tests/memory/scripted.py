"""A conversation as the bus would carry it, and a mailbox that runs a script instead of waiting."""

from collections import deque
from collections.abc import Callable, Iterable

from assistant.bus import Mailbox
from assistant.events import (
    EngineCall,
    EngineReady,
    Event,
    FinalTranscript,
    Levels,
    Measured,
    Notice,
    ReplyInterrupted,
    ReplyResumed,
    SessionEnded,
    SessionStarted,
    Timings,
    TurnEnded,
    TurnStarted,
)

ID = "0123456789abcdef"
STARTED_AT = "2026-03-01T12:00:00+01:00"


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


class ScriptedMailbox(Mailbox):
    """Gives each event in order and runs each action in its place; nothing ever waits.

    An action returns None, which the reader takes for a time-out.
    """

    def __init__(self, script: Iterable[Event | Callable[[], object]]) -> None:
        super().__init__(1)
        self._script = deque(script)

    def get(self, timeout_s: float | None = None) -> Event | None:
        step = self._script.popleft()
        if isinstance(step, Event):
            return step
        step()
        return None

    @property
    def exhausted(self) -> bool:
        return not self._script


def started(session_id: str = ID, at_s: float = 100.0) -> SessionStarted:
    return SessionStarted(at_s=at_s, session_id=session_id, source="mic", sink="speaker", started_at=STARTED_AT)


def ended(session_id: str = ID, at_s: float = 160.0) -> SessionEnded:
    return SessionEnded(at_s=at_s, session_id=session_id, reason="user")


def turn(number: int, at_s: float, transcript: str = "hello", outcome: str = "answered") -> list[Event]:
    return [
        TurnStarted(at_s=at_s, turn_id=number, origin="voice"),
        TurnEnded(
            at_s=at_s + 3.0,
            turn_id=number,
            origin="voice",
            outcome=outcome,  # type: ignore[arg-type]
            transcript=transcript,
            reply="Hello. How are you?",
            heard="Hello.",
            states=(("listening", at_s), ("committed", at_s + 1.5), ("speaking", at_s + 2.0)),
            timings=Timings(transcript_s=0.25, commit_s=0.5, first_token_s=0.625, first_clause_s=0.75),
            dropped_results=2,
        ),
    ]


def conversation() -> list[Event]:
    """Two turns, the second of which continues the first."""
    return [
        started(),
        EngineReady(at_s=5.0, stage="stt", engine="sphinx", load_s=0.5),
        EngineReady(at_s=6.0, stage="tts", engine="espeak", load_s=0.25),
        Levels(at_s=100.5, microphone_dbfs=-40, speaker_dbfs=-120),
        EngineCall(at_s=102.0, turn_id=1, stage="stt", engine="sphinx", status="completed", duration_s=0.125, items=1),
        *turn(1, 101.0, outcome="interrupted"),
        Notice(at_s=105.0, level="warning", code="audio", stage="audio", message="unplugged", hint="plug it in"),
        FinalTranscript(at_s=106.0, turn_id=2, text="hello you", engine="sphinx", replaces=1),
        ReplyResumed(at_s=105.0, turn_id=2, reason="backchannel", cues=("“okay”",), paused_s=0.5),
        ReplyInterrupted(at_s=105.0, turn_id=2, reason="stop word", cues=("“stop”",)),
        *turn(2, 105.5, transcript="hello you"),
        EngineCall(at_s=109.0, turn_id=2, stage="tts", engine="espeak", status="cancelled", duration_s=1.0, items=3),
        Measured(at_s=110.0, name="capture_overruns", value=7, detail="mic"),
        ended(),
    ]

"""What a session publishes of itself, whatever its turns do: its start and end, levels, counts, a bug."""

from datetime import datetime

from assistant.audio.level import dbfs
from assistant.audio.protocols import Frame, Sink, Source
from assistant.bus import Bus
from assistant.events import Levels, Measured, MutedChanged, Notice, SessionEnded, SessionStarted, TurnsForgotten

LEVELS_EVERY_FRAMES = 3


class Telemetry:
    """``started`` is called by the thread that starts the session; all else belongs to the session's own thread."""

    def __init__(self, session_id: str, source: Source, sink: Sink, bus: Bus, *, resumes: str | None = None) -> None:
        self._resumes = resumes
        self._session_id = session_id
        self._source, self._sink = source, sink
        self._bus = bus
        self._frames = 0

    def started(self) -> None:
        self._bus.publish(
            SessionStarted(
                at_s=self._source.clock(),
                session_id=self._session_id,
                source=self._source.name,
                sink=self._sink.name,
                started_at=datetime.now().astimezone().isoformat(timespec="seconds"),
                resumes=self._resumes,
            )
        )

    def levels(self, frame: Frame, *, muted: bool) -> None:
        """About ten times a second, for meters."""
        self._frames += 1
        if self._frames % LEVELS_EVERY_FRAMES:
            return
        level = -120.0 if muted else dbfs(frame.pcm)
        self._bus.publish(Levels(at_s=frame.at_s, microphone_dbfs=level, speaker_dbfs=self._sink.level_dbfs))

    def muted(self, muted: bool) -> None:
        self._bus.publish(MutedChanged(at_s=self._source.clock(), muted=muted))

    def forgotten(self, turns: tuple[int, ...]) -> None:
        self._bus.publish(TurnsForgotten(at_s=self._source.clock(), turns=turns))

    def bug(self, error: Exception, turn_id: int | None) -> None:
        self._bus.publish(
            Notice(
                at_s=self._source.clock(),
                turn_id=turn_id,
                level="error",
                code="internal",
                stage="session",
                message=f"something went wrong inside: {error}",
                hint="The log file has the details.",
            )
        )

    def counts(self, **values: float) -> None:
        """Counts worth keeping, by name; a zero is not."""
        for name, value in values.items():
            if value:
                self._bus.publish(Measured(at_s=self._source.clock(), name=name, value=value))

    def ended(self, reason: str) -> None:
        self._bus.publish(SessionEnded(at_s=self._source.clock(), session_id=self._session_id, reason=reason))

"""Events → rows of the history database. Pure but for the wall clock, which is passed in."""

import json
import os
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from assistant.events import (
    EngineCall,
    EngineReady,
    Event,
    FinalTranscript,
    Measured,
    Notice,
    PrivacyChanged,
    ReplyInterrupted,
    ReplyResumed,
    SessionEnded,
    SessionStarted,
    TurnEnded,
    TurnsForgotten,
    TurnStarted,
)
from assistant.memory.database import storable

Value = str | float | None
Values = dict[str, Value]

CAPACITY_ROWS = 2000


class Ledger:
    """Rows that wait to be written, of one conversation at a time. Not thread-safe.

    Full policy: beyond ``capacity`` rows the oldest is dropped and counted in ``lost``. Sessions do not count: their
    rows are kept until the next session, so that a history that had to be started anew still gets what turns refer to.

    A turn that was private for a moment leaves no row, nor does any notice meanwhile, which might quote it.
    """

    def __init__(self, now: Callable[[], datetime], capacity: int = CAPACITY_ROWS) -> None:
        self._now = now
        self._capacity = capacity
        self._sessions: dict[str, Values] = {}
        self._rows: deque[tuple[str, Values]] = deque()
        self._session_id: str | None = None
        self._started_at = datetime.min
        self._started_s = 0.0
        self._engines: dict[str, str] = {}
        self._turns_started_s: dict[int, float] = {}
        self._replaces: dict[int, int] = {}
        self._private = False
        self._private_turns: set[int] = set()
        self._forgotten: list[Values] = []
        self._unwritten = False
        self.lost = 0

    @property
    def unwritten(self) -> bool:
        return self._unwritten

    def add(self, event: Event) -> bool:
        """Take an event. True if what it tells should be on disk at once."""
        match event:
            case SessionStarted():
                self._start_session(event)
            case SessionEnded():
                self._change_session(ended_at=self._wall(event), end_reason=storable(event.reason))
            case TurnStarted(turn_id=int(turn)):
                self._turns_started_s[turn] = event.at_s
                self._keep_private()
            case FinalTranscript(turn_id=int(turn), replaces=int(replaced)):
                self._replaces[turn] = replaced
            case TurnEnded(turn_id=int(turn)):
                self._end_turn(event, turn)
            case PrivacyChanged():
                self._private = event.private
                self._keep_private()
            case TurnsForgotten():
                self._forget(set(event.turns))
            case EngineCall():
                self._add_call(event)
            case EngineReady():
                self._engines[event.stage] = event.engine
                self._change_session(engines=json.dumps(self._engines, ensure_ascii=False))
                self._append("telemetry", self.telemetry(f"{event.stage}_load_s", event.load_s, event.engine))
            case Notice() if not self._private:
                self._append("telemetry", self.telemetry(f"notice.{event.code}", 1, event.message))
            case ReplyInterrupted() | ReplyResumed():
                self._add_overlap(event)
            case Measured():
                self._append("telemetry", self.telemetry(event.name, event.value, event.detail))
        return isinstance(event, SessionStarted | SessionEnded | TurnEnded | TurnsForgotten)

    def telemetry(self, name: str, value: float, detail: str = "") -> Values:
        """A row of telemetry, stamped with the wall clock."""
        at = self._now().isoformat(timespec="milliseconds")
        session_id = self._session_id
        return {"session_id": session_id, "name": name, "value": value, "detail": storable(detail), "at": at}

    def sessions(self) -> list[Mapping[str, Value]]:
        """Rows to insert or update before ``rows``."""
        return list(self._sessions.values())

    def rows(self) -> list[tuple[str, Mapping[str, Value]]]:
        """Table and values of each row to insert, in order."""
        return list(self._rows)

    def forgotten(self) -> list[Mapping[str, Value]]:
        """``session_id`` and ``turn`` of each turn that is to leave the disk."""
        return list(self._forgotten)

    def written(self) -> None:
        """Everything that ``sessions``, ``rows`` and ``forgotten`` give is done."""
        self._rows.clear()
        self._forgotten.clear()
        self._sessions = {id_: row for id_, row in self._sessions.items() if id_ == self._session_id}
        self._unwritten = False

    def _append(self, table: str, row: Values) -> None:
        if len(self._rows) == self._capacity:
            self._rows.popleft()
            self.lost += 1
        self._rows.append((table, row))
        self._unwritten = True

    def _keep_private(self) -> None:
        """The turns that are open while it is private are so to their end."""
        if self._private:
            self._private_turns.update(self._turns_started_s)

    def _forget(self, turns: set[int]) -> None:
        def kept(table: str, row: Values) -> bool:
            return row.get("number" if table == "turns" else "turn") not in turns

        self._rows = deque((table, row) for table, row in self._rows if table == "telemetry" or kept(table, row))
        self._forgotten += [{"session_id": self._session_id, "turn": turn} for turn in sorted(turns)]
        self._unwritten = True

    def _start_session(self, event: SessionStarted) -> None:
        self._session_id = event.session_id
        self._started_at = datetime.fromisoformat(event.started_at)
        self._started_s = event.at_s
        self._turns_started_s.clear()
        self._private_turns.clear()
        self._replaces.clear()
        self._sessions[event.session_id] = {
            "id": event.session_id,
            "started_at": event.started_at,
            "ended_at": None,
            "source": storable(event.source),
            "sink": storable(event.sink),
            "engines": json.dumps(self._engines, ensure_ascii=False),
            "end_reason": None,
            "process_id": os.getpid(),
            "resumes": event.resumes,
        }
        self._unwritten = True

    def _change_session(self, **changes: Value) -> None:
        if self._session_id is not None:
            self._sessions[self._session_id].update(changes)
            self._unwritten = True

    def _end_turn(self, event: TurnEnded, turn: int) -> None:
        if self._session_id is None:
            return
        started_s = self._turns_started_s.pop(turn, event.states[0][1] if event.states else event.at_s)
        replaces = self._replaces.pop(turn, None)
        if turn in self._private_turns:
            return
        states = [[state, round(at_s - started_s, 3)] for state, at_s in event.states]
        timings = event.timings
        row: Values = {
            "session_id": self._session_id,
            "number": turn,
            "origin": event.origin,
            "started_at": self._wall_of(started_s),
            "ended_at": self._wall(event),
            "transcript": storable(event.transcript),
            "reply": storable(event.reply),
            "heard": storable(event.heard),
            "outcome": event.outcome,
            "replaces": replaces,
            "states": json.dumps(states),
            "transcript_s": timings.transcript_s,
            "commit_s": timings.commit_s,
            "first_token_s": timings.first_token_s,
            "first_clause_s": timings.first_clause_s,
            "first_sample_s": timings.first_sample_s,
            "dropped_results": event.dropped_results,
            "error_code": event.error_code,
        }
        self._append("turns", row)

    def _add_overlap(self, event: ReplyInterrupted | ReplyResumed) -> None:
        """Somebody spoke over an answer: what came of it, without a word of what they said."""
        name, value = (
            ("reply_resumed_s", event.paused_s) if isinstance(event, ReplyResumed) else ("reply_interrupted", 1)
        )
        self._append("telemetry", self.telemetry(name, value, event.reason))

    def _add_call(self, event: EngineCall) -> None:
        if self._session_id is None:
            return
        row: Values = {
            "session_id": self._session_id,
            "turn": event.turn_id,
            "stage": event.stage,
            "engine": storable(event.engine),
            "status": event.status,
            "items": event.items,
            "duration_s": event.duration_s,
            "at": self._wall(event),
        }
        self._append("engine_calls", row)

    def _wall(self, event: Event) -> str:
        return self._wall_of(event.at_s)

    def _wall_of(self, at_s: float) -> str:
        """The time of day of a moment on the session's clock."""
        moment = self._started_at + timedelta(seconds=at_s - self._started_s)
        return moment.isoformat(timespec="milliseconds")

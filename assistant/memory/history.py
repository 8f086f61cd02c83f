"""Past conversations, read back."""

import json
import os
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from assistant.errors import HistoryError
from assistant.events import Timings
from assistant.memory.database import connect, default_path, history_error
from assistant.memory.search import Hit, search_turns

if TYPE_CHECKING:
    from assistant.models.protocols import Embedder
    from assistant.session.turn import CancelToken

READ_TIMEOUT_S = 2.0
PREFIX_CHARACTERS = 4  # shorter beginnings of an id are taken for a number or a slip

Fate = Literal["ended", "running", "killed"]
FATES: Mapping[Fate, str] = {"running": "goes on", "killed": "was cut off"}


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One job of an engine. ``turn`` is None for work that belonged to no turn; durations are seconds."""

    turn: int | None
    stage: str
    engine: str
    status: str
    items: int
    duration_s: float
    at: datetime


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """One turn. ``states`` gives each state with the seconds since the turn started at which it began."""

    number: int
    origin: str
    started_at: datetime
    ended_at: datetime
    transcript: str
    reply: str
    heard: str
    outcome: str
    replaces: int | None
    states: tuple[tuple[str, float], ...]
    timings: Timings
    dropped_results: int
    error_code: str | None
    calls: tuple[CallRecord, ...]

    @property
    def interrupted(self) -> bool:
        return self.outcome == "interrupted"


@dataclass(frozen=True, slots=True)
class TelemetryRecord:
    name: str
    value: float
    detail: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """One line of the list. ``number`` counts from 1 for the oldest; ``first_words`` is the first thing said."""

    number: int
    id: str
    started_at: datetime
    ended_at: datetime | None
    source: str
    sink: str
    engines: Mapping[str, str]
    end_reason: str | None
    fate: Fate
    turn_count: int
    first_words: str


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A whole conversation. ``calls`` are those of no turn in ``turns``, such as of the one that was open at a kill."""

    summary: SessionSummary
    turns: tuple[TurnRecord, ...]
    calls: tuple[CallRecord, ...]
    telemetry: tuple[TelemetryRecord, ...]


@dataclass(frozen=True, slots=True)
class FactRecord:
    """Something that the user asked to remember, in the user's words."""

    id: int
    text: str
    at: datetime


class History:
    """Reads the history file; each method opens it anew, so that a running assistant is never held up."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or default_path()

    @property
    def path(self) -> Path:
        return self._path

    def sessions(self, limit: int = 20, *, silent: bool = True) -> list[SessionSummary]:
        """The last ``limit`` sessions, newest first, and all for -1; none if nothing was ever recorded. Without
        ``silent`` those without a turn are left out, such as each start of a daemon that nobody spoke to.

        Raises HistoryError.
        """
        if not self._path.exists():
            return []
        with self._reading() as db:
            return read_summaries(db, limit, silent=silent)

    def session(self, key: str) -> SessionRecord:
        """The session with this number, id or beginning of an id, or the newest for ``last``. Raises HistoryError."""
        if not self._path.exists():
            raise _not_found(key)
        with self._reading() as db:
            return _record(db, _summary(find_session(db, key)))

    def said(self, key: str) -> tuple[str, list[tuple[str, str]]]:
        """The id of a session, and each turn's words and what was heard of the answer: its own and, before them, those
        of the sessions that it goes on with. ``last`` is the last one in which something was said. Raises HistoryError.
        """
        if not self._path.exists():
            raise _not_found(key)
        with self._reading() as db:
            last = db.execute("SELECT session_id FROM turns ORDER BY id DESC LIMIT 1").fetchone()
            session_id = str(last["session_id"] if key == "last" and last else find_session(db, key)["id"])
            rows = db.execute(_SAID, {"session": session_id}).fetchall()
        return session_id, [(row["transcript"], row["heard"]) for row in rows]

    def all_sessions(self) -> Iterator[SessionRecord]:
        """Every session whole, the oldest first, one in memory at a time. Raises HistoryError."""
        if not self._path.exists():
            return
        with self._reading() as db:
            for summary in reversed(read_summaries(db, limit=-1)):
                yield _record(db, summary)

    def search(self, text: str, limit: int = 20) -> list[Hit]:
        """Turns that have every word of ``text``, the best first. Raises HistoryError."""
        if not self._path.exists():
            return []
        with self._reading() as db:
            return search_turns(db, text, limit)

    def search_meaning(self, embedder: "Embedder", text: str, limit: int, token: "CancelToken") -> list[Hit]:
        """Turns that mean something near to ``text``, the nearest first.

        Raises Cancelled, EngineFailed, HistoryError.
        """
        from assistant.memory import vectors

        if not self._path.exists():
            return []
        with self._reading() as db:
            return vectors.search_turns(db, embedder, text, limit, token)

    def facts(self) -> list[FactRecord]:
        """What was asked to be remembered, the oldest first. Raises HistoryError."""
        if not self._path.exists():
            return []
        with self._reading() as db:
            rows = db.execute("SELECT id, text, at FROM facts ORDER BY id").fetchall()
        return [FactRecord(row["id"], row["text"], datetime.fromisoformat(row["at"])) for row in rows]

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with closing(connect(self._path, READ_TIMEOUT_S)) as db:
            db.row_factory = sqlite3.Row
            try:
                yield db
            except sqlite3.Error as error:
                raise history_error(error, self._path) from error


_SUMMARIES = """
    SELECT sessions.*,
        (SELECT count(*) FROM turns WHERE session_id = sessions.id) AS turn_count,
        (SELECT transcript FROM turns WHERE session_id = sessions.id AND transcript <> '' ORDER BY turns.number LIMIT 1)
            AS first_words
    FROM sessions"""


_SAID = """
    WITH RECURSIVE chain (id, resumes) AS (
        SELECT id, resumes FROM sessions WHERE id = :session
        UNION
        SELECT sessions.id, sessions.resumes FROM sessions JOIN chain ON sessions.id = chain.resumes
    )
    SELECT transcript, heard FROM turns WHERE session_id IN (SELECT id FROM chain) ORDER BY turns.id"""


def read_summaries(db: sqlite3.Connection, limit: int, *, silent: bool = True) -> list[SessionSummary]:
    """The last ``limit`` sessions, newest first; all of them for -1. Without ``silent`` those that have turns."""
    which = "" if silent else "WHERE turn_count > 0"
    return [_summary(row) for row in db.execute(f"{_SUMMARIES} {which} ORDER BY number DESC LIMIT ?", (limit,))]


def find_session(db: sqlite3.Connection, key: str) -> sqlite3.Row:
    """The one session that ``key`` means: a number, an id, its beginning, or ``last``, which is the last with a turn.

    Raises HistoryError.
    """
    key = key.strip().lower()
    if key == "last":
        rows = db.execute(f"{_SUMMARIES} ORDER BY turn_count > 0 DESC, number DESC LIMIT 1").fetchall()
    else:
        number = int(key) if key.isdecimal() and len(key) < 10 else None
        rows = db.execute(f"{_SUMMARIES} WHERE id = ? OR number = ?", (key, number)).fetchall()
    if not rows and len(key) >= PREFIX_CHARACTERS:
        prefix = (len(key), key)
        rows = db.execute(f"{_SUMMARIES} WHERE substr(id, 1, ?) = ? ORDER BY number LIMIT 3", prefix).fetchall()
    if not rows:
        raise _not_found(key)
    if len(rows) > 1:
        found = " and ".join(f"number {row['number']} ({row['id'][:12]})" for row in rows[:2])
        raise HistoryError(
            f"{key} could mean more than one session: {found}", hint="Give the number, or more of the id."
        )
    row: sqlite3.Row = rows[0]
    return row


def _record(db: sqlite3.Connection, summary: SessionSummary) -> SessionRecord:
    return SessionRecord(summary, *_details(db, summary.id))


def _details(
    db: sqlite3.Connection, session_id: str
) -> tuple[tuple[TurnRecord, ...], tuple[CallRecord, ...], tuple[TelemetryRecord, ...]]:
    def rows(table: str) -> list[sqlite3.Row]:
        return db.execute(f"SELECT * FROM {table} WHERE session_id = ? ORDER BY number", (session_id,)).fetchall()

    calls: defaultdict[int | None, list[CallRecord]] = defaultdict(list)
    for row in rows("engine_calls"):
        calls[row["turn"]].append(_call(row))
    turns = tuple(_turn(row, calls.pop(row["number"], ())) for row in rows("turns"))
    telemetry = (
        TelemetryRecord(row["name"], row["value"], row["detail"], datetime.fromisoformat(row["at"]))
        for row in rows("telemetry")
    )
    return turns, tuple(call for group in calls.values() for call in group), tuple(telemetry)


def _summary(row: sqlite3.Row) -> SessionSummary:
    ended_at = row["ended_at"]
    return SessionSummary(
        number=row["number"],
        id=row["id"],
        started_at=datetime.fromisoformat(row["started_at"]),
        ended_at=datetime.fromisoformat(ended_at) if ended_at else None,
        source=row["source"],
        sink=row["sink"],
        engines=json.loads(row["engines"]),
        end_reason=row["end_reason"],
        fate="ended" if ended_at else "running" if _is_running(row["process_id"]) else "killed",
        turn_count=row["turn_count"],
        first_words=row["first_words"] or "",
    )


def _turn(row: sqlite3.Row, calls: Sequence[CallRecord]) -> TurnRecord:
    values: dict[str, Any] = {name: row[name] for name in row.keys() if name not in ("id", "session_id")}  # noqa: SIM118
    timings = Timings(**{name: values.pop(name) for name in Timings.__dataclass_fields__})
    values["states"] = tuple((state, at_s) for state, at_s in json.loads(values["states"]))
    for name in ("started_at", "ended_at"):
        values[name] = datetime.fromisoformat(values[name])
    return TurnRecord(**values, timings=timings, calls=tuple(calls))


def _call(row: sqlite3.Row) -> CallRecord:
    values = {name: row[name] for name in CallRecord.__dataclass_fields__}
    return CallRecord(**{**values, "at": datetime.fromisoformat(row["at"])})


def _is_running(process_id: int) -> bool:
    """Whether a session without an end may still go on: its process lives, on this machine."""
    if sys.platform == "win32":
        return False  # signal 0 would end the process there
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _not_found(key: str) -> HistoryError:
    return HistoryError(f"the history has no session {key}", hint="`assistant history` lists them.")

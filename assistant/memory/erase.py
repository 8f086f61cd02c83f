"""Takes parts of the history out of the file for good: sessions, single turns, what is older than a date."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from assistant.errors import HistoryError
from assistant.memory.database import connect, default_path, history_error
from assistant.memory.history import READ_TIMEOUT_S, SessionSummary, find_session, read_summaries


class Eraser:
    """Each method opens the file anew. All raise HistoryError."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or default_path()

    def older_than(self, moment: datetime) -> list[SessionSummary]:
        """The sessions that ended (or, cut off, began) before ``moment``, the oldest first; running ones stay.

        Moments are compared as they were written: a session from a time when the clock ran ahead counts as new.
        """
        if not self._path.exists():
            return []
        with closing(connect(self._path, READ_TIMEOUT_S)) as db:
            db.row_factory = sqlite3.Row
            sessions = reversed(read_summaries(db, limit=-1))
        return [
            session
            for session in sessions
            if session.fate != "running" and (session.ended_at or session.started_at) < moment
        ]

    def sessions(self, ids: Sequence[str]) -> int:
        """Delete these sessions with all that belongs to them; return how many there were."""
        return self._delete("DELETE FROM sessions WHERE id = ?", [(id_,) for id_ in ids])

    def turn(self, session: str, number: int) -> tuple[str, tuple[int, ...]]:
        """Delete one turn, with those whose words it repeats because it continued or corrected them.

        The id of the session, and the numbers of all these turns.
        """
        with closing(connect(self._path, READ_TIMEOUT_S)) as db:
            db.row_factory = sqlite3.Row
            session_id = find_session(db, session)["id"]
            numbers = [row["number"] for row in db.execute(CHAIN, {"session": session_id, "turn": number})]
        if not numbers:
            raise HistoryError(f"session {session} has no turn {number}", hint=f"See: assistant history show {session}")
        self._delete(DELETE_TURN, [(session_id, each) for each in numbers])
        self._delete(DELETE_CALLS, [(session_id, each) for each in numbers])
        return str(session_id), tuple(numbers)

    def facts(self, ids: Sequence[int]) -> int:
        """Delete what was asked to be remembered; return how much of it there was."""
        return self._delete("DELETE FROM facts WHERE id = ?", [(id_,) for id_ in ids])

    def _delete(self, statement: str, parameters: Sequence[tuple[object, ...]]) -> int:
        if not self._path.exists():
            return 0
        with closing(connect(self._path, READ_TIMEOUT_S, check=False)) as db:
            try:
                db.execute("BEGIN IMMEDIATE")
                count = sum(db.execute(statement, values).rowcount for values in parameters)
                db.execute("COMMIT")
                wipe(db, "turns", "facts")
                _shrink(db)
            except sqlite3.Error as error:
                raise history_error(error, self._path) from error
            return count


CHAIN = """
    WITH RECURSIVE chain (number, replaces) AS (
        SELECT number, replaces FROM turns WHERE session_id = :session AND number = :turn
        UNION
        SELECT turns.number, turns.replaces FROM turns JOIN chain ON turns.number = chain.replaces
        WHERE session_id = :session
    )
    SELECT number FROM chain"""
DELETE_TURN = "DELETE FROM turns WHERE session_id = ? AND number = ?"
DELETE_CALLS = "DELETE FROM engine_calls WHERE session_id = ? AND turn = ?"


SMALL_PAGES = 256
"""A file of 1 MB is not worth the work."""


def _shrink(db: sqlite3.Connection) -> None:
    """Give what is free in a mostly empty file back to the disk; not where that is full, or another process writes."""
    free, pages = (db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("freelist_count", "page_count"))
    if pages > SMALL_PAGES and 2 * free > pages:
        with suppress(sqlite3.OperationalError):
            db.execute("VACUUM")
            _cut_log(db)


def wipe(db: sqlite3.Connection, *tables: str) -> None:
    """Leave no trace of what was deleted from ``tables``: their index forgets its old words (0.4 s at 100,000 turns),
    the write-ahead log is cut.

    The pages themselves are overwritten by SQLite (``secure_delete``). While another process reads, the end of its
    reading cuts the log. Raises sqlite3.Error.
    """
    for table in tables:
        db.execute(f"INSERT INTO {table}_words ({table}_words) VALUES ('optimize')")
    _cut_log(db)


def _cut_log(db: sqlite3.Connection) -> None:
    db.execute("PRAGMA wal_checkpoint (TRUNCATE)")

"""How the history database came to its present shape: numbered steps, recorded in the database itself.

A step that was released is never changed; the next change is a new step at the end. (After simonw/llm's migrations.)
"""

import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from assistant.errors import HistoryError

Migration = Callable[[sqlite3.Connection], None]


def _conversations(db: sqlite3.Connection) -> None:
    """Times of day are ISO 8601 text with an offset; durations are seconds."""
    db.execute("""
        CREATE TABLE sessions (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            started_at TEXT NOT NULL,
            ended_at TEXT,             -- NULL while it runs, and for ever if its process was killed
            source TEXT NOT NULL,
            sink TEXT NOT NULL,
            engines TEXT NOT NULL,     -- JSON: {stage: engine}
            end_reason TEXT,
            process_id INTEGER NOT NULL
        )""")
    db.execute("""
        CREATE TABLE turns (
            session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
            number INTEGER NOT NULL,   -- the turn_id of the session's events
            origin TEXT NOT NULL,
            started_at TEXT NOT NULL,
            ended_at TEXT NOT NULL,
            transcript TEXT NOT NULL,
            reply TEXT NOT NULL,       -- as generated
            heard TEXT NOT NULL,       -- the part that was played
            outcome TEXT NOT NULL,
            replaces INTEGER,          -- the turn that this one continues or corrects
            states TEXT NOT NULL,      -- JSON: [[state, seconds since the turn started], ...]
            transcript_s REAL,
            commit_s REAL,
            first_token_s REAL,
            first_clause_s REAL,
            first_sample_s REAL,
            dropped_results INTEGER NOT NULL,
            error_code TEXT,
            PRIMARY KEY (session_id, number)
        ) WITHOUT ROWID""")
    db.execute("""
        CREATE TABLE engine_calls (
            number INTEGER PRIMARY KEY,
            session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
            turn INTEGER,
            stage TEXT NOT NULL,
            engine TEXT NOT NULL,
            status TEXT NOT NULL,
            items INTEGER NOT NULL,    -- transcripts, text deltas or chunks of sound
            duration_s REAL NOT NULL,
            at TEXT NOT NULL
        )""")
    db.execute("CREATE INDEX engine_calls_by_turn ON engine_calls (session_id, turn)")
    db.execute("""
        CREATE TABLE telemetry (
            number INTEGER PRIMARY KEY,
            session_id TEXT REFERENCES sessions (id) ON DELETE CASCADE,
            name TEXT NOT NULL,
            value REAL NOT NULL,
            detail TEXT NOT NULL,
            at TEXT NOT NULL
        )""")


MIGRATIONS: Sequence[Migration] = (_conversations,)


def version(db: sqlite3.Connection) -> int:
    """Number of the last step that the database has been through; 0 for an empty one."""
    if not db.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migrations'").fetchone():
        return 0
    return int(db.execute("SELECT coalesce(max(number), 0) FROM migrations").fetchone()[0])


def migrate(db: sqlite3.Connection, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Bring the database to the present shape, all steps or none. Raises HistoryError, sqlite3.Error.

    ``db`` is in autocommit mode. Two processes may do this at once: the second finds it done.
    """
    if version(db) == len(migrations):
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        done = version(db)
        _check_known(done, migrations)
        db.execute("CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT, applied_at TEXT)")
        for number, step in enumerate(migrations[done:], start=done + 1):
            step(db)
            row = (number, step.__name__.strip("_"), datetime.now(UTC).isoformat(timespec="seconds"))
            db.execute("INSERT INTO migrations VALUES (?, ?, ?)", row)
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # SQLite may have rolled back by itself, on a full disk for one
            db.execute("ROLLBACK")
        raise


def _check_known(done: int, migrations: Sequence[Migration]) -> None:
    if done > len(migrations):
        raise HistoryError(
            "the history was written by a newer version of the assistant",
            hint="Update the assistant, or move the file away to start a new history.",
        )

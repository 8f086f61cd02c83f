"""How a database came to its present shape: numbered steps, recorded in the database itself.

A step that was released is never changed; the next change is a new step at the end. (After simonw/llm's migrations.)
"""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from assistant.errors import HistoryError


class HistoryTooNew(HistoryError):
    """A newer version of the assistant wrote it: this one neither reads nor changes it."""


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


def _memory(db: sqlite3.Connection) -> None:
    """Turns get a number of their own, an index of their words and vectors; facts are what one asked to remember."""
    db.execute("ALTER TABLE sessions ADD COLUMN resumes TEXT")
    db.execute("""
        CREATE TABLE numbered_turns (
            id INTEGER PRIMARY KEY,    -- grows with time, whatever the clock says
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
            UNIQUE (session_id, number)
        )""")
    columns = ", ".join(row[1] for row in db.execute("PRAGMA table_info (turns)"))
    db.execute(f"""
        INSERT INTO numbered_turns ({columns})
        SELECT {", ".join(f"turns.{name}" for name in columns.split(", "))}
        FROM turns JOIN sessions ON sessions.id = session_id ORDER BY sessions.number, turns.number""")
    db.execute("DROP TABLE turns")
    db.execute("ALTER TABLE numbered_turns RENAME TO turns")
    db.execute("""
        CREATE TABLE facts (
            id INTEGER PRIMARY KEY,
            text TEXT NOT NULL,        -- in the user's own words
            at TEXT NOT NULL
        )""")
    for table, columns in (("turns", "transcript, heard"), ("facts", "text")):
        _index_words(db, table, columns)
        one = table.removesuffix("s")
        db.execute(f"""
            CREATE TABLE {one}_vectors (
                {one} INTEGER PRIMARY KEY REFERENCES {table} (id) ON DELETE CASCADE,
                model TEXT NOT NULL,
                vector BLOB NOT NULL   -- float32, little-endian, of length 1
            )""")


def _index_words(db: sqlite3.Connection, table: str, columns: str) -> None:
    """A full-text index over ``columns`` that triggers keep up to date; the text itself stays in ``table`` alone."""
    new, old = (", ".join(f"{side}.{name}" for name in columns.split(", ")) for side in ("new", "old"))
    add = f"INSERT INTO {table}_words (rowid, {columns}) VALUES (new.id, {new});"
    remove = f"INSERT INTO {table}_words ({table}_words, rowid, {columns}) VALUES ('delete', old.id, {old});"
    db.execute(f"""
        CREATE VIRTUAL TABLE {table}_words USING fts5(
            {columns}, content='{table}', content_rowid='id', tokenize='porter unicode61 remove_diacritics 2'
        )""")
    db.execute(f"INSERT INTO {table}_words ({table}_words) VALUES ('rebuild')")
    for name, event, body in (
        ("added", "INSERT", add),
        ("removed", "DELETE", remove),
        ("changed", f"UPDATE OF {columns}", remove + add),
    ):
        db.execute(f"CREATE TRIGGER {table}_words_{name} AFTER {event} ON {table} BEGIN {body} END")


@dataclass(frozen=True, slots=True)
class Schema:
    """What a database is called when the user hears of it, and its steps."""

    name: str
    migrations: Sequence[Migration]


HISTORY = Schema("history", (_conversations, _memory))


def version(db: sqlite3.Connection) -> int:
    """Number of the last step that the database has been through; 0 for an empty one."""
    if not db.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migrations'").fetchone():
        return 0
    return int(db.execute("SELECT coalesce(max(number), 0) FROM migrations").fetchone()[0])


def migrate(db: sqlite3.Connection, schema: Schema = HISTORY) -> None:
    """Bring the database to the present shape, all steps or none. Raises HistoryTooNew, sqlite3.Error.

    ``db`` is in autocommit mode. Two processes may do this at once: the second finds it done.
    """
    if version(db) == len(schema.migrations):
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        done = version(db)
        _check_known(done, schema)
        db.execute("CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT, applied_at TEXT)")
        for number, step in enumerate(schema.migrations[done:], start=done + 1):
            step(db)
            row = (number, step.__name__.strip("_"), datetime.now(UTC).isoformat(timespec="seconds"))
            db.execute("INSERT INTO migrations VALUES (?, ?, ?)", row)
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # SQLite may have rolled back by itself, on a full disk for one
            db.execute("ROLLBACK")
        raise


def check_known(db: sqlite3.Connection, schema: Schema = HISTORY) -> None:
    """Raise HistoryTooNew for a database that this version does not know. Reads only."""
    _check_known(version(db), schema)


def _check_known(done: int, schema: Schema) -> None:
    if done > len(schema.migrations):
        raise HistoryTooNew(
            f"the {schema.name} was written by a newer version of the assistant",
            hint=f"Update the assistant, or move the file away to start a new {schema.name}.",
        )

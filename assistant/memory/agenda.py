"""The agenda on disk: timers, alarms and reminders as rows of a file that lists and notes share with them."""

import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from assistant.brain.agenda.clocks import Deadline
from assistant.brain.agenda.entry import Entry, Kind
from assistant.brain.agenda.repeat import Repeat, Unit
from assistant.brain.agenda.shelf import Unwritable
from assistant.errors import HistoryError
from assistant.memory import database
from assistant.memory.migrations import Schema

T = TypeVar("T")

COLUMNS = "kind, name, duration_s, boot, elapsed_s, wall_s, at, unit, every, days, left_s, revision"


def _agenda(db: sqlite3.Connection) -> None:
    """Local times of day are ISO 8601 without an offset: they are meant wherever the user is then."""
    db.execute("""
        CREATE TABLE entries (
            id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given twice: another process may know the old one
            kind TEXT NOT NULL,
            name TEXT,
            duration_s INTEGER,
            boot TEXT,                 -- the start of the machine that elapsed_s counts from
            elapsed_s REAL,
            wall_s REAL,               -- Unix time
            at TEXT,
            days TEXT NOT NULL,        -- of the week that it repeats on: digits, 0 is Monday
            left_s REAL,               -- of one that is paused
            revision INTEGER NOT NULL,
            claimed_until REAL         -- Unix time until which one process alone rings it
        )""")
    db.execute("""
        CREATE TABLE items (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            list_name TEXT NOT NULL,
            text TEXT NOT NULL,        -- in the user's own words
            at TEXT NOT NULL
        )""")


def _repetitions(db: sqlite3.Connection) -> None:
    """What comes again comes every so many units; until now it was each week. ``days`` may be one of a month, then."""
    db.execute("ALTER TABLE entries ADD COLUMN unit TEXT")  # day, week or month; NULL comes once
    db.execute("ALTER TABLE entries ADD COLUMN every INTEGER")
    db.execute("UPDATE entries SET unit = 'week', every = 1 WHERE days != ''")


AGENDA = Schema("agenda", (_agenda, _repetitions))


def agenda_path() -> Path:
    """Beside the history, and apart from it: what is to ring is no history, and outlives its deletion or damage."""
    return database.default_path().with_name("agenda.db")


NO_FILE: tuple[int, ...] = ()


class AgendaFile:
    """One connection, opened at its first use, for all who share it. Thread-safe.

    A damaged file is moved aside, also in the middle of a conversation; ``on_trouble`` hears of it.
    """

    def __init__(self, path: Path | None = None, on_trouble: Callable[[HistoryError], object] = lambda _: None) -> None:
        self._path = path or agenda_path()
        self._on_trouble = on_trouble
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = None
        self.opened = 0

    def use(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Raises Unwritable, after a second try with a new connection where the old one will not recover."""
        with self._lock:
            for last in (False, True):
                try:
                    return work(self._connected())
                except HistoryError as error:
                    raise Unwritable(error.message) from error
                except (sqlite3.Error, OSError) as error:
                    failed = error
                    self._close()
                    if last or database.is_passing(error):
                        break
            raise Unwritable(database.history_error(failed, self._path, AGENDA.name).message) from failed

    def read(self, work: Callable[[sqlite3.Connection], T], nothing: T) -> T:
        """The same; ``nothing`` where there is no file yet, and none is made."""
        return self.use(work) if self._path.exists() else nothing

    def close(self) -> None:
        with self._lock:
            self._close()

    def _connected(self) -> sqlite3.Connection:
        if self._db is not None and not self._path.exists():
            self._close()
        if self._db is None:
            self._db = database.open_database(self._path, self._on_trouble, AGENDA, shared=True)
            self.opened += 1
        return self._db

    def _close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None


class AgendaShelf:
    """A Shelf in an AgendaFile. A row is written, and synced, before its method returns."""

    def __init__(self, file: AgendaFile) -> None:
        self._file = file
        self._seen: tuple[int, ...] | None = None

    def changed(self) -> bool:
        return self._seen is None or self._seen != self._file.read(self._version, NO_FILE)

    def entries(self) -> Sequence[Entry]:
        def read(db: sqlite3.Connection) -> Sequence[Entry]:
            self._seen = self._version(db)  # before the rows: what comes between the two is looked at again
            return [_entry(row) for row in db.execute(f"SELECT id, {COLUMNS} FROM entries ORDER BY id")]

        self._seen = NO_FILE
        return self._file.read(read, ())

    def add(self, entry: Entry) -> Entry:
        def write(db: sqlite3.Connection) -> Entry:
            marks = ", ".join("?" * (COLUMNS.count(",") + 2))
            row = (entry.id or None, *_row(entry))
            return replace(
                entry, id=db.execute(f"INSERT INTO entries (id, {COLUMNS}) VALUES ({marks})", row).lastrowid or 0
            )

        return self._file.use(write)

    def change(self, entry: Entry) -> Entry | None:
        changed = replace(entry, revision=entry.revision + 1)
        assignments = ", ".join(f"{name} = ?" for name in COLUMNS.split(", "))
        statement = f"UPDATE entries SET {assignments}, claimed_until = NULL WHERE id = ? AND revision = ?"
        row = (*_row(changed), entry.id, entry.revision)
        return changed if self._file.use(lambda db: db.execute(statement, row).rowcount) else None

    def remove(self, entry_id: int) -> bool:
        return bool(self._file.use(lambda db: db.execute("DELETE FROM entries WHERE id = ?", (entry_id,)).rowcount))

    def claim(self, entry: Entry, now_s: float, until_s: float) -> bool:
        statement = """
            UPDATE entries SET claimed_until = ?
            WHERE id = ? AND revision = ?
                AND (claimed_until IS NULL OR claimed_until <= ? OR claimed_until > ?)  -- or the clock was put back"""
        row = (until_s, entry.id, entry.revision, now_s, until_s)
        return bool(self._file.use(lambda db: db.execute(statement, row).rowcount))

    def renew(self, entry: Entry, until_s: float) -> None:
        row = (until_s, entry.id)
        self._file.use(lambda db: db.execute("UPDATE entries SET claimed_until = ? WHERE id = ?", row))

    def close(self) -> None:
        self._file.close()

    def _version(self, db: sqlite3.Connection) -> tuple[int, ...]:
        """Changes with the connection, with what others write, and with what this connection writes."""
        return self._file.opened, int(db.execute("PRAGMA data_version").fetchone()[0]), db.total_changes


def _row(entry: Entry) -> tuple[object, ...]:
    deadline = entry.deadline
    return (
        entry.kind.value,
        entry.name and entry.name.encode("utf-8", "replace").decode("utf-8"),
        entry.duration_s,
        deadline and deadline.boot,
        deadline and deadline.elapsed_s,
        deadline and deadline.wall_s,
        entry.at and entry.at.isoformat(),
        entry.repeat and entry.repeat.unit.value,
        entry.repeat and entry.repeat.count,
        "".join(str(day) for day in sorted(entry.repeat.on)) if entry.repeat else "",
        entry.left_s,
        entry.revision,
    )


def _entry(row: tuple[object, ...]) -> Entry:
    id_, kind, name, duration_s, boot, elapsed_s, wall_s, at, unit, every, days, left_s, revision = row
    return Entry(
        id=int(str(id_)),
        kind=Kind(str(kind)),
        name=None if name is None else str(name),
        duration_s=None if duration_s is None else int(str(duration_s)),
        deadline=None if boot is None else Deadline(str(boot), float(str(elapsed_s)), float(str(wall_s))),
        at=None if at is None else datetime.fromisoformat(str(at)),
        repeat=None if unit is None else _repeat(Unit(str(unit)), int(str(every)), str(days)),
        left_s=None if left_s is None else float(str(left_s)),
        revision=int(str(revision)),
    )


def _repeat(unit: Unit, count: int, days: str) -> Repeat:
    """``days`` are digits, of the week, or one number, of the month."""
    on = [days] if unit is Unit.MONTH else days
    return Repeat(unit, count, frozenset(map(int, on)))

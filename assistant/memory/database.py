"""A database file: where the history's is, how one is opened, and what is done about one that cannot be used."""

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from assistant.errors import HistoryError
from assistant.memory.migrations import HISTORY, Schema, check_known, migrate

BUSY_TIMEOUT_S = 0.25  # a write takes milliseconds; stopping must not wait longer than this for another process

_CORRUPT = frozenset((sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB))
_PASSING = frozenset((sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL))
_FORBIDDEN = frozenset((sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH))


class HistoryCorrupt(HistoryError):
    """The file is damaged, or is no database at all."""


def default_path() -> Path:
    """The history file in the user's data folder, whether it exists or not."""
    import platformdirs

    return platformdirs.user_data_path("assistant") / "history.db"


def open_database(
    path: Path, on_trouble: Callable[[HistoryError], object], schema: Schema = HISTORY, *, shared: bool = False
) -> sqlite3.Connection:
    """Open a database for writing, in its present shape. Raises HistoryError.

    A damaged file is moved aside and said so through ``on_trouble``; a new one takes its place.
    """
    try:
        return connect(path, schema=schema, shared=shared)
    except HistoryCorrupt as error:
        aside = _move_aside(path, schema)
        on_trouble(
            HistoryError(f"{error.message}; it was kept as {aside.name}", hint=f"A new {schema.name} was started.")
        )
    return connect(path, schema=schema, shared=shared)


def connect(
    path: Path,
    busy_timeout_s: float = BUSY_TIMEOUT_S,
    *,
    check: bool = True,
    shared: bool = False,
    schema: Schema = HISTORY,
) -> sqlite3.Connection:
    """A connection in autocommit mode to a migrated database. Raises HistoryError: HistoryCorrupt for damage,
    HistoryTooNew for a file of a newer version, which stays as it is.

    Waits at most ``busy_timeout_s`` for a lock that another process holds. ``check`` reads the whole file for damage
    (0.14 s for 100,000 turns). Belongs to the thread that opens it, unless ``shared`` promises a lock around it.
    """
    db = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(path, timeout=busy_timeout_s, isolation_level=None, check_same_thread=not shared)
        _prepare(db, check, schema)
        migrate(db, schema)
    except (OSError, sqlite3.Error, HistoryError) as error:
        if db is not None:
            db.close()
        raise history_error(error, path, schema.name) from error
    return db


def _prepare(db: sqlite3.Connection, check: bool, schema: Schema) -> None:
    check_known(db, schema)
    _use_wal(db)
    db.execute("PRAGMA synchronous = FULL")  # with WAL, NORMAL may lose the last turns when the power fails
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
    if not check:
        return
    finding = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    if finding != "ok":
        raise HistoryCorrupt(finding, hint="")


def _use_wal(db: sqlite3.Connection) -> None:
    """Switch a new file to a write-ahead log: readers and a writer at once. Raises sqlite3.Error."""
    for attempts_left in (2, 1, 0):
        try:
            if db.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                db.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if not attempts_left or not is_passing(error):
                raise
            # The switch never waits for a process that is doing the same; a transaction does.
            db.execute("BEGIN IMMEDIATE")
            db.execute("ROLLBACK")


def history_error(
    error: OSError | sqlite3.Error | HistoryError, path: Path | None = None, name: str = HISTORY.name
) -> HistoryError:
    """The error as the user should see it; ``name`` is what the database is called."""
    if isinstance(error, HistoryError) and not isinstance(error, HistoryCorrupt):
        return error
    history = f"the {name} in {path}" if path else f"the {name}"
    code = primary_code(error)
    if isinstance(error, HistoryCorrupt) or code in _CORRUPT:
        return HistoryCorrupt(f"{history} is damaged", hint="Move the file away to start a new one.")
    if code == sqlite3.SQLITE_FULL:
        return HistoryError(f"{history} cannot be written: the disk is full", hint="Free some space.")
    if code in _PASSING:
        return HistoryError(f"{history} is in use by another program", hint="Close the other program.")
    if isinstance(error, OSError) or code in _FORBIDDEN:
        reason = getattr(error, "strerror", None) or str(error)
        return HistoryError(f"{history} cannot be used: {reason}", hint="Check the permissions of the file's folder.")
    return HistoryError(f"{history} failed: {error}", hint="Check the disk, or move the file away.")


def primary_code(error: BaseException) -> int | None:
    """SQLite's primary result code, without the extension in the upper bits."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def is_passing(error: BaseException) -> bool:
    """Whether the same connection may succeed later: the file is locked, or the disk full."""
    return primary_code(error) in _PASSING


def storable(text: str) -> str:
    """Text without lone surrogates (undecodable bytes of a pipe, say), which SQLite does not take."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _move_aside(path: Path, schema: Schema) -> Path:
    """Rename the file with its write-ahead log. Raises HistoryError."""
    moment = datetime.now().strftime("%Y%m%d-%H%M%S-%f")
    aside = path.with_name(f"{path.stem}.damaged-{moment}{path.suffix}")
    try:
        path.rename(aside)
        for ending in ("-wal", "-shm"):
            with suppress(FileNotFoundError):
                path.with_name(path.name + ending).rename(aside.with_name(aside.name + ending))
    except OSError as error:
        raise history_error(error, path, schema.name) from error
    return aside

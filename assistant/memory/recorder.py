"""Writes every conversation to the history, off the audio path."""

import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial

from assistant.bus import Mailbox
from assistant.errors import AssistantError, HistoryError
from assistant.memory import database
from assistant.memory.erase import wipe
from assistant.memory.ledger import CAPACITY_ROWS, Ledger, Value
from assistant.memory.migrations import HistoryTooNew
from assistant.threads import joined

BATCH_S = 5.0
"""What need not be on disk at once waits at most this long for company; after a failure, this long for another try."""


class Recorder:
    """One thread, named ``recorder``, that reads a mailbox until it closes.

    Each turn is committed, and synced to disk, when it ends: a killed process loses the open turn alone. A full disk, a
    locked file or a folder without permission never stop the conversation: rows wait in bounded memory (see Ledger) and
    are tried again. ``on_trouble`` hears, on the recorder's thread, of each spell of trouble once, and None when it is
    over; ``on_written``, there too, of each write. A file that a newer version wrote is never written: the conversation
    is not recorded then, and that is said.
    """

    def __init__(
        self,
        mailbox: Mailbox,
        *,
        on_trouble: Callable[[AssistantError | None], object],
        on_written: Callable[[], object] = lambda: None,
        open_database: Callable[[], sqlite3.Connection] | None = None,
        capacity_rows: int = CAPACITY_ROWS,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
    ) -> None:
        self._mailbox = mailbox
        self._open_database = open_database or partial(_open_default, on_trouble)
        self._on_trouble = on_trouble
        self._on_written = on_written
        self._clock = clock
        self._ledger = Ledger(now, capacity_rows)
        self._db: sqlite3.Connection | None = None
        self._write_at_s: float | None = None  # when to write what waits; None if nothing does
        self._trouble = False
        self._given_up = False
        self._told: dict[str, int] = {}  # losses that the history knows of, by name
        self._thread = threading.Thread(target=self.run, name="recorder", daemon=True)

    def start(self) -> None:
        """Begin to record; the file is opened on the recorder's own thread."""
        self._thread.start()

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait until a closed mailbox has been written. False if the thread outlived ``timeout_s``."""
        return joined(self._thread, timeout_s)

    def run(self) -> None:
        """The thread's work: returns when the mailbox is closed and everything in it is written, or cannot be."""
        while not self._mailbox.exhausted:
            event = self._mailbox.get(self._patience_s())
            if event is not None and not self._given_up:
                self._schedule(at_once=self._ledger.add(event))
            if self._write_at_s is not None and self._clock() >= self._write_at_s:
                self._write()
        self._finish()

    def _finish(self) -> None:
        if not self._given_up and (self._ledger.unwritten or self._losses() != self._told):
            self._write()
        if not self._given_up and self._ledger.unwritten:
            entries = len(self._ledger.rows())
            message = f"{entries} entries of the conversation could not be written to the history"
            self._on_trouble(HistoryError(message, hint="They are lost; run `assistant doctor`."))
        if self._db is not None:
            self._db.close()

    def _patience_s(self) -> float | None:
        return None if self._write_at_s is None else max(self._write_at_s - self._clock(), 0.0)

    def _schedule(self, at_once: bool) -> None:
        if not self._ledger.unwritten:
            return
        write_at_s = self._clock() + (0.0 if at_once else BATCH_S)
        self._write_at_s = write_at_s if self._write_at_s is None else min(self._write_at_s, write_at_s)

    def _write(self) -> None:
        """Write what waits in one transaction, or keep it for later."""
        losses = self._losses()
        try:
            if self._db is None:
                self._db = self._open_database()
            self._commit(self._db, losses)
        except HistoryTooNew as error:
            self._give_up(error)
        except HistoryError as error:
            self._fail(error)
        except (sqlite3.Error, OSError) as error:
            self._abandon(error)
            self._fail(database.history_error(error))
        else:
            forgotten = self._ledger.forgotten()
            self._ledger.written()
            if forgotten:
                self._wipe(self._db)
            self._told = losses
            self._write_at_s = None
            self._on_written()
            if self._trouble:
                self._trouble = False
                self._on_trouble(None)

    def _commit(self, db: sqlite3.Connection, losses: Mapping[str, int]) -> None:
        db.execute("BEGIN IMMEDIATE")
        for session in self._ledger.sessions():
            changes = ", ".join(f"{name} = excluded.{name}" for name in session)
            db.execute(f"{_insert('sessions', session)} ON CONFLICT (id) DO UPDATE SET {changes}", session)
        for table, row in self._ledger.rows():
            db.execute(_insert(table, row), row)
        for turn in self._ledger.forgotten():
            db.execute("DELETE FROM turns WHERE session_id = :session_id AND number = :turn", turn)
            db.execute("DELETE FROM engine_calls WHERE session_id = :session_id AND turn = :turn", turn)
        for name, count in losses.items():
            if new := count - self._told.get(name, 0):
                row = self._ledger.telemetry(name, new)
                db.execute(_insert("telemetry", row), row)
        db.execute("COMMIT")

    def _wipe(self, db: sqlite3.Connection) -> None:
        """What was forgotten is deleted; that no trace of it stays in the index may wait for the next time."""
        with suppress(sqlite3.Error):
            wipe(db, "turns")

    def _losses(self) -> dict[str, int]:
        """Events that the mailbox dropped, and rows that memory had no room for, since the start."""
        counts = {"recorder_dropped_events": self._mailbox.dropped, "recorder_lost_rows": self._ledger.lost}
        return {name: count for name, count in counts.items() if count}

    def _abandon(self, error: sqlite3.Error | OSError) -> None:
        """Undo the transaction; let go of a connection that will not recover."""
        if self._db is None:
            return
        if not database.is_passing(error):
            self._db.close()  # and with it, the transaction
            self._db = None
        elif self._db.in_transaction:
            self._db.rollback()

    def _give_up(self, error: HistoryTooNew) -> None:
        self._given_up = True
        self._write_at_s = None
        self._on_trouble(HistoryError(error.message, hint=f"This conversation is not recorded. {error.hint}"))

    def _fail(self, error: HistoryError) -> None:
        self._write_at_s = self._clock() + BATCH_S
        if not self._trouble:
            self._trouble = True
            hint = f"{error.hint} The conversation goes on, and is kept in memory for now."
            self._on_trouble(HistoryError(error.message, hint=hint))


def _insert(table: str, row: Mapping[str, Value]) -> str:
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(f':{name}' for name in row)})"


def _open_default(on_trouble: Callable[[AssistantError | None], object]) -> sqlite3.Connection:
    return database.open_database(database.default_path(), on_trouble)

"""The brain's memory beyond the conversation: facts and past turns in the history file."""

import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar

from assistant.brain.memory import CannotKeep, Fact
from assistant.brain.protocols import Exchange
from assistant.errors import HistoryError
from assistant.memory import database, recall
from assistant.memory.erase import wipe
from assistant.memory.recall import Key

T = TypeVar("T")

RECALLED = 5
MAX_FACTS = 2000
NO_HISTORY = "I can't: nothing of this conversation is kept."
CANNOT = "I couldn't do that: {reason}."


class ByMeaning(Protocol):
    """Finds by meaning. Called under the memory's lock, with its connection."""

    def search(self, db: sqlite3.Connection, text: str) -> Mapping[Key, float]:
        """Scores, higher for nearer; nothing where no vectors are there, or none were to be had in time."""


class LongTermMemory:
    """A Memory, as the brain asks for it. Thread-safe; its connection is opened at the first use and kept.

    What cannot be read is not there; what cannot be written is a CannotKeep. The file is looked at before each use, so
    that after a damaged one was moved aside, the new one is used.
    """

    def __init__(
        self,
        *,
        keeps: bool,
        on_private: Callable[[bool], object],
        forget_last_turn: Callable[[], object],
        path: Path | None = None,
        budget_tokens: int = 200,
        meaning: ByMeaning | None = None,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
    ) -> None:
        """``keeps``: False reads and writes nothing. ``budget_tokens``: how much ``recall`` tells; 0 for nothing."""
        self.keeps = keeps
        self.private = False
        self._on_private = on_private
        self._forget_last_turn = forget_last_turn
        self._path = path or database.default_path()
        self._budget_tokens = budget_tokens
        self._meaning = meaning
        self._now = now
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = None
        self._file = 0

    def set_private(self, private: bool) -> None:
        self.private = private
        self._on_private(private)

    def facts(self) -> Sequence[Fact]:
        with suppress(HistoryError, FileNotFoundError):
            return self._use(_read_facts, create=False)
        return ()

    def remember(self, text: str) -> Fact:
        at = self._now()

        def write(db: sqlite3.Connection) -> Fact:
            if db.execute("SELECT count(*) FROM facts").fetchone()[0] >= MAX_FACTS:
                raise CannotKeep("There is too much to remember already. Ask me to forget something first.")
            row = (text.encode("utf-8", "replace").decode("utf-8"), at.isoformat(timespec="seconds"))
            return Fact(int(db.execute("INSERT INTO facts (text, at) VALUES (?, ?)", row).lastrowid or 0), text, at)

        return self._change(write)

    def forget(self, facts: Sequence[Fact]) -> None:
        def write(db: sqlite3.Connection) -> None:
            db.executemany("DELETE FROM facts WHERE id = ?", [(fact.id,) for fact in facts])
            with suppress(sqlite3.Error):  # deleted it is; that the index holds no trace may wait
                wipe(db, "facts")

        self._change(write)

    def restore(self, facts: Sequence[Fact]) -> None:
        rows = [(fact.id, fact.text, fact.at.isoformat(timespec="seconds")) for fact in facts]
        self._change(lambda db: db.executemany("INSERT OR IGNORE INTO facts (id, text, at) VALUES (?, ?, ?)", rows))

    def forget_last_turn(self) -> None:
        self._forget_last_turn()

    def recall(self, text: str, known: Sequence[Exchange]) -> Sequence[str]:
        if not self.keeps or not self._budget_tokens:
            return ()
        with suppress(HistoryError, FileNotFoundError):
            return self._use(lambda db: self._recall(db, text, known), create=False)
        return ()

    def close(self) -> None:
        with self._lock:
            self._close()

    def _recall(self, db: sqlite3.Connection, text: str, known: Sequence[Exchange]) -> Sequence[str]:
        tables: tuple[recall.Table, ...] = ("facts", "turns")
        found = [{(table, id_): score for id_, score in recall.by_words(db, table, text).items()} for table in tables]
        if self._meaning is not None:
            near = self._meaning.search(db, text)
            found += [{key: score for key, score in near.items() if key[0] == table} for table in tables]
        told = recall.read(db, {key for scores in found for key in scores})
        spoken = {exchange.user.casefold() for exchange in known}
        fresh = {key: item for key, item in told.items() if item.said.casefold() not in spoken or key[0] == "facts"}
        now = self._now()
        order = recall.fused(recall.ranked(scores, fresh, now) for scores in found)
        return recall.lines((fresh[key] for key in order), RECALLED, self._budget_tokens)

    def _change(self, write: Callable[[sqlite3.Connection], T]) -> T:
        if not self.keeps:
            raise CannotKeep(NO_HISTORY)
        try:
            return self._use(write, create=True)
        except HistoryError as error:
            raise CannotKeep(CANNOT.format(reason=error.message)) from error

    def _use(self, work: Callable[[sqlite3.Connection], T], *, create: bool) -> T:
        """Raises HistoryError, and FileNotFoundError where there is no file and none is to be made."""
        with self._lock:
            try:
                return work(self._connected(create))
            except sqlite3.Error as error:
                self._close()
                raise database.history_error(error) from error

    def _connected(self, create: bool) -> sqlite3.Connection:
        if not self.keeps:
            raise FileNotFoundError
        if self._db is not None and self._inode() != self._file:
            self._close()
        if self._db is None:
            if not create and not self._path.exists():
                raise FileNotFoundError
            self._db = database.connect(self._path, check=False, shared=True)
            self._file = self._inode()
        return self._db

    def _inode(self) -> int:
        try:
            return self._path.stat().st_ino
        except OSError:
            return -1

    def _close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None


def _read_facts(db: sqlite3.Connection) -> Sequence[Fact]:
    rows = db.execute("SELECT id, text, at FROM facts ORDER BY id").fetchall()
    return [Fact(id_, text, datetime.fromisoformat(at)) for id_, text, at in rows]

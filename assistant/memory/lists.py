"""Lists and notes on disk, in the agenda's file."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TypeVar

from assistant.brain.agenda.shelf import Unwritable
from assistant.brain.lists import Item
from assistant.brain.memory import CannotKeep
from assistant.memory.agenda import AgendaFile
from assistant.memory.database import storable

T = TypeVar("T")

MAX_ITEMS = 5000
CANNOT = "I couldn't write that down: {reason}."
TOO_MUCH = "There is too much on your lists already. Take something off first."


class AgendaLists:
    """The Lists of a brain. What cannot be read is not there."""

    def __init__(self, file: AgendaFile) -> None:
        self._file = file

    def names(self) -> Sequence[str]:
        return tuple(dict.fromkeys(item.list_name for item in self.items()))

    def items(self, list_name: str | None = None) -> Sequence[Item]:
        def read(db: sqlite3.Connection) -> Sequence[Item]:
            rows = db.execute(
                "SELECT id, list_name, text, at FROM items WHERE ? IN (list_name, '') ORDER BY id", (list_name or "",)
            )
            return [Item(id_, name, text, datetime.fromisoformat(at)) for id_, name, text, at in rows]

        with suppress(Unwritable):
            return self._file.read(read, ())
        return ()

    def add(self, list_name: str, texts: Sequence[str]) -> Sequence[Item]:
        at = datetime.now().astimezone().replace(microsecond=0)

        def write(db: sqlite3.Connection) -> Sequence[Item]:
            if db.execute("SELECT count(*) FROM items").fetchone()[0] + len(texts) > MAX_ITEMS:
                raise CannotKeep(TOO_MUCH)
            return _insert(db, [Item(0, list_name, storable(text), at) for text in texts])

        return self._change(write)

    def remove(self, items: Sequence[Item]) -> None:
        ids = [(item.id,) for item in items]
        self._change(lambda db: db.executemany("DELETE FROM items WHERE id = ?", ids))

    def restore(self, items: Sequence[Item]) -> None:
        self._change(lambda db: _insert(db, items))

    def close(self) -> None:
        self._file.close()

    def _change(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """All of it or nothing. Raises CannotKeep."""

        def write(db: sqlite3.Connection) -> T:
            db.execute("BEGIN IMMEDIATE")
            try:
                result = work(db)
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:  # SQLite may have rolled back by itself
                    db.execute("ROLLBACK")
                raise
            return result

        try:
            return self._file.use(write)
        except Unwritable as error:
            raise CannotKeep(CANNOT.format(reason=error)) from error


def _insert(db: sqlite3.Connection, items: Sequence[Item]) -> Sequence[Item]:
    added = []
    for item in items:
        row = (item.id or None, item.list_name, item.text, item.at.isoformat())
        id_ = db.execute("INSERT OR IGNORE INTO items (id, list_name, text, at) VALUES (?, ?, ?, ?)", row).lastrowid
        added.append(Item(item.id or id_ or 0, item.list_name, item.text, item.at))
    return added

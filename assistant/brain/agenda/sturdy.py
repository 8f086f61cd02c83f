"""An agenda goes on where the disk does not: what cannot be written down is kept in memory."""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from assistant.brain.agenda.entry import Entry
from assistant.brain.agenda.shelf import MemoryShelf, Shelf, Unwritable


class SturdyShelf:
    """A Shelf on top of another that may fail, and raises nothing itself.

    New entries get a negative id then, and live as long as the process; changes to old ones are remembered. An entry
    that cannot be claimed rings all the same: twice is better than never. ``on_trouble`` hears why, once a spell.
    """

    def __init__(self, disk: Shelf, on_trouble: Callable[[str], object]) -> None:
        self._disk = disk
        self._on_trouble = on_trouble
        self._lock = threading.RLock()
        self._loose = MemoryShelf()
        self._known: dict[int, Entry] = {}
        self._changes: dict[int, Entry | None] = {}
        self._trouble = False
        self._touched = False  # something in memory is not as it was at the last look

    def changed(self) -> bool:
        with self._lock:
            try:
                return self._disk.changed() or self._touched
            except Unwritable as error:
                self._tell(error)
                return True

    def entries(self) -> Sequence[Entry]:
        with self._lock:
            self._touched = False
            try:
                self._known = {entry.id: entry for entry in self._disk.entries()}
                self._trouble = False
            except Unwritable as error:
                self._tell(error)
            current = [self._changes.get(id_, entry) for id_, entry in self._known.items()]
            return [*(entry for entry in current if entry is not None), *map(_negative, self._loose.entries())]

    def add(self, entry: Entry) -> Entry:
        with self._lock:
            if entry.id >= 0:
                try:
                    return self._disk.add(entry)
                except Unwritable as error:
                    self._tell(error)
            self._touched = True
            return _negative(self._loose.add(_positive(entry) if entry.id < 0 else replace(entry, id=0)))

    def change(self, entry: Entry) -> Entry | None:
        with self._lock:
            if entry.id < 0:
                self._touched = True
                changed = self._loose.change(_positive(entry))
                return changed and _negative(changed)
            try:
                changed = self._disk.change(entry)
                self._settle(entry.id)
                return changed
            except Unwritable as error:
                self._tell(error)
                self._changes[entry.id] = entry
                self._touched = True
                return entry

    def remove(self, entry_id: int) -> bool:
        with self._lock:
            if entry_id < 0:
                self._touched = True
                return self._loose.remove(-entry_id)
            try:
                removed = self._disk.remove(entry_id)
                self._settle(entry_id)
                return removed
            except Unwritable as error:
                self._tell(error)
                was_there = self._changes.get(entry_id, self._known.get(entry_id)) is not None
                self._changes[entry_id] = None
                self._touched = True
                return was_there

    def claim(self, entry: Entry, now_s: float, until_s: float) -> bool:
        with suppress(Unwritable):
            return entry.id < 0 or self._disk.claim(entry, now_s, until_s)
        return True

    def renew(self, entry: Entry, until_s: float) -> None:
        with suppress(Unwritable):
            if entry.id > 0:
                self._disk.renew(entry, until_s)

    def close(self) -> None:
        self._disk.close()

    def _settle(self, entry_id: int) -> None:
        """The disk has been asked again: what it says of the entry counts, and not what was remembered."""
        self._changes.pop(entry_id, None)
        self._touched = True

    def _tell(self, error: Unwritable) -> None:
        if not self._trouble:
            self._trouble = True
            self._on_trouble(str(error))


def _negative(entry: Entry) -> Entry:
    return replace(entry, id=-entry.id)


def _positive(entry: Entry) -> Entry:
    return replace(entry, id=abs(entry.id))

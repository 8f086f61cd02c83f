"""Where an agenda's entries lie: in memory here, on disk in ``memory/agenda.py``."""

import itertools
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from assistant.brain.agenda.entry import Entry


class Unwritable(Exception):
    """The disk cannot be written, or read; the text is a reason that may follow ``because``."""


class Shelf(Protocol):
    """Thread-safe. Whatever changes something is on disk when it returns. All raise Unwritable."""

    def changed(self) -> bool:
        """Whether ``entries`` may give something else than at its last call."""

    def entries(self) -> Sequence[Entry]: ...

    def add(self, entry: Entry) -> Entry:
        """With an id of its own, unless it has one already."""

    def change(self, entry: Entry) -> Entry | None:
        """Replace it, and end the claim to it; None if it is not there as it was."""

    def remove(self, entry_id: int) -> bool: ...

    def claim(self, entry: Entry, now_s: float, until_s: float) -> bool:
        """Whether it is ours to ring until ``until_s``: for one process only, and only if it is there as it was."""

    def renew(self, entry: Entry, until_s: float) -> None:
        """Go on with a claim of ours."""

    def close(self) -> None: ...


class MemoryShelf:
    """A Shelf that forgets with the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: dict[int, Entry] = {}
        self._ids = itertools.count(1)

    def changed(self) -> bool:
        return True

    def entries(self) -> Sequence[Entry]:
        with self._lock:
            return tuple(self._entries.values())

    def add(self, entry: Entry) -> Entry:
        with self._lock:
            entry = entry if entry.id else replace(entry, id=next(self._ids))
            self._entries[entry.id] = entry
            return entry

    def change(self, entry: Entry) -> Entry | None:
        with self._lock:
            known = self._entries.get(entry.id)
            if known is None or known.revision != entry.revision:
                return None
            self._entries[entry.id] = changed = replace(entry, revision=entry.revision + 1)
            return changed

    def remove(self, entry_id: int) -> bool:
        with self._lock:
            return self._entries.pop(entry_id, None) is not None

    def claim(self, entry: Entry, now_s: float, until_s: float) -> bool:  # noqa: ARG002 nobody else could claim it
        with self._lock:
            return entry.id in self._entries

    def renew(self, entry: Entry, until_s: float) -> None:
        pass

    def close(self) -> None:
        pass

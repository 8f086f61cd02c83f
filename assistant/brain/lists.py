"""What a brain asks of shopping lists, to-do lists and notes, and ones that are gone with the process."""

import itertools
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

NOTES = "notes"
"""The name of the list that notes are items of."""


@dataclass(frozen=True, slots=True)
class Item:
    """On the list of that name, in the user's words."""

    id: int
    list_name: str
    text: str
    at: datetime


class Lists(Protocol):
    """Thread-safe. What changes something is written down before it returns, and raises CannotKeep where it cannot."""

    def names(self) -> Sequence[str]:
        """Of the lists that have something on them."""

    def items(self, list_name: str | None = None) -> Sequence[Item]:
        """Of one list, or all; the oldest first."""

    def add(self, list_name: str, texts: Sequence[str]) -> Sequence[Item]: ...

    def remove(self, items: Sequence[Item]) -> None: ...

    def restore(self, items: Sequence[Item]) -> None:
        """Take ``remove`` back."""

    def close(self) -> None: ...


class Jotter:
    """Lists in this process: for tests, and for trying out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._items: dict[int, Item] = {}
        self._ids = itertools.count(1)

    def names(self) -> Sequence[str]:
        return tuple(dict.fromkeys(item.list_name for item in self.items()))

    def items(self, list_name: str | None = None) -> Sequence[Item]:
        with self._lock:
            items = [item for _, item in sorted(self._items.items())]
        return tuple(item for item in items if list_name in (None, item.list_name))

    def add(self, list_name: str, texts: Sequence[str]) -> Sequence[Item]:
        with self._lock:
            added = [Item(next(self._ids), list_name, text, datetime.now().astimezone()) for text in texts]
            self._items.update((item.id, item) for item in added)
            return added

    def remove(self, items: Sequence[Item]) -> None:
        with self._lock:
            for item in items:
                self._items.pop(item.id, None)

    def restore(self, items: Sequence[Item]) -> None:
        with self._lock:
            self._items.update((item.id, item) for item in items)

    def close(self) -> None:
        pass

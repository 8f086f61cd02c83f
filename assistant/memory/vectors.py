"""What turns and facts mean, as vectors in the history file, and which of them are near a question.

A vector belongs to the model that made it, and to the words that it was made of: one of another model is made again,
and one of words that have left the file meanwhile is not written. Every vector is compared: 100,000 of 384 numbers are
150 MB of memory and one product with a matrix.
"""

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np

from assistant.memory.recall import CANDIDATES, Key, Table
from assistant.memory.search import Hit
from assistant.models.protocols import Embedder, Vector
from assistant.session.turn import CancelToken

MOST_VECTORS = 100_000
"""Of each table; the newest."""

BATCH = 64
GAUSSIAN = 1.4826
"""From the median distance to the median to a standard deviation."""

LEAST_SPREAD = 1e-3

_UNREAD: dict[Table, str] = {
    "facts": """
        SELECT facts.id, text, '' FROM facts LEFT JOIN fact_vectors ON fact = facts.id AND model = ?
        WHERE fact IS NULL AND facts.id > ? ORDER BY facts.id DESC LIMIT ?""",
    "turns": """
        SELECT turns.id, transcript, heard FROM turns LEFT JOIN turn_vectors ON turn = turns.id AND model = ?
        WHERE turn IS NULL AND transcript <> '' AND turns.id > ? ORDER BY turns.id DESC LIMIT ?""",
}
_KEEP: dict[Table, str] = {
    "facts": "INSERT OR REPLACE INTO fact_vectors SELECT id, ?, ? FROM facts WHERE id = ? AND text = ? AND ? = ''",
    "turns": """
        INSERT OR REPLACE INTO turn_vectors
        SELECT id, ?, ? FROM turns WHERE id = ? AND transcript = ? AND heard = ?""",
}
_VECTORS: dict[Table, str] = {
    "facts": "SELECT fact, vector FROM fact_vectors WHERE model = ? ORDER BY fact DESC LIMIT ?",
    "turns": "SELECT turn, vector FROM turn_vectors WHERE model = ? ORDER BY turn DESC LIMIT ?",
}
_HITS = """
    SELECT sessions.number, session_id, turns.number, turns.started_at, transcript, heard
    FROM turns JOIN sessions ON sessions.id = session_id WHERE turns.id = ?"""

Unread = tuple[Key, str, str]
"""What has no vector yet: its key, what was said, and what was heard of the answer."""


def unread(db: sqlite3.Connection, model: str, after: Mapping[Table, int]) -> list[Unread]:
    """At most ``BATCH`` of each table, the newest first, of those whose id is above ``after``. Raises sqlite3.Error."""
    found: list[Unread] = []
    for table, query in _UNREAD.items():
        rows = db.execute(query, (model, after.get(table, 0), BATCH))
        found += [((table, id_), said, heard) for id_, said, heard in rows]
    return found


def meaning_of(embedder: Embedder, item: Unread, token: CancelToken) -> Vector:
    """Raises Cancelled, EngineFailed."""
    return embedder.embed(f"{item[1]}\n{item[2]}".strip(), token)


def keep(db: sqlite3.Connection, model: str, item: Unread, vector: Vector) -> bool:
    """Write it down, unless these words are in the file no more. Raises sqlite3.Error."""
    (table, id_), said, heard = item
    return db.execute(_KEEP[table], (model, vector.astype("<f4").tobytes(), id_, said, heard)).rowcount > 0


class Nearest:
    """The vectors of one model, in memory, in one matrix with room to grow. Belongs to one thread.

    Full policy: beyond ``MOST_VECTORS`` of a table the oldest are not read; what is added later always has room.
    """

    def __init__(self) -> None:
        self._keys: list[Key] = []
        self._places: dict[Key, int] = {}
        self._rows: np.ndarray[Any, np.dtype[np.float32]] = np.zeros((0, 0), np.float32)

    @classmethod
    def read(cls, db: sqlite3.Connection, model: str) -> "Nearest":
        """Raises sqlite3.Error."""
        nearest, length = cls(), 0
        for table, query in _VECTORS.items():
            found = [(id_, blob) for id_, blob in db.execute(query, (model, MOST_VECTORS)) if blob]
            length = length or max((len(blob) for _, blob in found), default=0) // 4
            whole = [(id_, blob) for id_, blob in found if len(blob) == 4 * length]
            rows = np.frombuffer(b"".join(blob for _, blob in whole), "<f4").reshape(len(whole), length)
            sound = np.isfinite(rows).all(axis=1)
            nearest._append([(table, id_) for (id_, _), good in zip(whole, sound, strict=True) if good], rows[sound])
        return nearest

    def _append(self, keys: list[Key], rows: Vector) -> None:
        """Other keys than are there, with their vectors, shape ``(n, length)``."""
        if keys:
            before = self._rows[: len(self._keys)].reshape(-1, rows.shape[1])
            self._rows = np.concatenate([before, rows]).astype(np.float32)
            self._places.update(zip(keys, range(len(self._keys), len(self._keys) + len(keys)), strict=True))
            self._keys += keys

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, key: Key, vector: Vector) -> None:
        """One whose length is not that of the others is left out: a damaged file, or another model."""
        if not self._keys:
            self._rows = np.zeros((BATCH, len(vector)), np.float32)
        if len(vector) != self._rows.shape[1] or not np.isfinite(vector).all():
            return
        place = self._places.setdefault(key, len(self._keys))
        if place == len(self._keys):
            self._keys.append(key)
            if len(self._keys) > len(self._rows):
                self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
        self._rows[place] = vector

    def ranked(self, query: Vector, count: int) -> list[tuple[Key, float]]:
        """The nearest, with their similarities, −1…1."""
        near = self._similarities(query)
        return [(self._keys[place], float(near[place])) for place in np.argsort(-near, kind="stable")[:count]]

    def outstanding(self, query: Vector) -> dict[Key, float]:
        """Those that are nearer to ``query`` than the nearest of as many would be by chance, by how much.

        What a similarity is worth differs from model to model, so each is measured in spreads from the median. Of n
        normally distributed numbers the largest is about √(2 ln n) deviations from their middle.
        """
        near = self._similarities(query)
        if not len(near):
            return {}
        middle = np.median(near)
        spread = max(LEAST_SPREAD, GAUSSIAN * float(np.median(np.abs(near - middle))))
        scores = (near - middle) / spread
        best = np.argsort(-scores, kind="stable")[:CANDIDATES]
        least = float(np.sqrt(2 * np.log(len(near)))) if len(near) > 1 else np.inf
        return {self._keys[place]: float(scores[place]) for place in best if scores[place] > least}

    def _similarities(self, query: Vector) -> Vector:
        rows = self._rows[: len(self._keys)]
        if not len(rows) or len(query) != rows.shape[1]:
            return np.zeros(0, np.float32)
        return np.asarray(rows @ query, np.float32)


def search_turns(db: sqlite3.Connection, embedder: Embedder, text: str, count: int, token: CancelToken) -> list[Hit]:
    """The turns nearest to ``text``, of those that have a vector, the nearest first.

    Raises Cancelled, EngineFailed, sqlite3.Error.
    """
    near = Nearest.read(db, embedder.key).ranked(embedder.embed(text, token, query=True), count=MOST_VECTORS)
    hits = []
    for key in [key for key, _ in near if key[0] == "turns"][:count]:
        for session, session_id, turn, at, said, heard in db.execute(_HITS, (key[1],)):
            hits.append(Hit(session, session_id, turn, datetime.fromisoformat(at), said, heard))
    return hits

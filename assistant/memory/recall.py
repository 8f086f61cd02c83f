"""What was said before and goes with a question: ranked by words, by meaning where vectors are there, and by age.

Words count by BM25's inverse document frequency, each once, which needs no more than the newest turns that have each
word: SQLite's own ``bm25`` reads every turn that has any of them, 0.18 s for four common words in 100,000 turns, where
this takes a few milliseconds. The rankings are joined by reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009).
"""

import heapq
import math
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from assistant.memory.words import ABOUT_MEMORY, content_words, quoted

Table = Literal["facts", "turns"]
Key = tuple[Table, int]

NEWEST_PER_WORD = 400
CANDIDATES = 64
RANK_SMOOTHING = 60
"""The k of reciprocal rank fusion, as in the paper."""

LEAST_SHARE = 0.3
"""Of the question's words; what has fewer is there by chance."""

HALF_LIFE_DAYS = 60.0
"""Relevance falls to three quarters in that time, and never below a half."""

LONGEST_CHARACTERS = 160
CHARACTERS_PER_TOKEN = 3


@dataclass(frozen=True, slots=True)
class Memorable:
    """A fact, or a turn with its answer. ``at`` is when it was said."""

    key: Key
    at: datetime
    said: str
    answer: str = ""


def by_words(db: sqlite3.Connection, table: Table, text: str) -> dict[int, float]:
    """Scores of the rows of ``table`` that have enough of the words of ``text``; at most ``CANDIDATES``."""
    words = content_words(text)
    total = db.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0]
    query = f"SELECT rowid FROM {table}_words WHERE {table}_words MATCH ? ORDER BY rowid DESC LIMIT {NEWEST_PER_WORD}"
    scores: defaultdict[int, float] = defaultdict(float)
    hits: Counter[int] = Counter()
    for word in words:
        ids = [row[0] for row in db.execute(query, (quoted(word),))]
        weight = math.log(1 + (total - len(ids) + 0.5) / (len(ids) + 0.5))
        hits.update(ids)
        for id_ in ids:
            scores[id_] += weight
    best = heapq.nlargest(CANDIDATES, scores.items(), key=lambda item: (item[1], item[0]))
    return {id_: score for id_, score in best if hits[id_] >= LEAST_SHARE * len(words)}


def read(db: sqlite3.Connection, keys: Iterable[Key]) -> dict[Key, Memorable]:
    """Those of ``keys`` that are there and worth telling: turns that were about the memory itself are left out."""
    ids: dict[Table, list[int]] = {"facts": [], "turns": []}
    for table, id_ in keys:
        ids[table].append(id_)
    found: dict[Key, Memorable] = {}
    for id_, at, text in _rows(db, "SELECT id, at, text FROM facts WHERE id IN", ids["facts"]):
        found["facts", id_] = Memorable(("facts", id_), datetime.fromisoformat(at), text)
    query = "SELECT id, started_at, transcript, heard FROM turns WHERE transcript <> '' AND heard <> '' AND id IN"
    for id_, at, transcript, heard in _rows(db, query, ids["turns"]):
        if not ABOUT_MEMORY.match(transcript):
            found["turns", id_] = Memorable(("turns", id_), datetime.fromisoformat(at), transcript, heard)
    return found


def _rows(db: sqlite3.Connection, query: str, ids: Sequence[int]) -> list[Any]:
    return db.execute(f"{query} ({','.join('?' * len(ids))})", ids).fetchall()


def freshness(at: datetime, now: datetime) -> float:
    """1 for what was said just now (or in a future that a clock has made up), towards a half for what is old."""
    age_days = max(0.0, (now - at).total_seconds() / 86_400)
    return float(0.5 + 0.5 * 0.5 ** (age_days / HALF_LIFE_DAYS))


def ranked(scores: Mapping[Key, float], told: Mapping[Key, Memorable], now: datetime) -> list[Key]:
    """The keys in ``told``, the best first."""
    weighed = {key: score * freshness(told[key].at, now) for key, score in scores.items() if key in told}
    return sorted(weighed, key=lambda key: (-weighed[key], -key[1]))


def fused(rankings: Iterable[Sequence[Key]]) -> list[Key]:
    """One ranking of several: an item's score is the sum of 1 / (k + its rank) over those that have it."""
    scores: defaultdict[Key, float] = defaultdict(float)
    for ranking in rankings:
        for rank, key in enumerate(ranking, start=1):
            scores[key] += 1 / (RANK_SMOOTHING + rank)
    return sorted(scores, key=lambda key: (-scores[key], key[0], -key[1]))


def lines(items: Iterable[Memorable], count: int, budget_tokens: int) -> list[str]:
    """As the language model is told: the first ``count`` that fit into the budget, nothing twice."""
    told: list[str] = []
    seen: set[str] = set()
    left = budget_tokens * CHARACTERS_PER_TOKEN
    for item in items:
        line = _line(item)
        if len(told) == count or len(line) > left:
            break
        same = item.said.casefold().strip(" .!?")
        if same not in seen:
            seen.add(same)
            told.append(line)
            left -= len(line)
    return told


def _line(item: Memorable) -> str:
    if item.key[0] == "facts":
        return f"The user asked you to remember: {short(item.said)}."
    return f"On {item.at:%B} {item.at.day} the user said “{short(item.said)}”, and you “{short(item.answer)}”."


def short(text: str) -> str:
    """On one line, cut where it is long."""
    line = " ".join(text.split()).strip(" .")
    return line if len(line) <= LONGEST_CHARACTERS else f"{line[: LONGEST_CHARACTERS - 1].rstrip()}…"

"""How long a search of 100,000 turns takes, and what is remembered for a prompt: ``python -m benchmarks.memory``.

The turns are made of invented words, as often as words are in a language (Zipf's law), so that a question with common
ones meets most of them.
"""

import random
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median

from assistant.brain.prompt import Prompt
from assistant.memory.database import connect
from assistant.memory.longterm import LongTermMemory
from assistant.memory.search import search_turns

TURNS, FACTS, TURNS_PER_SESSION = 100_000, 200, 20
SAID_WORDS, HEARD_WORDS = 8, 20
QUESTIONS = 200
START = datetime(2025, 1, 1, tzinfo=UTC)


class Speech:
    """Sentences of 4,000 words; the n-th most frequent is said 1/n as often as the first."""

    def __init__(self, seed: int = 7) -> None:
        self._random = random.Random(seed)
        first, middle, last = ("badofukelimo", "narteslipogrud", "anelisorumekyt")
        syllables = [a + b + c for a in _pairs(first) for b in _pairs(middle) for c in _pairs(last)]
        self._words = [one + other for one in syllables[:63] for other in syllables[:63]]
        self._random.shuffle(self._words)
        self._weights = [1 / rank for rank in range(3, len(self._words) + 3)]

    def sentence(self, words: int) -> str:
        return " ".join(self._random.choices(self._words, self._weights, k=words))


def main() -> None:
    """Print the medians, in milliseconds."""
    speech = Speech()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.db"
        _fill(path, speech)
        memory = LongTermMemory(keeps=True, on_private=print, forget_last_turn=lambda: None, path=path)
        prompt = Prompt("You are a voice assistant. Answer in one or two short spoken sentences.")
        with closing(connect(path)) as db:
            searches = [_time_ms(partial(search_turns, db, speech.sentence(2), 20)) for _ in range(QUESTIONS)]

        def build(text: str) -> object:
            return prompt.messages(text, [], " ".join(memory.recall(text, [])))

        prompts = [_time_ms(partial(build, speech.sentence(SAID_WORDS))) for _ in range(QUESTIONS)]
        memory.close()
        print(f"{TURNS:,} turns, {path.stat().st_size / 1e6:.0f} MB, {QUESTIONS} questions each")
        _report("search of two words", searches)
        _report("prompt with what is remembered", prompts)


def _report(what: str, times_ms: list[float]) -> None:
    print(f"{what}: median {median(times_ms):.1f} ms, longest {max(times_ms):.1f} ms")


def _time_ms(work: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    work()
    return (time.perf_counter() - began_s) * 1000


def _fill(path: Path, speech: Speech) -> None:
    with closing(connect(path)) as db:
        db.execute("BEGIN")
        for number in range(TURNS):
            session, turn = divmod(number, TURNS_PER_SESSION)
            at = (START + timedelta(minutes=5 * number)).isoformat()
            if turn == 0:
                row = (f"s{session}", at)
                db.execute(
                    "INSERT INTO sessions (id, started_at, source, sink, engines, process_id)"
                    " VALUES (?, ?, '', '', '{}', 1)",
                    row,
                )
            said, heard = speech.sentence(SAID_WORDS), speech.sentence(HEARD_WORDS)
            db.execute(
                "INSERT INTO turns (session_id, number, origin, started_at, ended_at, transcript, reply, heard,"
                " outcome, states, dropped_results) VALUES (?, ?, 'voice', ?, ?, ?, ?, ?, 'answered', '[]', 0)",
                (f"s{session}", turn, at, at, said, heard, heard),
            )
        for _ in range(FACTS):
            db.execute("INSERT INTO facts (text, at) VALUES (?, ?)", (speech.sentence(6), START.isoformat()))
        db.execute("COMMIT")


def _pairs(letters: str) -> list[str]:
    return [letters[at : at + 2] for at in range(0, len(letters), 2)]


if __name__ == "__main__":
    sys.exit(main())

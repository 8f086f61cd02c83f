"""What was said gets vectors in the background, and what is near to a question is there when it is asked."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.bus import Bus
from assistant.errors import AssistantError, EngineFailed
from assistant.events import EngineReady, FinalTranscript, PartialTranscript, TurnsForgotten, TurnStarted
from assistant.memory import meaning as module
from assistant.memory.database import connect
from assistant.memory.erase import Eraser
from assistant.memory.longterm import LongTermMemory
from assistant.memory.meaning import Meaning, index_all
from assistant.memory.recall import Key
from assistant.memory.vectors import Nearest, search_turns
from assistant.models.fakes import FakeEmbedder
from assistant.models.protocols import Embedder, Vector
from assistant.session.turn import Cancelled, CancelToken
from tests.memory import scripted
from tests.memory.test_recall import say

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
READY = EngineReady(at_s=0, stage="llm", engine="x", load_s=0)
STARTED = TurnStarted(at_s=0, turn_id=1, origin="voice")
ENDED = scripted.turn(1, 0.0)[1]
THEMES = ("pets dog cat hamster", "food bread soup apple", "travel train ticket paris")


class Themes(FakeEmbedder):
    """A text means the themes whose words it has."""

    key = "themes"

    def __init__(self) -> None:
        self.read: list[str] = []
        self.closed = False

    def embed(self, text: str, token: CancelToken, *, query: bool = False) -> Vector:
        token.raise_if_cancelled()
        self.read.append(text)
        words = set(text.casefold().split())
        vector = np.array([0.1, *(len(words & set(theme.split())) for theme in THEMES)], np.float32)
        return vector / np.linalg.norm(vector)

    def close(self) -> None:
        self.closed = True


@dataclass
class Loaded:
    load: Callable[[], Embedder]
    name: str = "themes"
    abandoned: list[bool] = field(default_factory=list)

    def abandon(self) -> None:
        self.abandoned.append(True)


class Rig:
    """A Meaning that is driven by hand: each event is followed by as many steps as it has work for."""

    def __init__(self, path: Path, engine: Embedder | None = None) -> None:
        self.engine = engine or Themes()
        self.troubles: list[AssistantError] = []
        self.bus = Bus()
        self.candidate = Loaded(lambda: self.engine)
        self.path = path
        self.meaning = Meaning(self.candidate, self.bus.subscribe(), on_trouble=self.troubles.append, path=path)

    def happen(self, *events: object, steps: int = 200) -> None:
        for event in events:
            self.bus.publish(event)
        if events:
            self.meaning.step()
        while steps and self.meaning._has_work:
            self.meaning.step()
            steps -= 1

    def hear(self, text: str) -> None:
        self.happen(PartialTranscript(at_s=0, turn_id=1, text=text))

    def near(self, text: str) -> list[Key]:
        with closing(connect(self.path)) as db:
            return list(self.meaning.search(db, text))

    def vectors(self) -> list[tuple[int, str]]:
        with closing(connect(self.path)) as db:
            return db.execute("SELECT turn, model FROM turn_vectors ORDER BY turn").fetchall()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 0.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "history.db"
    talk = [("the train was late", "Oh."), ("a ticket to paris", "Sure."), ("soup tonight", "Fine.")] * 4
    say(path, *talk, ("my hamster sleeps", "Good."))
    return path


def memory(path: Path, meaning: Meaning | None) -> LongTermMemory:
    return LongTermMemory(
        keeps=True,
        on_private=lambda _: None,
        forget_last_turn=lambda: None,
        path=path,
        meaning=meaning,
        now=lambda: NOW,
    )


def test_what_shares_no_word_with_the_question_is_told_by_its_meaning(path: Path) -> None:
    rig = Rig(path)
    rig.happen(READY)
    rig.hear("how is my pets dog")
    assert memory(path, None).recall("how is my pets dog", []) == []
    assert memory(path, rig.meaning).recall("how is my pets dog", []) == [
        "On November 20 the user said “my hamster sleeps”, and you “Good”."
    ]


def test_facts_have_vectors_too(path: Path) -> None:
    rig = Rig(path)
    mind = memory(path, rig.meaning)
    fact = mind.remember("a cat lives here")
    rig.happen(READY)
    rig.hear("dog")
    assert rig.near("dog") == [("facts", fact.id), ("turns", 13)]
    mind.forget([fact])
    assert mind.recall("dog", []) == ["On November 20 the user said “my hamster sleeps”, and you “Good”."]


def test_nothing_is_loaded_before_the_language_model_and_nothing_made_while_a_turn_is_open(path: Path) -> None:
    rig = Rig(path)
    rig.happen(STARTED)
    assert (rig.meaning._engine, rig.vectors()) == (None, [])
    rig.happen(READY)
    assert (rig.meaning._engine, rig.vectors()) == (rig.engine, [])
    rig.happen(ENDED)
    assert len(rig.vectors()) == 13


def test_a_turn_that_begins_stops_it_after_the_text_at_hand(path: Path) -> None:
    rig = Rig(path)
    rig.happen(READY, steps=3)
    done = len(rig.vectors())
    assert 0 < done < 13
    rig.happen(STARTED)
    assert len(rig.vectors()) == done
    rig.happen(ENDED)
    assert len(rig.vectors()) == 13


def test_each_text_is_read_once_and_what_comes_is_added(path: Path) -> None:
    engine = Themes()
    rig = Rig(path, engine)
    rig.happen(READY)
    assert engine.read.count("my hamster sleeps\nGood.") == 1
    say(path, ("the cat ate bread", "No."))
    engine.read.clear()
    rig.meaning.wake()
    rig.happen(ENDED)
    assert engine.read == ["the cat ate bread\nNo."]
    again = Themes()
    Rig(path, again).happen(READY)
    assert again.read == [], "another start finds them"


def test_another_model_makes_them_anew(path: Path) -> None:
    Rig(path).happen(READY)
    other = Themes()
    other.key = "other"
    Rig(path, other).happen(READY)
    assert {model for _, model in Rig(path).vectors()} == {"other"}
    assert len(other.read) == 13


def test_the_question_is_that_of_the_newest_transcript_and_most_of_its_words_are_enough(path: Path) -> None:
    engine = Themes()
    rig = Rig(path, engine)
    rig.happen(READY)
    engine.read.clear()
    words = [PartialTranscript(at_s=0, turn_id=1, text=text) for text in ("how", "how is", "how is my dog")]
    rig.happen(STARTED, *words)
    assert engine.read == ["how is my dog"]
    hamster = [("turns", 13)]
    assert rig.near("how is my dog") == hamster
    assert rig.near("How is my dog, please") == hamster
    assert rig.near("how is my dog doing in the new big house") == [], "too few of its words"
    assert rig.near("and how is my dog") == []
    assert rig.near("") == []
    rig.happen(FinalTranscript(at_s=0, turn_id=1, text="how is my dog", engine="x"))
    assert engine.read == ["how is my dog"], "it is known already"


def test_what_is_forgotten_leaves_no_vector_and_is_not_found_under_a_number_that_comes_again(path: Path) -> None:
    rig = Rig(path)
    rig.happen(READY)
    rig.hear("dog")
    assert rig.near("dog") == [("turns", 13)]
    Eraser(path).turn("1", 12)
    assert [turn for turn, _ in rig.vectors()] == list(range(1, 13))
    rig.happen(TurnsForgotten(at_s=0, turns=(12,)))
    assert rig.near("dog") == []
    say(path, ("soup again", "Yes."))
    rig.happen(ENDED)
    rig.hear("cat")
    assert rig.near("cat") == []


def test_words_that_left_the_file_meanwhile_are_not_written(path: Path) -> None:
    class Slow(Themes):
        def embed(self, text: str, token: CancelToken, *, query: bool = False) -> Vector:
            if "hamster" in text:
                Eraser(path).turn("1", 12)
                say(path, ("something else", "Yes."))
            return super().embed(text, token, query=query)

    rig = Rig(path, Slow())
    rig.happen(READY, steps=2)
    assert [turn for turn, _ in rig.vectors()] == [11, 12], "the thirteenth is another now"


def test_a_new_file_in_its_place_is_read_from_its_beginning(path: Path) -> None:
    rig = Rig(path)
    rig.happen(READY)
    path.rename(path.with_name("aside.db"))
    say(path, *[("soup tonight", "Fine.")] * 5, ("my cat", "Oh."))
    rig.happen(ENDED)
    rig.hear("hamster")
    assert rig.near("hamster") == [("turns", 6)]


@pytest.mark.parametrize("content", [None, b"garbage" * 1000])
def test_a_file_that_is_missing_or_damaged_has_no_meaning(path: Path, content: bytes | None) -> None:
    path.unlink()
    if content:
        path.write_bytes(content)
    rig = Rig(path)
    rig.happen(READY, steps=3)
    assert not rig.meaning._has_work
    assert rig.troubles == []


def test_an_engine_that_breaks_is_told_once_and_closed(path: Path) -> None:
    class Broken(Themes):
        def embed(self, text: str, token: CancelToken, *, query: bool = False) -> Vector:
            if self.read:
                raise EngineFailed("it broke", hint="h")
            return super().embed(text, token)

    engine = Broken()
    rig = Rig(path, engine)
    rig.bus.publish(READY)
    rig.meaning.run()
    assert [error.message for error in rig.troubles] == ["it broke"]
    assert engine.closed
    assert rig.near("dog") == []


def test_one_that_does_not_load_is_told(path: Path) -> None:
    def fail() -> Embedder:
        raise ValueError("no such thing")

    rig = Rig(path)
    rig.candidate.load = fail
    rig.bus.publish(READY)
    rig.meaning.run()
    assert [error.message for error in rig.troubles] == ["themes failed: ValueError: no such thing"]


def test_a_stop_ends_the_thread_and_what_it_does(path: Path) -> None:
    class Endless(Themes):
        def embed(self, text: str, token: CancelToken, *, query: bool = False) -> Vector:
            rig.meaning.stop()
            return super().embed(text, token)

    engine = Endless()
    rig = Rig(path, engine)
    rig.bus.publish(READY)
    rig.meaning.start()
    assert rig.meaning.join(10)
    assert (rig.vectors(), rig.troubles, engine.closed) == ([], [], True)
    assert rig.candidate.abandoned == [True]


def test_a_closed_bus_ends_the_thread(path: Path) -> None:
    rig = Rig(path)
    rig.meaning.start()
    rig.bus.close()
    assert rig.meaning.join(10)


def test_the_command_line_gives_everything_its_vector_first(path: Path) -> None:
    engine = Themes()
    index_all(path, engine, CancelToken())
    with closing(connect(path)) as db:
        hits = search_turns(db, engine, "dog", 2, CancelToken())
    assert (len(hits), hits[0].turn) == (2, 12)
    token = CancelToken()
    token.cancel("test")
    say(path, ("more", "Yes."))
    with pytest.raises(Cancelled):
        index_all(path, engine, token)


def test_damaged_vectors_are_passed_over(path: Path) -> None:
    rig = Rig(path)
    rig.happen(READY)
    db = sqlite3.connect(path)
    db.execute("UPDATE turn_vectors SET vector = x'00' WHERE turn = 1")
    db.execute("UPDATE turn_vectors SET vector = x'0000807F00000000' WHERE turn = 2")
    db.commit()
    db.close()
    with closing(connect(path)) as known:
        assert len(Nearest.read(known, "themes")) == 11


@given(st.lists(st.lists(st.floats(-1, 1, width=32), min_size=3, max_size=3), max_size=200), st.integers(0, 9))
def test_the_nearest_are_those_of_the_largest_product(rows: list[list[float]], count: int) -> None:
    nearest, query = Nearest(), np.array([0.6, 0.8, 0.0], np.float32)
    for number, row in enumerate(rows):
        nearest.add(("turns", number), np.array(row, np.float32))
    ranked = nearest.ranked(query, count)
    assert len(ranked) == min(count, len(rows))
    assert [score for _, score in ranked] == sorted((score for _, score in ranked), reverse=True)
    best = max((float(np.dot(np.array(row, np.float32), query)) for row in rows), default=0)
    assert not ranked or ranked[0][1] == pytest.approx(best, abs=1e-6)
    assert set(nearest.outstanding(query)) <= {("turns", number) for number in range(len(rows))}


def test_what_is_as_near_as_everything_else_does_not_stand_out() -> None:
    rng, nearest = np.random.default_rng(0), Nearest()
    for number in range(2000):
        vector = rng.standard_normal(64).astype(np.float32)
        nearest.add(("turns", number), vector / np.linalg.norm(vector))
    query = rng.standard_normal(64).astype(np.float32)
    query /= np.linalg.norm(query)
    assert len(nearest.outstanding(query)) <= 2
    nearest.add(("turns", 7), query)
    assert next(iter(nearest.outstanding(query))) == ("turns", 7)

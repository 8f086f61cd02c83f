from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.brain.memory import CannotKeep
from assistant.brain.protocols import Exchange
from assistant.memory import recall
from assistant.memory.database import connect
from assistant.memory.longterm import LongTermMemory
from assistant.memory.recall import Key, Memorable
from assistant.memory.words import MAX_WORDS, STOP_WORDS, content_words

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


def memory(path: Path, keeps: bool = True, budget_tokens: int = 200) -> LongTermMemory:
    return LongTermMemory(
        keeps=keeps,
        on_private=lambda _: None,
        forget_last_turn=lambda: None,
        path=path,
        budget_tokens=budget_tokens,
        now=lambda: NOW,
    )


def say(path: Path, *turns: tuple[str, str], days_ago: float = 1.0) -> None:
    at = (NOW - timedelta(days=days_ago)).isoformat()
    db = connect(path)
    db.execute(
        "INSERT OR IGNORE INTO sessions (id, started_at, source, sink, engines, process_id)"
        " VALUES ('s', '', '', '', '{}', 1)"
    )
    for said, answer in turns:
        number = db.execute("SELECT count(*) FROM turns").fetchone()[0]
        db.execute(
            "INSERT INTO turns (session_id, number, origin, started_at, ended_at, transcript, reply, heard, outcome,"
            " states, dropped_results) VALUES ('s', ?, 'voice', ?, ?, ?, ?, ?, 'answered', '[]', 0)",
            (number, at, at, said, answer, answer),
        )
    db.close()


def test_what_goes_with_the_question_is_told_and_nothing_else(path: Path) -> None:
    say(path, ("can birds fly", "Most can."), ("what is 2 plus 2", "4."), ("my bird is ill", "I'm sorry."))
    mind = memory(path)
    mind.remember("my bird is called Tom")
    assert mind.recall("how is my bird?", []) == [
        "The user asked you to remember: my bird is called Tom.",
        "On November 20 the user said “my bird is ill”, and you “I'm sorry”.",
        "On November 20 the user said “can birds fly”, and you “Most can”.",
    ]
    assert mind.recall("what time is it", []) == []
    assert mind.recall("", []) == []


def test_what_stands_in_the_conversation_is_not_told_again(path: Path) -> None:
    say(path, ("can birds fly", "Most can."), ("my bird is ill", "I'm sorry."))
    told = memory(path).recall("birds", [Exchange("Can birds fly", "Most can.")])
    assert [line.split("“")[1].split("”")[0] for line in told] == ["my bird is ill"]


def test_a_fact_in_the_words_of_the_conversation_is_told_all_the_same(path: Path) -> None:
    mind = memory(path)
    mind.remember("my bird is called Tom")
    assert len(mind.recall("my bird", [Exchange("My bird is called Tom", "A fine name.")])) == 1


def test_there_is_an_end_to_what_is_remembered(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.memory.longterm.MAX_FACTS", 2)
    mind = memory(path)
    facts = [mind.remember(name) for name in ("one", "two")]
    with pytest.raises(CannotKeep, match="too much"):
        mind.remember("three")
    mind.forget(facts[:1])
    mind.remember("three")
    assert [fact.text for fact in mind.facts()] == ["two", "three"]


def test_what_is_forgotten_is_not_told_through_the_turn_that_asked_for_it(path: Path) -> None:
    say(path, ("Please remember that my sister is Anna", "Okay, I'll remember: your sister is Anna."))
    mind = memory(path)
    fact = mind.remember("my sister is Anna")
    assert len(mind.recall("who is my sister", [])) == 1
    mind.forget([fact])
    assert mind.recall("who is my sister", []) == []
    mind.restore([fact])
    assert mind.facts() == [fact]
    assert len(mind.recall("who is my sister", [])) == 1


def test_of_two_that_match_the_same_the_newer_comes_first_whatever_the_clock_said(path: Path) -> None:
    say(path, ("birds sing", "Yes."), days_ago=-4000)
    say(path, ("birds swim", "Some."), days_ago=400)
    say(path, ("birds dive", "Few."), days_ago=2)
    told = memory(path).recall("birds", [])
    assert [line.split("“")[1].split("”")[0] for line in told] == ["birds sing", "birds dive", "birds swim"]


def test_five_are_told_at_most_and_no_more_than_the_budget_holds(path: Path) -> None:
    say(path, *((f"birds number {number}", "x " * 300) for number in range(9)))
    assert len(memory(path, budget_tokens=1000).recall("birds", [])) == 5
    told = memory(path, budget_tokens=150).recall("birds", [])
    assert 0 < sum(map(len, told)) <= 450
    assert memory(path, budget_tokens=0).recall("birds", []) == ()


def test_a_question_that_was_asked_often_is_told_once(path: Path) -> None:
    say(path, *[("can birds fly?", "Most can.")] * 4)
    assert len(memory(path).recall("birds", [])) == 1


def test_a_rare_word_finds_an_old_turn_behind_many_with_a_common_one(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recall, "NEWEST_PER_WORD", 10)
    monkeypatch.setattr(recall, "CANDIDATES", 5)
    say(path, ("the zebra and the birds", "Yes."), *[(f"birds {number}", "Yes.") for number in range(50)])
    assert "zebra" in memory(path).recall("zebra birds", [])[0]


def test_without_a_history_nothing_is_read_or_written(path: Path) -> None:
    mind = memory(path, keeps=False)
    assert (mind.facts(), mind.recall("birds", [])) == ((), ())
    with pytest.raises(CannotKeep):
        mind.remember("x")
    assert not path.exists()


def test_looking_makes_no_file_and_remembering_does(path: Path) -> None:
    mind = memory(path)
    assert (mind.facts(), mind.recall("birds", [])) == ((), ())
    assert not path.exists()
    mind.remember("birds \udce9")
    assert [fact.text for fact in memory(path).facts()] == ["birds ?"]


def test_a_file_that_cannot_be_used_is_an_empty_memory_that_says_why_it_keeps_nothing(path: Path) -> None:
    path.write_bytes(b"garbage" * 1000)
    mind = memory(path)
    assert (mind.facts(), mind.recall("birds", [])) == ((), ())
    with pytest.raises(CannotKeep, match="damaged"):
        mind.remember("x")
    path.rename(path.with_name("aside.db"))
    mind.remember("birds sing")
    assert len(mind.recall("birds", [])) == 1


def test_a_file_that_was_replaced_is_noticed(path: Path) -> None:
    mind = memory(path)
    mind.remember("birds sing")
    path.rename(path.with_name("aside.db"))
    memory(path).remember("fish swim")
    assert [fact.text for fact in mind.facts()] == ["fish swim"]


def test_a_full_disk_and_a_newer_file_are_said(path: Path) -> None:
    mind = memory(path)
    mind.remember("x")
    db = mind._db
    assert db is not None
    db.execute(f"PRAGMA max_page_count = {db.execute('PRAGMA page_count').fetchone()[0]}")
    with pytest.raises(CannotKeep, match="disk is full"):
        mind.remember("y" * 100_000)
    mind.close()
    other = connect(path)
    other.execute("INSERT INTO migrations VALUES (99, 'future', '2030')")
    other.close()
    with pytest.raises(CannotKeep, match="newer version"):
        mind.remember("z")
    assert mind.recall("x", []) == ()


@given(st.text())
def test_any_question_can_be_looked_for(text: str) -> None:
    words = content_words(text)
    assert len(words) <= MAX_WORDS
    assert len(set(words)) == len(words)
    assert not STOP_WORDS & set(words)


@given(st.lists(st.lists(st.integers(0, 20), unique=True)))
def test_fusion_keeps_every_item_once_and_agreement_wins(orders: list[list[int]]) -> None:
    rankings: list[Sequence[Key]] = [[("turns", number) for number in order] for order in orders]
    joined = recall.fused(rankings)
    assert sorted(joined) == sorted({key for ranking in rankings for key in ranking})
    if rankings and rankings[0] and all(ranking == rankings[0] for ranking in rankings):
        assert joined == list(rankings[0])


@given(st.datetimes(timezones=st.just(UTC)))
def test_nothing_is_fresher_than_now_or_stale_for_ever(at: datetime) -> None:
    assert 0.5 <= recall.freshness(at, NOW) <= 1.0


@given(st.lists(st.text(max_size=400)), st.integers(0, 9), st.integers(0, 300))
def test_lines_keep_to_their_limits(said: list[str], count: int, budget: int) -> None:
    told = recall.lines((Memorable(("turns", 1), NOW, text, text) for text in said), count, budget)
    assert len(told) <= count
    assert sum(map(len, told)) <= 3 * budget
    assert all("\n" not in line for line in told)

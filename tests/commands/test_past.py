"""``assistant history``, as a user types it, over a history recorded by the recorder."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.cli import app
from assistant.commands import erasing
from assistant.errors import AssistantError, HistoryError, InputError, ModelMissing, OutputError
from assistant.events import Event
from assistant.memory.database import connect
from tests.memory.scripted import ended, started, turn
from tests.memory.test_history import record


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three sessions of two turns: about birds, fish, and birds again."""
    path = tmp_path / "history.db"
    for module in ("history", "erase"):
        monkeypatch.setattr(f"assistant.memory.{module}.default_path", lambda: path)
    for session, words in (("aaaa1", "can birds fly"), ("bbbb2", "do fish sleep"), ("cccc3", "a bird *sang*")):
        record(path, started(session), *talk(words), ended(session))
    db = connect(path)
    db.execute("INSERT INTO facts (text, at) VALUES ('my sister is Anna', '2026-03-01T12:00:00+00:00')")
    db.close()
    return path


def talk(words: str) -> Iterator[Event]:
    yield from turn(1, 101.0, words)
    yield from turn(2, 105.0, "and why")


def run(*arguments: object, code: int = 0, stdin: str | None = None) -> tuple[str, str]:
    result = CliRunner().invoke(app, ["history", *map(str, arguments)], input=stdin)
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result.stdout, result.stderr


def test_the_list_leaves_out_what_nobody_spoke_to(path: Path) -> None:
    record(path, started("dddd4"), ended("dddd4"))
    assert "dddd4" not in run()[0]
    assert "cccc3" in run()[0]
    run("delete", "dddd4", "--yes")


def test_a_file_that_is_mostly_empty_after_a_deletion_is_made_smaller(path: Path) -> None:
    record(path, started("dddd4"), *turn(1, 101.0, "word " * 1_000_000), ended("dddd4"))
    record(path, started("eeee5"), *turn(1, 101.0, "birds"), ended("eeee5"))
    assert path.stat().st_size > 5_000_000
    run("delete", "dddd4", "--yes")
    assert path.stat().st_size < 500_000
    assert "eeee5" in run("search", "birds", "--json")[0]
    assert left(path)[-1] == ("eeee5", 1)


def refused(error: type[AssistantError], *arguments: object) -> str:
    out, line = run(*arguments, code=error.exit_code)
    assert out == ""
    assert line.count("\n") == 1
    return line


def left(path: Path) -> list[tuple[str, int]]:
    db = sqlite3.connect(path)
    found = [(session, turn) for session, turn in db.execute("SELECT session_id, number FROM turns ORDER BY id")]
    db.close()
    return found


def test_search_finds_every_form_of_a_word_and_says_where() -> None:
    out, _ = run("search", "bird")
    heads = [line.split("  ")[1] for line in out.splitlines() if "session" in line]
    assert sorted(heads) == ["session 1, turn 1", "session 3, turn 1"]
    assert "  You:        can birds fly" in out.splitlines()
    hits = json.loads(run("search", "birds", "FLY", "--json")[0])
    assert [(hit["session"], hit["turn"], hit["transcript"]) for hit in hits] == [(1, 1, "can birds fly")]


def test_search_by_meaning_needs_a_model_and_finds_what_is_near(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no embedding model is installed" in run("search", "birdsong", "--meaning", code=ModelMissing.exit_code)[1]
    monkeypatch.setenv("ASSISTANT_EMBED_ENGINE", "fake")
    assert "nobody said that" in run("search", "birdsong")[1]
    hits = json.loads(run("search", "birdsong", "--meaning", "-n", "2", "--json")[0])
    assert [hit["transcript"] for hit in hits][:1] == ["can birds fly"]
    assert len(hits) == 2


def test_search_takes_anything_for_words(path: Path) -> None:
    for strange in ('"', "NEAR(", "a OR b", "*", "-zebra", "col:umn", "\x00"):
        assert run("search", "--json", "--", strange)[0] == "[]\n", strange
    assert "nobody said that" in run("search", "zebra")[1]
    assert "nobody said that" in run("search", "fi sle")[1]


def test_the_last_word_of_a_search_may_be_a_beginning() -> None:
    assert "do fish sleep" in run("search", "do sle")[0]


def test_an_export_has_every_turn_of_every_session_or_of_one() -> None:
    lines = [json.loads(line) for line in run("export")[0].splitlines()]
    assert [(line["session"], line["number"], line["transcript"]) for line in lines] == [
        (1, 1, "can birds fly"),
        (1, 2, "and why"),
        (2, 1, "do fish sleep"),
        (2, 2, "and why"),
        (3, 1, "a bird *sang*"),
        (3, 2, "and why"),
    ]
    assert datetime.fromisoformat(lines[0]["started_at"]).tzinfo is not None
    assert len(run("export", "2")[0].splitlines()) == 2


def test_markdown_shows_words_as_they_were_said() -> None:
    out, _ = run("export", "3", "--format", "markdown")
    assert out.splitlines()[0].startswith("## Session 3, 2026-03-01")
    assert "**You:** a bird \\*sang\\*" in out.splitlines()
    assert "**Assistant:** Hello." in out.splitlines()


def test_a_plain_transcript_in_a_file(tmp_path: Path) -> None:
    assert run("export", "2", "--format", "text", "-o", tmp_path / "talk.txt") == ("", "")
    title, *lines = (tmp_path / "talk.txt").read_text().splitlines()
    assert title.startswith("Session 2, 2026-03-01")
    assert [line.partition("] ")[2] for line in lines] == [
        *("You: do fish sleep", "Assistant: Hello.", "You: and why", "Assistant: Hello.")
    ]
    assert "talk.txt cannot be written" in refused(OutputError, "export", "-o", tmp_path / "no" / "talk.txt")


def test_delete_asks_first(path: Path) -> None:
    assert "Agree beforehand: --yes" in refused(InputError, "delete", "2")
    assert len(left(path)) == 6


def test_a_session_is_deleted_with_every_trace(path: Path) -> None:
    assert run("delete", "2", "--yes")[0] == "Deleted: session 2 with 2 turns.\n"
    assert {session for session, _ in left(path)} == {"aaaa1", "cccc3"}
    assert b"fish" not in b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert json.loads(run("delete", "all", "--yes", "--json")[0]) == {"deleted": {"sessions": 2, "turns": 4}}
    assert left(path) == []
    assert "nothing to delete" in refused(InputError, "delete", "all", "--yes")


def test_one_turn_is_deleted_with_the_words_that_it_repeats(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("UPDATE turns SET replaces = 1 WHERE session_id = 'cccc3' AND number = 2")
    db.commit()
    db.close()
    run("delete", "1", "--turn", "2", "--yes")
    run("delete", "cccc3", "--turn", "2", "--yes")
    assert left(path) == [("aaaa1", 1), ("bbbb2", 1), ("bbbb2", 2)]
    assert "has no turn 9" in refused(HistoryError, "delete", "1", "--turn", "9", "--yes")


def test_prune_deletes_by_age_and_leaves_what_runs_or_comes_from_the_future(path: Path) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    db = sqlite3.connect(path)
    db.execute("UPDATE sessions SET ended_at = ? WHERE number = 2", (now.isoformat(),))
    db.execute("UPDATE sessions SET ended_at = ? WHERE number = 3", (now.replace(year=now.year + 9).isoformat(),))
    db.execute("UPDATE sessions SET ended_at = '2001-01-01T00:00:00+00:00' WHERE number = 1")
    db.commit()
    db.close()
    record(path, started("dddd4"), *talk("this goes on"))
    assert "1 session from before" in refused(InputError, "prune", "--older-than", "30d")
    assert json.loads(run("prune", "--older-than", "30d", "--yes", "--json")[0]) == {
        "deleted": {"sessions": 1, "turns": 2}
    }
    assert {session for session, _ in left(path)} == {"bbbb2", "cccc3", "dddd4"}
    assert run("prune", "--older-than", "30d")[0].startswith("Deleted: 0 sessions")


@pytest.mark.parametrize(("text", "days"), [("30d", 30), ("8w", 56), (" 6M ", 180), ("1 y", 365)])
def test_ages(text: str, days: int) -> None:
    assert erasing.age(text).days == days


@pytest.mark.parametrize("text", ["", "30", "d", "-3d", "1.5y", "99999999d"])
def test_what_is_no_age_is_an_error(text: str) -> None:
    assert "30d" in refused(InputError, "prune", "--older-than", text)


def test_facts_are_listed_and_forgotten(path: Path) -> None:
    assert "my sister is Anna" in run("facts")[0]
    assert json.loads(run("facts", "--json")[0])[0]["id"] == 1
    assert "no fact 7" in refused(InputError, "forget", "7", "--yes")
    assert run("forget", "1", "--yes")[0] == "Forgotten: 1 fact.\n"
    assert b"Anna" not in b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert "nothing was asked to be remembered" in run("facts")[1]


def test_a_history_of_a_newer_version_is_shown_by_no_command(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("INSERT INTO migrations VALUES (99, 'future', '2030')")
    db.commit()
    db.close()
    for command in (["list"], ["search", "x"], ["export"], ["facts"], ["delete", "1", "--yes"]):
        assert "newer version" in refused(HistoryError, *command)


def test_without_a_history_every_command_says_so(path: Path) -> None:
    path.unlink()
    assert run("export") == ("", "")
    assert "nobody" in run("search", "x")[1]
    assert "nothing" in run("facts")[1]
    assert run("prune", "--older-than", "1d")[0].startswith("Deleted: 0 sessions")
    refused(HistoryError, "delete", "1")
    assert not path.exists()

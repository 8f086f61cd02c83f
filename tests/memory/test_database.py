import sqlite3
from pathlib import Path

import pytest

from assistant.errors import HistoryError
from assistant.memory.database import HistoryCorrupt, connect, history_error, open_database
from assistant.memory.migrations import HISTORY, HistoryTooNew, Schema, migrate, version


def tables(db: sqlite3.Connection) -> set[str]:
    return {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_a_new_file_gets_the_present_shape_and_records_how(tmp_path: Path) -> None:
    db = connect(tmp_path / "deep" / "history.db")
    assert tables(db) >= {"sessions", "turns", "engine_calls", "telemetry", "migrations"}
    assert [tuple(row) for row in db.execute("SELECT number, name FROM migrations")] == [
        (1, "conversations"),
        (2, "memory"),
    ]
    assert db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert db.execute("PRAGMA foreign_keys").fetchone()[0] == 1
    assert db.execute("PRAGMA synchronous").fetchone()[0] == 2
    db.close()


def test_each_step_runs_once_in_order(tmp_path: Path) -> None:
    def more(db: sqlite3.Connection) -> None:
        db.execute("ALTER TABLE turns ADD COLUMN mood TEXT")

    db = connect(tmp_path / "history.db")
    for _ in range(2):
        migrate(db, Schema("history", [*HISTORY.migrations, more]))
    assert [tuple(row) for row in db.execute("SELECT number, name FROM migrations")] == [
        (1, "conversations"),
        (2, "memory"),
        (3, "more"),
    ]
    assert version(db) == 3
    db.close()


def test_a_step_that_fails_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    def broken(db: sqlite3.Connection) -> None:
        db.execute("CREATE TABLE half (x)")
        db.execute("CREATE TABLE turns (x)")

    db = connect(tmp_path / "history.db")
    with pytest.raises(sqlite3.OperationalError):
        migrate(db, Schema("history", [*HISTORY.migrations, broken]))
    assert version(db) == len(HISTORY.migrations)
    assert "half" not in tables(db)
    db.close()


def test_a_database_from_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    db = connect(path)
    db.execute("INSERT INTO migrations VALUES (99, 'future', '2030')")
    db.close()
    before = path.read_bytes()
    with pytest.raises(HistoryTooNew, match="newer version"):
        open_database(path, lambda error: pytest.fail(str(error)))
    assert path.read_bytes() == before
    assert version(sqlite3.connect(path)) == 99


def test_a_newer_database_that_is_no_write_ahead_log_stays_none(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE migrations (number INTEGER PRIMARY KEY, name TEXT, applied_at TEXT)")
    db.execute("INSERT INTO migrations VALUES (99, 'future', '2030')")
    db.commit()
    db.close()
    before = path.read_bytes()
    with pytest.raises(HistoryTooNew):
        connect(path)
    assert path.read_bytes() == before


def test_a_database_of_the_first_version_keeps_its_turns_and_they_are_searchable(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    db = sqlite3.connect(path, isolation_level=None)
    migrate(db, Schema("history", HISTORY.migrations[:1]))
    for session in ("newer", "older"):
        db.execute(
            "INSERT INTO sessions (id, started_at, source, sink, engines, process_id) VALUES (?, '', '', '', '{}', 1)",
            (session,),
        )
        for number in (1, 2):
            row = (session, number, f"{session} {number} birds")
            db.execute(
                "INSERT INTO turns (session_id, number, transcript, origin, started_at, ended_at, reply, heard,"
                " outcome, states, dropped_results) VALUES (?, ?, ?, '', '', '', '', 'They fly.', '', '[]', 0)",
                row,
            )
    db.close()
    db = connect(path)
    assert [tuple(row) for row in db.execute("SELECT id, transcript FROM turns ORDER BY id")] == [
        (1, "newer 1 birds"),
        (2, "newer 2 birds"),
        (3, "older 1 birds"),
        (4, "older 2 birds"),
    ]
    found = db.execute("SELECT rowid FROM turns_words WHERE turns_words MATCH 'bird older' ORDER BY rowid").fetchall()
    assert found == [(3,), (4,)]
    db.execute("UPDATE turns SET transcript = 'fish' WHERE id = 3")
    db.execute("DELETE FROM sessions WHERE id = 'newer'")
    assert db.execute("SELECT rowid FROM turns_words WHERE turns_words MATCH 'bird'").fetchall() == [(4,)]
    db.execute("INSERT INTO turns_words (turns_words) VALUES ('integrity-check')")
    db.close()


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_file_is_moved_aside_whole_and_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "history.db"
    path.write_bytes(content)
    said: list[HistoryError] = []
    db = open_database(path, said.append)
    assert version(db) == len(HISTORY.migrations)
    db.close()
    (aside,) = tmp_path.glob("history.damaged-*.db")
    assert aside.read_bytes() == content
    assert [error.message for error in said] == [f"the history in {path} is damaged; it was kept as {aside.name}"]


def test_damage_inside_a_file_that_opens_is_found(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    db = connect(path)
    db.execute("INSERT INTO telemetry (name, value, detail, at) VALUES ('x', 1, ?, '')", ("y" * 100_000,))
    db.close()
    content = bytearray(path.read_bytes())
    content[8192:12288] = b"\xff" * 4096
    path.write_bytes(content)
    with pytest.raises(HistoryCorrupt):
        connect(path)


def test_an_empty_file_is_a_new_history(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    path.touch()
    db = open_database(path, lambda error: pytest.fail(str(error)))
    assert version(db) == len(HISTORY.migrations)
    db.close()


def test_a_file_without_permission_or_folder_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(HistoryError, match="cannot be used") as caught:
        connect(tmp_path / "file" / "history.db")
    assert "permissions" in caught.value.hint
    (tmp_path / "folder.db").mkdir()
    with pytest.raises(HistoryError, match="cannot be used"):
        connect(tmp_path / "folder.db")


def test_any_other_failure_is_named() -> None:
    error = history_error(sqlite3.OperationalError("disk I/O error"))
    assert error.message == "the history failed: disk I/O error"


def test_a_file_that_another_program_keeps_locked_is_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("CREATE TABLE theirs (x)")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(HistoryError, match="in use by another program"):
        connect(path, busy_timeout_s=0.0)
    other.execute("ROLLBACK")
    connect(path, busy_timeout_s=0.0).close()
    other.close()

import json
import os
import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from assistant.bus import Bus, Mailbox
from assistant.errors import AssistantError
from assistant.events import EngineCall, Notice, PrivacyChanged, TurnsForgotten
from assistant.memory.database import open_database
from assistant.memory.recorder import BATCH_S, Recorder
from tests.memory.scripted import ID, STARTED_AT, Clock, ScriptedMailbox, conversation, ended, started, turn

NOW = datetime.fromisoformat("2026-03-01T12:34:56.789+01:00")
NOW_TEXT = "2026-03-01T12:34:56.789+01:00"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "history.db"


@pytest.fixture
def troubles() -> list[AssistantError | None]:
    return []


def recorder(
    mailbox: Mailbox, path: Path, troubles: list[AssistantError | None], clock: Clock | None = None, **options: Any
) -> Recorder:
    options.setdefault("open_database", lambda: open_database(path, troubles.append))
    return Recorder(mailbox, on_trouble=troubles.append, clock=clock or Clock(), now=lambda: NOW, **options)


def rows(path: Path, table: str) -> list[dict[str, Any]]:
    db = sqlite3.connect(path)
    db.row_factory = sqlite3.Row
    found = [dict(row) for row in db.execute(f"SELECT * FROM {table}")]
    db.close()
    return found


def turn_numbers(path: Path) -> list[int]:
    return [row["number"] for row in rows(path, "turns")]


def test_a_conversation_becomes_rows(path: Path, troubles: list[AssistantError | None]) -> None:
    recorder(ScriptedMailbox(conversation()), path, troubles).run()
    assert troubles == []
    assert rows(path, "sessions") == [
        {
            "number": 1,
            "id": ID,
            "started_at": STARTED_AT,
            "ended_at": "2026-03-01T12:01:00.000+01:00",
            "source": "mic",
            "sink": "speaker",
            "engines": '{"stt": "sphinx", "tts": "espeak"}',
            "end_reason": "user",
            "process_id": os.getpid(),
            "resumes": None,
        }
    ]
    first: dict[str, Any] = {
        "id": 1,
        "session_id": ID,
        "number": 1,
        "origin": "voice",
        "started_at": "2026-03-01T12:00:01.000+01:00",
        "ended_at": "2026-03-01T12:00:04.000+01:00",
        "transcript": "hello",
        "reply": "Hello. How are you?",
        "heard": "Hello.",
        "outcome": "interrupted",
        "replaces": None,
        "states": '[["listening", 0.0], ["committed", 1.5], ["speaking", 2.0]]',
        "transcript_s": 0.25,
        "commit_s": 0.5,
        "first_token_s": 0.625,
        "first_clause_s": 0.75,
        "first_sample_s": None,
        "dropped_results": 2,
        "error_code": None,
    }
    second = {
        "id": 2,
        "number": 2,
        "started_at": "2026-03-01T12:00:05.500+01:00",
        "ended_at": "2026-03-01T12:00:08.500+01:00",
        "transcript": "hello you",
        "outcome": "answered",
        "replaces": 1,
    }
    assert rows(path, "turns") == [first, first | second]
    call = {"number": 1, "session_id": ID, "turn": 1, "stage": "stt", "engine": "sphinx", "status": "completed"}
    other = {"number": 2, "session_id": ID, "turn": 2, "stage": "tts", "engine": "espeak", "status": "cancelled"}
    assert rows(path, "engine_calls") == [
        call | {"items": 1, "duration_s": 0.125, "at": "2026-03-01T12:00:02.000+01:00"},
        other | {"items": 3, "duration_s": 1.0, "at": "2026-03-01T12:00:09.000+01:00"},
    ]
    assert rows(path, "telemetry") == [
        {"number": number, "session_id": ID, "name": name, "value": value, "detail": detail, "at": NOW_TEXT}
        for number, (name, value, detail) in enumerate(
            [
                ("stt_load_s", 0.5, "sphinx"),
                ("tts_load_s", 0.25, "espeak"),
                ("notice.audio", 1.0, "unplugged"),
                ("reply_resumed_s", 0.5, "backchannel"),
                ("reply_interrupted", 1.0, "stop word"),
                ("capture_overruns", 7.0, "mic"),
            ],
            start=1,
        )
    ]


def test_a_turn_is_on_disk_when_it_ends_and_small_rows_wait_for_company(
    path: Path, troubles: list[AssistantError | None]
) -> None:
    seen: list[tuple[int, int]] = []
    clock = Clock()

    def look() -> None:
        seen.append((len(rows(path, "turns")), len(rows(path, "engine_calls"))))

    def wait() -> None:
        clock.now_s += BATCH_S

    late_call = conversation()[-3]
    script = [started(), look, *turn(1, 101.0), look, late_call, look, wait, look]
    recorder(ScriptedMailbox(script), path, troubles, clock).run()
    assert seen == [(0, 0), (1, 0), (1, 0), (1, 1)]


def test_a_locked_file_keeps_rows_in_memory_until_it_is_free(path: Path, troubles: list[AssistantError | None]) -> None:
    clock = Clock()
    other: list[sqlite3.Connection] = []
    seen: list[list[int]] = []

    def lock() -> None:
        other.append(sqlite3.connect(path, isolation_level=None))
        other[0].execute("BEGIN IMMEDIATE")

    def free() -> None:
        other[0].execute("ROLLBACK")
        clock.now_s += BATCH_S

    def look() -> None:
        seen.append(turn_numbers(path))

    script = [started(), lock, *turn(1, 101.0), *turn(2, 105.0), look, free, look, ended(), other_close(other)]
    recorder(ScriptedMailbox(script), path, troubles, clock, open_database=impatient(path, troubles)).run()
    assert seen == [[], [1, 2]]
    assert [error and error.message for error in troubles] == ["the history is in use by another program", None]
    assert rows(path, "sessions")[0]["end_reason"] == "user"


def test_a_full_disk_keeps_rows_in_memory_until_there_is_room(
    path: Path, troubles: list[AssistantError | None]
) -> None:
    clock = Clock()
    databases: list[sqlite3.Connection] = []

    def opened() -> sqlite3.Connection:
        databases.append(open_database(path, troubles.append))
        return databases[-1]

    def fill() -> None:
        pages = databases[0].execute("PRAGMA page_count").fetchone()[0]
        databases[0].execute(f"PRAGMA max_page_count = {pages}")

    def empty() -> None:
        databases[0].execute("PRAGMA max_page_count = 1000000")
        clock.now_s += BATCH_S

    long = "word " * 20_000
    script = [started(), fill, *turn(1, 101.0, long), *turn(2, 105.0, long), lambda: seen.append(turn_numbers(path))]
    seen: list[list[int]] = []
    recorder(ScriptedMailbox([*script, empty, ended()]), path, troubles, clock, open_database=opened).run()
    assert seen == [[]]
    assert turn_numbers(path) == [1, 2]
    assert [error and error.message for error in troubles] == [
        "the history cannot be written: the disk is full",
        None,
    ]
    assert len(databases) == 1


def test_memory_is_bounded_and_what_was_lost_is_counted(path: Path, troubles: list[AssistantError | None]) -> None:
    clock = Clock()

    path.mkdir(parents=True)
    script = [started(), *(event for number in range(1, 6) for event in turn(number, 100.0 + number))]
    mailbox = ScriptedMailbox([*script, path.rmdir, lambda: clock_forward(clock), ended()])
    mailbox.dropped = 4
    recorder(mailbox, path, troubles, clock, capacity_rows=3).run()
    assert turn_numbers(path) == [3, 4, 5]
    assert [(row["name"], row["value"]) for row in rows(path, "telemetry")] == [
        ("recorder_dropped_events", 4.0),
        ("recorder_lost_rows", 2.0),
    ]
    assert len(troubles) == 2
    assert troubles[0] is not None
    assert "cannot be used" in troubles[0].message
    assert "kept in memory" in troubles[0].hint
    assert troubles[1] is None


def test_what_can_never_be_written_is_said_at_the_end(path: Path, troubles: list[AssistantError | None]) -> None:
    path.mkdir(parents=True)
    recorder(ScriptedMailbox([started(), *turn(1, 101.0), ended()]), path, troubles).run()
    assert [error and error.code for error in troubles] == ["history", "history"]
    assert troubles[-1] is not None
    assert troubles[-1].message == "1 entries of the conversation could not be written to the history"


def test_a_connection_that_breaks_is_opened_anew_even_if_the_file_is_damaged(
    path: Path, troubles: list[AssistantError | None]
) -> None:
    clock = Clock()
    databases: list[sqlite3.Connection] = []

    def opened() -> sqlite3.Connection:
        databases.append(open_database(path, troubles.append))
        return databases[-1]

    def damage() -> None:
        databases[0].close()
        path.write_bytes(b"not a database, but long enough to look like one at first sight" * 2000)

    script = [started(), *turn(1, 101.0), damage, *turn(2, 105.0), lambda: clock_forward(clock), ended()]
    recorder(ScriptedMailbox(script), path, troubles, clock, open_database=opened).run()
    assert turn_numbers(path) == [2]
    assert [row["id"] for row in rows(path, "sessions")] == [ID]
    assert len(list(path.parent.glob("history.damaged-*.db"))) == 1
    assert any(error is not None and "is damaged; it was kept as" in error.message for error in troubles)
    assert troubles[-1] is None


def test_text_that_is_no_unicode_is_recorded_all_the_same(path: Path, troubles: list[AssistantError | None]) -> None:
    recorder(ScriptedMailbox([started(), *turn(1, 101.0, "caf\udce9"), ended()]), path, troubles).run()
    assert [row["transcript"] for row in rows(path, "turns")] == ["caf?"]
    assert troubles == []


def test_two_assistants_write_to_one_file(path: Path, troubles: list[AssistantError | None]) -> None:
    buses = [Bus(), Bus()]
    recorders = [
        Recorder(
            bus.subscribe(),
            on_trouble=troubles.append,
            open_database=lambda: open_database(path, troubles.append),
        )
        for bus in buses
    ]
    for each in recorders:
        each.start()
    for number in range(1, 21):
        for name, bus in zip("ab", buses, strict=True):
            for event in [started(name), *turn(1, 101.0)] if number == 1 else turn(number, 100.0 + number):
                bus.publish(event)
    for name, bus in zip("ab", buses, strict=True):
        bus.publish(ended(name))
        bus.close()
    assert all(each.join(30.0) for each in recorders)
    assert sorted((row["session_id"], row["number"]) for row in rows(path, "turns")) == [
        (name, number) for name in "ab" for number in range(1, 21)
    ]
    assert [row["end_reason"] for row in rows(path, "sessions")] == ["user", "user"]


def test_engines_that_were_ready_before_the_session_are_its_engines_too(
    path: Path, troubles: list[AssistantError | None]
) -> None:
    events = conversation()
    recorder(ScriptedMailbox([events[1], *turn(9, 1.0), events[0], ended()]), path, troubles).run()
    assert json.loads(rows(path, "sessions")[0]["engines"]) == {"stt": "sphinx"}
    assert turn_numbers(path) == []


def test_what_is_private_leaves_no_row(path: Path, troubles: list[AssistantError | None]) -> None:
    before, (began, over), hidden, (again, last) = (turn(number, 100.0 + 5 * number) for number in (1, 2, 3, 4))
    script = [
        *(started(), *before, began, PrivacyChanged(at_s=112.0, private=True), over, *hidden),
        Notice(at_s=117.0, level="warning", code="tool", stage="llm", message="no luck with my secret", hint=""),
        *(again, PrivacyChanged(at_s=121.0, private=False), last, *turn(5, 130.0), ended()),
    ]
    recorder(ScriptedMailbox(script), path, troubles).run()
    assert turn_numbers(path) == [1, 5]
    assert rows(path, "telemetry") == []


def test_a_turn_that_is_forgotten_leaves_no_trace(path: Path, troubles: list[AssistantError | None]) -> None:
    call = EngineCall(at_s=107.0, turn_id=2, stage="stt", engine="x", status="completed", duration_s=1, items=1)
    forgotten = [TurnsForgotten(at_s=110.0, turns=(1, 2)), TurnsForgotten(at_s=120.0, turns=(4,))]
    script = [
        *(started(), *turn(1, 101.0, "kumquat"), *turn(2, 105.0, "kumquat pie"), call, forgotten[0]),
        *(*turn(3, 111.0), *turn(4, 115.0, "kumquat"), forgotten[1], ended()),
    ]
    recorder(ScriptedMailbox(script), path, troubles).run()
    assert turn_numbers(path) == [3]
    assert rows(path, "engine_calls") == []
    assert b"kumquat" not in b"".join(file.read_bytes() for file in path.parent.iterdir())


def test_a_turn_can_be_forgotten_before_it_was_written(path: Path, troubles: list[AssistantError | None]) -> None:
    clock = Clock()
    path.mkdir(parents=True)
    script = [started(), *turn(1, 101.0), *turn(2, 105.0), TurnsForgotten(at_s=110.0, turns=(2,)), path.rmdir]
    recorder(ScriptedMailbox([*script, lambda: clock_forward(clock), ended()]), path, troubles, clock).run()
    assert turn_numbers(path) == [1]


def test_a_history_of_a_newer_version_is_left_alone_and_that_is_said_once(
    path: Path, troubles: list[AssistantError | None]
) -> None:
    db = open_database(path, troubles.append)
    db.execute("INSERT INTO migrations VALUES (99, 'future', '2030')")
    db.close()
    before = path.read_bytes()
    recorder(ScriptedMailbox([started(), *turn(1, 101.0), *turn(2, 105.0), ended()]), path, troubles).run()
    assert path.read_bytes() == before
    assert [error and error.message for error in troubles] == [
        "the history was written by a newer version of the assistant"
    ]
    assert troubles[0] is not None
    assert "not recorded" in troubles[0].hint


def test_by_default_the_file_is_in_the_users_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, troubles: list[AssistantError | None]
) -> None:
    monkeypatch.setattr("assistant.memory.database.default_path", lambda: tmp_path / "history.db")
    Recorder(ScriptedMailbox([started(), *turn(1, 101.0)]), on_trouble=troubles.append).run()
    assert turn_numbers(tmp_path / "history.db") == [1]


def test_joining_a_recorder_that_never_started_is_harmless(path: Path, troubles: list[AssistantError | None]) -> None:
    assert recorder(ScriptedMailbox([]), path, troubles).join()
    assert not path.exists()


def clock_forward(clock: Clock) -> None:
    clock.now_s += BATCH_S


def impatient(path: Path, troubles: list[AssistantError | None]) -> Callable[[], sqlite3.Connection]:
    """A database that does not wait for a lock."""

    def opened() -> sqlite3.Connection:
        db = open_database(path, troubles.append)
        db.execute("PRAGMA busy_timeout = 0")
        return db

    return opened


def other_close(connections: list[sqlite3.Connection]) -> Callable[[], None]:
    return lambda: connections[0].close() if connections else None

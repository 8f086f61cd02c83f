import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from assistant.errors import HistoryError
from assistant.events import EngineCall, FinalTranscript, Timings
from assistant.memory.database import connect, open_database
from assistant.memory.erase import Eraser
from assistant.memory.history import CallRecord, History, SessionSummary, TelemetryRecord, TurnRecord
from assistant.memory.recorder import Recorder
from tests.memory.scripted import ID, STARTED_AT, ScriptedMailbox, conversation, ended, started, turn

STARTED = datetime.fromisoformat(STARTED_AT)


def after(seconds: float) -> datetime:
    return STARTED + timedelta(seconds=seconds)


def record(path: Path, *events: object) -> None:
    Recorder(
        ScriptedMailbox(events),  # type: ignore[arg-type]
        on_trouble=lambda error: pytest.fail(str(error)),
        open_database=lambda: open_database(path, lambda error: pytest.fail(str(error))),
        now=lambda: STARTED,
    ).run()


def test_no_file_is_an_empty_history(tmp_path: Path) -> None:
    history = History(tmp_path / "history.db")
    assert history.sessions() == []
    with pytest.raises(HistoryError, match="no session last"):
        history.session("last")
    assert list(tmp_path.iterdir()) == []


def test_a_recorded_conversation_is_read_back_whole(tmp_path: Path) -> None:
    record(tmp_path / "history.db", *conversation())
    session = History(tmp_path / "history.db").session("1")
    assert session.summary == SessionSummary(
        number=1,
        id=ID,
        started_at=STARTED,
        ended_at=after(60),
        source="mic",
        sink="speaker",
        engines={"stt": "sphinx", "tts": "espeak"},
        end_reason="user",
        fate="ended",
        turn_count=2,
        first_words="hello",
    )
    first = TurnRecord(
        number=1,
        origin="voice",
        started_at=after(1),
        ended_at=after(4),
        transcript="hello",
        reply="Hello. How are you?",
        heard="Hello.",
        outcome="interrupted",
        replaces=None,
        states=(("listening", 0.0), ("committed", 1.5), ("speaking", 2.0)),
        timings=Timings(transcript_s=0.25, commit_s=0.5, first_token_s=0.625, first_clause_s=0.75),
        dropped_results=2,
        error_code=None,
        calls=(CallRecord(1, "stt", "sphinx", "completed", 1, 0.125, after(2)),),
    )
    assert session.turns[0] == first
    assert session.turns[0].interrupted
    assert session.turns[1].replaces == 1
    assert session.turns[1].calls == (CallRecord(2, "tts", "espeak", "cancelled", 3, 1.0, after(9)),)
    assert session.calls == ()
    assert session.telemetry[-1] == TelemetryRecord("capture_overruns", 7.0, "mic", STARTED)


def test_sessions_are_listed_newest_first_up_to_a_limit(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    for name in ("aaaa1", "aaaa2", "bbbb3"):
        record(path, started(name), *turn(1, 101.0), ended(name))
    history = History(path)
    assert [(session.number, session.id) for session in history.sessions(2)] == [(3, "bbbb3"), (2, "aaaa2")]
    assert history.session("last").summary.id == "bbbb3"
    assert history.session("2").summary.id == "aaaa2"
    assert history.session("AAAA1").summary.number == 1
    assert history.session("bbbb").summary.number == 3


def test_sessions_in_which_nothing_was_said_may_be_left_out_and_are_not_the_last(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    record(path, started("aaaa1"), ended("aaaa1"))
    assert History(path).session("last").summary.id == "aaaa1"
    record(path, started("bbbb2"), *turn(1, 101.0), ended("bbbb2"))
    record(path, started("cccc3"), ended("cccc3"))
    history = History(path)
    assert [session.id for session in history.sessions()] == ["cccc3", "bbbb2", "aaaa1"]
    assert [session.id for session in history.sessions(silent=False)] == ["bbbb2"]
    assert history.session("last").summary.id == "bbbb2"


def test_the_first_words_are_those_of_the_first_turn_that_has_any(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    record(path, started("aaaa1"), *turn(1, 101.0, ""), *turn(2, 105.0, "hello you"), ended("aaaa1"))
    assert [session.first_words for session in History(path).sessions()] == ["hello you"]


@pytest.mark.parametrize(
    ("key", "message"),
    [("aaaa", "could mean more than one"), ("bbb", "no session bbb"), ("9", "no session 9"), ("%", "no session %")],
)
def test_a_key_that_means_no_one_session_is_an_error(tmp_path: Path, key: str, message: str) -> None:
    path = tmp_path / "history.db"
    for name in ("aaaa1", "aaaa2", "bbbb3"):
        record(path, started(name), ended(name))
    with pytest.raises(HistoryError, match=message):
        History(path).session(key)


def test_a_damaged_history_is_an_error_and_stays_in_place(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    path.write_bytes(b"garbage" * 1000)
    with pytest.raises(HistoryError, match="damaged"):
        History(path).sessions()
    assert path.read_bytes() == b"garbage" * 1000


def test_an_open_session_of_a_live_process_is_running(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    record(path, started(), *turn(1, 101.0))
    assert [session.fate for session in History(path).sessions()] == ["running"]


@pytest.mark.parametrize(
    ("error", "fate"), [(None, "running"), (PermissionError, "running"), (ProcessLookupError, "killed")]
)
def test_a_process_of_another_user_is_alive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[OSError] | None, fate: str
) -> None:
    def kill(_: int, number: int) -> None:
        assert number == 0
        if error is not None:
            raise error

    path = tmp_path / "history.db"
    record(path, started(), *turn(1, 101.0))
    monkeypatch.setattr("os.kill", kill)
    assert [session.fate for session in History(path).sessions()] == [fate]


KILLED = """
import sys
from pathlib import Path
from assistant.bus import Bus
from assistant.events import EngineCall, TurnStarted
from assistant.memory.database import open_database
from assistant.memory.recorder import Recorder
from tests.memory.scripted import started, turn

bus = Bus()
path = Path(sys.argv[1])
Recorder(bus.subscribe(), on_trouble=print, open_database=lambda: open_database(path, print)).start()
bus.publish(started())
for number in (1, 2, 3):
    for event in turn(number, 100.0 + number):
        bus.publish(event)
bus.publish(TurnStarted(at_s=110.0, turn_id=4, origin="voice"))
bus.publish(EngineCall(at_s=111, turn_id=4, stage="stt", engine="x", status="completed", duration_s=1, items=1))
print("published", flush=True)
sys.stdin.read()
"""


def test_a_killed_process_loses_at_most_its_open_turn(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    command = [sys.executable, "-c", KILLED, str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"published\n"
        wait_until_written(path, turns=3)
        process.kill()
    session = History(path).session("last")
    assert session.summary.fate == "killed"
    assert session.summary.ended_at is None
    assert [turn.number for turn in session.turns] == [1, 2, 3]
    record(path, started("next"), *turn(1, 101.0), ended("next"))
    assert [session.fate for session in History(path).sessions()] == ["ended", "killed"]
    assert not path.with_name("history.db-wal").exists()
    assert process.pid != os.getpid()


def wait_until_written(path: Path, turns: int) -> None:
    """Poll from outside, as another program would: what is seen here was committed."""
    found = -1
    while found < turns:
        if path.exists():
            db = sqlite3.connect(path, timeout=10)
            has_table = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'turns'").fetchone()
            found = db.execute("SELECT count(*) FROM turns").fetchone()[0] if has_table else -1
            db.close()


def test_a_turn_is_deleted_with_those_it_repeats_its_calls_and_nothing_of_another_session(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    for name in ("aaaa1", "bbbb2"):
        call = EngineCall(at_s=102.0, turn_id=2, stage="stt", engine="x", status="completed", duration_s=1.0, items=1)
        said = [
            FinalTranscript(
                at_s=105.0, turn_id=2, text="hello you", engine="x", replaces=1 if name == "aaaa1" else None
            )
        ]
        later = [FinalTranscript(at_s=115.0, turn_id=4, text="bye", engine="x", replaces=3 if name == "aaaa1" else 2)]
        turns = [*turn(1, 101.0), *said, *turn(2, 105.5), *turn(3, 110.0), *later, *turn(4, 116.0)]
        record(path, started(name), call, *turns, ended(name))
    assert Eraser(path).turn("bbbb2", 4) == ("bbbb2", (4, 2))
    other, session = (History(path).session(name) for name in ("aaaa1", "bbbb2"))
    assert ([each.number for each in other.turns], len(other.turns[1].calls)) == ([1, 2, 3, 4], 1)
    assert ([each.number for each in session.turns], session.calls) == ([1, 3], ())
    with pytest.raises(HistoryError, match="has no turn 4"):
        Eraser(path).turn("bbbb2", 4)


def test_what_is_deleted_is_in_no_log_either_while_somebody_else_has_the_file_open(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    record(path, started("aaaa1"), *turn(1, 101.0, "my secret"), ended("aaaa1"))
    with closing(connect(path)) as other:
        assert other.execute("SELECT count(*) FROM turns").fetchone() == (1,)
        Eraser(path).turn("aaaa1", 1)
        assert (tmp_path / "history.db-wal").stat().st_size == 0
    assert b"secret" not in path.read_bytes()

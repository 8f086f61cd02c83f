"""The agenda on disk: it outlives processes, is shared by them, and rings once."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from assistant.brain.agenda.board import CLAIM_S, Board
from assistant.brain.agenda.entry import Entry, Kind, When
from assistant.brain.agenda.repeat import DAILY, WEEKDAYS, Repeat, Unit
from assistant.brain.agenda.shelf import Unwritable
from assistant.brain.agenda.sturdy import SturdyShelf
from assistant.brain.memory import CannotKeep
from assistant.errors import HistoryError
from assistant.memory.agenda import AGENDA, AgendaFile, AgendaShelf
from assistant.memory.lists import AgendaLists
from assistant.memory.migrations import Schema, migrate
from tests.brain.agenda.clock import HandClock
from tests.brain.agenda.test_board import SEVEN, said


def board(path: Path, clock: HandClock, troubles: list[str] | None = None) -> Board:
    heard = troubles if troubles is not None else []

    def damaged(error: HistoryError) -> None:
        heard.append(error.message)

    return Board(SturdyShelf(AgendaShelf(AgendaFile(path, damaged)), heard.append), clock.clocks())


def test_what_was_set_is_there_after_a_restart(tmp_path: Path) -> None:
    clock = HandClock()
    first = board(tmp_path / "agenda.db", clock)
    first.add_timer(600, "pasta")
    first.add(Kind.ALARM, When(at=SEVEN, repeat=DAILY), "work")
    first.add(Kind.REMINDER, When(3600), "call Mum")
    paused = first.pause(first.add_timer(60))
    assert paused is not None
    second = board(tmp_path / "agenda.db", clock)
    assert second.entries() == first.entries()
    assert len(second.entries()) == 4


def test_what_was_due_while_off_is_told_as_missed(tmp_path: Path) -> None:
    clock = HandClock()
    board(tmp_path / "agenda.db", clock).add_timer(60, "pasta")
    clock.pass_(660)
    again = board(tmp_path / "agenda.db", clock)
    assert said(again) == ["You missed a timer for pasta, 10 minutes ago."]
    assert said(again) == []
    assert said(board(tmp_path / "agenda.db", clock)) == []


def test_two_processes_ring_once_between_them(tmp_path: Path) -> None:
    clock = HandClock()
    boards = [board(tmp_path / "agenda.db", clock) for _ in range(2)]
    for number in range(10):
        boards[number % 2].add_timer(60, str(number))
    clock.pass_(60)
    rung = [text for one in (*boards, *boards) for text in said(one)]
    assert sorted(rung) == [f"Your {number} timer is done." for number in range(10)]


def test_what_one_process_cancels_another_does_not_ring(tmp_path: Path) -> None:
    clock = HandClock()
    one, other = (board(tmp_path / "agenda.db", clock) for _ in range(2))
    timer = one.add_timer(60)
    assert [each.id for each in other.entries()] == [timer.id]
    assert other.cancel(timer.id)
    clock.pass_(60)
    assert said(one) == []


def test_what_one_process_cancels_while_it_waits_in_another_is_not_said(tmp_path: Path) -> None:
    clock = HandClock()
    one, other = (board(tmp_path / "agenda.db", clock) for _ in range(2))
    timer = one.add_timer(60)
    clock.pass_(60)
    [waiting] = one.due()
    assert other.cancel(timer.id)
    one.look()
    assert not waiting.begin()


def test_the_claim_of_a_process_that_died_runs_out(tmp_path: Path) -> None:
    clock = HandClock()
    dying, other = (board(tmp_path / "agenda.db", clock) for _ in range(2))
    dying.add_timer(60, "tea")
    clock.pass_(60)
    assert len(dying.due()) == 1  # and never said
    assert said(other) == []
    clock.pass_(CLAIM_S)
    assert said(other) == ["You missed a timer for tea, 1 minute ago."]


def test_what_is_put_off_in_another_process_rings_there(tmp_path: Path) -> None:
    clock = HandClock()
    dying, other = (board(tmp_path / "agenda.db", clock) for _ in range(2))
    dying.add_timer(60, "tea")
    clock.pass_(60)
    assert len(dying.due()) == 1  # and never said
    [timer] = other.entries()
    assert other.extend(timer, 10)
    clock.pass_(10)
    assert said(other) == ["Your tea timer is done."]


def test_the_claim_of_a_process_that_died_holds_nobody_up_when_the_clock_is_put_back(tmp_path: Path) -> None:
    clock = HandClock()
    dying, other = (board(tmp_path / "agenda.db", clock) for _ in range(2))
    dying.add_timer(60, "tea")
    clock.pass_(60)
    assert len(dying.due()) == 1
    clock.set_wall(timedelta(hours=-3))
    clock.pass_(CLAIM_S)
    assert said(other) == ["You missed a timer for tea, 1 minute ago."]


def test_a_process_that_waits_keeps_its_claim_when_the_clock_is_put_back(tmp_path: Path) -> None:
    clock = HandClock()
    waiting, other = (board(tmp_path / "agenda.db", clock) for _ in range(2))
    waiting.add_timer(60, "tea")
    clock.pass_(60)
    [announcement] = waiting.due()
    for hours in (-3, 5, -1):
        clock.set_wall(timedelta(hours=hours))
        assert waiting.due() == []
        assert said(other) == []
    assert announcement.begin()


def test_a_process_that_waits_for_the_user_keeps_its_claim(tmp_path: Path) -> None:
    clock = HandClock()
    waiting, other = (board(tmp_path / "agenda.db", clock) for _ in range(2))
    waiting.add_timer(60, "tea")
    clock.pass_(60)
    [announcement] = waiting.due()
    for _ in range(20):
        clock.pass_(CLAIM_S / 4)
        assert waiting.due() == []
        assert said(other) == []
    assert announcement.begin()


def test_without_a_disk_it_is_kept_in_memory_and_said(tmp_path: Path) -> None:
    clock, troubles = HandClock(), list[str]()
    (tmp_path / "file").write_text("in the way of a folder")
    loose = board(tmp_path / "file" / "agenda.db", clock, troubles)
    timer = loose.add_timer(60, "tea")
    assert timer.id < 0
    assert len(troubles) == 1
    paused = loose.pause(timer)
    assert paused is not None
    running = loose.resume(paused)
    assert running is not None
    clock.pass_(60)
    assert said(loose) == ["Your tea timer is done."]
    assert (said(loose), loose.entries()) == ([], ())


def test_a_damaged_file_is_moved_aside_and_said(tmp_path: Path) -> None:
    clock, troubles = HandClock(), list[str]()
    (tmp_path / "agenda.db").write_bytes(b"no database at all" * 100)
    fresh = board(tmp_path / "agenda.db", clock, troubles)
    fresh.add_timer(60)
    assert len(fresh.entries()) == 1
    assert [file.suffix for file in tmp_path.glob("agenda.damaged-*.db")] == [".db"]
    assert len(troubles) == 1
    assert "the agenda in" in troubles[0]


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    clock, troubles = HandClock(), list[str]()
    board(tmp_path / "agenda.db", clock).add_timer(60)
    with sqlite3.connect(tmp_path / "agenda.db") as db:
        db.execute("INSERT INTO migrations VALUES (99, 'future', '')")
    newer = board(tmp_path / "agenda.db", clock, troubles)
    assert newer.add_timer(30).id < 0
    assert "newer version" in troubles[0]


def test_looking_at_it_makes_no_file(tmp_path: Path) -> None:
    looking = board(tmp_path / "agenda.db", HandClock())
    assert (said(looking), looking.entries()) == ([], ())
    assert list(tmp_path.iterdir()) == []


def test_every_kind_of_entry_comes_back_as_it_was(tmp_path: Path) -> None:
    shelf, clock = AgendaShelf(AgendaFile(tmp_path / "agenda.db")), HandClock()
    entries = [
        Entry(0, Kind.TIMER, "pasta", 600, clock.clocks().deadline(600)),
        Entry(0, Kind.TIMER, None, 600, left_s=12.5),
        Entry(0, Kind.ALARM, at=SEVEN, repeat=DAILY),
        Entry(0, Kind.ALARM, at=SEVEN, repeat=Repeat(Unit.DAY, 2)),
        Entry(0, Kind.ALARM, at=SEVEN, repeat=Repeat(Unit.MONTH, 12, frozenset((31,)))),
        Entry(0, Kind.REMINDER, "ruf Käthe an \ud800", at=SEVEN),
    ]
    added = [shelf.add(entry) for entry in entries]
    assert [(each.deadline, each.at, each.repeat, each.left_s) for each in shelf.entries()] == [
        (each.deadline, each.at, each.repeat, each.left_s) for each in added
    ]


def test_what_an_older_version_wrote_still_repeats(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "agenda.db", isolation_level=None)) as db:
        migrate(db, Schema("agenda", AGENDA.migrations[:1]))
        for at, days in ((SEVEN.isoformat(), "01234"), (SEVEN.isoformat(), "")):
            db.execute("INSERT INTO entries (kind, at, days, revision) VALUES ('alarm', ?, ?, 0)", (at, days))
    entries = AgendaShelf(AgendaFile(tmp_path / "agenda.db")).entries()
    assert [(entry.at, entry.repeat) for entry in entries] == [(SEVEN, WEEKDAYS), (SEVEN, None)]


def test_lists_are_kept_and_given_back(tmp_path: Path) -> None:
    lists = AgendaLists(AgendaFile(tmp_path / "agenda.db"))
    added = lists.add("shopping", ["milk", "eggs"])
    lists.add("to do", ["pay"])
    lists.remove(added[:1])
    assert [item.text for item in lists.items("shopping")] == ["eggs"]
    lists.restore(added[:1])
    again = AgendaLists(AgendaFile(tmp_path / "agenda.db"))
    assert [item.text for item in again.items()] == ["milk", "eggs", "pay"]
    assert again.names() == ("shopping", "to do")


def test_too_much_at_once_is_refused_whole_and_the_next_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.memory.lists.MAX_ITEMS", 3)
    lists = AgendaLists(AgendaFile(tmp_path / "agenda.db"))
    lists.add("shopping", ["milk", "eggs"])
    with pytest.raises(CannotKeep, match="too much"):
        lists.add("shopping", ["bread", "salt"])
    again = AgendaLists(AgendaFile(tmp_path / "agenda.db"))
    again.add("shopping", ["bread"])
    assert [item.text for item in again.items()] == ["milk", "eggs", "bread"]


def test_a_file_that_was_deleted_is_begun_anew(tmp_path: Path) -> None:
    lists = AgendaLists(AgendaFile(tmp_path / "agenda.db"))
    lists.add("shopping", ["milk"])
    for file in tmp_path.iterdir():
        file.unlink()
    lists.add("shopping", ["eggs"])
    assert [item.text for item in AgendaLists(AgendaFile(tmp_path / "agenda.db")).items()] == ["eggs"]


@pytest.mark.parametrize(("code", "tries"), [(sqlite3.SQLITE_BUSY, 1), (sqlite3.SQLITE_IOERR, 2)])
def test_a_file_that_somebody_else_writes_to_is_not_waited_for_twice(tmp_path: Path, code: int, tries: int) -> None:
    tried = []

    def work(_: sqlite3.Connection) -> None:
        error = sqlite3.OperationalError("no")
        error.sqlite_errorcode = code
        tried.append(code)
        raise error

    with pytest.raises(Unwritable):
        AgendaFile(tmp_path / "agenda.db").use(work)
    assert len(tried) == tries

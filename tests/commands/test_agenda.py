"""``assistant agenda``, and a timer that outlives the process that set it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.brain.agenda.board import Board
from assistant.brain.agenda.entry import Kind, When
from assistant.cli import app
from assistant.memory.agenda import AgendaFile, AgendaShelf
from assistant.memory.lists import AgendaLists
from tests.test_conversation import spoken

ROOT = Path(__file__).parents[2]


@pytest.fixture
def board() -> Board:
    return Board(AgendaShelf(AgendaFile()))


def run(*arguments: str) -> str:
    ran = CliRunner().invoke(app, ["agenda", *arguments])
    assert ran.exit_code == 0, ran.output
    return ran.stdout


def test_what_is_set_is_listed_and_cancelled(board: Board) -> None:
    pasta = board.add_timer(600, "pasta")
    mum = board.add(Kind.REMINDER, When(3600), "call Mum")
    assert "pasta" in run()
    assert [(row["kind"], row["name"]) for row in json.loads(run("--json"))] == [
        ("timer", "pasta"),
        ("reminder", "call Mum"),
    ]
    run("cancel", str(pasta.id))
    assert [entry.id for entry in board.entries()] == [mum.id]


def test_lists_are_shown_and_everything_is_exported(board: Board) -> None:
    board.add_timer(600, "pasta")
    AgendaLists(AgendaFile()).add("shopping", ["Käse"])
    assert [row["text"] for row in json.loads(run("lists", "--json"))] == ["Käse"]
    assert [json.loads(line)["kind"] for line in run("export").splitlines()] == ["timer", "item"]


def test_what_is_not_there_cannot_be_cancelled() -> None:
    assert CliRunner().invoke(app, ["agenda", "cancel", "7"]).exit_code != 0


TALK = ["talk", "--headless", "--no-history", "--tts", "none", "--llm", "none"]


def talk(folder: Path, *options: str) -> "subprocess.Popen[str]":
    homes = {f"XDG_{name}_HOME": str(folder / name) for name in ("DATA", "CONFIG", "CACHE", "STATE")}
    return subprocess.Popen(
        [sys.executable, "-m", "assistant", *TALK, *options],
        cwd=ROOT,
        env={**os.environ, **homes},
        stdout=subprocess.PIPE,
        text=True,
    )


def until(process: "subprocess.Popen[str]", event: str) -> dict[str, object]:
    """The next event of that name."""
    assert process.stdout is not None
    for line in process.stdout:
        told = json.loads(line)
        if told["event"] == event:
            return dict(told)
    raise AssertionError(f"it ended without {event}")


def test_a_timer_set_by_voice_rings_after_a_kill_and_a_restart(tmp_path: Path) -> None:
    question = spoken(tmp_path / "q.wav", "set a timer for two seconds", pause_s=30)
    first = talk(tmp_path, "--input", str(question))
    try:
        assert until(first, "turn_ended")["reply"] == "Okay, 2 seconds."
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()
    second = talk(tmp_path, "--stt", "none")
    try:
        rung = until(second, "timer_fired")
    finally:
        second.kill()
        second.wait()
    assert rung["text"] in {"Your 2 second timer is done."} | {
        f"You missed a 2 second timer, {ago}." for ago in ("just now", *(f"{n} seconds ago" for n in range(30, 60)))
    }

"""A conversation with the real engines that is recorded: what is on disk, what is said of it, how it is taken away."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from assistant.app import TalkOptions, build
from assistant.audio.soundfiles import load_sound
from assistant.cli import app
from assistant.config import Settings
from assistant.events import Event, Notice, RecordingChanged
from assistant.recording.folder import MICROPHONE, REPLY, read_about, recorded
from tests.test_conversation import SAMPLE, heard_in, spoken

RECORDED = Settings.model_validate({"history": {"record": True}})


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


def record(question: Path, answer: Path, settings: Settings = RECORDED) -> list[Event]:
    assistant = build(settings, TalkOptions(input_path=question, output_path=answer, fast=True, records=True))
    mailbox = assistant.bus.subscribe(100_000)
    with assistant:
        assert assistant.wait(120)
    assert assistant.stop("again")
    return list(mailbox)


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == code, result.output
    return result.output


def test_a_conversation_is_recorded_to_the_sample_and_can_be_deleted(tmp_path: Path) -> None:
    events = record(SAMPLE, tmp_path / "answer.wav")
    [folder] = recorded()
    [said] = [event for event in events if isinstance(event, RecordingChanged)]
    assert (said.recording, said.folder) == (True, str(folder))
    question = load_sound(SAMPLE)
    microphone = soundfile.read(folder / MICROPHONE, dtype="float32")[0]
    assert (microphone[: len(question)] == question).all()
    assert not microphone[len(question) :].any()
    reply, rate_hz = soundfile.read(folder / REPLY, dtype="float32")
    assert len(reply) / rate_hz == len(microphone) / 16_000
    played = soundfile.read(tmp_path / "answer.wav", dtype="float32")[0]
    begin = int(np.flatnonzero(reply)[0])
    first = int(np.flatnonzero(played)[0])
    length = int(np.flatnonzero(played)[-1]) - first
    assert np.abs(reply[begin : begin + length] - played[first : first + length]).max() < 1e-4
    assert heard_in(folder / REPLY) == "twelve times twelve is one hundred forty four"
    assert "home" not in json.dumps(dict(read_about(folder).settings))
    run("history", "delete", "last", "--yes")
    assert recorded() == []


def test_deleting_a_turn_silences_it(tmp_path: Path) -> None:
    record(SAMPLE, tmp_path / "answer.wav")
    [folder] = recorded()
    run("history", "delete", "last", "--turn", "1", "--yes")
    assert not soundfile.read(folder / REPLY)[0].any()
    assert "twelve" not in "".join(each.read_text() for each in folder.glob("*.json*"))


def test_what_keeps_nothing_records_nothing_and_says_so(tmp_path: Path) -> None:
    unkept = Settings.model_validate({"history": {"record": True, "enabled": False}})
    events = record(SAMPLE, tmp_path / "answer.wav", unkept)
    assert recorded() == []
    assert "nothing is recorded" in next(event.message for event in events if isinstance(event, Notice))
    assert "contradict" in run("talk", "--record", "--no-history", code=4)


def test_nothing_is_recorded_unless_it_is_asked_for(tmp_path: Path) -> None:
    record(SAMPLE, tmp_path / "answer.wav", Settings())
    assert recorded() == []


def test_a_place_that_cannot_be_written_is_said_and_the_conversation_goes_on(home: Path, tmp_path: Path) -> None:
    (home / "data" / "assistant").mkdir(parents=True)
    (home / "data" / "assistant" / "recordings").write_text("in the way")
    events = record(SAMPLE, tmp_path / "answer.wav")
    [notice] = [event for event in events if isinstance(event, Notice)]
    assert notice.code == "recording"
    assert "goes on" in notice.hint
    assert (tmp_path / "answer.wav").exists()


# Replay


def replay(*arguments: str, code: int = 0) -> dict:
    return json.loads(run("replay", *arguments, "--json", code=code))


def test_a_recorded_conversation_repeats_itself(tmp_path: Path) -> None:
    question = spoken(
        tmp_path / "q.wav", "what is seven times six", "flip a coin", "set a timer for ten minutes", "how long is left"
    )
    record(question, tmp_path / "a.wav")
    told = replay("last")
    assert told["differing"] == 0
    assert told["stand_ins"] == []
    assert [turn["now"]["transcript"] for turn in told["turns"]] == [
        "what is seven times six",
        "flip a coin",
        "set a timer for ten minutes",
        "how long is left",
    ]
    assert {ratio for turn in told["turns"] for ratio in turn["ratios"].values()} == {1.0}

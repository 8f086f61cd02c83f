"""A conversation with the real engines that is recorded: what is on disk, what is said of it, how it is taken away."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from assistant.app import build
from assistant.audio.soundfiles import load_sound
from assistant.cli import app
from assistant.config import Settings
from assistant.events import Event, Notice, RecordingChanged, TurnEnded
from assistant.options import TalkOptions
from assistant.recording.folder import ABOUT, EVENTS, MICROPHONE, REPLY, read_about, recorded
from tests.test_conversation import SAMPLE, heard_in, spoken

RECORDED = Settings.model_validate({"history": {"record": True}})
FAKES = {stage: {"engine": "fake"} for stage in ("stt", "llm", "tts")}
"""What is recorded does not depend on who listens."""


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


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder behind a recorded conversation of one question."""
    place = tmp_path_factory.mktemp("sample")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(place / "data"))
        patch.setenv("XDG_CONFIG_HOME", str(place / "config"))
        record(SAMPLE, place / "answer.wav")
    return place / "data"


@pytest.fixture
def folder(sample: Path, home: Path) -> Path:
    """A copy of that recording, in this test's own home."""
    shutil.copytree(sample, home / "data")
    return recorded()[0]


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


def test_deleting_a_turn_silences_it(folder: Path) -> None:
    run("history", "delete", "last", "--turn", "1", "--yes")
    assert not soundfile.read(folder / REPLY)[0].any()
    assert "twelve" not in "".join(each.read_text() for each in folder.glob("*.json*"))


def test_what_keeps_nothing_records_nothing_and_says_so(tmp_path: Path) -> None:
    unkept = Settings.model_validate({"history": {"record": True, "enabled": False}, **FAKES})
    events = record(SAMPLE, tmp_path / "answer.wav", unkept)
    assert recorded() == []
    assert "nothing is recorded" in next(event.message for event in events if isinstance(event, Notice))
    assert "contradict" in run("talk", "--record", "--no-history", code=4)


def test_nothing_is_recorded_unless_it_is_asked_for(tmp_path: Path) -> None:
    record(SAMPLE, tmp_path / "answer.wav", Settings.model_validate(FAKES))
    assert recorded() == []


def test_a_place_that_cannot_be_written_is_said_and_the_conversation_goes_on(home: Path, tmp_path: Path) -> None:
    (home / "data" / "assistant").mkdir(parents=True)
    (home / "data" / "assistant" / "recordings").write_text("in the way")
    events = record(SAMPLE, tmp_path / "answer.wav", Settings.model_validate({"history": {"record": True}, **FAKES}))
    [notice] = [event for event in events if isinstance(event, Notice)]
    assert notice.code == "recording"
    assert "goes on" in notice.hint
    assert (tmp_path / "answer.wav").exists()


# Replay


def replay(*arguments: str, code: int = 0) -> dict:
    return json.loads(run("replay", *arguments, "--json", code=code))


def test_a_recorded_conversation_repeats_itself(tmp_path: Path) -> None:
    question = spoken(tmp_path / "q.wav", "flip a coin", "set a timer for ten minutes", "how long is left")
    record(question, tmp_path / "a.wav")
    told = replay("last")
    assert told["differing"] == 0
    assert told["stand_ins"] == []
    assert [turn["now"]["transcript"] for turn in told["turns"]] == [
        "flip a coin",
        "set a timer for ten minutes",
        "how long is left",
    ]
    assert {ratio for turn in told["turns"] for ratio in turn["ratios"].values()} == {1.0}


def test_what_has_become_different_is_shown_and_nothing_else(tmp_path: Path) -> None:
    """The recording is made to tell of another answer to its second question."""
    question = spoken(tmp_path / "q.wav", "what is seven times six", "what is two plus two")
    record(question, tmp_path / "a.wav")
    events = recorded()[0] / EVENTS
    events.write_text(events.read_text().replace("2 plus 2 is 4.", "2 plus 2 is 5."))
    told = replay("last", code=1)
    assert [turn["differences"] for turn in told["turns"]] == [[], ["reply"]]
    shown = run("replay", "1", code=1)
    assert "- reply: '2 plus 2 is 5.'\n  + reply: '2 plus 2 is 4.'" in shown
    assert "2 turns, 1 of them different" in shown


def test_a_bundle_says_what_is_in_it_and_can_be_replayed_by_somebody_else(folder: Path, tmp_path: Path) -> None:
    told = run("replay", "last", "--bundle", str(tmp_path / "bug.tar"))
    assert "microphone.flac" in told
    assert "contains the voice" in told
    run("history", "delete", "all", "--yes")
    assert not folder.exists()
    assert replay(str(tmp_path / "bug.tar"))["differing"] == 0


def test_engines_that_stand_in_are_named(folder: Path) -> None:
    events = folder / EVENTS
    events.write_text(events.read_text().replace('"engine": "espeak-ng', '"engine": "piper en_GB-alba'))
    shown = run("replay", "last")
    assert "tts: espeak-ng" in shown
    assert "stands in for piper en_GB-alba" in shown


def test_what_was_typed_is_typed_again_by_the_clock_of_then() -> None:
    settings = Settings.model_validate({"history": {"record": True}, "tts": {"engine": "none"}})
    assistant = build(settings, TalkOptions(listen=False, speak=False, records=True))
    mailbox = assistant.bus.subscribe(100_000)
    with assistant:
        for words in ("this is private", "my pin is twelve", "you can remember again", "what time is it"):
            assistant.session.submit_text(words)
            assert next(event for event in mailbox if isinstance(event, TurnEnded)).outcome == "answered"
    [folder] = recorded()
    about = folder / ABOUT
    assert "pin" not in (folder / EVENTS).read_text()
    then = datetime(2001, 2, 3, 4, 5, tzinfo=UTC).astimezone()
    about.write_text(about.read_text().replace(str(read_about(folder).started_at.year), "2001"))
    text = json.loads(about.read_text()) | {"started_at": then.isoformat()}
    about.write_text(json.dumps(text))
    [turn] = replay(str(folder), code=1)["turns"]
    assert turn["differences"] == ["reply"]
    assert turn["now"]["transcript"] == "what time is it"
    assert f"{then:%M}" in turn["now"]["reply"]


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (lambda folder: (folder / MICROPHONE).unlink(), 14),
        (lambda folder: (folder / EVENTS).unlink(), 33),
        (lambda folder: (folder / ABOUT).unlink(), 33),
        (lambda folder: (folder / EVENTS).write_text(""), 33),
        (lambda folder: (folder / MICROPHONE).write_bytes((folder / MICROPHONE).read_bytes()[:4000]), 14),
        (lambda folder: (folder / MICROPHONE).write_bytes((folder / REPLY).read_bytes()), 33),
        (lambda folder: soundfile.write(folder / MICROPHONE, np.zeros(16_000), 16_000, format="WAV"), 33),
    ],
)
def test_what_is_damaged_is_refused(folder: Path, broken: Callable[[Path], object], code: int) -> None:
    broken(folder)
    told = run("replay", str(folder), code=code)
    assert told.count("\n") == 1
    assert told.startswith("error:")


def test_what_is_not_there_is_said(folder: Path, tmp_path: Path) -> None:
    assert "no session" in run("replay", "7", code=30)
    shutil.rmtree(folder)
    assert "was not recorded" in run("replay", "1", code=33)
    assert "is no recording" in run("replay", str(tmp_path), code=33)
    assert "is no recording" in run("replay", str(SAMPLE), code=33)

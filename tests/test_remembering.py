"""Whole conversations, typed, over one history: what one of them keeps, the next one knows."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from assistant.app import Assistant, build
from assistant.commands.asking import follow
from assistant.config import EmbedSettings, Settings
from assistant.errors import HistoryError
from assistant.events import Notice, PrivacyChanged, SessionStarted
from assistant.memory.meaning import index_all
from assistant.models import fakes, registry
from assistant.options import TalkOptions
from assistant.session.turn import CancelToken

E = TypeVar("E")
SETTINGS = Settings.model_validate({"llm": {"engine": "fake"}})
UNKEPT = Settings.model_validate({"llm": {"engine": "fake"}, "history": {"enabled": False}})


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "history.db"
    for module in ("database", "history"):
        monkeypatch.setattr(f"assistant.memory.{module}.default_path", lambda: path)
    monkeypatch.setattr(registry, "make_vad", fakes.EnergyVad)
    return path


class Talk:
    """A conversation that is typed, its events from the start."""

    def __init__(self, settings: Settings = SETTINGS, resume: str | None = None) -> None:
        self.assistant: Assistant = build(settings, TalkOptions(listen=False, speak=False, resume=resume))
        self.all = self.assistant.bus.subscribe()
        self._turns = self.assistant.bus.subscribe()

    def __enter__(self) -> "Talk":
        self.assistant.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.assistant.stop("done")

    def say(self, text: str) -> str:
        self.assistant.session.submit_text(text)
        ended = follow(self._turns, lambda _: None, lambda _: None)
        assert ended is not None
        return ended.reply.strip()


def said(path: Path) -> Iterator[str]:
    if path.exists():
        db = sqlite3.connect(path)
        yield from (row[0] for row in db.execute("SELECT transcript FROM turns ORDER BY id").fetchall())
        db.close()


def test_a_fact_and_a_past_turn_stand_beside_the_newest_words_of_another_conversation() -> None:
    with Talk() as talk:
        talk.say("Remember that my sister is called Anna")
        talk.say("our sister ship is the Mary")
    with Talk() as talk:
        answer = talk.say("tell a story with sister")
    assert "The user asked you to remember: my sister is called Anna." in answer
    assert "the user said “our sister ship is the Mary”" in answer


def test_what_means_nearly_the_same_is_told_though_it_shares_no_word(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.memory.meaning.PATIENCE_S", 10.0)
    with Talk() as talk:
        for text in ("what is 2 plus 2", "what day is it", "my canarybird died", "what is 3 plus 3", "what time is it"):
            talk.say(text)
    index_all(path, fakes.FakeEmbedder(), CancelToken())
    with Talk() as talk:
        assert "my canarybird died" not in talk.say("any canary news")
    with Talk(SETTINGS.model_copy(update={"embed": EmbedSettings(engine="fake")})) as talk:
        meaning = talk.assistant._meaning
        assert meaning is not None
        with meaning._answered:
            assert meaning._answered.wait_for(lambda: meaning._engine is not None, 10)
        assert "my canarybird died" in talk.say("any canary news")
    assert meaning.join(10)


def test_the_next_session_goes_on_where_the_last_ended() -> None:
    with Talk() as talk:
        talk.say("what is 2 plus 2")
    with Talk(resume="last") as talk:
        assert talk.say("repeat that") == "2 plus 2 is 4."
        assert [event.resumes is not None for event in talk_events(talk, SessionStarted)] == [True]
    with Talk(resume="2") as talk:
        talk.say("what is 3 plus 3")
        assert talk.say("repeat that") == "3 plus 3 is 6."
    with Talk(resume="3") as talk:
        request = talk.assistant.session._history.exchanges
        assert [exchange.user for exchange in request] == [
            *("what is 2 plus 2", "repeat that", "what is 3 plus 3", "repeat that")
        ]


def test_a_session_that_is_not_there_cannot_be_gone_on_with() -> None:
    with pytest.raises(HistoryError, match="no session last"):
        Talk(resume="last")


def test_nothing_private_is_kept_and_the_screen_is_told(path: Path) -> None:
    with Talk() as talk:
        talk.say("what is 2 plus 2")
        talk.say("this is private")
        talk.say("my secret is a kumquat")
        talk.say("you can remember again")
        talk.say("what is 3 plus 3")
        assert [event.private for event in talk_events(talk, PrivacyChanged)] == [True, False]
    assert list(said(path)) == ["what is 2 plus 2", "what is 3 plus 3"]
    assert b"kumquat" not in path.read_bytes()


def test_what_was_just_said_leaves_the_disk_and_the_conversation(path: Path) -> None:
    with Talk() as talk:
        talk.say("what is 2 plus 2")
        talk.say("my secret is a kumquat")
        assert talk.say("delete what I just said").startswith("It's deleted")
        assert [exchange.user for exchange in talk.assistant.session._history.exchanges] == [
            *("what is 2 plus 2", "delete what I just said")
        ]
    assert list(said(path)) == ["what is 2 plus 2", "delete what I just said"]
    assert b"kumquat" not in path.read_bytes()
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_without_a_history_nothing_is_written(path: Path) -> None:
    with Talk(UNKEPT) as talk:
        talk.say("what is 2 plus 2")
        assert "nothing of this conversation is kept" in talk.say("remember that I like tea")
        assert [(event.private, event.for_good) for event in talk_events(talk, PrivacyChanged)] == [(True, True)]
    assert not path.exists()


def test_a_damaged_file_is_moved_aside_and_the_conversation_is_kept_in_a_new_one(path: Path) -> None:
    path.write_bytes(b"garbage" * 1000)
    with Talk() as talk:
        talk.say("what is 2 plus 2")
    assert list(said(path)) == ["what is 2 plus 2"]
    assert len(list(path.parent.glob("history.damaged-*.db"))) == 1
    assert any("it was kept as history.damaged-" in event.message for event in talk_events(talk, Notice))


def test_with_a_file_of_a_newer_version_the_conversation_goes_on_unrecorded(path: Path) -> None:
    with Talk() as talk:
        talk.say("what is 2 plus 2")
    db = sqlite3.connect(path)
    db.execute("INSERT INTO migrations VALUES (99, 'future', '2030')")
    db.commit()
    db.close()
    before = path.read_bytes()
    with Talk() as talk:
        assert talk.say("what is 3 plus 3") == "3 plus 3 is 6."
        assert "newer version" in talk.say("remember that I like tea")
    assert path.read_bytes() == before
    assert [event.hint.partition(".")[0] for event in talk_events(talk, Notice)] == [
        "This conversation is not recorded"
    ]


def talk_events(talk: Talk, kind: type[E]) -> list[E]:
    found = []
    while (event := talk.all.get(timeout_s=0)) is not None:
        if isinstance(event, kind):
            found.append(event)
    return found

"""A typed question from start to stop, on a scripted conversation."""

from dataclasses import replace

from assistant.bus import Bus
from assistant.commands.asking import ask
from assistant.events import Event, Levels, Notice, ReplyClause, SessionEnded, TurnEnded

ENDED = TurnEnded(
    at_s=1, turn_id=1, origin="text", outcome="answered", transcript="q", reply="a b", heard="", states=()
)
NOTICE = Notice(at_s=0, level="info", code="x", stage="llm", message="m", hint="h")
CLAUSES = [ReplyClause(at_s=0, turn_id=1, index=index, text=text) for index, text in enumerate(["a ", "b"])]


class Scripted:
    def __init__(self, *script: Event) -> None:
        self.bus = Bus()
        self.session = self
        self.script = script
        self.calls: list[str] = []

    def start(self) -> None:
        self.calls.append("start")

    def submit_text(self, text: str) -> None:
        self.calls.append(text)
        for event in self.script:
            self.bus.publish(event)

    def stop(self, reason: str) -> None:
        self.calls.append(reason)


def test_clauses_and_notices_are_passed_on_until_the_turn_ends() -> None:
    shown: list[str] = []
    told: list[Notice] = []
    conversation = Scripted(
        NOTICE, CLAUSES[0], Levels(at_s=0, microphone_dbfs=0, speaker_dbfs=0), CLAUSES[1], ENDED, CLAUSES[0]
    )
    assert ask(conversation, "q", shown.append, told.append) == ENDED
    assert (shown, told) == (["a ", "b"], [NOTICE])
    assert conversation.calls == ["start", "q", "answered"]


def test_an_announcement_is_shown_and_is_not_the_answer() -> None:
    shown: list[str] = []
    rung = ReplyClause(at_s=0, turn_id=2, index=0, text="Your tea timer is done.")
    conversation = Scripted(rung, replace(ENDED, turn_id=2, origin="timer"), *CLAUSES, ENDED)
    assert ask(conversation, "q", shown.append, lambda _: None) == ENDED
    assert shown == ["Your tea timer is done.", "\n", "a ", "b"]


def test_a_session_that_ends_without_the_turn_gives_none() -> None:
    conversation = Scripted(SessionEnded(at_s=0, session_id="s", reason="bug"))
    assert ask(conversation, "q", lambda _: None, lambda _: None) is None
    assert conversation.calls[-1] == "answered"

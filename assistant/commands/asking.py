"""One typed question, its answer shown as it comes."""

from collections.abc import Callable, Iterator
from typing import Protocol

from assistant.bus import Bus, Mailbox
from assistant.events import Event, Notice, ReplyClause, SessionEnded, TurnEnded


class Controls(Protocol):
    def submit_text(self, text: str) -> object: ...


class Conversation(Protocol):
    @property
    def bus(self) -> Bus: ...
    @property
    def session(self) -> Controls: ...
    def start(self) -> None: ...
    def stop(self, reason: str) -> object: ...


Show = Callable[[str], object]
Tell = Callable[[Notice], object]


def ask(conversation: Conversation, text: str, show: Show, tell: Tell) -> TurnEnded | None:
    """Submit ``text`` and give the answer to ``show``, clause by clause, and each notice to ``tell``.

    Starts the conversation and stops it. Returns how the turn ended; None if the session ended without it.
    """
    mailbox = conversation.bus.subscribe()
    try:
        conversation.start()
        conversation.session.submit_text(text)
        return follow(mailbox, show, tell)
    finally:
        conversation.stop("answered")


def follow(mailbox: Mailbox, show: Show, tell: Tell) -> TurnEnded | None:
    """The same for a turn that has been begun."""
    for event in _until_the_end(mailbox):
        match event:
            case ReplyClause():
                show(event.text)
            case Notice():
                tell(event)
            case TurnEnded() if event.origin == "timer":
                show("\n")  # an announcement came first
            case TurnEnded():
                return event
    return None


def _until_the_end(mailbox: Mailbox) -> Iterator[Event]:
    for event in mailbox:
        yield event
        if isinstance(event, SessionEnded):
            return

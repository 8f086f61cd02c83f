import random
from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from assistant.brain.agenda.board import Board
from assistant.brain.agenda.clocks import Clocks
from assistant.brain.brain import AssistantBrain
from assistant.brain.protocols import Exchange, Request
from assistant.brain.skill import Context
from assistant.session.turn import CancelToken


class Clock:
    """Monotonic seconds and the wall clock, moved by hand."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.wall = datetime(2026, 11, 20, 15, 20, tzinfo=ZoneInfo("Europe/London"))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def context(clock: Clock) -> Context:
    return Context(
        now=lambda: clock.wall,
        rng=random.Random(7),
        agenda=Board(clocks=Clocks(lambda: clock.wall, lambda: clock.now_s, "test")),
        name="Computer",
    )


Ask = Callable[..., str]


@pytest.fixture
def brain(context: Context) -> AssistantBrain:
    return AssistantBrain(context)


@pytest.fixture
def ask(brain: AssistantBrain) -> Ask:
    """Ask a brain without a language model; turns count up from 1."""
    turns = iter(range(1, 1000))

    def asked(text: str, history: Sequence[Exchange] = (), replaces: int | None = None) -> str:
        return "".join(brain.respond(Request(next(turns), text, history, replaces), CancelToken()))

    return asked

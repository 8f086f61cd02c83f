"""What the screen looks like. After a change that is meant: ``pytest tests/tui --snapshot-update``, and look at it."""

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from assistant.events import Event
from assistant.tui.app import TalkApp
from assistant.tui.theme import LIGHT
from tests.tui.fakes import (
    DAMAGED,
    DEAF_SESSION,
    DOWNLOADING,
    LOADING,
    NO_MICROPHONE,
    OFFERED,
    READY,
    SESSION,
    FakeAssistant,
    began,
    clause,
    ear,
    ended,
    entered,
    final,
    front_end,
    levels,
    on_screen,
    partial,
    reply_started,
    show,
    turn,
)

Compare = Callable[..., bool]
BREAD = (
    "Sourdough is raised by wild yeast and lactic bacteria, which live in a starter of flour and water. "
    "You feed it every day, and after a week it is strong enough to lift a loaf."
)
BREAD_HEARD = "Sourdough is raised by wild yeast and lactic bacteria, which live"

TALKED = (SESSION, *READY, *turn(1, "what time is it", "It is ten past four."))
INTERRUPTED = (
    *began(2),
    final(2, "tell me about sourdough bread"),
    clause(2, 0, BREAD),
    ended(2, "tell me about sourdough bread", BREAD, outcome="interrupted", heard=BREAD_HEARD),
)
LISTENING = (*began(3), entered(3, "idle", "listening"), partial(3, "what is twelve times"), levels())
SPEAKING = (
    *began(4, "text"),
    entered(4, "idle", "committed"),
    final(4, "set a timer for five minutes"),
    clause(4, 0, "I have set "),
    clause(4, 1, "a timer for five minutes."),
    entered(4, "committed", "speaking"),
    reply_started(4),
    levels(-50.0, -6.0),
)
SCREENS: dict[str, tuple[tuple[int, int], tuple[Event, ...]]] = {
    "loading": ((80, 24), LOADING),
    "loading-wide": ((120, 40), LOADING),
    "listening": ((80, 24), (*TALKED, *LISTENING)),
    "speaking": ((80, 24), (*TALKED, *SPEAKING)),
    "interrupted": ((80, 24), (*TALKED, *INTERRUPTED)),
    "error": ((80, 24), (*TALKED, DAMAGED)),
    "no-microphone": ((80, 24), (NO_MICROPHONE, DEAF_SESSION, *READY)),
    "wide": ((120, 40), (*TALKED, *INTERRUPTED, *LISTENING)),
    "short-and-wide": ((100, 24), (*TALKED, *INTERRUPTED, *LISTENING)),
    "offered": ((80, 24), (*TALKED, OFFERED)),
    "downloading": ((80, 24), (*TALKED, DOWNLOADING)),
    "waiting-for-the-wake-word": ((80, 24), (ear("wake", is_open=False), *TALKED)),
    "push-to-talk-held": ((80, 24), (ear("push", is_open=True), *TALKED, *LISTENING)),
    "headset": ((80, 24), (ear("open", is_open=True), *TALKED, front_end("headset"), *LISTENING)),
    "quiet-microphone": (
        (80, 24),
        (ear("wake", is_open=True), *TALKED, front_end(noise=True, gain_db=12), *LISTENING),
    ),
    "small": ((44, 13), (*TALKED, *INTERRUPTED, *LISTENING)),
    "tiny": ((30, 7), (*TALKED, *LISTENING, NO_MICROPHONE)),
}


def screen() -> TalkApp:
    return TalkApp(FakeAssistant(), clock=lambda: 0.0)


@pytest.mark.parametrize("name", SCREENS)
def test_screen(snap_compare: Compare, name: str) -> None:
    size, events = SCREENS[name]

    async def before(pilot: Pilot[None]) -> None:
        await show(pilot, *events)

    assert snap_compare(screen(), terminal_size=size, run_before=before)


def test_light_terminal(snap_compare: Compare) -> None:
    async def before(pilot: Pilot[None]) -> None:
        pilot.app.theme = LIGHT.name
        await show(pilot, *TALKED, *INTERRUPTED, *LISTENING, DAMAGED)

    assert snap_compare(screen(), terminal_size=(80, 24), run_before=before)


def test_no_colour(snap_compare: Compare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def before(pilot: Pilot[None]) -> None:
        await show(pilot, *TALKED, *INTERRUPTED, *LISTENING)

    assert snap_compare(screen(), terminal_size=(80, 24), run_before=before)


def test_help(snap_compare: Compare) -> None:
    async def before(pilot: Pilot[None]) -> None:
        await show(pilot, *TALKED)

    assert snap_compare(screen(), terminal_size=(80, 26), run_before=before, press=["f1"])


def test_growing_and_shrinking_again() -> None:
    """A screen that was resized looks like one that began with its size."""
    pictures: list[str] = []

    async def picture(pilot: Pilot[None], *sizes: tuple[int, int]) -> None:
        await show(pilot, *TALKED, *LISTENING)
        for size in sizes:
            await pilot.resize_terminal(*size)
        pictures.append(pilot.app.export_screenshot())

    on_screen(picture)
    on_screen(lambda pilot: picture(pilot, (30, 7), (120, 40), (80, 24)))

    assert pictures[0] == pictures[1]

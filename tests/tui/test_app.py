"""Keys, the start and the end."""

import asyncio
import threading

import pytest
from textual.events import Paste
from textual.pilot import Pilot

from assistant.errors import DeviceRefused
from assistant.session.controls import Push
from assistant.tui.app import TalkApp
from assistant.tui.help import HelpScreen
from assistant.tui.panels.prompt import Prompt
from assistant.tui.theme import DARK, LIGHT
from tests.tui.fakes import (
    SESSION,
    SESSION_ENDED,
    FakeAssistant,
    WatchedApp,
    ear,
    levels,
    on_screen,
    partial,
    settle,
    show,
    turn,
)


def pressing(*keys: str) -> FakeAssistant:
    assistant = FakeAssistant()

    async def act(pilot: Pilot[None]) -> None:
        await pilot.press(*keys)
        await settle(pilot)

    on_screen(act, app=TalkApp(assistant))
    return assistant


def test_a_typed_line_goes_to_the_session() -> None:
    assert pressing("h", "i", "space", "y", "o", "enter").asked == [("text", "hi yo")]


def test_blank_lines_are_kept_back() -> None:
    assert pressing("enter", "space", "enter").asked == []


def test_space_is_the_key_to_be_held_where_there_is_one() -> None:
    assistant = FakeAssistant()

    async def act(pilot: Pilot[None]) -> None:
        await show(pilot, ear("push", is_open=False))
        await pilot.press("space")
        assert pilot.app.query_one(Prompt).value == ""
        await pilot.press("h", "i", "space", "enter")

    on_screen(act, app=TalkApp(assistant))
    assert assistant.asked == [("push", Push.START), ("text", "hi")]


def test_space_is_a_space_in_the_other_modes() -> None:
    assistant = FakeAssistant()

    async def act(pilot: Pilot[None]) -> None:
        await show(pilot, ear("wake", is_open=False))
        await pilot.press("space")
        assert pilot.app.query_one(Prompt).value == " "

    on_screen(act, app=TalkApp(assistant))
    assert assistant.asked == []


def test_escape_stops_the_talking_while_a_line_is_being_typed() -> None:
    assert pressing("h", "escape").asked == [("interrupt", None)]


def test_ctrl_d_asks_for_the_models_that_were_offered() -> None:
    assert pressing("ctrl+d").asked == [("upgrade", None)]


@pytest.mark.parametrize("key", ["ctrl+t", "f2"])
def test_mute_goes_on_and_off(key: str) -> None:
    assistant = FakeAssistant()
    app = WatchedApp(assistant)

    async def act(pilot: Pilot[None]) -> None:
        for muted in (True, False):
            await pilot.press(key)
            assert assistant.asked[-1] == ("muted", muted)
            while not app.shown or getattr(app.shown[-1], "muted", None) is not muted:
                await asyncio.sleep(0)

    on_screen(act, app=app)


@pytest.mark.parametrize("keys", [("ctrl+q",), ("ctrl+c",), ("h", "ctrl+c"), ("f1", "ctrl+c"), ("ctrl+c", "ctrl+c")])
def test_quitting_stops_the_session_once(keys: tuple[str, ...]) -> None:
    assert pressing(*keys).asked == [("stop", "quit")]


def test_the_end_of_the_session_ends_the_screen_and_stops_nothing_again() -> None:
    assistant = FakeAssistant()
    app = WatchedApp(assistant, last=SESSION_ENDED)

    async def act(pilot: Pilot[None]) -> None:
        assistant.bus.publish(SESSION_ENDED)
        await app.shown_all.wait()

    on_screen(act, app=app)

    assert (app.reason, assistant.asked) == ("goodbye", [])


@pytest.mark.parametrize("leave", [("escape",), ("ctrl+g",), ("f1",)])
def test_help_opens_and_closes_and_does_not_stop_the_talking(leave: tuple[str, ...]) -> None:
    assistant = FakeAssistant()

    async def act(pilot: Pilot[None]) -> None:
        await pilot.press("f1")
        assert isinstance(pilot.app.screen, HelpScreen)
        await pilot.press(*leave)
        assert not isinstance(pilot.app.screen, HelpScreen)

    on_screen(act, app=TalkApp(assistant))

    assert assistant.asked == []


def test_events_are_shown_behind_the_help() -> None:
    async def act(pilot: Pilot[None]) -> None:
        await pilot.press("f1")
        await show(pilot, *turn(1, "what time is it", "It is ten."))
        await pilot.press("escape")
        assert not pilot.app.query_one("#welcome").display

    on_screen(act)


def test_the_palette_changes() -> None:
    async def act(pilot: Pilot[None]) -> None:
        assert pilot.app.theme == DARK.name
        await pilot.press("f3")
        assert pilot.app.theme == LIGHT.name

    on_screen(act)


def test_lines_typed_before_come_back() -> None:
    async def act(pilot: Pilot[None]) -> None:
        prompt = pilot.app.query_one(Prompt)
        values = []
        await pilot.press("a", "enter", "b", "enter", "b", "enter", "c")
        for key in ("up", "up", "up", "down", "down", "down"):
            await pilot.press(key)
            values.append(prompt.value)
        assert values == ["b", "a", "a", "b", "c", "c"]

    on_screen(act)


def test_several_pasted_lines_become_one() -> None:
    async def act(pilot: Pilot[None]) -> None:
        prompt = pilot.app.query_one(Prompt)
        prompt.post_message(Paste("what time\n  is it\n"))
        await settle(pilot)
        assert prompt.value == "what time is it"

    on_screen(act)


def test_a_click_beside_the_prompt_does_not_take_the_keys_away() -> None:
    async def act(pilot: Pilot[None]) -> None:
        await pilot.click("#conversation")
        await pilot.press("h")
        assert pilot.app.query_one(Prompt).value == "h"

    on_screen(act)


def test_a_flood_of_levels_keeps_the_order_of_the_rest_and_the_keys_alive() -> None:
    assistant = FakeAssistant()
    last = partial(20, "last")
    app = WatchedApp(assistant, last=last)

    async def act(pilot: Pilot[None]) -> None:
        for number in range(20):
            for _ in range(500):
                assistant.bus.publish(levels())
            assistant.bus.publish(partial(number, "word"))
            while partial(number, "word") not in app.shown:
                await asyncio.sleep(0)
        assistant.bus.publish(last)
        await app.shown_all.wait()
        await pilot.press("h", "enter")

    on_screen(act, app=app)

    words = [event for event in app.shown if event != levels()]
    assert words == [*(partial(number, "word") for number in range(20)), last]
    assert assistant.asked == [("text", "h")]


def test_the_screen_is_there_while_the_engines_still_load() -> None:
    loaded = threading.Event()
    assistant = FakeAssistant(loaded)
    app = TalkApp(assistant)

    async def act(pilot: Pilot[None]) -> None:
        assert await asyncio.to_thread(assistant.started.wait, 10)
        await pilot.press("h", "enter")
        assert assistant.asked == [("text", "h")]
        await pilot.press("ctrl+c")

    on_screen(act, app=app)
    assert app.starter.is_alive()  # quitting did not wait for it
    loaded.set()
    app.starter.join()


def test_an_assistant_that_cannot_start_ends_the_screen() -> None:
    failure = DeviceRefused("the microphone refused", hint="Unplug it.")
    app = TalkApp(FakeAssistant(failure=failure))

    async def act(pilot: Pilot[None]) -> None:
        while app.failure is None:
            await asyncio.sleep(0)

    on_screen(act, app=app)

    assert app.failure is failure


def test_a_bug_in_a_panel_is_kept_for_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    app = TalkApp(FakeAssistant())
    bug = ZeroDivisionError("a bug")

    async def act(pilot: Pilot[None]) -> None:
        def fail() -> None:
            raise bug

        pilot.app.call_later(fail)
        await settle(pilot)

    with pytest.raises(ZeroDivisionError):
        on_screen(act, app=app)

    assert app.failure is bug
    assert "Traceback" not in "".join(capsys.readouterr())


def test_the_bridge_ends_with_the_screen() -> None:
    async def act(pilot: Pilot[None]) -> None:
        assert "tui-bridge" in [thread.name for thread in threading.enumerate()]
        await show(pilot, SESSION)

    on_screen(act)

    assert "tui-bridge" not in [thread.name for thread in threading.enumerate()]

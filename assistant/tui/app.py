"""The screen of ``assistant talk``."""

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widgets import Footer

from assistant.events import Event, MutedChanged, SessionEnded
from assistant.tui.bridge import Assistant, Bridge, BusEvent
from assistant.tui.help import HelpScreen
from assistant.tui.panels.conversation import Conversation
from assistant.tui.panels.engines import EnginesPanel
from assistant.tui.panels.latency import LatencyPanel
from assistant.tui.panels.levels import LevelsPanel
from assistant.tui.panels.notices import NoticeBar
from assistant.tui.panels.panel import Panel
from assistant.tui.panels.privacy import PrivacyLine
from assistant.tui.panels.prompt import Prompt
from assistant.tui.panels.recording import RecordingLine
from assistant.tui.panels.state import StateStrip
from assistant.tui.panels.upgrade import UpgradeLine
from assistant.tui.theme import DARK, LIGHT, suited

START_JOIN_S = 0.3
# Classes that the style sheet goes by, from so many columns and rows on.
WIDTHS = [(0, "-tight"), (64, "-narrow"), (100, "-wide")]
HEIGHTS = [(0, "-tiny"), (12, "-short"), (20, "-tall"), (27, "-airy"), (34, "-roomy")]
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class TalkApp(App[None], inherit_bindings=False):
    """Events set the panels' reactives; keys call the session's controls. It knows no engine.

    ``clock`` gives seconds; only the loading spinners read it.
    """

    CSS_PATH = Path(__file__).with_name("theme.tcss")
    TITLE = "assistant"
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = "#prompt"
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+t,f2", "mute", "mute", key_display="^t", priority=True),
        Binding("escape", "interrupt", "stop talking", key_display="esc"),
        Binding("ctrl+q", "quit", "quit", key_display="^q", priority=True),
        Binding("ctrl+g,f1", "help", "help", key_display="^g"),
        Binding("ctrl+d", "upgrade", "download models", key_display="^d", show=False, priority=True),
        Binding("ctrl+l", "dismiss_notice", "dismiss notice", key_display="^l"),
        Binding("ctrl+c", "quit", "quit", show=False, priority=True),
        Binding("f3", "change_theme", "light or dark", show=False),
        Binding("pageup", "scroll_back", "look back", show=False),
        Binding("pagedown", "scroll_on", "look on", show=False),
    ]

    def __init__(self, assistant: Assistant, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.failure: BaseException | None = None
        self.starter = threading.Thread(target=self._start_assistant, name="tui-start", daemon=True)
        self._assistant = assistant
        self._clock = clock
        self._bridge = Bridge(assistant.bus, self.post_message)
        self._panels: list[Panel] = []
        self._muted = False
        self.reason = "quit"
        self._leaving = False
        for theme in (DARK, LIGHT):
            self.register_theme(theme)
        self.theme = suited(os.environ).name

    def compose(self) -> ComposeResult:
        with Container(id="body"):
            yield Conversation()
            with Container(id="status"):
                yield StateStrip(id="state")
                yield LevelsPanel(id="levels")
                yield EnginesPanel(self._clock)
                yield LatencyPanel(id="latency")
        yield NoticeBar()
        yield UpgradeLine()
        yield RecordingLine()
        yield PrivacyLine()
        yield Prompt()
        yield Footer()

    def on_mount(self) -> None:
        for id_, title in (("state", "turn"), ("levels", "sound"), ("engines", "engines"), ("latency", "last turn")):
            self.query_one(f"#{id_}").border_title = title
        self._panels = [widget for widget in self.query("*") if isinstance(widget, Panel)]
        self._catch_signals()
        self._bridge.start()
        self.call_after_refresh(self.starter.start)

    def on_unmount(self) -> None:
        self._bridge.stop()
        self._release_signals()

    # What the session tells.

    def on_bus_event(self, message: BusEvent) -> None:
        self.show(self._bridge.arrive(message))

    def show(self, event: Event) -> None:
        for panel in self._panels:
            panel.observe(event)
        match event:
            case MutedChanged():
                self._muted = event.muted
            case SessionEnded():
                self.reason, self._leaving = event.reason, True
                self.exit()

    # What the user asks.

    def on_prompt_said(self, said: Prompt.Said) -> None:
        self._assistant.session.submit_text(said.text)
        self.query_one(Conversation).anchor()

    def on_prompt_pushed(self, pushed: Prompt.Pushed) -> None:
        self._assistant.session.push(pushed.push)

    def action_mute(self) -> None:
        self._assistant.session.set_muted(not self._muted)

    def action_interrupt(self) -> None:
        self._assistant.session.interrupt()

    def action_upgrade(self) -> None:
        self._assistant.accept_upgrade()

    def action_dismiss_notice(self) -> None:
        self.query_one(NoticeBar).dismiss_newest()

    def action_help(self) -> None:
        self.push_screen(HelpScreen())

    def action_change_theme(self) -> None:
        self.theme = LIGHT.name if self.theme == DARK.name else DARK.name

    def action_scroll_back(self) -> None:
        self.query_one(Conversation).scroll_page_up()

    def action_scroll_on(self) -> None:
        self.query_one(Conversation).scroll_page_down()

    async def action_quit(self) -> None:
        self._leave("quit")

    def _leave(self, reason: str) -> None:
        """Tell the session at once, so that the sound stops while the screen is being taken down."""
        if not self._leaving:
            self.reason, self._leaving = reason, True
            self._assistant.session.stop(reason)
        self.exit()

    # Starting and ending.

    def _start_assistant(self) -> None:
        """Open the sound and load the engines, off the screen's thread."""
        try:
            self._assistant.start()
        except BaseException as error:  # kept for ``run``, which raises it once the terminal is restored
            self.failure = error
            self.call_from_thread(self.exit)

    def _fatal_error(self) -> None:
        """In place of Textual's traceback: ``run`` raises the error, for the command line to put in a line."""
        self.failure = self.failure or self._exception
        self._close_messages_no_wait()

    def _catch_signals(self) -> None:
        loop = asyncio.get_running_loop()
        if threading.current_thread() is threading.main_thread():
            for ending in ENDING_SIGNALS:
                loop.add_signal_handler(ending, self._leave, ending.name)

    def _release_signals(self) -> None:
        loop = asyncio.get_running_loop()
        if threading.current_thread() is threading.main_thread():
            for ending in ENDING_SIGNALS:
                loop.remove_signal_handler(ending)


def run(assistant: Assistant) -> None:
    """Show the screen, start ``assistant`` behind it, and stop it when the user quits or the session ends.

    The terminal is restored before this returns. Raises what ``assistant.start`` raised, or the screen itself.
    """
    app = TalkApp(assistant)
    try:
        app.run()
    finally:
        if app.starter.ident is not None:
            app.starter.join(START_JOIN_S)
        assistant.stop(app.reason)
    if app.failure is not None:
        raise app.failure

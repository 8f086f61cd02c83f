"""The box to type in, with the lines typed before."""

from collections import deque
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Key, Paste
from textual.message import Message
from textual.widgets import Input

from assistant.events import EarChanged, Event, FrontEndChanged, MutedChanged, SessionStarted
from assistant.session.controls import Push
from assistant.tui.held import HeldKey
from assistant.tui.panels.front_end import front_end_in_words
from assistant.tui.panels.levels import STAND_INS
from assistant.tui.panels.panel import Panel
from assistant.tui.panels.plain import plain

MAX_LINES = 100
MAX_PHRASE = 30
SPEAK, TYPE = "Speak, or type here", "Type here, then Enter"
HOLD, CALL = "Hold Space to speak, or type here", "Say “{}”, or type here"
MODES = {"open": "open microphone", "wake": "wake word", "push": "push to talk"}


class Prompt(Input, Panel):
    """Up and down walk through the last ``MAX_LINES`` lines; the line being written is kept below them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "older", show=False),
        Binding("down", "newer", show=False),
    ]

    class Said(Message):
        """A line to give to the session; never blank."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Pushed(Message):
        """The key that is held to speak went down or up."""

        def __init__(self, push: Push) -> None:
            super().__init__()
            self.push = push

    def __init__(self) -> None:
        super().__init__(placeholder=SPEAK, id="prompt", select_on_focus=False)
        self._held = HeldKey(lambda push: self.post_message(self.Pushed(push)), self.set_timer)
        self._ear: EarChanged | None = None
        self._muted = False
        self._lines: deque[str] = deque(maxlen=MAX_LINES)
        self._back = 0
        self._draft = ""
        self._deaf = False
        self._front_end = ""

    def observe(self, event: Event) -> None:
        match event:
            case MutedChanged():
                self._muted = event.muted
            case SessionStarted():
                self._deaf = event.source in STAND_INS
            case EarChanged():
                self._ear = event
                self._held.follow(is_open=event.open)
            case FrontEndChanged():
                self._front_end = front_end_in_words(event)
            case _:
                return
        self._say_who_listens()

    def _say_who_listens(self) -> None:
        """On the border the mode, whether the ear is open now, and what is done to the sound; what to do about it in
        the box."""
        ear = self._ear
        listens = ear is not None and ear.open and not self._muted
        self.set_class(self._muted, "-muted")
        self.set_class(listens, "-listening")
        self.placeholder = TYPE if self._muted or self._deaf else SPEAK
        self.border_title = "muted" if self._muted else ""
        self.border_subtitle = "" if self._muted or self._deaf else self._front_end
        if ear is None or self._muted or self._deaf:
            return
        extra = " · listening" if listens and ear.mode != "open" else ""
        self.border_title = f"{'●' if listens else '○'} {MODES[ear.mode]}{extra}"
        if not listens:
            self.placeholder = HOLD if ear.mode == "push" else CALL.format(plain(ear.phrase, MAX_PHRASE))

    async def _on_key(self, event: Key) -> None:
        """Space at the beginning of a line, where nobody would type one, is the key to be held."""
        if event.key == "space" and not self.value and self._ear is not None and self._ear.mode == "push":
            event.stop()
            event.prevent_default()
            self._held.press()

    async def action_submit(self) -> None:
        text = self.value.strip()
        if not text:
            return
        if not self._lines or self._lines[-1] != text:
            self._lines.append(text)
        self._back, self._draft, self.value = 0, "", ""
        self.post_message(self.Said(text))

    def action_older(self) -> None:
        self._recall(self._back + 1)

    def action_newer(self) -> None:
        self._recall(self._back - 1)

    def _recall(self, back: int) -> None:
        if not 0 <= back <= len(self._lines):
            return
        if self._back == 0:
            self._draft = self.value
        self._back = back
        self.value = self._lines[-back] if back else self._draft
        self.cursor_position = len(self.value)

    def _on_paste(self, event: Paste) -> None:
        """Several lines become one: ``Input``, whose own handler runs next, would keep only the first."""
        event.text = " ".join(event.text.split())

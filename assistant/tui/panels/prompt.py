"""The box to type in, with the lines typed before."""

from collections import deque
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Paste
from textual.message import Message
from textual.widgets import Input

from assistant.events import Event, MutedChanged, SessionStarted
from assistant.tui.panels.levels import STAND_INS
from assistant.tui.panels.panel import Panel

MAX_LINES = 100
SPEAK, TYPE = "Speak, or type here", "Type here, then Enter"


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

    def __init__(self) -> None:
        super().__init__(placeholder=SPEAK, id="prompt", select_on_focus=False)
        self._lines: deque[str] = deque(maxlen=MAX_LINES)
        self._back = 0
        self._draft = ""
        self._deaf = False

    def observe(self, event: Event) -> None:
        match event:
            case MutedChanged():
                self.border_title = "muted" if event.muted else ""
                self.set_class(event.muted, "-muted")
                self.placeholder = TYPE if event.muted or self._deaf else SPEAK
            case SessionStarted():
                self._deaf = event.source in STAND_INS
                self.placeholder = TYPE if self._deaf else SPEAK

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

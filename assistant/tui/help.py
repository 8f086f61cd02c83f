"""The help screen: every key, and what the five states mean."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

KEYS = (
    ("Enter", "send the line you typed"),
    ("↑ ↓", "lines you typed before"),
    ("Esc", "stop talking"),
    ("Space", "push to talk, in an empty line: hold it, or press it twice"),
    ("Ctrl+T  F2", "mute the microphone, or listen again"),
    ("Ctrl+D", "download the models that were offered"),
    ("Ctrl+L", "dismiss the newest notice"),
    ("PgUp PgDn", "look back in the conversation"),
    ("F3", "light or dark"),
    ("Ctrl+G  F1", "this help"),
    ("Ctrl+C  Ctrl+Q", "quit"),
)
STATES = (
    ("idle", "nobody speaks"),
    ("listening", "it hears you"),
    ("speculative", "you paused: it prepares, in case you are done"),
    ("committed", "you are done: it works on the answer"),
    ("speaking", "it answers; speak, or press Esc, to stop it"),
)


def _table(title: str, rows: tuple[tuple[str, str], ...]) -> Content:
    lines = [Content.styled(title, "bold $accent")]
    lines += [Content.assemble((f"{left:<16}", "bold"), (right, "")) for left, right in rows]
    return Content("\n").join(lines)


class HelpScreen(ModalScreen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,ctrl+g,f1,enter", "dismiss", "close")]

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help") as box:
            box.border_title, box.border_subtitle = "help", "Esc to close"
            yield Static(Content("\n\n").join([_table("Keys", KEYS), _table("States of a turn", STATES)]))

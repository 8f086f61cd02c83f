"""How loud the microphone and the loudspeaker are."""

from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from assistant.events import Event, Levels, MutedChanged, SessionStarted
from assistant.tui.panels.panel import Panel
from assistant.tui.panels.plain import plain

FLOOR_DBFS = -60.0
LOUD_DBFS, CLIPPING_DBFS = -9.0, -1.0
EIGHTHS = " ▏▎▍▌▋▊▉"
MAX_NAME = 60
STAND_INS = ("silence", "none")  # what a source and a sink without a device are called


def bar(level_dbfs: float, cells: int) -> str:
    """A bar of at most ``cells`` characters for −60…0 dBFS, in steps of an eighth of a character."""
    share = min(1.0, max(0.0, (level_dbfs - FLOOR_DBFS) / -FLOOR_DBFS))
    whole, eighths = divmod(round(share * cells * 8), 8)
    return "█" * whole + EIGHTHS[eighths].strip()


class Meter(Widget):
    level_dbfs = reactive(-120.0)
    word = reactive("")
    """Shown instead of the bar."""

    def __init__(self, name: str, label: str) -> None:
        super().__init__(id=name)
        self._label = label

    def render(self) -> Content:
        if self.word:
            return Content.assemble((f"{self._label} ", "$quiet"), (self.word, "bold $warning"))
        cells = max(0, self.content_size.width - len(self._label) - 1)
        lit = bar(self.level_dbfs, cells)
        return Content.assemble(
            (f"{self._label} ", "$quiet"), (lit, self._colour()), ("·" * (cells - len(lit)), "$faint")
        )

    def _colour(self) -> str:
        if self.level_dbfs >= CLIPPING_DBFS:
            return "$error"
        return "$warning" if self.level_dbfs >= LOUD_DBFS else "$success"


class LevelsPanel(Container, Panel):
    muted = reactive(False)
    deaf = reactive(False)
    """There is no microphone."""

    def compose(self) -> ComposeResult:
        yield Meter("microphone", "mic")
        yield Meter("speaker", "out")
        yield Static(id="devices", markup=False)

    def observe(self, event: Event) -> None:
        match event:
            case Levels():
                self.query_one("#microphone", Meter).level_dbfs = event.microphone_dbfs
                self.query_one("#speaker", Meter).level_dbfs = event.speaker_dbfs
            case SessionStarted():
                self._name_devices(event.source, event.sink)
            case MutedChanged():
                self.muted = event.muted

    def watch_muted(self) -> None:
        self._name_microphone()

    def watch_deaf(self) -> None:
        self._name_microphone()

    def _name_microphone(self) -> None:
        self.query_one("#microphone", Meter).word = "none" if self.deaf else "muted" if self.muted else ""

    def _name_devices(self, source: str, sink: str) -> None:
        self.deaf = source in STAND_INS
        self.query_one("#speaker", Meter).word = "none" if sink in STAND_INS else ""
        names = [plain(name, MAX_NAME) for name in (source, sink) if name not in STAND_INS]
        devices = self.query_one("#devices", Static)
        devices.update(Content("\n".join(names)))
        devices.set_class(bool(names), "-known")

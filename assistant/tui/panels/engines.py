"""Which engine serves each stage, and how far along its loading is."""

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.reactive import reactive
from textual.timer import Timer
from textual.widget import Widget

from assistant.events import EngineLoading, EngineReady, Event, Notice, Stage
from assistant.tui.panels.panel import Panel
from assistant.tui.panels.plain import plain

STAGES: tuple[Stage, ...] = ("stt", "llm", "tts", "turn")
OPTIONAL: Stage = "turn"
"""A conversation goes on without one: its row is there once there is."""
FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
FRAMES_PER_S = 10
MAX_NAME = 60


class EngineRow(Widget):
    engine = reactive("", layout=True)
    status = reactive("waiting", layout=True)
    """One of waiting, loading, ready, failed."""

    def __init__(self, stage: Stage, clock: Callable[[], float]) -> None:
        super().__init__(id=f"engine-{stage}")
        self._stage = stage
        self._clock = clock
        self._began_s = 0.0

    def begin(self, engine: str) -> None:
        self.display = True
        self._began_s = self._clock()
        self.engine, self.status = plain(engine, MAX_NAME), "loading"

    def render(self) -> Content:
        return Content.assemble((f"{self._stage} ", "$quiet"), *self._words())

    def _words(self) -> list[tuple[str, str]]:
        """The model's name and the elapsed time only where there is room for them."""
        roomy = self.screen.has_class("-wide")
        name = self.engine if roomy else self.engine.partition(" ")[0]
        match self.status:
            case "loading":
                elapsed_s = self._clock() - self._began_s
                frame = FRAMES[int(elapsed_s * FRAMES_PER_S) % len(FRAMES)]
                elapsed = f" {elapsed_s:.0f} s" if roomy else ""
                return [(f"{frame} ", "$accent"), (f"{name}{elapsed}", "$quiet")]
            case "ready":
                return [(name, "")]
            case "failed":
                return [("unavailable", "bold $error")]
            case _:
                return [("–", "$quiet")]


class EnginesPanel(Container, Panel):
    """``clock`` gives seconds; it drives the spinner and the elapsed time."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__(id="engines")
        self._clock = clock
        self._ticker: Timer | None = None

    def compose(self) -> ComposeResult:
        for stage in STAGES:
            row = EngineRow(stage, self._clock)
            row.display = stage != OPTIONAL
            yield row

    def on_mount(self) -> None:
        self._ticker = self.set_interval(1 / FRAMES_PER_S, self._turn_spinners, pause=True)

    def observe(self, event: Event) -> None:
        match event:
            case EngineLoading() if event.stage in STAGES:
                self._row(event.stage).begin(event.engine)
            case EngineReady() if event.stage in STAGES:
                row = self._row(event.stage)
                row.engine, row.status = plain(event.engine, MAX_NAME), "ready"
            case Notice() if event.stage in STAGES and self._row(event.stage).status == "loading":
                # When another engine takes over, its EngineLoading follows and lights the row again.
                self._row(event.stage).status = "failed"
            case _:
                return
        self._keep_time()

    def _row(self, stage: str) -> EngineRow:
        return self.query_one(f"#engine-{stage}", EngineRow)

    def _loading(self) -> list[EngineRow]:
        return [row for row in self.query(EngineRow) if row.status == "loading"]

    def _keep_time(self) -> None:
        if self._ticker is not None:
            (self._ticker.resume if self._loading() else self._ticker.pause)()

    def _turn_spinners(self) -> None:
        for row in self._loading():
            row.refresh()

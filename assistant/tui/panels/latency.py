"""How long the last answer took to begin."""

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from assistant.events import Event, TurnEnded
from assistant.tui.panels.panel import Panel


class LatencyPanel(Widget, Panel):
    first_sample_s: reactive[float | None] = reactive(None, layout=True)

    def observe(self, event: Event) -> None:
        if isinstance(event, TurnEnded) and event.timings.first_sample_s is not None:
            self.first_sample_s = event.timings.first_sample_s

    def render(self) -> Content:
        if self.first_sample_s is None:
            return Content.styled("no answer yet" if self.screen.has_class("-wide") else "", "$faint")
        return Content.assemble(("answered in ", "$quiet"), f"{self.first_sample_s:.2f} s")

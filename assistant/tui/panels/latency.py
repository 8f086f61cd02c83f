"""How long the last answer took to begin, why it began when it did, and what working ahead has cost in vain."""

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from assistant.events import Event, TurnCommitted, TurnEnded
from assistant.tui.panels.panel import Panel


class LatencyPanel(Widget, Panel):
    first_sample_s: reactive[float | None] = reactive(None, layout=True)
    cue: reactive[str] = reactive("", layout=True)
    wasted_s: reactive[float] = reactive(0.0, layout=True)

    def observe(self, event: Event) -> None:
        if isinstance(event, TurnCommitted):
            self.cue = event.cues[0]
        if isinstance(event, TurnEnded):
            self.wasted_s += event.wasted.engine_s
            if event.timings.first_sample_s is not None:
                self.first_sample_s = event.timings.first_sample_s

    def render(self) -> Content:
        wide = self.screen.has_class("-wide")
        if self.first_sample_s is None:
            return Content.styled("no answer yet" if wide else "", "$faint")
        lines = [Content.assemble(("answered in ", "$quiet"), f"{self.first_sample_s:.2f} s")]
        if wide and self.cue:
            lines.append(Content.styled(f"heard: {self.cue}", "$quiet"))
        if wide and self.wasted_s >= 0.05:
            lines.append(Content.assemble(("ahead in vain ", "$quiet"), f"{self.wasted_s:.1f} s"))
        return Content("\n").join(lines)

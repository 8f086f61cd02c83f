"""The five states of a turn, the current one lit."""

from textual.app import ComposeResult
from textual.containers import Container
from textual.reactive import reactive
from textual.widgets import Static

from assistant.events import Event, StateChanged
from assistant.session.turn import TurnState
from assistant.tui.panels.panel import Panel


class StateStrip(Container, Panel):
    current = reactive(TurnState.IDLE.value)

    def compose(self) -> ComposeResult:
        for state in TurnState:
            yield Static(id=f"state-{state.value}", markup=False)

    def observe(self, event: Event) -> None:
        if isinstance(event, StateChanged):
            self.current = event.new

    def watch_current(self, current: str) -> None:
        for state in TurnState:
            label = self.query_one(f"#state-{state.value}", Static)
            lit = state.value == current
            label.update(f"{'●' if lit else '○'} {state.value}")
            label.set_class(lit, "-current")

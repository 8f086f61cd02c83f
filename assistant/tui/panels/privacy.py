"""One line while nothing is kept."""

from textual.content import Content
from textual.widgets import Static

from assistant.events import Event, PrivacyChanged
from assistant.tui.panels.panel import Panel


class PrivacyLine(Static, Panel):
    """Hidden unless the conversation is private."""

    def __init__(self) -> None:
        super().__init__(id="privacy")

    def observe(self, event: Event) -> None:
        if isinstance(event, PrivacyChanged):
            hint = "this conversation has no history" if event.for_good else "say “you can remember again”"
            words = ("private: nothing of what you say is kept", "bold $warning")
            self.update(Content.assemble(words, (f" — {hint}", "$quiet")))
            self.display = event.private

"""One line while nothing is kept."""

from textual.content import Content
from textual.widgets import Static

from assistant.events import Event, PrivacyChanged
from assistant.tui.panels.panel import Panel


class PrivacyLine(Static, Panel):
    """Hidden unless the conversation is private."""

    def __init__(self) -> None:
        words = ("private: nothing of what you say is kept", "bold $warning")
        super().__init__(Content.assemble(words, (" — say “you can remember again”", "$quiet")), id="privacy")

    def observe(self, event: Event) -> None:
        if isinstance(event, PrivacyChanged):
            self.display = event.private

"""One line while the conversation is recorded."""

from textual.content import Content
from textual.widgets import Static

from assistant.events import Event, PrivacyChanged, RecordingChanged
from assistant.tui.panels.panel import Panel
from assistant.tui.panels.plain import plain


class RecordingLine(Static, Panel):
    """Hidden unless sound is recorded."""

    def __init__(self) -> None:
        super().__init__(id="recording")
        self._folder = ""
        self._private = False

    def observe(self, event: Event) -> None:
        match event:
            case RecordingChanged():
                self._folder = event.folder if event.recording else ""
            case PrivacyChanged():
                self._private = event.private
            case _:
                return
        words = "only silence" if self._private else "your microphone and the answers"
        self.update(
            Content.assemble(("● recording ", "bold $error"), words, (f" — in {plain(self._folder)}", "$quiet"))
        )
        self.display = bool(self._folder)

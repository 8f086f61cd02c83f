"""One line about better models: what could be had, how far the download is, and when they answer."""

from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from assistant.events import Event, TurnStarted, UpgradeEnded, UpgradeOffered, UpgradeProgress
from assistant.tui.panels.panel import Panel

KEY = "^d"
BAR_CELLS = 20


class UpgradeLine(Static, Panel):
    """Hidden unless there is something to say."""

    text = reactive(Content(""), layout=True)

    def __init__(self) -> None:
        super().__init__(id="upgrade")
        self._done = False

    def observe(self, event: Event) -> None:
        match event:
            case UpgradeOffered():
                self.text = Content.assemble(
                    (f"{KEY} ", "bold $accent"),
                    f"download better models for this machine ({event.profile}, {in_words(event.size)})",
                    (f" — {', '.join(event.models)}", "$quiet"),
                )
            case UpgradeProgress():
                self.text = _progress(event)
            case UpgradeEnded(installed=True):
                self._done = True
                self.text = Content.styled("The new models are here and answer from your next words on.", "$accent")
            case UpgradeEnded():
                self.text = Content("")
            case TurnStarted() if self._done:
                self.text = Content("")

    def watch_text(self, text: Content) -> None:
        self.display = bool(text)
        self.update(text)


def _progress(event: UpgradeProgress) -> Content:
    share = min(1.0, event.received / max(1, event.size))
    full = round(share * BAR_CELLS)
    left = "" if event.left_s is None else f", {time_in_words(event.left_s)} left"
    return Content.assemble(
        ("━" * full, "$accent"),
        ("━" * (BAR_CELLS - full), "$line"),
        f" {share:.0%} of {in_words(event.size)}{left}",
        (" — the embedded engines answer meanwhile", "$quiet"),
    )


def in_words(size: int) -> str:
    """``1.2 GB`` or ``63 MB``."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{max(1, round(size / 1e6))} MB"


def time_in_words(seconds: float) -> str:
    """``3 min`` or ``40 s``."""
    return f"{round(seconds / 60)} min" if seconds >= 90 else f"{round(seconds)} s"

"""What the user should know: errors with their remedy, fall-backs that were taken."""

from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Click
from textual.reactive import reactive
from textual.widgets import Static

from assistant.events import Event, Notice
from assistant.tui.panels.panel import Panel
from assistant.tui.panels.plain import plain

MAX_NOTICES = 3
MAX_TEXT = 400
MARKS = {"info": ("i", "bold $accent"), "warning": ("!", "bold $warning"), "error": ("×", "bold $error")}


class NoticeLine(Static):
    """One notice."""

    times = reactive(1)

    def __init__(self, notice: Notice) -> None:
        super().__init__(classes=f"-{notice.level}")
        self.notice = notice

    def watch_times(self, times: int) -> None:
        mark, style = MARKS[self.notice.level]
        again = f" (×{times})" if times > 1 else ""
        self.update(
            Content.assemble(
                (f"{mark} ", style),
                plain(self.notice.message, MAX_TEXT) + again,
                (f" — {plain(self.notice.hint, MAX_TEXT)}", "$quiet"),
            )
        )


class NoticeBar(VerticalScroll, Panel, can_focus=False):
    """The newest first; a click dismisses.

    Full policy: past ``MAX_NOTICES`` the oldest goes. The same notice again is counted.
    """

    def __init__(self) -> None:
        super().__init__(id="notices")
        self._lines: list[NoticeLine] = []

    def observe(self, event: Event) -> None:
        if not isinstance(event, Notice):
            return
        for line in self._lines:
            if (line.notice.code, line.notice.message) == (event.code, event.message):
                line.times += 1
                return
        for line in self._lines[MAX_NOTICES - 1 :]:
            self._dismiss(line)
        self._lines.insert(0, NoticeLine(event))
        self.mount(self._lines[0], before=0)

    def dismiss_newest(self) -> None:
        for line in self._lines[:1]:
            self._dismiss(line)

    def on_click(self, event: Click) -> None:
        if isinstance(event.widget, NoticeLine):
            self._dismiss(event.widget)

    def _dismiss(self, line: NoticeLine) -> None:
        if line in self._lines:
            self._lines.remove(line)
            line.remove()

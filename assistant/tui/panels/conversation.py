"""What was said and answered, newest at the bottom."""

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static

from assistant.events import (
    Event,
    FinalTranscript,
    PartialTranscript,
    ReplyClause,
    ReplyPaused,
    ReplyResumed,
    TimerFired,
    TurnEnded,
    TurnStarted,
)
from assistant.tui.panels.exchange import Exchange
from assistant.tui.panels.panel import Panel
from assistant.tui.panels.plain import plain

MAX_TURNS = 200
WELCOME = Content.assemble(
    ("What can I do for you?\n\n", "bold"),
    ("“what time is it”   “what is 12 times 7”\n“set a timer for five minutes”", "$quiet"),
)


class TurnView(Widget):
    """One turn. A widget of its own, not two: layout takes time for each, and a conversation has many."""

    def __init__(self, exchange: Exchange) -> None:
        super().__init__()
        self.exchange = exchange

    def get_content_height(self, _container: Size, _viewport: Size, width: int) -> int:
        return len(self.exchange.lines(width))

    def render(self) -> Content:
        return Content("\n").join(self.exchange.lines(self.content_size.width))

    def show(self) -> None:
        """Draw the exchange as it is now."""
        self.refresh(layout=True)


class Conversation(VerticalScroll, Panel, can_focus=False):
    """The last ``MAX_TURNS`` turns. It follows the newest words, except while the user looks back.

    A turn is shown once it has words; one that ends with none leaves no trace.
    """

    def __init__(self) -> None:
        super().__init__(id="conversation")
        self._origins: dict[int, str] = {}
        self._turns: dict[int, TurnView] = {}

    def compose(self) -> ComposeResult:
        yield Static(WELCOME, id="welcome")

    def on_mount(self) -> None:
        self.anchor()

    def observe(self, event: Event) -> None:
        match event:
            case TurnStarted(turn_id=int() as turn_id):
                self._origins = {turn_id: event.origin}
            case PartialTranscript(turn_id=int() as turn_id):
                self._hear(turn_id, event.text, final=False)
            case FinalTranscript(turn_id=int() as turn_id):
                self._replace(event.replaces)
                self._hear(turn_id, event.text, final=True)
            case TimerFired(turn_id=int() as turn_id):
                self._hear(turn_id, f"{event.label} timer".strip(), final=True)
            case ReplyClause(turn_id=int() as turn_id):
                self._view(turn_id).exchange.clauses.append(event.text)
                self._view(turn_id).show()
            case ReplyPaused(turn_id=int() as turn_id):
                self._speak_over(turn_id, "‹waits: you are speaking›")
            case ReplyResumed(turn_id=int() as turn_id) if event.paused_s:
                why = ", ".join((event.reason, *event.cues))
                self._speak_over(turn_id, f"‹goes on: {why}›")
            case TurnEnded(turn_id=int() as turn_id):
                self._close(turn_id, event)

    def _hear(self, turn_id: int, text: str, *, final: bool) -> None:
        if not text and turn_id not in self._turns:
            return
        view = self._view(turn_id)
        view.exchange.said, view.exchange.final = text, final
        view.show()

    def _speak_over(self, turn_id: int, what: str) -> None:
        self._view(turn_id).exchange.over = plain(what)
        self._view(turn_id).show()

    def _replace(self, turn_id: int | None) -> None:
        """The words of that turn have gone into a newer one; it stays only if some of its answer was heard."""
        if turn_id in self._turns and not self._turns[turn_id].exchange.heard:
            self._drop(turn_id)

    def _close(self, turn_id: int, ended: TurnEnded) -> None:
        if turn_id not in self._turns and not (ended.transcript or ended.reply):
            return
        view = self._view(turn_id)
        exchange = view.exchange
        exchange.said, exchange.final = ended.transcript or exchange.said, True
        exchange.outcome, exchange.reply, exchange.heard = ended.outcome, ended.reply, ended.heard
        if ended.outcome == "nothing" or exchange.empty:
            self._drop(turn_id)
        else:
            view.show()

    def _view(self, turn_id: int) -> TurnView:
        """The turn's view, made when its first words come."""
        if (view := self._turns.get(turn_id)) is None:
            view = self._turns[turn_id] = TurnView(Exchange(self._origins.get(turn_id, "voice")))
            self.query_one("#welcome").display = False
            self.mount(view)
            for oldest in list(self._turns)[:-MAX_TURNS]:
                self._drop(oldest)
        return view

    def _drop(self, turn_id: int) -> None:
        self._turns.pop(turn_id).remove()
        self.query_one("#welcome").display = not self._turns

"""Our half of a turn: from the words that it has committed to, to the last sample of the answer."""

from collections.abc import Callable

from assistant.brain.protocols import Pending, Request
from assistant.bus import Bus
from assistant.errors import AssistantError
from assistant.events import FinalTranscript, ReplyClause, ReplyStarted
from assistant.models.worker import Done
from assistant.session.dispatch import REHEARSAL, Dispatch
from assistant.session.lifecycle import Lifecycle
from assistant.session.reply import ReplyPart
from assistant.session.speaker import Speaker
from assistant.session.speculate import Rehearsal, Resumption, Speculator
from assistant.session.turn import Turn, TurnState

FAILURE_TEXT = "Sorry, something went wrong. Please try again."


class Answerer:
    """Belongs to the session's thread. Asks the brain, or releases what was worked out ahead; shows what is spoken."""

    def __init__(
        self,
        life: Lifecycle,
        *,
        dispatch: Dispatch,
        speaker: Speaker,
        ahead: Speculator,
        bus: Bus,
        clock: Callable[[], float],
        silence: Callable[[], object],
    ) -> None:
        """``silence`` stops what rings."""
        self._life = life
        self._silence = silence
        self._dispatch = dispatch
        self._speaker = speaker
        self._ahead = ahead
        self._bus = bus
        self._clock = clock
        self._resumption: Resumption | None = None

    def answer(self, turn: Turn, request: Request, heard_by: str) -> None:
        """The turn has committed to the words of ``request``, which the engine ``heard_by`` gave."""
        self._resumption = None
        self._show_words(turn, request.text, heard_by, request.replaces)
        rehearsal = self._ahead.release(request)
        if rehearsal is not None:
            self._take_over(turn, rehearsal)
        elif not self._dispatch.think(turn, request):
            self.fail(turn, None)
        self.advance()

    def hush(self, turn: Turn, heard_by: str) -> None:
        """The turn has committed to words that want nothing but silence: no brain is needed for that."""
        self._silence()
        self._show_words(turn, turn.text, heard_by, None)
        self._ahead.drop("a stop")
        self.tell(turn, "")
        self.advance()

    def tell(self, turn: Turn, text: str) -> None:
        """Say this, and nothing more."""
        self._show(turn, self._speaker.say(text))
        self._show(turn, self._speaker.finish_text())

    def fail(self, turn: Turn, error: AssistantError | None) -> None:
        """Say that it went wrong: the notice with the remedy has been published where it happened."""
        turn.error_code = error.code if error else turn.error_code or "engine"
        if not self._speaker.text:
            self._show(turn, self._speaker.say(FAILURE_TEXT))
        self._show(turn, self._speaker.finish_text())

    def on_words(self, turn: Turn, words: object) -> None:
        """The brain goes on with the answer to the committed turn."""
        if isinstance(words, Pending):
            self._resume(turn, words)
            return
        turn.mark("first_token", self._clock())
        teller = self._resumption or self._speaker
        self._show(turn, teller.say(str(words)))

    def on_answered(self, turn: Turn, done: Done) -> None:
        """A job of the brain for the committed turn has ended, and with it the answer, unless its rest is to come."""
        rest_to_come = done.job.tag == REHEARSAL and self._resumption is not None
        if rest_to_come or done.job.token.cancelled:
            return
        if done.status == "failed":
            self.fail(turn, done.error)
            return
        teller, self._resumption = self._resumption, None
        self._show(turn, teller.finish() if teller else self._speaker.finish_text())

    def advance(self) -> None:
        """Let the answer go on, wherever it is: to its first sample, which makes the turn SPEAKING, and to its end."""
        turn = self._life.turn
        if turn is None or not self._life.answering:
            return
        self._speaker.tick()
        if self._life.state is TurnState.COMMITTED and self._speaker.started:
            turn.mark("first_sample", self._clock())
            self._life.enter(turn, TurnState.SPEAKING)
            self._bus.publish(ReplyStarted(at_s=self._clock(), turn_id=turn.id))
        if self._speaker.finished and not self._life.spoken_over:
            self._life.end("failed" if turn.error_code else "answered")

    def _show_words(self, turn: Turn, text: str, heard_by: str, replaces: int | None) -> None:
        self._bus.publish(
            FinalTranscript(at_s=self._clock(), turn_id=turn.id, text=text, engine=heard_by, replaces=replaces)
        )

    def _take_over(self, turn: Turn, rehearsal: Rehearsal) -> None:
        """The answer was worked out ahead: release it, up to where its effects begin."""
        turn.speculated = True
        for name, at_s in rehearsal.marks_s.items():
            turn.mark(name, max(at_s, turn.marks_s["end_of_speech"]))
        if rehearsal.pending is None or not rehearsal.pending.preview:
            self._show(turn, self._speaker.release())
        if rehearsal.pending is not None:
            self._resume(turn, rehearsal.pending, held=rehearsal.pending.preview)

    def _resume(self, turn: Turn, pending: Pending, *, held: str = "") -> None:
        """``held`` is the preview, if the speaker has it; one that comes after the commit is not worked out ahead."""
        self._resumption = Resumption(self._speaker, held)
        if not self._dispatch.resume(turn, pending):
            self._speaker.drop()
            self.fail(turn, None)

    def _show(self, turn: Turn, parts: list[ReplyPart]) -> None:
        for part in parts:
            turn.mark("first_clause", self._clock())
            self._bus.publish(ReplyClause(at_s=self._clock(), turn_id=turn.id, index=part.index, text=part.clause.text))

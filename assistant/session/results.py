"""What the engines give, on its way to who asked for it."""

from collections.abc import Callable

from assistant.models.worker import Done, Item
from assistant.session.answer import Answerer
from assistant.session.dispatch import PREFILL, Dispatch
from assistant.session.ending import Ending
from assistant.session.lifecycle import Lifecycle
from assistant.session.overhear import Overhearing
from assistant.session.speaker import Speaker
from assistant.session.speculate import Speculator
from assistant.session.turn_taking import TurnTaking
from assistant.session.waste import WasteMeter


class Results:
    """Belongs to the session's thread. ``dropped`` counts what came for a turn or a token that was over."""

    def __init__(
        self,
        life: Lifecycle,
        *,
        dispatch: Dispatch,
        turn_taking: TurnTaking,
        ending: Ending,
        over: Overhearing,
        ahead: Speculator,
        answerer: Answerer,
        speaker: Speaker,
        waste: WasteMeter,
        clock: Callable[[], float],
    ) -> None:
        self._life = life
        self._dispatch = dispatch
        self._turn_taking = turn_taking
        self._ending = ending
        self._over = over
        self._ahead = ahead
        self._answerer = answerer
        self._speaker = speaker
        self._waste = waste
        self._clock = clock
        self.dropped = 0

    def on_item(self, item: Item) -> None:
        """An engine gave something: it goes to who asked for it, unless its turn or its token is over."""
        turn = self._life.turn
        if turn is None or item.job.turn_id != turn.id or item.job.token.cancelled:
            self.dropped += 1
            if turn is not None:
                turn.dropped_results += 1
            return
        match item.job.stage:
            case "stt":
                self._turn_taking.on_transcript(turn, item)
            case "turn":
                self._ending.on_item(item)
            case "llm" if self._over.holds(item.job.token):
                self._turn_taking.on_judged(turn, item)
            case "llm" if self._ahead.holds(item.job.token):
                self._ahead.on_item(item, self._clock())
            case "llm":
                self._answerer.on_words(turn, item.value)
            case "tts":
                self._speaker.on_sound(item)
        self._answerer.advance()

    def on_done(self, done: Done) -> None:
        """A job has ended: its cost is kept in any case, its result goes to who asked for it."""
        self._dispatch.close(done)
        self._waste.add(done)
        job = done.job
        if job.stage == "llm" and job.tag == PREFILL:
            self._ahead.reader.on_done(done)
            return
        turn = self._life.turn
        if turn is None or turn.id != job.turn_id:
            return
        match job.stage:
            case "stt":
                self._turn_taking.on_transcribed(turn, done)
            case "turn":
                self._ending.on_done(done)
            case "llm" if self._over.holds(job.token):
                self._turn_taking.on_judged(turn, done)
            case "llm" | "tts" if self._ahead.holds(job.token):
                self._ahead.on_done(done, self._clock())
            case "llm":
                self._answerer.on_answered(turn, done)
            case "tts":
                self._speaker.on_synthesized(done)
        self._answerer.advance()

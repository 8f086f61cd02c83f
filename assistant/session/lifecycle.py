"""The open turn and its state: how a turn begins, moves and ends, whatever ends it.

Every event that opens, moves or closes a turn is published here, and nowhere else.
"""

from collections.abc import Callable

from assistant.brain.protocols import Exchange
from assistant.bus import Bus
from assistant.events import Outcome, StateChanged, Timings, TurnEnded, TurnStarted
from assistant.session.hearing import Hearing
from assistant.session.history import History
from assistant.session.overhear import Overhearing
from assistant.session.speaker import Speaker
from assistant.session.speculate import Speculator
from assistant.session.turn import Origin, Turn, TurnState, check_transition
from assistant.session.waste import WasteMeter


class Lifecycle:
    """At most one turn is open. Belongs to the session's thread.

    Whoever works for a turn starts afresh when one begins, and falls silent when it ends.
    """

    def __init__(
        self,
        *,
        hearing: Hearing,
        over: Overhearing,
        speaker: Speaker,
        ahead: Speculator,
        waste: WasteMeter,
        history: History,
        bus: Bus,
        clock: Callable[[], float],
    ) -> None:
        self._hearing = hearing
        self._over = over
        self._speaker = speaker
        self._ahead = ahead
        self._waste = waste
        self._history = history
        self._bus = bus
        self._clock = clock
        self._count = 0
        self.state = TurnState.IDLE
        self.turn: Turn | None = None
        self.answered = False
        """The last turn invites an answer and has had its own (if only that it went wrong); none has begun since."""

    @property
    def listening(self) -> bool:
        return self.state in (TurnState.LISTENING, TurnState.SPECULATIVE)

    @property
    def answering(self) -> bool:
        return self.state in (TurnState.COMMITTED, TurnState.SPEAKING)

    @property
    def spoken_over(self) -> bool:
        """Somebody speaks over the answer, and it is not clear yet what that will do to it."""
        return self._over.active

    def begin(self, origin: Origin) -> Turn:
        self._count += 1
        self.answered = False
        self.turn = turn = Turn(self._count, origin, self._clock())
        turn.states.append((TurnState.IDLE.value, turn.started_s))
        self._bus.publish(TurnStarted(at_s=turn.started_s, turn_id=turn.id, origin=origin))
        self._speaker.begin(turn, ring=origin == "timer")
        self._waste.begin_turn(turn.id)
        self._ahead.begin_turn()
        return turn

    def enter(self, turn: Turn, state: TurnState) -> None:
        """Move along an allowed edge. Raises IllegalTransition."""
        check_transition(self.state, state)
        old, self.state = self.state, state
        now_s = self._clock()
        turn.states.append((state.value, now_s))
        self._bus.publish(StateChanged(at_s=now_s, turn_id=turn.id, old=old.value, new=state.value))

    def end(self, outcome: Outcome) -> None:
        """Close the turn, if one is open: fall silent, remember what was heard, cancel whatever still works for it."""
        turn = self.turn
        if turn is None:
            return
        if self.listening:
            self._hearing.abandon()
        self._over.drop(outcome)
        self._ahead.end_turn(outcome)
        reply, complete, heard = self._speaker.text, self._speaker.text_complete, self._speaker.cut()
        if turn.text:
            rest = reply[len(heard) :].strip()
            self._history.remember(turn, Exchange(turn.text, heard, rest, complete=complete))
        if turn.origin == "voice" and outcome in ("answered", "interrupted", "continued"):
            self._hearing.learn(cut_off=outcome == "continued")
        self.turn = None
        self.answered = (turn.origin == "voice" or turn.insists) and outcome in ("answered", "failed")
        turn.token.cancel(outcome)
        self.enter(turn, TurnState.IDLE)
        self._publish_end(turn, outcome, reply=reply, heard=heard)
        if heard and outcome != "stopped":
            self._ahead.reader.catch_up(turn, self._history.request(turn, ""))

    def _publish_end(self, turn: Turn, outcome: Outcome, *, reply: str, heard: str) -> None:
        self._bus.publish(
            TurnEnded(
                at_s=self._clock(),
                turn_id=turn.id,
                origin=turn.origin,
                outcome=outcome,
                transcript=turn.text,
                reply=reply,
                heard=heard,
                states=tuple(turn.states),
                timings=_timings(turn),
                dropped_results=turn.dropped_results,
                speculated=turn.speculated,
                wasted=self._waste.turn,
                error_code=turn.error_code,
            )
        )


def _timings(turn: Turn) -> Timings:
    """Seconds from the end of the user's speech to each mark."""
    start_s = turn.marks_s.get("end_of_speech")
    if start_s is None:
        return Timings()
    return Timings(**{f"{name}_s": at_s - start_s for name, at_s in turn.marks_s.items() if name != "end_of_speech"})

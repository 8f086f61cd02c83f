"""The open turn and its state. Every event that opens, moves or closes a turn is published here, and nowhere else."""

from collections.abc import Callable

from assistant.bus import Bus
from assistant.events import Outcome, StateChanged, Timings, TurnEnded, TurnStarted, Wasted
from assistant.session.turn import Origin, Turn, TurnState, check_transition


class Lifecycle:
    """At most one turn is open. Belongs to the session's thread."""

    def __init__(self, bus: Bus, clock: Callable[[], float]) -> None:
        self._bus = bus
        self._clock = clock
        self._count = 0
        self.state = TurnState.IDLE
        self.turn: Turn | None = None

    @property
    def listening(self) -> bool:
        return self.state in (TurnState.LISTENING, TurnState.SPECULATIVE)

    @property
    def answering(self) -> bool:
        return self.state in (TurnState.COMMITTED, TurnState.SPEAKING)

    def begin(self, origin: Origin) -> Turn:
        self._count += 1
        self.turn = turn = Turn(self._count, origin, self._clock())
        turn.states.append((TurnState.IDLE.value, turn.started_s))
        self._bus.publish(TurnStarted(at_s=turn.started_s, turn_id=turn.id, origin=origin))
        return turn

    def enter(self, turn: Turn, state: TurnState) -> None:
        """Move along an allowed edge. Raises IllegalTransition."""
        check_transition(self.state, state)
        old, self.state = self.state, state
        now_s = self._clock()
        turn.states.append((state.value, now_s))
        self._bus.publish(StateChanged(at_s=now_s, turn_id=turn.id, old=old.value, new=state.value))

    def end(self, outcome: Outcome, *, reply: str, heard: str, wasted: Wasted) -> None:
        """Close the open turn with its one TurnEnded, and cancel whatever still works for it."""
        turn, self.turn = self.turn, None
        if turn is None:
            return
        turn.token.cancel(outcome)
        self.enter(turn, TurnState.IDLE)
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
                wasted=wasted,
                error_code=turn.error_code,
            )
        )


def _timings(turn: Turn) -> Timings:
    """Seconds from the end of the user's speech to each mark."""
    start_s = turn.marks_s.get("end_of_speech")
    if start_s is None:
        return Timings()
    return Timings(**{f"{name}_s": at_s - start_s for name, at_s in turn.marks_s.items() if name != "end_of_speech"})

"""What is said unasked: a timer that has run out rings in a turn of its own, once nobody speaks."""

from collections import deque
from collections.abc import Callable

from assistant.brain.protocols import Agenda, Announcement
from assistant.bus import Bus
from assistant.events import TimerFired
from assistant.session.answer import Answerer
from assistant.session.lifecycle import Lifecycle
from assistant.session.turn import TurnState

ENOUGH = 64
"""Announcements that wait. Full policy: while there are as many, the agenda is not asked for more."""


class Announcements:
    """Belongs to the session's thread."""

    def __init__(
        self, agenda: Agenda, life: Lifecycle, answerer: Answerer, bus: Bus, clock: Callable[[], float]
    ) -> None:
        self._agenda = agenda
        self._life = life
        self._answerer = answerer
        self._bus = bus
        self._clock = clock
        self._waiting: deque[Announcement] = deque()

    @property
    def waiting(self) -> bool:
        return bool(self._waiting)

    def ring(self) -> None:
        """A frame has passed: say what has come due, unless a turn is open."""
        if len(self._waiting) < ENOUGH:
            self._waiting.extend(self._agenda.due())
        if self._life.turn is not None:
            return
        while self._waiting:
            announcement = self._waiting.popleft()
            if announcement.begin():
                self._say(announcement)
                return

    def _say(self, announcement: Announcement) -> None:
        turn = self._life.begin("timer")
        turn.insists = announcement.insists
        self._life.enter(turn, TurnState.COMMITTED)
        self._bus.publish(
            TimerFired(at_s=self._clock(), turn_id=turn.id, label=announcement.label, text=announcement.text)
        )
        self._answerer.tell(turn, announcement.text)

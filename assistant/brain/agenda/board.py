"""The agenda: what was set, what rings now, and what is to be said of it."""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import structlog

from assistant.brain.agenda import words
from assistant.brain.agenda.clocks import Clocks, PutBack
from assistant.brain.agenda.entry import Entry, Kind, When
from assistant.brain.agenda.repeat import following, not_too_far
from assistant.brain.agenda.shelf import MemoryShelf, Shelf
from assistant.brain.language import ENGLISH_LANGUAGE, Language
from assistant.brain.protocols import Announcement

LIMITS = {Kind.TIMER: 32, Kind.ALARM: 64, Kind.REMINDER: 500}
LOOK_S = 1.0
"""How often a started board looks at the clock and at what other processes wrote."""
LATE_S = 30.0
"""What is due for longer than that was missed: it is told, with the time that has passed."""
REPEAT_S, RING_S = 12.0, 600.0
"""An alarm rings again this long after it began to ring, and until the user stops it, or for ten minutes."""
SNOOZABLE_S = 300.0
CLAIM_S = 60.0
"""A process that rings claims the entry for so long, and anew while it rings: if it dies, another one tells of it."""
WAITING = 64
"""Announcements that the session has not asked for. Full policy: what comes due stays on the shelf, unclaimed, until
there is room; a repetition, and what is told besides, is left out."""

log = structlog.get_logger(__name__)


class Full(ValueError):
    """There are too many entries of this kind."""


@dataclass(slots=True, eq=False)
class Ring:
    """Something that rings. ``told_s`` (the last time) and ``waits`` are the session's, ``over`` is for all."""

    entry: Entry
    since_s: float
    claimed_until_s: float
    repeats: bool = False
    waits: bool = True
    told_s: float | None = None
    over: bool = False


class Board:
    """An Agenda. Thread-safe. ``start`` looks at the clock on a thread of its own; without, ``due`` itself does.

    Whatever changes something is on the shelf when it returns. ``due`` and ``silence``, which belong to the session,
    touch no disk once the board was started. Two processes may share a shelf: each entry is claimed by one.
    """

    def __init__(
        self,
        shelf: Shelf | None = None,
        clocks: Clocks | None = None,
        limit: int | None = None,
        language: Language = ENGLISH_LANGUAGE,
    ) -> None:
        """``limit`` is for each kind; it is one of ``LIMITS`` by default."""
        self._language = language
        self.clocks = clocks or Clocks()
        self._shelf = shelf or MemoryShelf()
        self._limits = LIMITS if limit is None else dict.fromkeys(Kind, limit)
        self._lock = threading.Lock()
        self._entries: Sequence[Entry] = ()
        self._rings: tuple[Ring, ...] = ()  # replaced, never changed
        self._last: Ring | None = None
        self._put_back = PutBack(self.clocks)
        self._outbox: deque[Announcement] = deque()
        self._wake = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None

    # For skills, and for whoever shows it.

    def entries(self, kind: Kind | None = None) -> tuple[Entry, ...]:
        """What is set and does not ring yet, the next first."""
        with self._lock:
            ringing = {ring.entry.id for ring in self._rings}
            fitting = [each for each in self._read() if kind in (None, each.kind) and each.id not in ringing]
            return tuple(sorted(fitting, key=lambda each: (each.remaining_s(self.clocks), each.id)))

    def running(self) -> tuple[Entry, ...]:
        """The timers, the next to end first."""
        return self.entries(Kind.TIMER)

    def remaining_s(self, entry: Entry) -> float:
        return max(0.0, entry.remaining_s(self.clocks))

    def add(self, kind: Kind, when: When, name: str | None = None) -> Entry:
        """Raises Full. A negative id says that it could not be written down."""
        with self._lock:
            if sum(each.kind is kind for each in self._read()) >= self._limits[kind]:
                raise Full
            timed = Entry(0, kind, name, repeat=when.repeat, at=when.at)
            if when.at is None:
                deadline = self.clocks.deadline(when.after_s)
                timed = replace(timed, duration_s=when.after_s, deadline=deadline)
            added = self._shelf.add(timed)
        self._wake.set()
        return added

    def add_timer(self, duration_s: int, name: str | None = None) -> Entry:
        return self.add(Kind.TIMER, When(duration_s), name)

    def cancel(self, entry_id: int) -> bool:
        """Take an entry off, also one that rings. False if it is not there."""
        for ring in self._rings:
            if ring.entry.id == entry_id:
                ring.over = True
        with self._lock:
            return self._shelf.remove(entry_id)

    def restore(self, entries: Sequence[Entry]) -> None:
        """Put cancelled entries back; what would have rung by now is due at once."""
        with self._lock:
            for entry in entries:
                self._shelf.add(entry)
        self._wake.set()

    def pause(self, entry: Entry) -> Entry | None:
        """None if it is no longer as it was. So do ``resume`` and ``extend``; each gives the entry as it is now."""
        return self._change(replace(entry, left_s=self.remaining_s(entry), deadline=None))

    def resume(self, entry: Entry) -> Entry | None:
        return self._change(replace(entry, left_s=None, deadline=self.clocks.deadline(entry.left_s or 0)))

    def extend(self, entry: Entry, by_s: float) -> Entry | None:
        left_s = max(0.0, self.remaining_s(entry) + by_s)
        if entry.paused:
            return self._change(replace(entry, left_s=left_s))
        return self._change(replace(entry, deadline=self.clocks.deadline(left_s)))

    @property
    def ringing(self) -> bool:
        """An alarm rings until it is stopped."""
        return any(ring.repeats and not ring.over for ring in self._rings)

    def silence(self) -> None:
        """The user wants quiet: what rings has rung."""
        for ring in self._rings:
            ring.over |= ring.told_s is not None or ring.repeats
        self._wake.set()

    def rung(self) -> Entry | None:
        """What rings, or has rung a short while ago, and can be snoozed."""
        ring = next((ring for ring in reversed(self._rings) if ring.told_s is not None and not ring.over), self._last)
        if ring is None or ring.told_s is None or self.clocks.elapsed_s() - ring.told_s > SNOOZABLE_S:
            return None
        return ring.entry

    def snooze(self, entry: Entry, after_s: int) -> Entry:
        """Let ``entry`` ring again after that time. Raises Full."""
        self.silence()
        return self.add(entry.kind, When(after_s), entry.name)

    def tell(self, label: str, text: str) -> None:
        """Say something unasked."""
        if self._room:
            self._outbox.append(Announcement(label, text))

    # For the session.

    def due(self) -> Sequence[Announcement]:
        """What has come due since the last call."""
        if self._thread is None:
            self.look()
        due = []
        while self._outbox:
            due.append(self._outbox.popleft())
        return due

    # For who owns it.

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="agenda", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Returns at once; ``join`` waits."""
        self._stopping = True
        self._wake.set()

    def join(self, timeout_s: float) -> bool:
        if self._thread is not None:
            self._thread.join(timeout_s)
            if self._thread.is_alive():
                return False
        self._shelf.close()
        return True

    def look(self) -> None:
        """See what has come due, what is to ring again, and what has rung."""
        with self._lock:
            self._mind_the_clock()
            known = {entry.id for entry in self._read()}
            self._rings = tuple(ring for ring in self._rings if self._goes_on(ring, ring.entry.id in known))
            taken = {ring.entry.id for ring in self._rings}
            due = [each for each in self._read() if each.id not in taken and self._is_due(each)]
            due.sort(key=lambda each: (each.remaining_s(self.clocks), each.id))
            self._ring(due[: self._room])

    def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            try:
                self.look()
            except Exception:  # the other alarms must ring, whatever is wrong with one
                log.exception("agenda failed")
            self._wake.wait(self._patience_s())

    def _patience_s(self) -> float:
        waits_s = [each.remaining_s(self.clocks) for each in self._entries if not each.paused]
        return max(0.01, min([LOOK_S, *(wait_s for wait_s in waits_s if wait_s > 0)]))

    def _read(self) -> Sequence[Entry]:
        if self._shelf.changed():
            self._entries = self._shelf.entries()
        return self._entries

    def _change(self, entry: Entry) -> Entry | None:
        with self._lock:
            changed = self._shelf.change(entry)
        self._wake.set()
        return changed

    @property
    def _room(self) -> int:
        """For announcements."""
        return max(0, WAITING - len(self._outbox))

    def _is_due(self, entry: Entry) -> bool:
        return not entry.paused and entry.remaining_s(self.clocks) <= 0

    def _ring(self, due: Sequence[Entry]) -> None:
        """Claim what is due, and announce it: what was missed in one announcement, the rest one by one."""
        late: list[tuple[Ring, float]] = []
        until_s = self._now_s() + CLAIM_S
        for entry in due:
            if not self._shelf.claim(entry, self._now_s(), until_s):
                continue
            late_s = -entry.remaining_s(self.clocks)
            ring = Ring(entry, self.clocks.elapsed_s(), until_s, repeats=entry.kind is Kind.ALARM and late_s < RING_S)
            self._rings = (*self._rings, ring)
            if late_s > LATE_S and not ring.repeats:
                late.append((ring, late_s))
            else:
                self._announce([ring], entry.label, words.rings(entry, self._language))
        if late:
            text = words.missed([(ring.entry, late_s) for ring, late_s in late], self._language)
            self._announce([ring for ring, _ in late], late[0][0].entry.label, text)

    def _announce(self, rings: Sequence[Ring], label: str, text: str) -> None:
        insists = any(ring.repeats for ring in rings)
        self._outbox.append(Announcement(label, text, partial(self._begin, rings), insists))

    def _begin(self, rings: Sequence[Ring]) -> bool:
        """On the session's thread: it is about to be said, unless it was stopped while it waited."""
        wanted = [ring for ring in rings if not ring.over]
        for ring in wanted:
            ring.told_s, ring.waits = self.clocks.elapsed_s(), False
            self._last = ring
        self._wake.set()
        return bool(wanted)

    def _goes_on(self, ring: Ring, known: bool) -> bool:
        """Whether it still rings; else it is done with."""
        if not known:
            ring.over = True
            return False
        now_s = self.clocks.elapsed_s()
        ring.over |= ring.repeats and now_s - ring.since_s >= RING_S
        if ring.over or (ring.told_s is not None and not ring.repeats):
            self._finish(ring.entry)
            return False
        if ring.told_s is not None and not ring.waits and now_s - ring.told_s >= REPEAT_S and self._room:
            ring.waits = True
            self._announce([ring], ring.entry.label, words.rings(ring.entry, self._language))
        if not CLAIM_S / 2 <= ring.claimed_until_s - self._now_s() <= CLAIM_S:
            ring.claimed_until_s = self._now_s() + CLAIM_S
            self._shelf.renew(ring.entry, ring.claimed_until_s)
        return True

    def _finish(self, entry: Entry) -> None:
        if entry.repeat and entry.at is not None:
            now = self.clocks.local()
            later = following(entry.at, entry.repeat, max(now, entry.at))
            self._shelf.change(replace(entry, at=not_too_far(later, entry.repeat, now)))
        else:
            self._shelf.remove(entry.id)

    def _mind_the_clock(self) -> None:
        """What repeats may come sooner if the local time was put back since the last look."""
        for entry in self._read() if self._put_back.since_last_time() else ():
            if (
                entry.repeat
                and entry.at
                and (at := not_too_far(entry.at, entry.repeat, self.clocks.local())) < entry.at
            ):
                self._shelf.change(replace(entry, at=at))

    def _now_s(self) -> float:
        return self.clocks.now().timestamp()

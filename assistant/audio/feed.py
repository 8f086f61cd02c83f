"""Clauses at any rate into a playback ring at its own."""

from collections import deque
from dataclasses import replace

from assistant.audio.playback import PlaybackRing
from assistant.audio.protocols import ClauseProgress
from assistant.audio.resample import Resampler
from assistant.models.protocols import Pcm

FLUSH_BELOW_S = 0.06  # about two ticks of a session, so that the end comes before the ring runs dry


class ClauseFeed:
    """Resamples clause by clause, streaming, so that the joints between the chunks of a clause do not click.

    Full policy: one chunk of any length is taken and waits outside the ring; until it is in, ``write`` refuses
    the next. Belongs to the session's thread.
    """

    def __init__(self, ring: PlaybackRing) -> None:
        self._ring = ring
        self._waiting: deque[tuple[int, Pcm]] = deque()  # a clause's end and one chunk, at most
        self._clause_id = -1
        self._resampler: Resampler | None = None
        self._written_since_tick = False

    @property
    def buffered_s(self) -> float:
        """Seconds taken in and not yet played, the resampler's share included."""
        return (self._ring.buffered + sum(samples for _, samples in self._outside())) / self._ring.sample_rate_hz

    def write(self, clause_id: int, pcm: Pcm, sample_rate_hz: int) -> bool:
        """Take ``pcm``, shape ``(n,)``; False, and nothing taken, while an earlier chunk waits for room."""
        self._move()
        if self._waiting:
            return False
        if self._resampler is None or (clause_id, sample_rate_hz) != (self._clause_id, self._resampler.from_hz):
            self._end_clause()
            self._clause_id = clause_id
            self._resampler = Resampler(sample_rate_hz, self._ring.sample_rate_hz)
        self._queue(self._resampler.push(pcm))
        self._written_since_tick = True
        self._move()
        return True

    def tick(self) -> None:
        """Move on what waits, and give the end of a clause that the resampler holds back when no more of it comes."""
        self._move()
        runs_low = self._ring.buffered < FLUSH_BELOW_S * self._ring.sample_rate_hz
        if runs_low and not self._written_since_tick and not self._waiting:
            self._end_clause()
            self._move()
        self._written_since_tick = False

    def progress(self) -> tuple[ClauseProgress, ...]:
        """How far each clause came, in the order written; ``queued`` counts what has not reached the ring, too."""
        return self._with_waiting(self._ring.progress())

    def discard(self) -> tuple[ClauseProgress, ...]:
        """Drop everything and say how far each clause came."""
        progress = self._with_waiting(self._ring.discard())
        self._waiting.clear()
        self._resampler = None
        return progress

    def _with_waiting(self, in_ring: tuple[ClauseProgress, ...]) -> tuple[ClauseProgress, ...]:
        progress = {clause.clause_id: clause for clause in in_ring}
        for clause_id, samples in self._outside():
            clause = progress.get(clause_id, ClauseProgress(clause_id, played=0, queued=0))
            progress[clause_id] = replace(clause, queued=clause.queued + samples)
        return tuple(progress.values())

    def _outside(self) -> list[tuple[int, int]]:
        """Clause and number of samples of all that has not reached the ring."""
        outside = [(clause_id, pcm.size) for clause_id, pcm in self._waiting]
        if self._resampler is not None and self._resampler.held_samples:
            outside.append((self._clause_id, self._resampler.held_samples))
        return outside

    def _move(self) -> None:
        """Into the ring, as much as there is room for."""
        while self._waiting:
            clause_id, pcm = self._waiting.popleft()
            taken = self._ring.write(clause_id, pcm)
            if taken < pcm.size:
                self._waiting.appendleft((clause_id, pcm[taken:]))
                return

    def _end_clause(self) -> None:
        if self._resampler is not None:
            self._queue(self._resampler.flush())
            self._resampler = None

    def _queue(self, pcm: Pcm) -> None:
        if pcm.size:
            self._waiting.append((self._clause_id, pcm))

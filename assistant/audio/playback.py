"""Reply samples on their way to the loudspeaker, and how many of each clause have got there."""

from dataclasses import dataclass

import numpy as np

from assistant.audio.protocols import ClauseProgress
from assistant.models.protocols import Pcm

FADE_S = 0.005  # long enough for no click, short enough to be over within one device block
DUCKED = 10 ** (-18 / 20)  # −18 dB: clearly behind somebody who talks, and still there


@dataclass(slots=True)
class _Segment:
    """Samples ``start`` … ``end`` of everything ever written belong to this clause."""

    clause_id: int
    start: int
    end: int


class PlaybackRing:
    """A preallocated ring of float32 mono samples for one writer (the session) and one reader (the device callback).
    Full policy: ``write`` takes what fits and says how much that was.

    Positions count all samples ever written and are moved by one side each, so there is no lock: the writer works out
    progress from the reader's position alone. To *drain* is to write no more and wait until ``buffered`` is 0; to
    *discard* is to mark a position up to which the reader skips. To *duck* or to *pause* is to name a gain that the
    reader moves to at its next block, 5 ms from full to nothing: at nothing it stands still, so that every sample is
    handed out exactly once, whatever happens in between.
    """

    def __init__(self, capacity: int, sample_rate_hz: int) -> None:
        self.sample_rate_hz = sample_rate_hz
        self.underruns = 0
        self._data: Pcm = np.zeros(capacity, np.float32)
        self._written = 0  # moved by the writer
        self._discard_to = 0  # moved by the writer
        self._segments: list[_Segment] = []  # the writer's
        self._read = 0  # moved by the reader
        self._sounding = False  # the reader's: its last block was sound to the end
        self._faded = 0  # the reader's: samples of the present fade-out
        self._fade = np.linspace(1, 0, max(1, round(FADE_S * sample_rate_hz)), endpoint=False, dtype=np.float32)
        self._wanted = self._full  # moved by the writer: a gain, in steps of one sample of the fade
        self._gain = self._full  # the reader's

    @property
    def _full(self) -> int:
        return self._fade.size

    @property
    def paused(self) -> bool:
        """The reader stands still, or is about to."""
        return self._wanted == 0

    @property
    def buffered(self) -> int:
        """Samples written and neither played nor discarded."""
        return self._written - max(self._read, self._discard_to)

    def write(self, clause_id: int, pcm: Pcm) -> int:
        """Queue as much of ``pcm``, shape ``(n,)``, as there is room for; return how many samples that was.

        Going on with a clause that has already run dry counts an underrun.
        """
        fits = min(pcm.size, self._data.size - (self._written - self._read))
        if fits == 0:
            return 0
        self._note(clause_id, fits)
        start = self._written % self._data.size
        first = min(fits, self._data.size - start)
        self._data[start : start + first] = pcm[:first]
        self._data[: fits - first] = pcm[first:fits]
        self._written += fits
        return fits

    def progress(self) -> tuple[ClauseProgress, ...]:
        """How far each clause since the last ``discard`` came, in the order of their first samples.

        Played means handed to the device.
        """
        read = self._read
        totals: dict[int, tuple[int, int]] = {}
        for segment in self._segments:
            played, queued = totals.get(segment.clause_id, (0, 0))
            length = segment.end - segment.start
            totals[segment.clause_id] = (played + min(max(read - segment.start, 0), length), queued + length)
        return tuple(ClauseProgress(clause_id, *counts) for clause_id, counts in totals.items())

    def discard(self) -> tuple[ClauseProgress, ...]:
        """Drop what is queued and say how far each clause came.

        The reader stops at its next block, with a fade of 5 ms that is not counted as played; a block that it is
        reading at this very moment may not be counted either.
        """
        progress = self.progress()
        self._discard_to = self._written
        self._segments.clear()
        self._wanted = self._full
        return progress

    def duck(self) -> None:
        """Play on, softly."""
        self._wanted = max(1, round(DUCKED * self._full))

    def pause(self) -> None:
        """Fade out and stand still; nothing is lost."""
        self._wanted = 0

    def resume(self) -> None:
        """Go on at full volume, with the sample behind the last one that was played."""
        self._wanted = self._full

    def next_up(self, count: int) -> Pcm:
        """A copy of up to ``count`` samples that are about to be played; for the writer's thread."""
        begin = max(self._read, self._discard_to)
        end = min(begin + count, self._written)
        start = begin % self._data.size
        first = min(end - begin, self._data.size - start)
        return np.concatenate((self._data[start : start + first], self._data[: end - begin - first]))

    def read_into(self, out: Pcm) -> int:
        """Fill ``out``, shape ``(n,)``, with the next samples and then silence; return how many samples were sound.

        The callback's only call: copies, and neither allocates buffers nor waits.
        """
        discard_to = self._discard_to
        written = self._written
        done = self._read_discarded(out, discard_to) if self._read < discard_to else 0
        if self._read >= discard_to:
            done += self._read_fresh(out[done:], written)
        out[done:] = 0
        self._sounding = done == out.size
        return done

    def _note(self, clause_id: int, count: int) -> None:
        last = self._segments[-1] if self._segments else None
        if last is not None and last.clause_id == clause_id:
            self.underruns += self.buffered == 0
            last.end += count
        else:
            self._segments.append(_Segment(clause_id, self._written, self._written + count))

    def _read_discarded(self, out: Pcm, discard_to: int) -> int:
        """Fade out what was sounding when it was discarded, then skip the rest."""
        if not self._sounding:
            self._skip(discard_to)
            return 0
        count = min(out.size, discard_to - self._read, self._fade.size - self._faded)
        self._take(out[:count])
        out[:count] *= self._fade[self._faded : self._faded + count]
        out[:count] *= self._gain / self._full
        self._faded += count
        if self._faded == self._fade.size or self._read == discard_to:
            self._skip(discard_to)
        return count

    def _skip(self, discard_to: int) -> None:
        """What is discarded is over: what comes next begins with the gain that is wanted by then."""
        self._faded = 0
        self._read = discard_to
        self._gain = self._wanted

    def _read_fresh(self, out: Pcm, written: int) -> int:
        """Samples at the gain that is wanted, after those on the way to it; none once that is nothing."""
        wanted, full = self._wanted, self._full
        if not self._sounding:
            self._gain = min(self._gain, wanted)  # nothing to fade out
        ramp = min(abs(wanted - self._gain), out.size, written - self._read)
        self._take(out[:ramp])
        if wanted < self._gain:
            out[:ramp] *= self._fade[full - self._gain : full - self._gain + ramp]
            self._gain -= ramp
        elif ramp:
            out[:ramp] *= self._fade[::-1][self._gain : self._gain + ramp]
            self._gain += ramp
        if self._gain != wanted or wanted == 0:
            return ramp
        steady = out[ramp : ramp + written - self._read]
        self._take(steady)
        if wanted != full:
            steady *= wanted / full
        return ramp + steady.size

    def _take(self, out: Pcm) -> None:
        start = self._read % self._data.size
        first = min(out.size, self._data.size - start)
        out[:first] = self._data[start : start + first]
        out[first:] = self._data[: out.size - first]
        self._read += out.size

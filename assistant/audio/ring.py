"""Microphone samples on their way from the PortAudio callback to the capture thread."""

import threading
import time

import numpy as np
import numpy.typing as npt

from assistant.models.protocols import Pcm


class CaptureRing:
    """A preallocated ring of float32 mono samples for exactly one writer and one reader. Full policy: what does not fit
    is dropped and counted in ``overrun_samples``; the writer never waits.

    Each position is moved by one side only, so there is no lock around the data. The reader is woken through a bare
    ``threading.Lock`` used as a binary semaphore: its release is one C call that never waits, whereas an Event or a
    Condition takes an inner lock that a preempted Python thread may be holding.
    """

    def __init__(self, capacity: int) -> None:
        self._data: Pcm = np.zeros(capacity, np.float32)
        self._written = 0  # moved by the writer
        self._read = 0  # moved by the reader
        self._wake = threading.Lock()
        self._wake.acquire()
        self._closed = False
        self.overrun_samples = 0

    @property
    def available(self) -> int:
        """Samples that wait to be read."""
        return self._written - self._read

    def write(self, block: npt.NDArray[np.float32]) -> None:
        """Copy ``block``, shape ``(n,)`` or ``(n, channels)`` (then its mean). The callback's only call."""
        fits = min(len(block), self._data.size - self.available)
        start = self._written % self._data.size
        first = min(fits, self._data.size - start)
        _copy(block[:first], self._data[start : start + first])
        _copy(block[first:fits], self._data[: fits - first])
        self._written += fits
        self.overrun_samples += len(block) - fits
        self._signal()

    def read(self, count: int, timeout_s: float) -> Pcm | None:
        """The next ``count`` samples; None when they have not come after ``timeout_s``, or the ring was closed."""
        deadline_s = time.monotonic() + timeout_s
        while self.available < count:
            if self._closed or not self._wake.acquire(timeout=max(0.0, deadline_s - time.monotonic())):
                return None
        start = self._read % self._data.size
        first = min(count, self._data.size - start)
        block = np.concatenate((self._data[start : start + first], self._data[: count - first]))
        self._read += count
        return block

    def close(self) -> None:
        """Let a waiting reader go. Callable from any thread."""
        self._closed = True
        self._signal()

    def _signal(self) -> None:
        try:  # noqa: SIM105 - a context manager would allocate in the callback
            self._wake.release()
        except RuntimeError:
            pass  # signalled already


def _copy(block: npt.NDArray[np.float32], into: Pcm) -> None:
    if block.ndim == 1:
        into[:] = block
    elif block.shape[1] == 1:
        into[:] = block[:, 0]
    elif len(block):
        np.mean(block, axis=1, out=into)

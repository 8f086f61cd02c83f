"""What a stretch of time cost this process."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class Usage:
    """Seconds on the wall clock, and of processor time on all cores together."""

    wall_s: float = 0.0
    cpu_s: float = 0.0

    @property
    def cores(self) -> float:
        """Cores kept busy on average."""
        return self.cpu_s / self.wall_s if self.wall_s > 0 else 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Add what happens meanwhile."""
        wall_s, cpu_s = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            self.wall_s += time.perf_counter() - wall_s
            self.cpu_s += time.process_time() - cpu_s


def peak_memory_mb() -> float | None:
    """The most memory that was resident at a time, in units of 10⁶ bytes; None where the system does not tell."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak * (1 if sys.platform == "darwin" else 1024) / 1e6  # getrusage(2): kilobytes, on macOS bytes

"""A bar for each file that is on its way, and one for all of them; a line a file where nobody watches."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from assistant.store.progress import Listener, Meter, Progress

MOST_BARS = 8


@contextmanager
def bars(verb: str) -> Iterator[Listener]:
    """Give ``pull`` and its like something to report to: bytes, speed and time left on stderr."""
    if not sys.stderr.isatty():
        yield _Lines(verb)
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(24), DownloadColumn(), TransferSpeedColumn())
    with Bars(*columns, TimeRemainingColumn(compact=True), console=Console(stderr=True), transient=True) as drawn:
        yield _Drawn(drawn, verb)


class _Drawn:
    def __init__(self, drawn: Any, verb: str) -> None:
        self._drawn = drawn
        self._meter = Meter()
        self._all = drawn.add_task(f"[bold]{verb}", total=None)
        self._files: dict[tuple[str, str], Any] = {}

    def __call__(self, progress: Progress) -> None:
        self._meter.hear(progress)
        key = (progress.entry_id, progress.file)
        if progress.phase == "waiting":
            self._drawn.console.print(f"waiting for another download of {progress.entry_id}", highlight=False)
            return
        if progress.phase == "done":
            if (task := self._files.pop(key, None)) is not None:
                self._drawn.remove_task(task)
        elif key in self._files or len(self._files) < MOST_BARS:
            if key not in self._files:
                self._files[key] = self._drawn.add_task(f"{progress.entry_id}/{progress.file}", total=None)
            self._drawn.update(self._files[key], completed=progress.received, total=progress.size or None)
        self._drawn.update(self._all, completed=self._meter.received, total=self._meter.size)


class _Lines:
    def __init__(self, verb: str) -> None:
        self._verb = verb

    def __call__(self, progress: Progress) -> None:
        if progress.phase == "waiting":
            print(f"waiting for another download of {progress.entry_id}", file=sys.stderr, flush=True)
        elif progress.phase == "done":
            size = bytes_in_words(progress.size or progress.received)
            print(f"{self._verb} {progress.entry_id}/{progress.file} ({size})", file=sys.stderr, flush=True)


def bytes_in_words(size: int) -> str:
    """``1.9 GB``, as disks and networks count."""
    for unit, least in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= least:
            return f"{size / least:.{0 if size >= 100 * least else 1}f} {unit}"
    return f"{size} bytes"

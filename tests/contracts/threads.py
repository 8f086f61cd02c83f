"""Work on another thread, as an engine's worker does it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def elsewhere(work: Callable[[], T]) -> T:
    """What ``work`` gives on a thread of its own, which has ended when this returns."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(work).result()

"""Skills and tools run here: each call on a thread of its own, for as long as it is given and no longer."""

import itertools
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from assistant.session.turn import Cancelled, CancelToken

MOST_AT_ONCE = 16
JOIN_S = 0.2
T = TypeVar("T")


class TooSlow(Exception):
    """A call did not end in the time that it was given."""


class TooBusy(Exception):
    """So many calls hang that no other one is begun."""


class Call(Generic[T]):
    """One call on its way."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._news = threading.Condition()  # it has ended, or who waits is to look at the token
        self._done = False
        self._result: T | None = None
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            self._result = self._work()
        except BaseException as error:  # whatever it is belongs to who waits for the result
            self._error = error
        self._done = True
        self._notify()

    def wait(self, timeout_s: float, token: CancelToken) -> bool:
        """Whether it has ended within ``timeout_s``. Raises Cancelled as soon as the token is cancelled."""
        token.on_cancel(self._notify)
        with self._news:
            self._news.wait_for(lambda: self._done or token.cancelled, timeout_s)
        if not self._done:
            token.raise_if_cancelled()
        return self._done

    def result(self) -> T:
        """What came of it, once it has ended. Raises what it raised; what would end the program is an error, too."""
        if isinstance(self._error, (Exception, Cancelled)):
            raise self._error
        if self._error is not None:
            raise RuntimeError(f"it tried to end the program: {self._error!r}") from self._error
        return self._result  # type: ignore[return-value]  # it has ended, so this is a T

    def _notify(self) -> None:
        with self._news:
            self._news.notify_all()


class Runner:
    """Begins calls and forgets none: who hangs is left behind with its thread, and counted.

    Thread-safe. Full policy: with ``limit`` calls under way the next one is refused with TooBusy.
    """

    def __init__(self, limit: int = MOST_AT_ONCE) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._threads: set[threading.Thread] = set()

    def begin(self, work: Callable[[], T]) -> Call[T]:
        """Run ``work`` on a thread of its own. Raises TooBusy."""
        call = Call(work)
        thread = threading.Thread(target=self._run, args=(call,), name=f"skill-{next(self._numbers)}", daemon=True)
        with self._lock:
            if len(self._threads) >= self._limit:
                raise TooBusy
            self._threads.add(thread)
        thread.start()
        return call

    def run(self, work: Callable[[], T], timeout_s: float, token: CancelToken) -> T:
        """What ``work`` returns. Raises what it raises, TooSlow, TooBusy, and Cancelled with the token."""
        call = self.begin(work)
        if not call.wait(timeout_s, token):
            raise TooSlow
        return call.result()

    def close(self) -> bool:
        """Wait a moment for what still runs. False if something hangs: the process ends without it."""
        with self._lock:
            threads = list(self._threads)
        for thread in threads:
            thread.join(JOIN_S / len(threads))
        return not any(thread.is_alive() for thread in threads)

    def _run(self, call: Call[T]) -> None:
        try:
            call.run()
        finally:
            with self._lock:
                self._threads.discard(threading.current_thread())

"""Fan-out of events to bounded mailboxes, one a subscriber."""

import threading
from collections import deque
from collections.abc import Iterator

from assistant.events import Event


class Mailbox:
    """A subscriber's events. Full policy: the oldest is dropped and counted; the publisher never waits."""

    def __init__(self, capacity: int) -> None:
        self._events: deque[Event] = deque(maxlen=capacity)
        self._ready = threading.Condition()
        self._closed = False
        self.dropped = 0

    def put(self, event: Event) -> None:
        with self._ready:
            if self._closed:
                return
            if len(self._events) == self._events.maxlen:
                self.dropped += 1
            self._events.append(event)
            self._ready.notify()

    def get(self, timeout_s: float | None = None) -> Event | None:
        """The next event; None when the mailbox is closed and empty, or after ``timeout_s``."""
        with self._ready:
            self._ready.wait_for(lambda: bool(self._events) or self._closed, timeout_s)
            return self._events.popleft() if self._events else None

    def close(self) -> None:
        """Take no more events; a reader still gets what is there."""
        with self._ready:
            self._closed = True
            self._ready.notify_all()

    @property
    def exhausted(self) -> bool:
        """Closed and empty: there will be no other event."""
        with self._ready:
            return self._closed and not self._events

    def __iter__(self) -> Iterator[Event]:
        """Events until the mailbox is closed and empty."""
        while (event := self.get()) is not None:
            yield event


class Bus:
    """Publishes from any thread, in order, to every mailbox."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._mailboxes: list[Mailbox] = []
        self._closed = False

    def subscribe(self, capacity: int = 1024) -> Mailbox:
        mailbox = Mailbox(capacity)
        with self._lock:
            self._mailboxes.append(mailbox)
            if self._closed:
                mailbox.close()
        return mailbox

    def publish(self, event: Event) -> None:
        with self._lock:
            for mailbox in self._mailboxes:
                mailbox.put(event)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            for mailbox in self._mailboxes:
                mailbox.close()

"""The session's mailbox: everything that happens to a conversation, one message at a time."""

import threading
from collections import deque

CAPACITY = 512


class Inbox:
    """Bounded, many writers, one reader.

    Full policy: ``offer`` (frames) drops the newest and counts it; ``put`` (controls, engine results) waits for room.
    A closed inbox takes nothing and never blocks.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._messages: deque[object] = deque()
        self._changed = threading.Condition()
        self._capacity = capacity
        self._closed = False
        self._resting = False
        self.dropped_frames = 0

    def offer(self, message: object) -> bool:
        """Queue without waiting; False if there was no room."""
        with self._changed:
            if self._closed:
                return False
            if len(self._messages) >= self._capacity:
                self.dropped_frames += 1
                return False
            self._append(message)
            return True

    def put(self, message: object) -> bool:
        """Queue, waiting for room; False if the inbox is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or len(self._messages) < self._capacity)
            if self._closed:
                return False
            self._append(message)
            return True

    def get(self, *, resting: bool) -> object:
        """The next message. ``resting`` says that the reader waits for nothing else, which lets ``settle`` return."""
        with self._changed:
            if not self._messages:
                self._resting = resting
                self._changed.notify_all()
                self._changed.wait_for(lambda: bool(self._messages))
            self._changed.notify_all()
            return self._messages.popleft()

    def poll(self) -> object | None:
        """The next message if there is one."""
        with self._changed:
            return self._messages.popleft() if self._messages else None

    def settle(self) -> None:
        """Wait until the inbox is empty and its reader rests, or it is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or (self._resting and not self._messages))

    def close(self) -> None:
        """Let every waiting writer go."""
        with self._changed:
            self._closed = True
            self._messages.clear()
            self._changed.notify_all()

    def _append(self, message: object) -> None:
        self._messages.append(message)
        self._resting = False
        self._changed.notify_all()

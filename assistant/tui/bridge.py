"""The one crossing between the conversation and the screen: bus events come in as Textual messages, controls go out."""

import threading
from collections.abc import Callable
from typing import Protocol

from textual.message import Message

from assistant.bus import Bus
from assistant.events import Event, Levels
from assistant.session.controls import Push

IN_FLIGHT = 1024


class Controls(Protocol):
    """All that the screen may ask of a session. Each returns at once, from any thread."""

    def submit_text(self, text: str) -> None: ...
    def interrupt(self) -> None: ...
    def set_muted(self, muted: bool) -> None: ...
    def push(self, push: Push) -> None: ...
    def stop(self, reason: str) -> None: ...


class Assistant(Protocol):
    """What the screen needs of the composition root."""

    @property
    def bus(self) -> Bus: ...

    @property
    def session(self) -> Controls: ...

    def start(self) -> object:
        """Open the sound and begin to load the engines. Raises AssistantError."""

    def accept_upgrade(self) -> object:
        """Fetch the models that were offered; nothing happens where none were. Returns at once."""

    def stop(self, reason: str) -> object:
        """End the session and give everything back."""


class BusEvent(Message):
    """An event on its way to the panels."""

    bubble = False

    def __init__(self, event: Event) -> None:
        super().__init__()
        self.event = event


class Bridge:
    """Carries events from a mailbox to the screen, in order, on the thread ``tui-bridge``.

    Full policy: of the levels only the newest waits for the screen. Of everything else ``IN_FLIGHT`` events may wait;
    past that the thread blocks, and the mailbox behind it drops its oldest.
    """

    def __init__(self, bus: Bus, post: Callable[[BusEvent], object]) -> None:
        self._mailbox = bus.subscribe()
        self._post = post
        self._slots = threading.Semaphore(IN_FLIGHT)
        self._lock = threading.Lock()
        self._levels: Levels | None = None
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="tui-bridge", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Carry nothing more, and join the thread: at most the time of one ``post``. Idempotent."""
        self._stopping = True
        self._mailbox.close()
        self._slots.release()
        if self._thread.ident is not None:
            self._thread.join()

    def arrive(self, message: BusEvent) -> Event:
        """On the screen's side: the event to show. Makes room for the next."""
        if not isinstance(message.event, Levels):
            self._slots.release()
            return message.event
        with self._lock:
            newest, self._levels = self._levels or message.event, None
            return newest

    def _run(self) -> None:
        for event in self._mailbox:
            if isinstance(event, Levels):
                if self._supersede(event):
                    continue
            else:
                self._slots.acquire()
            if self._stopping:
                return
            self._post(BusEvent(event))

    def _supersede(self, levels: Levels) -> bool:
        """Make these the newest levels. True if a message that will bring them is already on its way."""
        with self._lock:
            waiting, self._levels = self._levels is not None, levels
            return waiting

"""A conversation without a screen: one JSON object a line for each event, until a signal or the end of the input."""

import json
import os
import queue
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Protocol, TextIO

from assistant.bus import Bus, Mailbox
from assistant.errors import OutputError
from assistant.events import Event, Levels, SessionEnded, as_dict

EVENTS = 4096
GRACE_S = 0.25
"""How long the last lines may take once the conversation has stopped, so that SIGTERM ends the process within 1 s."""
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
"""What ends it. SIGHUP is a closed terminal; it is left alone where the caller has it ignored, as nohup does."""


class Conversation(Protocol):
    @property
    def bus(self) -> Bus: ...

    def start(self) -> None: ...

    def stop(self, reason: str) -> object:
        """End the turn, then everything, and close the bus."""


TOGGLE_SIGNAL = signal.SIGUSR1


def run(
    conversation: Conversation,
    out: TextIO,
    leave: Callable[[int], object] = os._exit,
    on_toggle: Callable[[], object] = lambda: None,
) -> None:
    """Start it, print its events, and return when it has stopped and every line is out.

    SIGUSR1 calls ``on_toggle``. SIGNALS, the end of the session and a closed ``out`` all stop it in the same
    way. Where ``out`` takes no more and nobody reads it either, ``leave`` ends the process ``GRACE_S`` after the
    conversation has stopped. Raises AudioError, OutputError.
    """
    ending = _Ending(conversation, leave)
    mailbox = conversation.bus.subscribe(EVENTS)
    with _signals_to(ending.ask, partial(ending.pass_on, on_toggle)), ending:
        conversation.start()
        _write(mailbox, out, ending.ask)


class _Ending:
    """Stops the conversation on a thread of its own, since a signal may find the main one stuck in a full pipe.

    Asking is safe in a signal handler: SimpleQueue.put is reentrant. What a signal has to pass on goes the same way.
    """

    def __init__(self, conversation: Conversation, leave: Callable[[int], object]) -> None:
        self._conversation, self._leave = conversation, leave
        self._asked: queue.SimpleQueue[str | Callable[[], object]] = queue.SimpleQueue()  # bounded by its few askers
        self._written = threading.Event()
        self._thread = threading.Thread(target=self._run, name="headless-ending", daemon=True)

    def ask(self, reason: str) -> None:
        """Only the first who asks is heeded."""
        self._asked.put(reason)

    def pass_on(self, call: Callable[[], object]) -> None:
        self._asked.put(call)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._written.set()
        self.ask("finished")
        self._thread.join()

    def _run(self) -> None:
        while callable(asked := self._asked.get()):
            asked()
        self._conversation.stop(asked)
        if not self._written.wait(GRACE_S):
            self._leave(0)


@contextmanager
def _signals_to(ask: Callable[[str], None], toggle: Callable[[], None]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():  # only the main thread may set handlers
        yield
        return
    heeded = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, lambda got, _: ask(signal.Signals(got).name)) for number in heeded}
    before[TOGGLE_SIGNAL] = signal.signal(TOGGLE_SIGNAL, lambda *_: toggle())
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _write(mailbox: Mailbox, out: TextIO, ask: Callable[[str], None]) -> None:
    """Print until the mailbox is closed and empty; a reader that goes away ends the conversation, not this loop."""
    failure: OSError | None = None
    for event in mailbox:
        if isinstance(event, SessionEnded):
            ask(event.reason)
        if failure is None and not isinstance(event, Levels):
            try:
                print(line_of(event), file=out, flush=True)
            except OSError as error:
                failure = error
                ask("output closed")
    if failure is not None and not isinstance(failure, BrokenPipeError):
        raise OutputError(f"the events cannot be written: {failure.strerror}", hint="Send the output somewhere else.")


def line_of(event: Event) -> str:
    """The event as one line of JSON."""
    return json.dumps(as_dict(event), ensure_ascii=False, default=str)

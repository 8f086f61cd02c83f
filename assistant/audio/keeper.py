"""Keep a device open: notice when it has gone, and open it again when it is back."""

import threading
from collections.abc import Callable, Sequence

from assistant.audio.portaudio import DeviceStream, PortAudio
from assistant.errors import AssistantError, AudioError, DeviceRefused

OnTrouble = Callable[[AssistantError | None], None]
"""Told what is wrong with a device, and None when it is well again. Called on the keeper's thread."""


def ignore_trouble(_trouble: AssistantError | None) -> None:
    """For those who do not want to know."""


BACKOFF_S = (0.5, 1.0, 2.0, 4.0)  # the last one repeats
CHECK_S = 0.5
COMES_BACK = "Plug it in again; it is taken up as soon as it is back."
STALLED_AFTER_CHECKS = 4
STOP_S = 0.25


class Lease:
    """One stream's right to its ring, from when the keeper has taken it up until it gives it up: a stream may call back
    before, and, once a frozen server wakes up, long after."""

    __slots__ = ("beats", "ended", "valid")

    def __init__(self) -> None:
        self.valid = False
        self.ended = False
        self.beats = 0


class StreamKeeper:
    """Owns a stream and the thread ``<what>-keeper``, which opens it again, with back-off, after it has died.

    A stream is dead when PortAudio ends it (at once, when a device is pulled out or a sound server exits) or when its
    callback, which counts ``lease.beats``, has been still for two seconds (a frozen sound server). Closing a frozen
    stream can take for ever, so that too is done on this thread.
    """

    def __init__(
        self,
        what: str,
        portaudio: Callable[[], PortAudio],
        open_stream: Callable[[PortAudio, Lease, Callable[[], None]], DeviceStream],
        on_trouble: OnTrouble,
        backoff_s: Sequence[float] = BACKOFF_S,
    ) -> None:
        self._what = what
        self._portaudio = portaudio
        self._open_stream = open_stream
        self._on_trouble = on_trouble
        self._backoff_s = backoff_s
        self._stopped = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"{what}-keeper", daemon=True)
        self._lease = Lease()
        self._stream: DeviceStream | None = None
        self._absent: AudioError | None = None

    @property
    def alive(self) -> bool:
        """Whether the stream is open and was well when last looked at."""
        return self._lease.valid and not self._lease.ended

    def start(self, *, patient: bool = False) -> None:
        """Open the stream; ``patient`` goes on trying where the device is not there yet. Raises AudioError."""
        portaudio = self._portaudio()
        try:
            self._stream = self._open(portaudio)
        except AudioError as error:
            if not patient:
                raise
            self._absent = error
        self._thread.start()

    def stop(self) -> None:
        """Close the stream. Gives a frozen sound server a quarter of a second, then leaves it to its daemon thread."""
        self._stopped.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(STOP_S)

    def _open(self, portaudio: PortAudio) -> DeviceStream:
        lease = Lease()

        def on_end() -> None:
            lease.ended = True
            self._wake.set()

        stream = self._open_stream(portaudio, lease, on_end)
        self._lease = lease
        lease.valid = True
        return stream

    def _run(self) -> None:
        if self._absent is not None:
            self._recover(self._absent)
        checks_without_beat = beats = 0
        while not self._stopped.is_set():
            self._wake.wait(CHECK_S)
            self._wake.clear()
            checks_without_beat = 0 if self._lease.beats != beats else checks_without_beat + 1
            beats = self._lease.beats
            if self._lease.ended or checks_without_beat >= STALLED_AFTER_CHECKS:
                self._recover(DeviceRefused(f"the {self._what} has gone", hint=COMES_BACK))
                checks_without_beat = beats = 0
        self._close()

    def _recover(self, trouble: AudioError) -> None:
        self._lease.valid = False
        if self._stopped.is_set():
            return
        self._on_trouble(trouble)
        self._close()
        attempt = 0
        while not self._stopped.wait(self._backoff_s[min(attempt, len(self._backoff_s) - 1)]):
            attempt += 1
            try:
                portaudio = self._portaudio()
                with portaudio.alone():
                    portaudio.refresh()
                    self._stream = self._open(portaudio)
            except AssistantError:
                continue
            self._on_trouble(None)
            return

    def _close(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None

"""The one place that touches sounddevice, and through it PortAudio.

Importing sounddevice starts PortAudio and asks every sound server, so that is left until the first use.
"""

import importlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from assistant.audio.quiet import mute_c_stderr
from assistant.errors import DeviceRefused, PortAudioMissing

Kind = Literal["input", "output"]
Fill = Callable[[npt.NDArray[np.float32], bool, float], None]
"""What a callback does with a block of shape ``(n, channels)``: copy from it or fill it. Runs on PortAudio's thread;
the flag says that PortAudio met an overflow or underflow. At last the time, on ``time.monotonic``, at which the first
sample was at the microphone or will be at the loudspeaker, as far as the sound system tells."""

PLAUSIBLE_S = 1.0  # some host APIs give no times, or those of another clock


class Device(Protocol):
    @property
    def index(self) -> int: ...
    @property
    def name(self) -> str: ...


class Format(NamedTuple):
    rate_hz: int
    channels: int


@cache
def system() -> "PortAudio":
    """This machine's PortAudio. Raises PortAudioMissing."""
    return PortAudio(load())


def load(module: str = "sounddevice") -> Any:
    """Import sounddevice. Raises PortAudioMissing."""
    mute_c_stderr()
    try:
        return importlib.import_module(module)
    except OSError as error:  # "PortAudio library not found"
        raise PortAudioMissing(
            "the PortAudio library is not installed, so there is no microphone and no loudspeaker",
            hint="Install it: `sudo apt install libportaudio2` on Debian and Ubuntu, `sudo dnf install portaudio` "
            "on Fedora, `brew install portaudio` on macOS.",
        ) from error
    except ImportError as error:
        raise PortAudioMissing(
            "the Python package sounddevice is not installed", hint="Install it: `pip install sounddevice`."
        ) from error


class DeviceStream:
    """One open stream. ``rate_hz`` and ``channels`` are what the device agreed to."""

    def __init__(self, stream: Any, on_close: Callable[[], None]) -> None:
        self.rate_hz = round(stream.samplerate)
        self.channels: int = stream.channels
        self._stream = stream
        self._on_close = on_close

    def close(self) -> None:
        """Stop at once and release the device. No callback runs after it returns, which can take as long as a sound
        server takes to answer."""
        self._stream.close()
        self._on_close()


class PortAudio:
    """What the project needs of sounddevice, with its errors turned into ours. Thread-safe."""

    def __init__(self, sounddevice: Any) -> None:
        self._sd = sounddevice
        self._use = threading.RLock()
        self._counting = threading.Lock()  # apart: a stream that closes must not wait for one that opens
        self._open_streams = 0

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else looks for devices or opens one in the meantime: PortAudio itself is not thread-safe."""
        with self._use:
            yield

    def devices(self) -> list[dict[str, Any]]:
        """sounddevice's description of every device, its host API by name, in the order of their indices."""
        with self._use, self._errors("the sound system does not answer"):
            host_apis = self._sd.query_hostapis()
            return [{**device, "host_api": host_apis[device["hostapi"]]["name"]} for device in self._sd.query_devices()]

    def default_index(self, kind: Kind) -> int:
        """Index of the default device; −1 where there is none."""
        return int(self._sd.default.device[0 if kind == "input" else 1])

    def accepts(self, kind: Kind, index: int, rate_hz: int) -> bool:
        """Whether the device would open at this rate, with one channel. Asks the device: some milliseconds."""
        check = self._sd.check_input_settings if kind == "input" else self._sd.check_output_settings
        try:
            with self._use:
                check(device=index, channels=1, dtype="float32", samplerate=rate_hz)
        except (self._sd.PortAudioError, ValueError):
            return False
        return True

    def open(
        self,
        kind: Kind,
        device: "Device",
        format_: Format,
        *,
        block_s: float,
        latency: float | Literal["low"],
        fill: Fill,
        on_end: Callable[[], None],
    ) -> DeviceStream:
        """Start a stream. ``on_end`` is called when it ends, for whatever reason. Raises DeviceRefused."""
        factory = self._sd.InputStream if kind == "input" else self._sd.OutputStream

        def callback(block: npt.NDArray[np.float32], _frames: int, times: Any, status: Any) -> None:
            fill(block, bool(status), _sounds_at_s(kind, times))

        with self._use, self._errors(f"the {kind} device “{device.name}” does not open"):
            stream = factory(
                device=device.index,
                samplerate=format_.rate_hz,
                channels=format_.channels,
                dtype="float32",
                blocksize=round(block_s * format_.rate_hz),
                latency=latency,
                callback=callback,
                finished_callback=on_end,
            )
            with self._counting:
                self._open_streams += 1
            return self._started(stream)

    def refresh(self) -> None:
        """Look for devices anew: PortAudio does so only when it starts. Does nothing while a stream is open.

        Starts PortAudio without sounddevice's redirection of descriptor 2, which a terminal screen may be using.
        """
        with self._use, self._errors("PortAudio does not start"):
            if self._open_streams:
                return
            while self._sd._initialized:
                self._sd._terminate()
            self._sd._check(self._sd._lib.Pa_Initialize(), "Error initializing PortAudio")
            self._sd._initialized += 1

    def _started(self, stream: Any) -> DeviceStream:
        opened = DeviceStream(stream, self._forget_stream)
        try:
            stream.start()
        except BaseException:
            opened.close()
            raise
        return opened

    def _forget_stream(self) -> None:
        with self._counting:
            self._open_streams -= 1

    @contextmanager
    def _errors(self, what: str) -> Iterator[None]:
        try:
            yield
        except (self._sd.PortAudioError, ValueError) as error:
            raise DeviceRefused(
                f"{what}: {error}",
                hint="Close other programs that use it, or choose another: `assistant devices` lists them.",
            ) from error


def formats(rates_hz: Iterable[int], max_channels: int) -> list[Format]:
    """What to try, best first: mono at each rate, then stereo, which some cards insist on."""
    channels = sorted({1, min(2, max_channels)})
    return [Format(rate_hz, count) for count in channels for rate_hz in dict.fromkeys(rates_hz)]


def first_that_opens(choices: Iterable[Format], open_at: Callable[[Format], DeviceStream]) -> DeviceStream:
    """The stream in the first format that the device takes. Raises the last DeviceRefused."""
    refused: DeviceRefused | None = None
    for choice in choices:
        try:
            return open_at(choice)
        except DeviceRefused as error:
            refused = error
    assert refused is not None
    raise refused


def _sounds_at_s(kind: Kind, times: Any) -> float:
    """PortAudio counts from anywhere: what it says is taken relative to what it calls now."""
    now_s = time.monotonic()
    if times is None:
        return now_s
    ahead_s: float = (times.inputBufferAdcTime if kind == "input" else times.outputBufferDacTime) - times.currentTime
    return now_s + ahead_s if abs(ahead_s) < PLAUSIBLE_S else now_s

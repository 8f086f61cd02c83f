"""A sound card made of Python, driven by hand: for tests, and for machines without one.

``PortAudio(FakeSounddevice(...))`` takes the place of the real one; each opened stream is in ``streams``, and nothing
happens until ``feed``, ``pull`` or ``die`` is called.
"""

from collections.abc import Callable, Collection, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.models.protocols import Pcm


class FakePortAudioError(Exception):
    """What sounddevice raises for anything that PortAudio refuses."""


def fake_device(name: str, inputs: int = 1, outputs: int = 2, rate_hz: float = 48_000.0) -> dict[str, Any]:
    """A device as sounddevice describes it."""
    return {
        "name": name,
        "hostapi": 0,
        "max_input_channels": inputs,
        "max_output_channels": outputs,
        "default_samplerate": rate_hz,
    }


class FakeStream:
    """An open stream, with sounddevice's attributes and hands to move it."""

    def __init__(self, options: dict[str, Any], refuse_start: bool) -> None:
        self.samplerate: float = options["samplerate"]
        self.channels: int = options["channels"]
        self.blocksize: int = options["blocksize"]
        self.latency = 0.01
        self.active = False
        self.closed = False
        self._refuse_start = refuse_start
        self._callback: Callable[[npt.NDArray[np.float32], int, object, object], None] = options["callback"]
        self._finished: Callable[[], None] = options["finished_callback"]

    def start(self) -> None:
        if self._refuse_start:
            raise FakePortAudioError("Unanticipated host error")
        self.active = True

    def close(self) -> None:
        self.closed = True
        if self.active:
            self.die()

    def feed(self, pcm: Pcm, status: object = None) -> None:
        """Give the input callback ``pcm``, shape ``(n,)``, in one block, the same on every channel."""
        block = np.repeat(pcm[:, np.newaxis], self.channels, axis=1)
        self._callback(block, len(block), None, status)

    def pull(self, frames: int, status: object = None) -> npt.NDArray[np.float32]:
        """Have the output callback fill one block; return it, shape ``(frames, channels)``."""
        block = np.full((frames, self.channels), np.nan, np.float32)
        self._callback(block, frames, None, status)
        return block

    def die(self) -> None:
        """End as PortAudio does when the device is pulled out."""
        self.active = False
        self._finished()


class FakeSounddevice:
    """The part of sounddevice that the project uses. What it refuses may be changed at any time; ``unplugged`` makes
    every opening fail, ``refuse_start`` the step after that."""

    PortAudioError = FakePortAudioError

    def __init__(
        self,
        devices: Sequence[dict[str, Any]] = (),
        default: tuple[int, int] = (0, 0),
        refused_rates_hz: Collection[int] = (),
        mono_refused: bool = False,
        host_apis: Sequence[str] = ("Fake",),
    ) -> None:
        self.devices = list(devices)
        self.refused_rates_hz = set(refused_rates_hz)
        self.mono_refused = mono_refused
        self.unplugged = False
        self.refuse_start = False
        self.host_apis = host_apis
        self.streams: list[FakeStream] = []
        self.restarts = 0
        self.default = SimpleNamespace(device=default if devices else (-1, -1))
        self._initialized = 1
        self._lib = SimpleNamespace(Pa_Initialize=self._pa_initialize)

    def query_devices(self) -> list[dict[str, Any]]:
        return self.devices

    def query_hostapis(self) -> list[dict[str, Any]]:
        return [{"name": name} for name in self.host_apis]

    def check_input_settings(self, **options: Any) -> None:
        self._check_settings(options)

    check_output_settings = check_input_settings

    def InputStream(self, **options: Any) -> FakeStream:  # noqa: N802 - sounddevice's name
        self._check_settings(options)
        stream = FakeStream(options, self.refuse_start)
        self.streams.append(stream)
        return stream

    OutputStream = InputStream

    def _check_settings(self, options: dict[str, Any]) -> None:
        if self.unplugged:
            raise FakePortAudioError("Device unavailable")
        if options["samplerate"] in self.refused_rates_hz:
            raise FakePortAudioError("Invalid sample rate")
        if options["channels"] == 1 and self.mono_refused:
            raise FakePortAudioError("Invalid number of channels")

    def _terminate(self) -> None:
        self._initialized -= 1

    def _pa_initialize(self) -> int:
        self.restarts += 1
        return 0

    def _check(self, _code: int, _message: str) -> None:
        """Everything is well."""


class FakePacer:
    """Time that jumps to wherever it is waited for, for ``frames`` waits; then it is stopped."""

    def __init__(self, frames: int) -> None:
        self.now_s = 100.0
        self.left = frames
        self.waits_s: list[float] = []

    def clock(self) -> float:
        return self.now_s

    def wait_until(self, due_s: float) -> bool:
        if self.left == 0:
            return False
        self.left -= 1
        self.waits_s.append(due_s)
        self.now_s = max(self.now_s, due_s)
        return True

    def stop(self) -> None:
        self.left = 0

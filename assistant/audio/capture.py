"""The microphone as a source of frames."""

import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from assistant.audio.devices import find_device
from assistant.audio.keeper import BACKOFF_S, Lease, OnTrouble, StreamKeeper, ignore_trouble
from assistant.audio.portaudio import DeviceStream, Format, PortAudio, first_that_opens, formats, system
from assistant.audio.protocols import Frame
from assistant.audio.resample import Framer, Resampler
from assistant.audio.ring import CaptureRing
from assistant.models.protocols import FRAME_S, FRAME_SAMPLES, SAMPLE_RATE_HZ, Pcm

BLOCK_S = 0.016  # half a frame: resampled sound waits at most this long for the rest of its frame
RING_S = 2.0
PAD_AFTER_S = 0.25  # no sound for this long: silence stands in


@dataclass(slots=True)
class _Take:
    """What belongs to one opening of the device; a new opening may have another rate."""

    lease: Lease
    rate_hz: int
    ring: CaptureRing = field(init=False)
    resampler: Resampler = field(init=False)
    framer: Framer = field(default_factory=Framer)

    def __post_init__(self) -> None:
        self.ring = CaptureRing(round(RING_S * self.rate_hz))
        self.resampler = Resampler(self.rate_hz, SAMPLE_RATE_HZ, "LQ")

    def write(self, block: npt.NDArray[np.float32], _overflowed: bool, _at_s: float) -> None:
        """PortAudio's callback."""
        self.lease.beats += 1
        self.ring.write(block)

    @property
    def block(self) -> int:
        return round(BLOCK_S * self.rate_hz)

    @property
    def lost_samples(self) -> float:
        """At 16 kHz."""
        return self.ring.overrun_samples * SAMPLE_RATE_HZ / self.rate_hz

    @property
    def unheard_s(self) -> float:
        """Sound that has come in and is in no frame yet."""
        held = self.resampler.held_samples + self.framer.held_samples
        return self.ring.available / self.rate_hz + held / SAMPLE_RATE_HZ


class MicrophoneSource:
    """A microphone, by name or part of it; None for the default.

    Opens at 16 kHz, or at the device's own rate where it refuses that. PortAudio's callback copies into a ring; the
    thread ``capture`` makes frames of it. While the device is gone, silent frames come at the same pace, and a
    StreamKeeper tries to open it again; ``on_trouble`` hears of both. A ``patient`` one may be missing from the start.
    """

    def __init__(
        self,
        device_name: str | None = None,
        clock: Callable[[], float] = time.monotonic,
        *,
        patient: bool = False,
        on_trouble: OnTrouble = ignore_trouble,
        portaudio: PortAudio | None = None,
        backoff_s: Sequence[float] = BACKOFF_S,
    ) -> None:
        self._device_name = device_name
        self._clock = clock
        self._patient = patient
        self._name = device_name or "default microphone"
        self._keeper = StreamKeeper("microphone", lambda: portaudio or system(), self._open, on_trouble, backoff_s)
        self._take: _Take | None = None
        self._lost_samples = 0.0  # in takes that are over, at 16 kHz
        self._last_s = 0.0
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def name(self) -> str:
        return self._name

    @property
    def overruns(self) -> int:
        """Frames' worth of samples lost because nobody read the ring in time."""
        current = self._take.lost_samples if self._take is not None else 0.0
        return math.ceil((self._lost_samples + current) / FRAME_SAMPLES)

    def clock(self) -> float:
        """Seconds on the session's clock."""
        return self._clock()

    def start(self, deliver: Callable[[Frame], object]) -> None:
        """Open the device and begin to deliver. Raises PortAudioMissing and, unless patient, other AudioErrors."""
        self._last_s = self._clock()
        self._keeper.start(patient=self._patient)
        self._thread = threading.Thread(target=self._run, args=(deliver,), name="capture", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop and join the thread; no frame is delivered after this returns."""
        self._stopped.set()
        if self._take is not None:
            self._take.ring.close()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
        self._keeper.stop()

    def _open(self, portaudio: PortAudio, lease: Lease, on_end: Callable[[], None]) -> DeviceStream:
        device = find_device(self._device_name, "input", portaudio)
        self._name = device.name

        def open_at(choice: Format) -> DeviceStream:
            take = _Take(lease, choice.rate_hz)
            stream = portaudio.open(
                "input", device, choice, block_s=BLOCK_S, latency="low", fill=take.write, on_end=on_end
            )
            self._begin(take)
            return stream

        return first_that_opens(formats((SAMPLE_RATE_HZ, device.default_rate_hz), device.max_input_channels), open_at)

    def _begin(self, take: _Take) -> None:
        if self._take is not None:
            self._lost_samples += self._take.lost_samples
        self._take = take

    def _run(self, deliver: Callable[[Frame], object]) -> None:
        heard = True
        while not self._stopped.is_set():
            sound, take = None, self._take
            if take is not None:
                sound = take.ring.read(take.block, PAD_AFTER_S if heard else FRAME_S)
            else:
                self._stopped.wait(FRAME_S)
            heard = sound is not None
            for frame in self._frames(take, sound) if take and sound is not None else self._silence():
                if not self._stopped.is_set():
                    deliver(frame)

    def _frames(self, take: _Take, sound: Pcm) -> Iterator[Frame]:
        frames = take.framer.push(take.resampler.push(sound))
        heard_s = self._clock() - take.unheard_s
        for behind, pcm in zip(reversed(range(len(frames))), frames, strict=True):
            self._last_s = max(self._last_s, heard_s - behind * FRAME_S)
            yield Frame(pcm, self._last_s)

    def _silence(self) -> Iterator[Frame]:
        """As many silent frames as there was time for since the last frame."""
        while self._last_s + FRAME_S <= self._clock():
            self._last_s += FRAME_S
            yield Frame(np.zeros(FRAME_SAMPLES, np.float32), self._last_s)

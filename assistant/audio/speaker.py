"""Where the reply is played: a loudspeaker, a file, or nowhere."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from assistant.audio.devices import find_device
from assistant.audio.feed import ClauseFeed
from assistant.audio.keeper import BACKOFF_S, Lease, OnTrouble, StreamKeeper, ignore_trouble
from assistant.audio.level import FLOOR_DBFS, dbfs
from assistant.audio.playback import PlaybackRing
from assistant.audio.portaudio import DeviceStream, Format, PortAudio, first_that_opens, formats, system
from assistant.audio.protocols import ClauseProgress
from assistant.audio.reference import PlaybackTap
from assistant.audio.wavwriter import WavWriter
from assistant.errors import OutputError
from assistant.models.protocols import FRAME_S, Pcm

RING_S = 10.0
BLOCK_S = 0.01
LATENCY_S = 0.04
FILE_RATE_HZ = 24_000


class RingSink:
    """What all sinks share: clauses are resampled into a playback ring; somebody else reads it.

    Everything but ``close`` belongs to the session's thread.
    """

    def __init__(self, name: str, sample_rate_hz: int) -> None:
        self._name = name
        self._fraction = 0.0
        self._played: Pcm = np.zeros(0, np.float32)
        self._set_rate(sample_rate_hz)

    @property
    def name(self) -> str:
        return self._name

    @property
    def sample_rate_hz(self) -> int:
        """The rate that ``progress`` counts samples at."""
        return self._ring.sample_rate_hz

    @property
    def underruns(self) -> int:
        """How often a clause fell silent because more of it came too late."""
        return self._ring.underruns

    @property
    def buffered_s(self) -> float:
        """Seconds queued and not yet played; 0 when drained."""
        return self._feed.buffered_s

    @property
    def level_dbfs(self) -> float:
        """Loudness of the next frame to be played; −120 for silence."""
        if self._ring.paused:
            return FLOOR_DBFS
        return dbfs(self._ring.next_up(round(FRAME_S * self.sample_rate_hz)))

    def write(self, clause_id: int, pcm: Pcm, sample_rate_hz: int) -> bool:
        """Queue ``pcm``, shape ``(n,)``, of any length. False, and nothing taken, while ten seconds are queued."""
        return self._feed.write(clause_id, pcm, sample_rate_hz)

    def progress(self) -> tuple[ClauseProgress, ...]:
        """Every clause since the last ``discard``, in the order written."""
        return self._feed.progress()

    def duck(self) -> None:
        """Play on 18 dB softer."""
        self._ring.duck()

    def pause(self) -> None:
        """Fade out in 5 ms, within one device block, and stand still."""
        self._ring.pause()

    def resume(self) -> None:
        """Fade in, in 5 ms, from the very sample where ``pause`` stood still."""
        self._ring.resume()

    def discard(self) -> tuple[ClauseProgress, ...]:
        """Drop what is queued, within one device block, and say how far each clause came."""
        return self._feed.discard()

    @property
    def breaks(self) -> int:
        """As a Reference."""
        return self._tap.breaks

    def played(self, at_s: float, count: int) -> Pcm:
        """As a Reference, for the capture thread: the ``count`` samples, at 16 kHz, that sounded until ``at_s``. Only a
        sink that is heard knows of any."""
        return self._tap.played(at_s, count)

    def sounded(self, at_s: float) -> Pcm:  # noqa: ARG002 - a device needs it
        """What was heard in the frame that ended at ``at_s``: shape ``(768,)`` at 24 kHz, after ducking, pauses and
        cuts. For the session's thread, once a frame, behind ``tick``."""
        out = np.zeros(round(FRAME_S * FILE_RATE_HZ), np.float32)
        played = self._played[: out.size]
        out[: played.size] = played
        return out

    def _set_rate(self, sample_rate_hz: int) -> None:
        self._ring = PlaybackRing(round(RING_S * sample_rate_hz), sample_rate_hz)
        self._tap = PlaybackTap(sample_rate_hz)
        self._recordable = PlaybackTap(sample_rate_hz, FILE_RATE_HZ)
        self._feed = ClauseFeed(self._ring)

    def _play(self, elapsed_s: float) -> Pcm:
        """Take as much from the ring as is played in that time; exact over many calls."""
        exact = elapsed_s * self.sample_rate_hz + self._fraction
        out = np.zeros(int(exact), np.float32)
        self._fraction = exact - out.size
        self._played = out[: self._ring.read_into(out)]
        return self._played


class NullSink(RingSink):
    """Plays to nobody, at the pace of ``tick``."""

    def __init__(self, sample_rate_hz: int = FILE_RATE_HZ, name: str = "none") -> None:
        super().__init__(name, sample_rate_hz)

    def start(self) -> None:
        """Nothing to open."""

    def tick(self, elapsed_s: float) -> None:
        """ "Play" that much."""
        self._feed.tick()
        self._play(elapsed_s)

    def close(self) -> None:
        self.discard()


class FileSink(RingSink):
    """Writes what was played, and not the silence in between, to a 16-bit mono WAV file, which is whole at ``close``.

    Where the file cannot be written any more (a full disk), ``on_trouble`` hears of it once and the sink
    plays to nobody.
    """

    def __init__(
        self, path: str | Path, sample_rate_hz: int = FILE_RATE_HZ, *, on_trouble: OnTrouble = ignore_trouble
    ) -> None:
        super().__init__(str(path), sample_rate_hz)
        self._path = path
        self._on_trouble = on_trouble
        self._writer: WavWriter | None = None

    def start(self) -> None:
        """Create the file. Raises OutputError."""
        self._writer = WavWriter(self._path, self.sample_rate_hz)

    def tick(self, elapsed_s: float) -> None:
        """Play that much into the file."""
        self._feed.tick()
        played = self._play(elapsed_s)
        if self._writer is not None and played.size:
            self._try(lambda writer: writer.write(played))

    def close(self) -> None:
        """Discard, and finish the file."""
        self.discard()
        self._try(WavWriter.close)
        self._writer = None

    def _try(self, action: Callable[[WavWriter], None]) -> None:
        if self._writer is None:
            return
        try:
            action(self._writer)
        except OutputError as error:
            self._writer = None
            self._on_trouble(error)


class SpeakerSink(RingSink):
    """A loudspeaker, by name or part of it; None for the default. Opens at the device's own rate.

    While the device is gone, ``tick`` plays to nobody, so ``buffered_s`` still runs down, and a StreamKeeper tries to
    open it again; ``on_trouble`` hears of both.
    """

    def __init__(
        self,
        device_name: str | None = None,
        *,
        on_trouble: OnTrouble = ignore_trouble,
        portaudio: PortAudio | None = None,
        backoff_s: Sequence[float] = BACKOFF_S,
    ) -> None:
        super().__init__(device_name or "default loudspeaker", FILE_RATE_HZ)
        self._device_name = device_name
        self._device_underruns = 0
        self._keeper = StreamKeeper("loudspeaker", lambda: portaudio or system(), self._open, on_trouble, backoff_s)
        self._opened = False

    @property
    def underruns(self) -> int:
        """Those of the ring, and those that PortAudio reported."""
        return super().underruns + self._device_underruns

    def start(self) -> None:
        """Open the device. Raises DeviceNotFound, DeviceRefused, PortAudioMissing."""
        self._keeper.start()

    def sounded(self, at_s: float) -> Pcm:
        """By the device's own stamps of when it plays what; nothing while it is gone."""
        return self._recordable.played(at_s, round(FRAME_S * FILE_RATE_HZ))

    def tick(self, elapsed_s: float) -> None:
        """Feed the device, or stand in for it while it is gone."""
        self._feed.tick()
        if not self._keeper.alive:
            self._play(elapsed_s)

    def close(self) -> None:
        """Discard, and release the device. Idempotent."""
        self.discard()
        self._keeper.stop()

    def _open(self, portaudio: PortAudio, lease: Lease, on_end: Callable[[], None]) -> DeviceStream:
        device = find_device(self._device_name, "output", portaudio)
        self._name = device.name
        # Once clauses were counted at one rate, a device that comes back has to take that.
        rate_hz = self.sample_rate_hz if self._opened else device.default_rate_hz

        def open_at(choice: Format) -> DeviceStream:
            if not self._opened:
                self._set_rate(choice.rate_hz)
            ring, taps = self._ring, (self._tap, self._recordable)

            def fill(block: npt.NDArray[np.float32], underflowed: bool, at_s: float) -> None:
                if not lease.valid:
                    block[:] = 0
                    return
                lease.beats += 1
                self._device_underruns += underflowed
                ring.read_into(block[:, 0])
                for tap in taps:
                    tap.write(block[:, 0], at_s)
                block[:, 1:] = block[:, :1]

            return portaudio.open(
                "output", device, choice, block_s=BLOCK_S, latency=LATENCY_S, fill=fill, on_end=on_end
            )

        stream = first_that_opens(formats((rate_hz,), device.max_output_channels), open_at)
        self._opened = True
        return stream

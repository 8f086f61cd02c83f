"""Sound at one rate to sound at another, as it streams."""

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from assistant.models.protocols import FRAME_SAMPLES, Pcm

Quality = Literal["LQ", "MQ", "HQ"]
EMPTY: Pcm = np.zeros(0, np.float32)


def downmix(block: npt.NDArray[np.float32]) -> Pcm:
    """The mean of all channels; ``block`` has shape ``(n, channels)``."""
    return block[:, 0] if block.shape[1] == 1 else block.mean(axis=1, dtype=np.float32)


class Resampler:
    """Streaming conversion of mono sound with soxr; hands sound through untouched where the rates are equal.

    HQ holds back up to 60 ms of its input, LQ about 20 ms (48 → 16 kHz): LQ is for what must be heard now. Its noise
    is near −100 dB, below that of any microphone. Not thread-safe.
    """

    def __init__(self, from_hz: int, to_hz: int, quality: Quality = "HQ") -> None:
        self.from_hz = from_hz
        self.to_hz = to_hz
        self._stream: Any = None
        if from_hz != to_hz:
            import soxr

            self._stream = soxr.ResampleStream(from_hz, to_hz, 1, dtype="float32", quality=quality)

    @property
    def held_samples(self) -> int:
        """Samples taken in and not yet given out, at the outgoing rate."""
        return 0 if self._stream is None else round(self._stream.delay())

    def push(self, pcm: Pcm) -> Pcm:
        """Take ``pcm``, shape ``(n,)``; give what is ready, which may be nothing."""
        return pcm if self._stream is None else self._resample(pcm, last=False)

    def flush(self) -> Pcm:
        """Give what was held back, and start afresh."""
        if self._stream is None:
            return EMPTY
        tail = self._resample(EMPTY, last=True)
        self._stream.clear()
        return tail

    def _resample(self, pcm: Pcm, *, last: bool) -> Pcm:
        resampled: Pcm = self._stream.resample_chunk(np.ascontiguousarray(pcm, np.float32), last=last)
        return resampled


class Framer:
    """Cuts sound of any block size into frames of 512 samples. Not thread-safe."""

    def __init__(self) -> None:
        self._held: Pcm = EMPTY

    @property
    def held_samples(self) -> int:
        return self._held.size

    def push(self, pcm: Pcm) -> list[Pcm]:
        """The frames that ``pcm`` completes, each of shape ``(512,)``."""
        sound = np.concatenate((self._held, pcm)) if self._held.size else pcm
        count = sound.size // FRAME_SAMPLES
        self._held = sound[count * FRAME_SAMPLES :].copy()
        return [sound[i * FRAME_SAMPLES : (i + 1) * FRAME_SAMPLES] for i in range(count)]

    def flush(self) -> list[Pcm]:
        """What was held, filled up with silence to a frame."""
        return self.push(np.zeros(FRAME_SAMPLES - self._held.size, np.float32)) if self._held.size else []

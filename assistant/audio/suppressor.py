"""Steady noise, such as a fan's, made softer by WebRTC's suppressor, through webrtc-noise-gain (Apache-2.0)."""

from collections.abc import Callable

import numpy as np

from assistant.audio.echo import Heard
from assistant.errors import AudioError
from assistant.models.protocols import SAMPLE_RATE_HZ, Pcm

STRENGTHS = ("low", "medium", "high", "highest")
"""As the library counts them, from 1: by 6, 12, 18 and 21 dB, measured with white noise."""
BLOCK_SAMPLES = 160  # 10 ms, the library's unit
DELAY_SAMPLES = BLOCK_SAMPLES + 96  # the library's own delay is the overlap of its windows of 256 samples
FULL_SCALE = 32768.0

Process = Callable[[Pcm], Pcm]
"""Takes a block, float32 of shape ``(160,)``, and gives one."""


class Blocks:
    """Lets ``process`` have its blocks of 160 samples, whatever the lengths that come. Not thread-safe.

    What goes out is 160 samples later than what comes in, and what ``process`` adds.
    """

    def __init__(self, process: Process) -> None:
        self._process = process
        self._waiting: Pcm = np.zeros(0, np.float32)
        self._ready: Pcm = np.zeros(BLOCK_SAMPLES, np.float32)

    def process(self, pcm: Pcm) -> Pcm:
        """``pcm`` has any shape ``(n,)``, float32, and so has the answer."""
        waiting = np.concatenate([self._waiting, pcm])
        whole = waiting.size - waiting.size % BLOCK_SAMPLES
        done = [self._process(waiting[begin : begin + BLOCK_SAMPLES]) for begin in range(0, whole, BLOCK_SAMPLES)]
        ready = np.concatenate([self._ready, *done])
        self._waiting, self._ready = waiting[whole:], ready[pcm.size :]
        return ready[: pcm.size]


class NoiseSuppressor:
    """Makes steady noise softer in both sounds that an echo canceller gives. Not thread-safe.

    All that goes out is ``delay_s``, 16 ms, later than what comes in. A frame takes 0.08 ms.
    """

    delay_s = DELAY_SAMPLES / SAMPLE_RATE_HZ

    def __init__(self, make: Callable[[], Process]) -> None:
        """``make`` gives a fresh process: there are two sounds, and each has noise of its own."""
        self._pcm, self._for_vad = Blocks(make()), Blocks(make())
        self._was_alone = True

    def process(self, heard: Heard) -> Heard:
        """Sounds of shape ``(512,)``; one and the same where nothing of ours is in it, nor was in what comes late."""
        alone = heard.for_vad is heard.pcm
        pcm, for_vad = self._pcm.process(heard.pcm), self._for_vad.process(heard.for_vad)
        same, self._was_alone = alone and self._was_alone, alone
        return Heard(pcm, pcm if same else for_vad)


def webrtc(strength: str) -> Callable[[], Process]:
    """What makes processes of WebRTC's, of one of STRENGTHS. Raises AudioError where the library is not installed."""
    try:
        from webrtc_noise_gain import AudioProcessor
    except ImportError as error:
        raise AudioError(
            f"noise is not suppressed: webrtc-noise-gain, which does it, cannot be imported: {error}",
            hint="Install it: pip install 'webrtc-noise-gain>=1.3' (Linux), or set audio.noise_suppression to off.",
        ) from error

    def make() -> Process:
        processor = AudioProcessor(0, STRENGTHS.index(strength) + 1)  # no gain: ours knows when something is played

        def process(pcm: Pcm) -> Pcm:
            whole = np.clip(np.rint(pcm * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
            tamed = processor.Process10ms(whole.tobytes()).audio
            return np.frombuffer(tamed, np.int16).astype(np.float32) / np.float32(FULL_SCALE)

        return process

    return make

"""Long sound cut into windows that a recogniser can take; pure."""

from collections.abc import Iterator

import numpy as np

from assistant.models.protocols import SAMPLE_RATE_HZ, Pcm

WINDOW_S = 30
"""What Whisper was trained on; it bounds the memory and the delays of the others."""
CUT_SEARCH_S = 5.0
QUIET_SAMPLES = SAMPLE_RATE_HZ // 10


def windows(pcm: Pcm) -> Iterator[Pcm]:
    """Sound of at most 30 s a window, each cut at the quietest moment of its last five seconds."""
    limit = WINDOW_S * SAMPLE_RATE_HZ
    while pcm.size > limit:
        start = limit - int(CUT_SEARCH_S * SAMPLE_RATE_HZ)
        cut = start + _quietest(pcm[start:limit])
        yield pcm[:cut]
        pcm = pcm[cut:]
    yield pcm


def _quietest(pcm: Pcm) -> int:
    """Middle of the block of 100 ms with the least energy."""
    blocks = pcm[: pcm.size // QUIET_SAMPLES * QUIET_SAMPLES].reshape(-1, QUIET_SAMPLES)
    return int(np.square(blocks).sum(axis=1).argmin()) * QUIET_SAMPLES + QUIET_SAMPLES // 2

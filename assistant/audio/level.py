"""Loudness."""

import math

import numpy as np

from assistant.models.protocols import Pcm

FLOOR_DBFS = -120.0


def dbfs(pcm: Pcm) -> float:
    """Root mean square of ``pcm``, shape ``(n,)``, in dB below a full-scale square wave; −120 for silence."""
    if pcm.size == 0:
        return FLOOR_DBFS
    rms = math.sqrt(float(np.dot(pcm, pcm)) / pcm.size)
    return max(FLOOR_DBFS, 20 * math.log10(rms)) if rms > 0 else FLOOR_DBFS

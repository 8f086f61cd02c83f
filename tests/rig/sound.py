"""Measures on recordings: 16-bit mono at 16 kHz, as bytes or arrays."""

import numpy as np

from tests.rig.pulse import RATE_HZ

BLOCK = RATE_HZ // 100  # 10 ms
LOUD = 200.0  # RMS of a 16-bit block; the virtual devices are silent to the bit


def samples(raw: bytes) -> np.ndarray:
    return np.frombuffer(raw[: len(raw) // 2 * 2], np.int16).astype(np.float32)


def loud_blocks(sound: np.ndarray) -> np.ndarray:
    """Indices of the 10 ms blocks that are not silence."""
    whole = sound[: len(sound) // BLOCK * BLOCK].reshape(-1, BLOCK)
    return np.flatnonzero(np.sqrt((whole**2).mean(axis=1)) > LOUD)


def span_s(sound: np.ndarray) -> tuple[float, float]:
    """First and last moment of sound, in seconds. Fails on silence."""
    blocks = loud_blocks(sound)
    assert blocks.size, "the recording is silent"
    return float(blocks[0]) * BLOCK / RATE_HZ, float(blocks[-1] + 1) * BLOCK / RATE_HZ


def speech(sound: np.ndarray) -> np.ndarray:
    """The part between the first and the last sound, float32 in −1…1, with a little air around it."""
    begin_s, end_s = span_s(sound)
    begin, end = max(int((begin_s - 0.2) * RATE_HZ), 0), int((end_s + 0.2) * RATE_HZ)
    return (sound[begin:end] / 32768).astype(np.float32)

"""Long sound is cut into windows without losing any."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.models.protocols import SAMPLE_RATE_HZ
from assistant.models.windows import WINDOW_S, windows


@given(st.integers(0, 2**31), st.floats(0.0, 120.0))
@settings(max_examples=20)
def test_windows_cover_everything_once_and_fit(seed: int, seconds: float) -> None:
    pcm = np.random.default_rng(seed).random(int(seconds * SAMPLE_RATE_HZ), dtype=np.float32)
    cut = list(windows(pcm))
    assert np.array_equal(np.concatenate(cut), pcm)
    assert all(window.size <= WINDOW_S * SAMPLE_RATE_HZ for window in cut)


def test_a_window_is_cut_in_a_pause() -> None:
    pcm = np.random.default_rng(0).normal(0, 0.1, 40 * SAMPLE_RATE_HZ).astype(np.float32)
    pause = slice(int(27.0 * SAMPLE_RATE_HZ), int(27.4 * SAMPLE_RATE_HZ))
    pcm[pause] = 0
    first = next(windows(pcm))
    assert pause.start <= first.size <= pause.stop

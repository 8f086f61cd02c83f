import numpy as np
import pytest

from assistant.audio.level import dbfs


def test_levels() -> None:
    assert dbfs(np.ones(10, np.float32)) == 0
    assert dbfs(np.full(10, -0.1, np.float32)) == pytest.approx(-20, abs=1e-4)


def test_silence_is_the_floor() -> None:
    assert dbfs(np.zeros(10, np.float32)) == -120
    assert dbfs(np.zeros(0, np.float32)) == -120
    assert dbfs(np.full(10, 1e-9, np.float32)) == -120

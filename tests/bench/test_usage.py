"""What the bench costs."""

import pytest

from assistant.bench.usage import Usage, peak_memory_mb


def test_usage_adds_up() -> None:
    usage = Usage()
    assert usage.cores == 0.0
    for _ in range(2):
        before = usage.wall_s
        with usage.running():
            sum(range(100_000))
        assert usage.wall_s > before
    assert usage.cpu_s > 0
    assert usage.cores == pytest.approx(usage.cpu_s / usage.wall_s)


def test_memory_is_counted_in_millions_of_bytes() -> None:
    held = bytearray(50_000_000)
    peak = peak_memory_mb()
    assert peak is not None
    assert 50 < peak < 100_000
    assert len(held) == 50_000_000

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.audio.resample import Framer, Resampler, downmix


def speechlike(count: int, rate_hz: int) -> np.ndarray:
    t = np.arange(count) / rate_hz
    return (0.4 * np.sin(2 * np.pi * 220 * t) + 0.2 * np.sin(2 * np.pi * 1700 * t)).astype(np.float32)


@pytest.mark.parametrize("from_hz", [8000, 11_024, 22_050, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("quality", ["LQ", "HQ"])
def test_any_rate_becomes_16_khz_in_blocks(from_hz: int, quality: str) -> None:
    resampler = Resampler(from_hz, 16_000, quality)
    blocks = [resampler.push(block) for block in np.array_split(speechlike(from_hz, from_hz), 31)]
    sound = np.concatenate((*blocks, resampler.flush()))
    assert sound.size == 16_000
    assert sound.dtype == np.float32
    inner = slice(500, -500)
    assert np.corrcoef(sound[inner], speechlike(16_000, 16_000)[inner])[0, 1] > 0.999


def test_equal_rates_hand_sound_through() -> None:
    resampler = Resampler(16_000, 16_000)
    pcm = speechlike(100, 16_000)
    assert resampler.push(pcm) is pcm
    assert resampler.held_samples == 0
    assert resampler.flush().size == 0


def test_held_samples_are_what_flush_gives() -> None:
    resampler = Resampler(48_000, 16_000)
    given_out = resampler.push(speechlike(4800, 48_000)).size
    held = resampler.held_samples
    assert given_out + held == 1600
    assert resampler.flush().size == held
    assert resampler.held_samples == 0


def test_a_flushed_resampler_starts_afresh() -> None:
    resampler = Resampler(22_050, 16_000)
    pcm = speechlike(3000, 22_050)
    first = np.concatenate((resampler.push(pcm), resampler.flush()))
    assert np.array_equal(np.concatenate((resampler.push(pcm), resampler.flush())), first)


def test_downmix_is_the_mean_of_the_channels() -> None:
    assert downmix(np.array([[1, 3], [0, -1]], np.float32)).tolist() == [2.0, -0.5]
    assert downmix(np.array([[1], [2]], np.float32)).tolist() == [1.0, 2.0]


@given(st.lists(st.integers(0, 1700), max_size=12))
def test_frames_are_the_sound_cut_into_equal_parts(sizes: list[int]) -> None:
    sound = np.arange(sum(sizes), dtype=np.float32)
    framer = Framer()
    frames = [
        frame for block in np.split(sound, np.cumsum(sizes)[:-1] if sizes else []) for frame in framer.push(block)
    ]
    assert framer.held_samples == sound.size % 512
    frames += framer.flush()
    assert all(frame.shape == (512,) for frame in frames)
    joined = np.concatenate((np.zeros(0), *frames))
    assert np.array_equal(joined[: sound.size], sound)
    assert not joined[sound.size :].any()

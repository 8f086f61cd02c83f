import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.audio.echo import Heard
from assistant.audio.suppressor import BLOCK_SAMPLES, DELAY_SAMPLES, STRENGTHS, Blocks, NoiseSuppressor, webrtc
from assistant.errors import AudioError
from assistant.models.protocols import FRAME_SAMPLES, SAMPLE_RATE_HZ, Pcm
from tests.audio.rooms import frames, level_db

LATE = slice(3 * SAMPLE_RATE_HZ, None)  # what the noise is like, it has learned by then


class Louder:
    """Each block louder than the one before: where blocks begin can be heard."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, pcm: Pcm) -> Pcm:
        assert pcm.shape == (BLOCK_SAMPLES,)
        self.count += 1
        return pcm * np.float32(self.count)


def noise(seconds: float, seed: int = 0) -> Pcm:
    count = round(seconds * SAMPLE_RATE_HZ) // FRAME_SAMPLES * FRAME_SAMPLES
    return (0.03 * np.random.default_rng(seed).standard_normal(count)).astype(np.float32)


def tone(count: int) -> Pcm:
    """Half a second of 1 kHz, half a second of nothing: what lasts is noise to a suppressor."""
    at_s = np.arange(count) / SAMPLE_RATE_HZ
    return (0.1 * np.sin(2 * np.pi * 1000 * at_s) * (at_s % 1 < 0.5)).astype(np.float32)


def suppressed(strength: str, sound: Pcm) -> Pcm:
    """Without the delay."""
    pytest.importorskip("webrtc_noise_gain", reason="webrtc-noise-gain is not installed")
    suppressor = NoiseSuppressor(webrtc(strength))
    late = [suppressor.process(Heard(pcm, pcm)).pcm for (pcm,) in frames(np.append(sound, np.zeros(512, np.float32)))]
    return np.concatenate(late)[DELAY_SAMPLES : DELAY_SAMPLES + sound.size]


@given(st.lists(st.integers(0, 700), max_size=30))
def test_blocks_of_any_length_give_the_same_sound_one_block_later(lengths: list[int]) -> None:
    sound = np.arange(1, sum(lengths) + 1, dtype=np.float32)
    blocks = Blocks(Louder())
    parts = np.split(sound, np.cumsum(lengths))[:-1]
    cleaned = [blocks.process(part) for part in parts]
    assert [part.size for part in cleaned] == lengths
    expected = np.append(np.zeros(BLOCK_SAMPLES), sound * (np.arange(sound.size) // BLOCK_SAMPLES + 1))[: sound.size]
    assert np.array_equal(np.concatenate([np.zeros(0), *cleaned]), expected)


def test_two_sounds_stay_two_until_the_delay_is_over() -> None:
    """Else voice activity would hear the last of the echo."""
    suppressor = NoiseSuppressor(Louder)
    mine, echo = np.ones(FRAME_SAMPLES, np.float32), np.full(FRAME_SAMPLES, 9, np.float32)
    alone, both, after, later = (
        suppressor.process(Heard(pcm, for_vad))
        for pcm, for_vad in ((mine, mine), (echo, mine), (mine, mine), (mine, mine))
    )
    assert [one.for_vad is one.pcm for one in (alone, both, after, later)] == [True, False, False, True]
    assert np.array_equal(both.pcm[:BLOCK_SAMPLES], both.for_vad[:BLOCK_SAMPLES])
    assert after.pcm[BLOCK_SAMPLES - 1] == 9 * after.for_vad[BLOCK_SAMPLES - 1]
    assert np.array_equal(after.pcm[BLOCK_SAMPLES:], after.for_vad[BLOCK_SAMPLES:])


@pytest.mark.parametrize(("strength", "db"), [("low", -6), ("medium", -12), ("high", -18), ("highest", -21)])
def test_steady_noise_falls_and_a_tone_in_it_stays(strength: str, db: float) -> None:
    hiss = noise(6.0)
    assert level_db(suppressed(strength, hiss)[LATE]) - level_db(hiss[LATE]) == pytest.approx(db, abs=1.5)
    mixed = hiss + tone(hiss.size)
    at_s = np.arange(hiss.size) / SAMPLE_RATE_HZ
    sounding = (at_s >= 3) & (at_s % 1 > 0.05) & (at_s % 1 < 0.45)
    line = np.exp(-2j * np.pi * 1000 * at_s[sounding])
    ratio = abs(suppressed(strength, mixed)[sounding] @ line) / abs(mixed[sounding] @ line)
    assert 20 * np.log10(ratio) == pytest.approx(0, abs=2)


@pytest.mark.parametrize("strength", STRENGTHS)
def test_the_delay_is_as_long_as_is_said(strength: str) -> None:
    sound = noise(2.0)
    cleaned = suppressed(strength, sound)
    size = 2 * sound.size
    match = np.fft.irfft(np.fft.rfft(cleaned, size) * np.conj(np.fft.rfft(sound, size)))
    assert int(np.argmax(match)) == 0


def test_what_is_louder_than_loud_is_no_wrap() -> None:
    sound = 3 * tone(SAMPLE_RATE_HZ // FRAME_SAMPLES * FRAME_SAMPLES) / 0.1
    cleaned = suppressed("low", sound.astype(np.float32))
    assert np.corrcoef(cleaned[:4000], sound[:4000])[0, 1] > 0.8


def test_a_missing_library_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "webrtc_noise_gain", None)
    with pytest.raises(AudioError, match="webrtc-noise-gain") as caught:
        webrtc("low")
    assert "pip install" in caught.value.hint
    assert "audio.noise_suppression" in caught.value.hint

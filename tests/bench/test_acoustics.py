import numpy as np
import pytest

from assistant.bench.acoustics import (
    Convolver,
    DriftingTape,
    Echo,
    Room,
    active_dbfs,
    at_level,
    calibrated_gain,
    driven,
    onset_s,
    pink_noise,
    response,
    trimmed,
)
from assistant.models.protocols import FRAME_SAMPLES, SAMPLE_RATE_HZ, Pcm

CARD_HZ = 24_000


def tone(hertz: float, seconds: float, rate_hz: int = CARD_HZ) -> Pcm:
    return (0.3 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate_hz)) / rate_hz)).astype(np.float32)


def heard(room: Room, played: Pcm, seconds: float) -> Pcm:
    echo = Echo(room, CARD_HZ)
    echo.push(np.concatenate((played, np.zeros(2 * CARD_HZ, np.float32))))
    return np.concatenate([echo.frame() for _ in range(round(seconds * SAMPLE_RATE_HZ / FRAME_SAMPLES))])


@pytest.mark.parametrize("delay_ms", [20.0, 131.3, 400.0])
def test_a_perfect_room_gives_back_what_was_played_later(delay_ms: float) -> None:
    echo = heard(Room(delay_ms=delay_ms), tone(440, 1.0), 0.9)
    at_s = np.arange(echo.size) / SAMPLE_RATE_HZ - delay_ms / 1000
    expected = np.where(at_s >= 0, 0.3 * np.sin(2 * np.pi * 440 * at_s), 0)
    settled = at_s > 0.01
    assert np.abs(echo - expected)[settled].max() < 1e-3
    assert np.abs(echo[at_s < -0.005]).max(initial=0) < 1e-3


def test_a_fast_clock_of_the_loudspeaker_shortens_the_sound() -> None:
    """100 ppm are 10 samples of the card after 1 s, and half as much again after 1.5 s."""
    straight, fast = (heard(Room(drift_ppm=ppm, delay_ms=50), tone(440, 3.0), 2.5) for ppm in (0.0, 1000.0))
    at_s = np.arange(fast.size) / SAMPLE_RATE_HZ - 0.05
    expected = 0.3 * np.sin(2 * np.pi * 440 * 1.001 * at_s)
    assert np.abs(fast - expected)[at_s > 0.01].max() < 1e-3
    assert np.abs(straight - expected).max() > 0.3


def test_what_the_microphone_cannot_hear_is_not_folded_down() -> None:
    assert active_dbfs(heard(Room(), tone(11_000, 1.0), 0.9)[1600:]) < -80


def test_convolution_in_frames_is_convolution() -> None:
    rng = np.random.default_rng(0)
    sound, kernel = rng.standard_normal(4 * FRAME_SAMPLES), rng.standard_normal(1000)
    convolver = Convolver(kernel.astype(np.float32))
    frames = [convolver.push(frame) for frame in sound.astype(np.float32).reshape(4, -1)]
    assert np.allclose(np.concatenate(frames), np.convolve(sound, kernel)[: sound.size], atol=1e-3)


def test_the_voice_arrives_as_loud_as_the_room_says() -> None:
    voice = at_level(np.concatenate((tone(300, 0.5), np.zeros(CARD_HZ // 2, np.float32), tone(900, 0.5))), -20)
    room = Room(response=response(3), delay_ms=90, echo_dbfs=-31, distortion=3)
    echo = Echo(room, CARD_HZ, calibrated_gain(room, voice, CARD_HZ))
    echo.push(np.concatenate((voice, np.zeros(CARD_HZ, np.float32))))
    frames = [echo.frame() for _ in range(70)]
    assert active_dbfs(np.concatenate(frames)) == pytest.approx(-31, abs=0.3)


def test_a_headset_gives_nothing_back() -> None:
    assert calibrated_gain(Room(echo_dbfs=None), tone(440, 1.0), CARD_HZ) == 0


def test_a_small_loudspeaker_squashes_what_is_loud() -> None:
    soft, loud = driven(np.float32([0.01, 1.0]), 3.0)
    assert soft == pytest.approx(0.01, rel=1e-3)
    assert loud < 0.34


def test_seeds_decide() -> None:
    assert np.array_equal(response(5), response(5))
    assert not np.array_equal(response(5), response(6))
    assert np.array_equal(pink_noise(5, 1.0), pink_noise(5, 1.0))


def test_a_hall_reverberates_for_as_long_as_is_said() -> None:
    """The energy that is still to come, by Schroeder: 30 dB less after half of the time."""
    hall = response(5, reverberation_s=1.5, direct_db=3.0, longest_s=1.5)
    to_come = np.cumsum(np.square(hall, dtype=np.float64)[::-1])[::-1]
    assert 10 * np.log10(to_come[12_000] / to_come[100]) == pytest.approx(-30, abs=0.5)
    assert to_come[100] / hall[0] ** 2 == pytest.approx(10**-0.3, rel=0.05)
    assert response(5, reverberation_s=1.5).size == 6400, "a room's is cut where cancellers stop"


def test_pink_noise_is_as_strong_in_every_octave() -> None:
    power = np.abs(np.fft.rfft(pink_noise(1, 20.0))) ** 2
    low, high = (power[20 * hertz : 40 * hertz].sum() for hertz in (200, 3200))
    assert low == pytest.approx(high, rel=0.15)


def test_the_delay_of_a_measurement_is_cut_off() -> None:
    measured = np.zeros(8000, np.float32)
    measured[2000], measured[2500] = 1.0, 0.3
    assert np.flatnonzero(trimmed(measured)).tolist() == [16, 516]


def test_the_level_of_speech_leaves_out_its_pauses() -> None:
    with_pause = np.concatenate((tone(400, 1.0), np.zeros(3 * CARD_HZ, np.float32)))
    assert active_dbfs(with_pause) == pytest.approx(active_dbfs(tone(400, 1.0)), abs=0.1)


def test_speech_begins_where_it_is_loud_enough() -> None:
    breath = np.random.default_rng(0).normal(0, 0.005, 1600).astype(np.float32)
    assert onset_s(np.concatenate((breath, tone(400, 1.0, SAMPLE_RATE_HZ)))) == pytest.approx(0.1)
    assert onset_s(np.zeros(1600, np.float32)) == 0


def test_a_tape_cannot_be_read_ahead_of_itself() -> None:
    tape = DriftingTape(1.5)
    tape.push(np.zeros(100, np.float32))
    with pytest.raises(AssertionError, match="not come so far"):
        tape.read(0, 100)

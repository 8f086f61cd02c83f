import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.audio.reference import RING_S, PlaybackTap
from assistant.models.protocols import FRAME_S, FRAME_SAMPLES, SAMPLE_RATE_HZ
from tests.audio.rooms import frames, level_db, speech

BLOCK_S = 0.02  # whole samples at every rate


def read(tap: PlaybackTap, seconds: float, rate_hz: int, *, drift: float = 0.0):
    """What a capture thread reads of a tone of 440 Hz, as a device with that clock plays it; and how it should be."""
    samples = round(BLOCK_S * rate_hz)
    read_frames, wanted = [], []
    block = 0
    for frame in range(1, round(seconds / FRAME_S)):
        at_s = 100 + frame * FRAME_S
        while 100 + block * BLOCK_S / (1 + drift) < at_s:
            position = np.arange(block * samples, (block + 1) * samples)
            tone = np.sin(2 * np.pi * 440 * position / rate_hz).astype(np.float32)
            tap.write(tone, 100 + block * BLOCK_S / (1 + drift))
            block += 1
        read_frames.append(tap.played(at_s, FRAME_SAMPLES))
        at = frame * FRAME_S + np.arange(-FRAME_SAMPLES, 0) / SAMPLE_RATE_HZ
        wanted.append(np.sin(2 * np.pi * 440 * (1 + drift) * at))
    return np.concatenate(read_frames), np.concatenate(wanted).astype(np.float32)


@pytest.mark.parametrize("rate_hz", [16_000, 22_050, 24_000, 44_100, 48_000])
def test_what_is_read_is_what_sounded_then_at_every_rate(rate_hz: int) -> None:
    got, wanted = read(PlaybackTap(rate_hz), 1.0, rate_hz)
    inside = slice(FRAME_SAMPLES, None)
    assert level_db(got[inside] - wanted[inside]) < -40
    assert level_db(got[inside]) == pytest.approx(-3, abs=0.2)


def test_at_16_khz_and_on_time_it_is_exact() -> None:
    tap = PlaybackTap(16_000)
    sound = speech(1.0, 1)
    for number, (frame,) in enumerate(frames(sound)):
        tap.write(frame, number * FRAME_S)
        if number:
            assert tap.played(number * FRAME_S, FRAME_SAMPLES) == pytest.approx(
                sound[(number - 1) * FRAME_SAMPLES : number * FRAME_SAMPLES], abs=1e-6
            )


@pytest.mark.parametrize("drift", [-200e-6, 50e-6, 200e-6])
def test_a_clock_that_drifts_is_followed(drift: float) -> None:
    got, wanted = read(PlaybackTap(24_000), 60.0, 24_000, drift=drift)
    settled = slice(-5 * SAMPLE_RATE_HZ, None)
    assert level_db(got[settled] - wanted[settled]) < -30


def test_jitter_of_the_stamps_is_averaged_out() -> None:
    """Each sample says when it was due, so what is read says how far off it is."""
    rng, tap, late_s = np.random.default_rng(0), PlaybackTap(16_000), []
    block = 0
    for frame in range(1, 1000):
        while block * BLOCK_S < frame * FRAME_S:
            due_s = np.arange(block * 320, (block + 1) * 320) / 16_000
            tap.write(due_s.astype(np.float32), block * BLOCK_S + rng.uniform(0, 0.006))
            block += 1
        late_s.append(frame * FRAME_S - float(tap.played(frame * FRAME_S, FRAME_SAMPLES)[FRAME_SAMPLES // 2]) - 0.016)
    assert np.std(late_s[-300:]) < 0.0003
    assert 0 < np.mean(late_s[-300:]) < 0.006


def late_s(stamp_error_s, seconds: float = 20.0) -> tuple[PlaybackTap, list[float]]:
    """By how much what is read is off, frame by frame, with stamps that are wrong by ``stamp_error_s(frame)``."""
    tap, late, written = PlaybackTap(16_000), [], 0
    for frame in range(1, round(seconds / FRAME_S)):
        for block in range(written, frame + 5):  # a device is handed what will sound a little later
            due_s = np.arange(block * FRAME_SAMPLES, (block + 1) * FRAME_SAMPLES) / 16_000
            tap.write(due_s.astype(np.float32), block * FRAME_S + stamp_error_s(block))
        written = frame + 5
        wanted_s = (frame - 0.5) * FRAME_S
        late.append(wanted_s - float(tap.played(frame * FRAME_S, FRAME_SAMPLES)[FRAME_SAMPLES // 2]))
    return tap, late


def test_stamps_that_wander_by_milliseconds_for_seconds_shift_it_by_less_than_a_sample_a_frame() -> None:
    tap, late = late_s(lambda frame: 0.005 * np.sin(frame / 60) + 0.005 * (frame % 5) / 5)
    settled = np.array(late[200:])
    assert np.abs(np.diff(settled)).max() < 0.5 / SAMPLE_RATE_HZ
    assert np.ptp(settled) < 0.001
    assert tap.breaks == 0


def test_a_few_late_stamps_are_nothing() -> None:
    tap, late = late_s(lambda frame: 0.15 if frame in range(400, 404) else 0.0)
    assert tap.breaks == 0
    assert np.ptp(late[300:]) < 0.003


def test_a_wrong_stamp_in_the_beginning_is_nothing() -> None:
    tap, _ = late_s(lambda frame: -0.05 if frame == 4 else 0.0, seconds=1.0)
    assert tap.breaks == 0


@pytest.mark.parametrize("lost_s", [-0.1, -0.02, 0.02, 0.1])
def test_sound_that_was_lost_is_noticed_within_half_a_second(lost_s: float) -> None:
    tap, late = late_s(lambda frame: lost_s if frame >= 400 else 0.0)
    assert tap.breaks == 1
    assert late[416] - late[390] == pytest.approx(lost_s, abs=0.002)


def test_nothing_played_is_silence() -> None:
    tap = PlaybackTap(24_000)
    assert not tap.played(5.0, FRAME_SAMPLES).any()
    tap.write(np.zeros(240, np.float32), 5.0)
    assert not tap.played(5.01, FRAME_SAMPLES).any()


def test_what_was_not_handed_over_yet_is_silence() -> None:
    tap = PlaybackTap(16_000)
    tap.write(np.ones(160, np.float32), 0.0)
    read_late = tap.played(0.032, FRAME_SAMPLES)
    assert read_late[:150] == pytest.approx(1, abs=0.2)
    assert not read_late[170:].any()


def test_what_is_overwritten_is_silence() -> None:
    tap = PlaybackTap(16_000)
    for number in range(round(3 * RING_S)):
        tap.write(np.ones(SAMPLE_RATE_HZ, np.float32), float(number))
    assert not tap.played(1.0, FRAME_SAMPLES).any()


def test_a_device_that_begins_anew_is_followed_at_once() -> None:
    tap = PlaybackTap(16_000)
    for number in range(20):
        tap.write(np.full(FRAME_SAMPLES, 0.1, np.float32), number * FRAME_S)
        tap.played((number + 1) * FRAME_S, FRAME_SAMPLES)
    tap.write(np.full(FRAME_SAMPLES, 0.5, np.float32), 7.0)
    assert tap.played(7.0 + FRAME_S, FRAME_SAMPLES)[20:-20] == pytest.approx(0.5, abs=0.01)


@given(
    st.lists(st.tuples(st.integers(0, 2000), st.floats(-1, 1)), max_size=30),
    st.lists(st.floats(-3, 3), min_size=1, max_size=10),
)
def test_whatever_the_stamps_say_a_stretch_has_its_length_and_is_finite(blocks, asked) -> None:
    tap = PlaybackTap(16_000)
    for size, at_s in blocks:
        tap.write(np.full(size, 0.5, np.float32), at_s)
    for at_s in asked:
        got = tap.played(at_s, FRAME_SAMPLES)
        assert got.shape == (FRAME_SAMPLES,)
        assert got.dtype == np.float32
        assert np.abs(got).max() <= 1

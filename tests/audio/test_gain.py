import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.audio.gain import FALL_DB_S, MAX_GAIN_DB, PEAK, RISE_DB_S, TARGET_DBFS, AutoGain, NoiseFloor
from assistant.models.protocols import FRAME_S, FRAME_SAMPLES, Pcm
from tests.audio.rooms import frames, noise, speech


def after(sound: Pcm, *, learn: bool = True) -> AutoGain:
    gain = AutoGain()
    for (frame,) in frames(sound):
        gain.process(frame, learn=learn)
    return gain


def talk(dbfs: float) -> Pcm:
    sound = speech(20.0, 1, dbfs)
    return sound + noise(30, 0, -90)[: sound.size]


def test_a_good_microphone_is_left_exactly_as_it_is() -> None:
    assert after(talk(-22)).gain_db == 0


def test_a_quiet_one_is_made_up_for() -> None:
    gain = after(talk(-45))
    assert -45 + gain.gain_db == pytest.approx(TARGET_DBFS, abs=4)


def test_a_very_quiet_one_as_far_as_it_may() -> None:
    assert after(talk(-70)).gain_db == pytest.approx(MAX_GAIN_DB, abs=3)


def test_it_rises_slowly() -> None:
    sound = talk(-60)
    seconds = sound.size / 16_000
    one_second = frames(sound)[: round(1 / FRAME_S)]
    assert after(np.concatenate([frame for (frame,) in one_second])).gain_db <= RISE_DB_S * 1.01 < seconds * RISE_DB_S


@pytest.mark.parametrize("dbfs", [-75, -50, -25])
def test_noise_alone_is_not_made_louder(dbfs: float) -> None:
    assert after(noise(20, 0, dbfs)).gain_db == 0


def test_what_is_played_teaches_it_nothing() -> None:
    assert after(talk(-45), learn=False).gain_db == 0


@given(st.lists(st.tuples(st.floats(0, 1, width=32), st.integers(1, 40), st.booleans()), max_size=30))
def test_it_never_clips_and_never_makes_anything_softer(levels: list[tuple[float, int, bool]]) -> None:
    gain = AutoGain()
    for level, count, learn in levels:
        for _ in range(count):
            factor = gain.process(np.full(FRAME_SAMPLES, level, np.float32), learn=learn)
            assert factor >= 1
            assert factor == 1 or level * factor <= PEAK + 1e-6
            assert 0 <= gain.gain_db <= MAX_GAIN_DB + 1e-9


def test_the_floor_is_that_of_the_pauses_and_follows_a_room_that_gets_louder() -> None:
    floor = NoiseFloor()
    for level in [-70.0, -30.0, -30.0, -70.0, -30.0] * 20:
        known = floor.update(level)
    assert known == pytest.approx(-68)
    for _ in range(125):
        known = floor.update(-50.0)
    assert known == pytest.approx(-48)


def test_a_loud_frame_is_left_as_it_is_and_what_follows_is_not_made_loud_at_once() -> None:
    gain = after(talk(-60))
    assert gain.gain_db > 12
    assert gain.process(np.full(FRAME_SAMPLES, 0.95, np.float32), learn=False) == 1
    assert gain.process(np.full(FRAME_SAMPLES, 1e-3, np.float32), learn=False) == 1


def test_it_falls_faster_than_it_rises_and_no_faster_than_that() -> None:
    gain = after(talk(-60))
    louder = np.full(FRAME_SAMPLES, 0.05, np.float32)
    steps_db = []
    for _ in range(50):
        before_db = gain.gain_db
        gain.process(louder, learn=True)
        steps_db.append(before_db - gain.gain_db)
    assert max(steps_db) == pytest.approx(FALL_DB_S * FRAME_S)

import numpy as np
import pytest

from assistant.audio.delay import MAX_DELAY_S, DelayFinder
from assistant.models.protocols import SAMPLE_RATE_HZ, Pcm
from tests.audio.rooms import echo, frames, noise, speech


def looks(far: Pcm, mic: Pcm) -> list[int]:
    finder, found = DelayFinder(), []
    for far_frame, mic_frame in frames(far, mic):
        finder.push(far_frame, mic_frame)
        if (delay := finder.look()) is not None:
            found.append(delay)
    return found


@pytest.mark.parametrize("delay", [0, 37, 320, 1600, 6400, 9000])
def test_the_delay_is_found_to_the_sample(delay: int) -> None:
    far = speech(3.0, 1)
    found = looks(far, echo(far, delay))
    assert found
    assert set(found) == {delay}


def test_it_is_found_under_a_talker_and_noise() -> None:
    far = speech(4.0, 1)
    noise = np.random.default_rng(2).standard_normal(far.size).astype(np.float32) * 0.01
    found = looks(far, echo(far, 1000) + speech(4.0, 9) + noise)
    assert found
    assert set(found) == {1000}


@pytest.mark.parametrize("seed", [2, 3, 4])
def test_it_is_found_in_a_hall_where_the_direct_sound_is_a_seventieth_of_what_is_heard(seed: int) -> None:
    far = speech(6.0, seed)
    found = looks(far, echo(far, 1000, reverberation_s=1.5, gain=0.06, reverberation=0.2) + noise(6.0, 50 + seed, -55))
    assert found
    assert set(found) == {1000}


def test_a_loudspeaker_with_its_wires_swapped_is_found_too() -> None:
    far = speech(3.0, 1)
    assert set(looks(far, -echo(far, 1000))) == {1000}


@pytest.mark.parametrize("seed", range(5))
def test_in_other_sounds_none_is_found(seed: int) -> None:
    assert looks(speech(6.0, seed), speech(6.0, 100 + seed)) == []


def test_in_silence_and_beyond_its_reach_none_is_found() -> None:
    far = speech(3.0, 1)
    assert looks(far, np.zeros_like(far)) == []
    assert looks(far, echo(far, round((MAX_DELAY_S + 0.5) * SAMPLE_RATE_HZ))) == []


def test_what_was_forgotten_is_not_found_again() -> None:
    far = speech(3.0, 1)
    finder = DelayFinder()
    for pair in frames(far, echo(far, 500)):
        finder.push(*pair)
    finder.forget()
    assert [finder.look() for _ in range(20)] == [None] * 20


def test_once_forgotten_a_peak_has_to_stay_for_as_long_as_at_first() -> None:
    far = speech(6.0, 4)
    pairs = frames(far, echo(far, 1000, reverberation_s=1.5, gain=0.06, reverberation=0.2) + noise(6.0, 54, -55))
    before, behind = pairs[:48], pairs[48:]

    def found_after(finder: DelayFinder) -> int:
        """In frames."""
        for number, pair in enumerate(behind, start=1):
            finder.push(*pair)
            if finder.look() is not None:
                return number
        raise AssertionError

    used, found = DelayFinder(), set()
    for pair in before:
        used.push(*pair)
        found.add(used.look())
    assert 1000 in found
    used.forget()
    assert found_after(used) == found_after(DelayFinder())


def test_once_forgotten_a_delay_does_not_come_back_with_other_sounds() -> None:
    far, finder = speech(3.0, 1), DelayFinder()
    for pair in frames(far, echo(far, 500)):
        finder.push(*pair)
        finder.look()
    finder.forget()
    found = []
    for pair in frames(speech(2.0, 3), speech(2.0, 103)):
        finder.push(*pair)
        found.append(finder.look())
    assert set(found) == {None}

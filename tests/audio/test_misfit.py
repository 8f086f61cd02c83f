import numpy as np

from assistant.audio.misfit import Misfit
from assistant.models.protocols import Pcm
from tests.audio.rooms import echo, frames, speech


def frames_of_misfit(mic: Pcm, expected: Pcm) -> list[int]:
    misfit, counts = Misfit(), []
    for pair in frames(mic, expected):
        misfit.update(*pair)
        counts.append(misfit.frames)
    return counts


def test_the_expected_echo_fits_with_noise_and_with_a_talker() -> None:
    far, talker = echo(speech(4.0, 1), 100), speech(4.0, 2)
    assert max(frames_of_misfit(far + 0.1 * talker, far)) == 0
    assert max(frames_of_misfit(far + talker, far)) < 4, "a talker as loud as the echo"


def test_an_echo_that_comes_at_another_time_does_not() -> None:
    far = speech(8.0, 1)
    expected, lost = echo(far, 100), far.size // 2
    counts = frames_of_misfit(np.concatenate((expected[:lost], echo(far, 320)[lost:])), expected)
    assert max(counts[: len(counts) // 2]) == 0
    assert max(counts) >= 8


def test_what_has_never_fitted_does_not_stop_fitting() -> None:
    far = speech(4.0, 1)
    assert max(frames_of_misfit(echo(far, 320), echo(far, 100))) == 0


def test_a_loud_talker_says_nothing_about_the_echo() -> None:
    far, talker = speech(4.0, 1), speech(4.0, 2)
    assert max(frames_of_misfit(echo(far, 320) + 20 * talker, echo(far, 100))) < 4


def test_nothing_expected_and_nothing_heard_is_no_misfit() -> None:
    silence = np.zeros(1024, np.float32)
    assert frames_of_misfit(silence, silence) == [0, 0]
    assert frames_of_misfit(speech(0.1, 1), np.zeros_like(speech(0.1, 1)))[-1] == 0


def test_what_is_forgotten_counts_no_more() -> None:
    far = speech(4.0, 1)
    misfit = Misfit()
    for pair in frames(echo(far, 320), echo(far, 100)):
        misfit.update(*pair)
        if misfit.frames:
            break
    misfit.forget()
    assert misfit.frames == 0


def test_what_fitted_before_it_was_forgotten_says_nothing_about_what_is_expected_then() -> None:
    far, misfit = speech(4.0, 1), Misfit()
    for pair in frames(far, far):
        misfit.update(*pair)
    assert misfit.fits
    misfit.forget()
    assert not misfit.fits
    for pair in frames(echo(far, 320), echo(far, 100)):
        misfit.update(*pair)
    assert misfit.frames == 0

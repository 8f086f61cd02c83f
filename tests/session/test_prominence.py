"""Frames that are clearly louder than what is always there."""

import numpy as np
import pytest

from assistant.models.protocols import FRAME_SAMPLES, SAMPLE_RATE_HZ, Pcm
from assistant.session.prominence import Prominence

VOWEL_HZ, S_HZ = 250, 6000


def tone(dbfs: float, hertz: float = VOWEL_HZ) -> Pcm:
    """A frame: of 250 Hz, whole periods, so that it joins the one before."""
    at_s = np.arange(FRAME_SAMPLES) / SAMPLE_RATE_HZ
    return (np.sqrt(2) * 10 ** (dbfs / 20) * np.sin(2 * np.pi * hertz * at_s)).astype(np.float32)


def heard(prominence: Prominence, *levels_dbfs: float, voiced: bool = False) -> list[bool]:
    return [prominence.feed(tone(level), voiced=voiced) for level in levels_dbfs]


@pytest.mark.parametrize(("usual", "softest"), [(-40.0, -33.5), (-80.0, -48.5)])
def test_it_takes_more_than_the_usual_and_more_than_a_whisper(usual: float, softest: float) -> None:
    prominence = Prominence()
    heard(prominence, *[usual] * 50)
    assert heard(prominence, softest - 1, softest - 1, softest, softest) == [False, False, True, True]
    assert heard(prominence, usual, usual)[1] is False


def test_an_s_stands_out_of_a_louder_vowel() -> None:
    prominence = Prominence()
    heard(prominence, *[-30.0] * 50)
    assert prominence.feed(tone(-30) + tone(-45, S_HZ), voiced=False)


@pytest.mark.parametrize(("suppressed_db", "stands_out"), [(1.0, True), (4.0, False)])
def test_beside_an_echo_it_must_be_more_than_an_echo_of_which_some_is_left(
    suppressed_db: float, stands_out: bool
) -> None:
    prominence = Prominence()
    for _ in range(50):
        prominence.feed(tone(-60), voiced=False, unsuppressed=tone(-40))
    for _ in range(2):
        found = prominence.feed(tone(-35 - suppressed_db), voiced=False, unsuppressed=tone(-35))
    assert found is stands_out


def test_what_stands_out_goes_on_standing_out_for_a_while() -> None:
    prominence = Prominence()
    heard(prominence, *[-60.0] * 140)
    assert heard(prominence, *[-30.0] * 12) == [True] * 12


def test_what_goes_on_becomes_usual_and_what_is_over_is_forgotten() -> None:
    prominence = Prominence()
    heard(prominence, *[-60.0] * 100)
    assert heard(prominence, *[-30.0] * 40)[-20:] == [False] * 20
    heard(prominence, *[-60.0] * 140)
    assert heard(prominence, -30.0) == [True]


def test_what_is_usual_takes_a_second_to_know() -> None:
    assert heard(Prominence(), *[-60.0] * 42, -30.0) == [False] * 43


def test_voice_is_never_usual() -> None:
    prominence = Prominence()
    heard(prominence, *[-60.0] * 100)
    assert all(heard(prominence, *[-30.0] * 100, voiced=True))


def test_what_is_left_of_an_echo_is_learned_anew_once_it_was_all_suppressed() -> None:
    prominence = Prominence()
    heard(prominence, *[-80.0] * 100)
    prominence.feed(np.zeros(FRAME_SAMPLES, np.float32), voiced=False, unsuppressed=tone(-30))
    assert heard(prominence, *[-30.0] * 43) == [False] * 43

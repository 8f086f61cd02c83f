"""Frames that are clearly louder than what is always there."""

import numpy as np
import pytest

from assistant.models.protocols import FRAME_SAMPLES
from assistant.session.prominence import Prominence


def heard(prominence: Prominence, *levels_dbfs: float, voiced: bool = False) -> list[bool]:
    frames = (np.full(FRAME_SAMPLES, 10 ** (level / 20), np.float32) for level in levels_dbfs)
    return [prominence.feed(frame, voiced=voiced) for frame in frames]


@pytest.mark.parametrize(("usual", "softest"), [(-40.0, -33.9), (-80.0, -44.9)])
def test_it_takes_more_than_the_usual_and_more_than_a_whisper(usual: float, softest: float) -> None:
    prominence = Prominence()
    heard(prominence, *[usual] * 50)
    assert heard(prominence, softest - 0.2, softest, usual) == [False, True, False]


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

"""The loudspeaker that knows when it sounded."""

import numpy as np
import pytest

from assistant.audio.speaker import FILE_RATE_HZ
from assistant.bench.loudspeaker import Loudspeaker, Sounding

TICK_S = 0.032


def tone(seconds: float, level: float = 0.3) -> np.ndarray:
    return np.full(round(seconds * FILE_RATE_HZ), level, np.float32)


def play(loudspeaker: Loudspeaker, ticks: int, start_s: float) -> float:
    for number in range(ticks):
        loudspeaker.now_is(start_s + number * TICK_S)
        loudspeaker.tick(TICK_S)
    return start_s + ticks * TICK_S


def test_sound_without_a_gap_is_one_sounding() -> None:
    loudspeaker = Loudspeaker(realtime=False)
    loudspeaker.start()
    assert loudspeaker.write(1, tone(0.2), FILE_RATE_HZ)
    at_s = play(loudspeaker, 20, 10.0)
    assert loudspeaker.write(2, tone(0.1), FILE_RATE_HZ)
    play(loudspeaker, 20, at_s)
    first, second = loudspeaker.soundings
    assert (first.start_s, first.end_s) == (10.0, pytest.approx(10.2))
    assert (second.start_s, second.end_s) == (pytest.approx(at_s), pytest.approx(at_s + 0.1))
    assert loudspeaker.given_s == pytest.approx(0.3)
    assert loudspeaker.underruns == 0


def test_what_is_too_soft_is_not_audible() -> None:
    loudspeaker = Loudspeaker(realtime=False)
    loudspeaker.write(1, np.concatenate([tone(0.05, 0.001), tone(0.05)]), FILE_RATE_HZ)
    play(loudspeaker, 10, 0.0)
    [sounding] = loudspeaker.soundings
    assert sounding.start_s == 0.0
    assert sounding.audible_s == pytest.approx(0.05, abs=1e-3)


def test_what_is_discarded_does_not_sound() -> None:
    loudspeaker = Loudspeaker(realtime=False)
    loudspeaker.write(1, tone(1.0), FILE_RATE_HZ)
    at_s = play(loudspeaker, 3, 0.0)
    loudspeaker.discard()
    play(loudspeaker, 10, at_s)
    [sounding] = loudspeaker.soundings
    assert sounding.end_s == pytest.approx(at_s, abs=0.006)


def test_in_real_time_it_plays_by_itself_and_stops() -> None:
    loudspeaker = Loudspeaker(realtime=True)
    loudspeaker.start()
    loudspeaker.write(1, tone(0.02), FILE_RATE_HZ)
    while not loudspeaker.soundings:
        loudspeaker.tick(TICK_S)
    loudspeaker.close()
    loudspeaker.close()
    assert isinstance(loudspeaker.soundings[0], Sounding)

"""What every wake word detector promises, on each of them."""

from collections.abc import Callable

import numpy as np
import pytest

from assistant.models.protocols import FRAME_SAMPLES, Pcm, WakeDetector
from tests.contracts.engines import WAKE_DETECTORS, noise, speech
from tests.contracts.test_vad_contract import frames
from tests.contracts.threads import elsewhere

Make = Callable[[], WakeDetector]


@pytest.fixture(params=WAKE_DETECTORS.values(), ids=list(WAKE_DETECTORS))
def case(request: pytest.FixtureRequest) -> tuple[Make, Pcm]:
    make, word = request.param
    make()  # skips where it is not installed
    return make, np.concatenate([noise(1), word(), noise(1)])


def heard(detector: WakeDetector, pcm: Pcm) -> list[int]:
    """The frames in which the wake word was noticed."""
    return [number for number, frame in enumerate(frames(pcm)) if detector.heard(frame)]


def test_it_hears_the_wake_word_once_each_time(case: tuple[Make, Pcm]) -> None:
    make, word = case
    detector = make()
    assert detector.name.strip()
    assert detector.phrase.strip()
    assert 0 < detector.latency_s < 0.5
    assert len(heard(detector, word)) == 1
    assert len(heard(detector, np.concatenate([word, word]))) == 2


def test_it_hears_nothing_else(case: tuple[Make, Pcm]) -> None:
    make, _ = case
    detector = make()
    assert heard(detector, np.concatenate([np.zeros(16_000, np.float32), noise(3), speech(), noise(1)])) == []


def test_two_detectors_do_not_share_their_state(case: tuple[Make, Pcm]) -> None:
    make, word = case
    alone = heard(make(), word)
    one, other = make(), make()
    silence = np.zeros(FRAME_SAMPLES, np.float32)
    together = []
    for number, frame in enumerate(frames(word)):
        if one.heard(frame):
            together.append(number)
        assert not other.heard(silence)
    assert together == alone


def test_reset_forgets(case: tuple[Make, Pcm]) -> None:
    make, word = case
    detector = make()
    [number] = heard(detector, word)
    detector.reset()
    assert heard(detector, word) == [number]
    detector.reset()
    half = word[: (number - 12) * FRAME_SAMPLES]  # most of it, and then no more
    assert heard(detector, half) == []
    detector.reset()
    assert heard(detector, word[(number + 20) * FRAME_SAMPLES :]) == []


def test_it_is_loaded_here_and_used_there(case: tuple[Make, Pcm]) -> None:
    make, word = case
    detector = make()
    assert elsewhere(lambda: heard(detector, word)) == heard(make(), word)


def test_quiet_does_not_wear_it_out(case: tuple[Make, Pcm]) -> None:
    make, word = case
    detector = make()
    quiet = np.random.default_rng(0).normal(0, 1e-4, 60 * 16_000).astype(np.float32)
    assert heard(detector, quiet) == []
    assert len(heard(detector, word)) == 1

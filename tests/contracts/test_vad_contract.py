"""What every voice activity detector promises, on each of them."""

from collections.abc import Callable

import numpy as np
import pytest

from assistant.models.protocols import FRAME_SAMPLES, Pcm, Vad
from tests.contracts.engines import VADS, speech
from tests.contracts.threads import elsewhere


@pytest.fixture(params=VADS.values(), ids=list(VADS))
def make(request: pytest.FixtureRequest) -> Callable[[], Vad]:
    return request.param


def frames(pcm: Pcm) -> list[Pcm]:
    return list(pcm[: pcm.size // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES))


def heard(vad: Vad, pcm: Pcm) -> list[float]:
    return [vad.probability(frame) for frame in frames(pcm)]


def test_it_hears_speech_between_silences(make: Callable[[], Vad]) -> None:
    vad = make()
    assert vad.name.strip()
    probabilities = heard(vad, speech())
    assert all(0 <= probability <= 1 for probability in probabilities)
    assert max(probabilities[:5]) < 0.5  # 0.3 s of quiet come first
    assert np.mean(np.array(probabilities) > 0.5) > 0.5


def test_silence_is_no_speech(make: Callable[[], Vad]) -> None:
    assert max(heard(make(), np.zeros(50 * FRAME_SAMPLES, np.float32))) < 0.5


def test_two_detectors_do_not_share_their_state(make: Callable[[], Vad]) -> None:
    alone = heard(make(), speech())
    one, other = make(), make()
    silence = np.zeros(FRAME_SAMPLES, np.float32)
    together = []
    for frame in frames(speech()):
        together.append(one.probability(frame))
        other.probability(silence)
    assert together == alone


def test_reset_forgets(make: Callable[[], Vad]) -> None:
    vad = make()
    spoken = speech()[FRAME_SAMPLES * 15 : FRAME_SAMPLES * 45]  # loud to the end
    first = heard(vad, spoken)
    vad.reset()
    assert heard(vad, spoken) == first


def test_it_is_loaded_here_and_used_there(make: Callable[[], Vad]) -> None:
    vad = make()
    assert elsewhere(lambda: heard(vad, speech())) == heard(make(), speech())


def test_quiet_does_not_wear_it_out(make: Callable[[], Vad]) -> None:
    """A minute of the faintest noise, then speech."""
    vad = make()
    quiet = np.random.default_rng(0).normal(0, 1e-4, 60 * 16_000).astype(np.float32)
    assert max(heard(vad, quiet)) < 0.5
    assert np.mean(np.array(heard(vad, speech())) > 0.5) > 0.5

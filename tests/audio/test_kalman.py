import numpy as np
import pytest

from assistant.audio.kalman import BLOCK_SAMPLES, EchoFilter
from assistant.models.protocols import SAMPLE_RATE_HZ, Pcm
from tests.audio.rooms import echo, level_db, speech

SECONDS = 10.0
LATE = slice(-3 * SAMPLE_RATE_HZ, None)


def cancelled(filter_: EchoFilter, mic: Pcm, far: Pcm) -> Pcm:
    begins = range(0, mic.size, BLOCK_SAMPLES)
    return np.concatenate([filter_.process(mic[i : i + BLOCK_SAMPLES], far[i : i + BLOCK_SAMPLES]).pcm for i in begins])


def noise(far: Pcm) -> Pcm:
    return np.random.default_rng(3).standard_normal(far.size).astype(np.float32) * 1e-3


def test_it_learns_a_room() -> None:
    far = speech(SECONDS, 1)
    heard = echo(far, 40)
    left = cancelled(EchoFilter(), heard + noise(far), far)
    assert level_db(heard[LATE]) - level_db((left - noise(far))[LATE]) > 25


def test_a_talker_over_the_echo_is_kept_and_does_not_lead_it_astray() -> None:
    far = speech(SECONDS, 1)
    heard, talker = echo(far, 40), speech(SECONDS, 8)
    talker[: 4 * SAMPLE_RATE_HZ] = 0
    left = cancelled(EchoFilter(), heard + talker + noise(far), far)
    assert level_db(heard[LATE]) - level_db((left - talker - noise(far))[LATE]) > 15


def test_silence_played_leaves_the_microphone_as_it_is() -> None:
    mic = speech(1.0, 4)
    assert np.array_equal(cancelled(EchoFilter(), mic, np.zeros_like(mic)), mic)


def test_the_path_is_an_impulse_response() -> None:
    far = np.random.default_rng(1).standard_normal(4 * SAMPLE_RATE_HZ).astype(np.float32) * 0.1
    filter_ = EchoFilter()
    cancelled(filter_, np.concatenate((np.zeros(300, np.float32), 0.5 * far[:-300])), far)
    assert int(np.argmax(np.abs(filter_.path))) == 300
    assert filter_.path[300] == pytest.approx(0.5, abs=0.02)


def test_it_expects_less_echo_the_more_it_has_learned() -> None:
    far, filter_ = speech(SECONDS, 1), EchoFilter()
    mic = echo(far, 40) + noise(far)
    expected = []
    for i in range(0, mic.size, BLOCK_SAMPLES):
        expected.append(filter_.process(mic[i : i + BLOCK_SAMPLES], far[i : i + BLOCK_SAMPLES]).expected.sum())
    second = SAMPLE_RATE_HZ // BLOCK_SAMPLES
    assert np.mean(expected[-2 * second :]) < 0.1 * np.mean(expected[:second])


def test_after_forgetting_it_is_as_new() -> None:
    far = speech(2.0, 1)
    mic = echo(far, 40)
    filter_ = EchoFilter()
    first = filter_.process(mic[:BLOCK_SAMPLES], far[:BLOCK_SAMPLES])
    cancelled(filter_, mic, far)
    filter_.forget()
    cancelled(EchoFilter(), mic[:BLOCK_SAMPLES], far[:BLOCK_SAMPLES])
    assert not filter_.path.any()
    assert first.echo == pytest.approx(0)

import numpy as np
import pytest

from assistant.audio.delay import DelayFinder
from assistant.audio.echo import Canceller, EchoState, Heard, KalmanCanceller
from assistant.models.protocols import FRAME_SAMPLES, SAMPLE_RATE_HZ, Pcm
from tests.audio.rooms import echo, frames, level_db, noise, speech

SECONDS = 8.0
LATE = slice(-2 * SAMPLE_RATE_HZ, None)


def clean(canceller: Canceller, mic: Pcm, far: Pcm) -> Heard:
    heard = [canceller.process(*pair) for pair in frames(mic, far)]
    return Heard(np.concatenate([one.pcm for one in heard]), np.concatenate([one.for_vad for one in heard]))


@pytest.mark.parametrize("delay", [320, 1600, 6400])
def test_at_any_delay_the_echo_goes(delay: int) -> None:
    far = speech(SECONDS, 1)
    mic = echo(far, delay)
    canceller = KalmanCanceller()
    heard = clean(canceller, mic, far)
    assert canceller.delay_s == pytest.approx(delay / SAMPLE_RATE_HZ)
    assert level_db(mic[LATE]) - level_db(heard.pcm[LATE]) > 20
    assert level_db(mic) - level_db(heard.for_vad) > 25, "not even at the start does voice activity hear it"
    assert canceller.state is EchoState.CANCELLING
    assert not canceller.unheard


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_soft_echo_beside_noise_is_not_lost_again(seed: int) -> None:
    far = speech(SECONDS, seed)
    canceller, found = KalmanCanceller(), []
    for pair in frames(echo(far, 800, gain=0.05) + noise(SECONDS, 50 + seed, -45.0), far):
        canceller.process(*pair)
        found.append(canceller.delay_s is not None)
    assert all(found[found.index(True) :])


def test_a_talker_over_the_echo_stays() -> None:
    far, talker = speech(SECONDS, 1), speech(SECONDS, 8, dbfs=-29)
    talker[: 4 * SAMPLE_RATE_HZ] = 0
    heard = clean(KalmanCanceller(), echo(far, 800) + talker, far)
    assert level_db(heard.pcm[LATE] - talker[LATE]) < level_db(talker[LATE]) - 8
    assert level_db(heard.for_vad[LATE]) > level_db(talker[LATE]) - 3


def test_with_nothing_played_the_microphone_comes_back_untouched() -> None:
    canceller = KalmanCanceller()
    mic = speech(1.0, 1)
    for frame, silence in frames(mic, np.zeros_like(mic)):
        heard = canceller.process(frame, silence)
        assert heard.pcm is frame
        assert heard.for_vad is frame
    assert canceller.state is EchoState.UNKNOWN
    assert not canceller.unheard


def test_as_long_as_the_echo_is_looked_for_voice_activity_hears_silence() -> None:
    far = speech(1.0, 1)
    canceller = KalmanCanceller()
    heard = canceller.process(echo(far, 100)[:FRAME_SAMPLES], far[:FRAME_SAMPLES])
    assert not heard.for_vad.any()
    assert canceller.state is EchoState.SEARCHING


def test_where_no_echo_is_heard_the_talker_is_after_two_seconds_of_speech() -> None:
    far, talker = speech(SECONDS, 1), speech(SECONDS, 8)
    canceller = KalmanCanceller()
    heard = clean(canceller, talker, far)
    assert np.array_equal(heard.for_vad[LATE], talker[LATE])
    assert np.array_equal(heard.pcm, talker)
    assert canceller.unheard


def test_without_an_echo_a_talker_is_heard_in_the_first_answer() -> None:
    """A quiet one, who begins 0.6 s after the answer: the room has been quiet for too long for an echo."""
    lead, far, talker = np.zeros(SAMPLE_RATE_HZ // FRAME_SAMPLES * FRAME_SAMPLES), speech(4.0, 1), speech(4.0, 8, -40.0)
    talker[: round(0.6 * SAMPLE_RATE_HZ)] = 0
    mic = np.concatenate((lead, talker)).astype(np.float32)
    canceller = KalmanCanceller()
    heard = clean(canceller, mic, np.concatenate((lead, far)).astype(np.float32))
    assert np.array_equal(heard.for_vad[lead.size :][SAMPLE_RATE_HZ:], talker[SAMPLE_RATE_HZ:])
    assert canceller.state is EchoState.SILENT


def test_sound_that_was_lost_brings_no_echo() -> None:
    lead, far = np.zeros(SAMPLE_RATE_HZ // FRAME_SAMPLES * FRAME_SAMPLES, np.float32), speech(4.0, 1)
    canceller = KalmanCanceller()
    clean(canceller, np.zeros(lead.size + far.size, np.float32), np.concatenate((lead, far)))
    canceller.begin_anew()
    talker = speech(4.0, 8)
    assert np.array_equal(clean(canceller, talker, far).for_vad, talker)


def test_in_a_quiet_room_the_first_echo_is_not_heard_either() -> None:
    lead, far = np.zeros(SAMPLE_RATE_HZ // FRAME_SAMPLES * FRAME_SAMPLES), speech(SECONDS, 1)
    for delay in (320, 6400):
        mic = np.concatenate((lead, echo(far, delay))).astype(np.float32)
        heard = clean(KalmanCanceller(), mic, np.concatenate((lead, far)).astype(np.float32))
        assert level_db(mic) - level_db(heard.for_vad) > 25


def test_a_headset_that_is_plugged_in_while_it_speaks_is_no_reason_to_be_deaf() -> None:
    far, talker = speech(2 * SECONDS, 1), speech(2 * SECONDS, 8)
    lead = np.zeros(SAMPLE_RATE_HZ // FRAME_SAMPLES * FRAME_SAMPLES, np.float32)
    half, second = far.size // 2, lead.size + far.size // 2 + SAMPLE_RATE_HZ
    mic = np.concatenate((lead, echo(far, 800)))
    mic[lead.size + half :] = 0
    mic[second:] = talker[: mic.size - second]
    heard = clean(KalmanCanceller(), mic, np.concatenate((lead, far)))
    later = second + SAMPLE_RATE_HZ // 2
    assert np.array_equal(heard.for_vad[later:], mic[later:])


def test_an_echo_that_comes_later_is_found_all_the_same() -> None:
    far = speech(2 * SECONDS, 1)
    mic = echo(far, 800)
    mic[: mic.size // 2] = 0
    canceller = KalmanCanceller()
    heard = clean(canceller, mic, far)
    assert level_db(mic[LATE]) - level_db(heard.pcm[LATE]) > 20


def test_a_delay_that_jumps_is_found_again() -> None:
    far = speech(2 * SECONDS, 1)
    half = far.size // 2
    mic = np.concatenate((echo(far, 800)[:half], echo(far, 4000)[half:]))
    canceller = KalmanCanceller()
    heard = clean(canceller, mic, far)
    assert canceller.delay_s == 0.25
    assert level_db(mic[LATE]) - level_db(heard.pcm[LATE]) > 20


class Mistaken(DelayFinder):
    """Takes a syllable for the echo of one that is like it, for as many looks."""

    def __init__(self, looks: int) -> None:
        super().__init__()
        self.looks = looks

    def look(self) -> int | None:
        self.looks -= 1
        return 5000 if self.looks >= 0 else super().look()


@pytest.mark.parametrize(("looks", "believed"), [(7, False), (8, True)])
def test_as_long_as_the_echo_fits_another_delay_is_believed_only_if_it_stays(looks: int, believed: bool) -> None:
    far = speech(SECONDS, 1)
    pairs = frames(echo(far, 800), far)
    canceller = KalmanCanceller()
    for pair in pairs[: len(pairs) // 2]:
        canceller.process(*pair)
    assert canceller.delay_s == pytest.approx(800 / SAMPLE_RATE_HZ)
    canceller._finder = Mistaken(looks)
    delays = set()
    for pair in pairs[len(pairs) // 2 :]:
        canceller.process(*pair)
        delays.add(canceller.delay_s)
    assert (5000 / SAMPLE_RATE_HZ in delays) is believed


def test_it_goes_on_where_it_was_after_a_pause() -> None:
    far = speech(SECONDS, 1)
    far[4 * SAMPLE_RATE_HZ : 6 * SAMPLE_RATE_HZ] = 0
    mic = echo(far, 800)
    heard = clean(KalmanCanceller(), mic, far)
    again = slice(6 * SAMPLE_RATE_HZ, 7 * SAMPLE_RATE_HZ)
    assert level_db(mic[again]) - level_db(heard.pcm[again]) > 10


def test_when_sound_was_lost_it_is_deaf_until_the_echo_is_found_except_for_a_talker() -> None:
    far = speech(2 * SECONDS, 1)
    half = far.size // 2
    mic = np.concatenate((echo(far, 800)[:half], echo(far, 1100)[half:]))
    canceller = KalmanCanceller()
    clean(canceller, mic[:half], far[:half])
    canceller.begin_anew()
    assert not canceller.process(mic[half : half + FRAME_SAMPLES], far[half : half + FRAME_SAMPLES]).for_vad.any()
    loud = np.sign(mic[:FRAME_SAMPLES] + 1e-9).astype(np.float32)
    assert canceller.process(loud, far[half : half + FRAME_SAMPLES]).for_vad is loud
    heard = clean(canceller, mic[half:], far[half:])
    assert level_db(mic[half:]) - level_db(heard.for_vad) > 20
    assert canceller.delay_s == pytest.approx(1100 / SAMPLE_RATE_HZ)


def test_an_echo_that_does_not_fit_any_more_is_looked_for_again() -> None:
    """300 samples are within the filter: no other delay has to be found for it to be wrong."""
    far = speech(2 * SECONDS, 1)
    half = far.size // 2
    mic = np.concatenate((echo(far, 800)[:half], echo(far, 700)[half:]))
    canceller = KalmanCanceller()
    clean(canceller, mic[:half], far[:half])
    states, heard = [], []
    for pair in frames(mic[half:], far[half:]):
        heard.append(canceller.process(*pair).for_vad)
        states.append(canceller.state)
    assert EchoState.SEARCHING in states
    assert canceller.delay_s == pytest.approx(700 / SAMPLE_RATE_HZ)
    assert level_db(mic[half:]) - level_db(np.concatenate(heard)) > 15

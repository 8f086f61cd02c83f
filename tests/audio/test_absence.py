import numpy as np
import pytest

from assistant.audio.absence import ROOM_S, Absence
from assistant.models.protocols import FRAME_S, SAMPLE_RATE_HZ, Pcm
from tests.audio.rooms import echo, frames, speech

LEAD_S = 1.0


def noise(count: int, dbfs: float = -65.0) -> Pcm:
    rng = np.random.default_rng(3)
    return (rng.standard_normal(count) * 10 ** (dbfs / 20)).astype(np.float32)


def ruled_out_s(mic: Pcm, far: Pcm, lead_s: float = LEAD_S) -> float | None:
    """When no echo is expected any more: seconds of what is played. Before it begins, the room is heard."""
    absence = Absence()
    for (room,) in frames(noise(round(lead_s * SAMPLE_RATE_HZ) // 512 * 512)):
        absence.hear_room(room)
    for number, pair in enumerate(frames(mic, far), 1):
        if absence.rules_out(*pair):
            return number * FRAME_S
    return None


@pytest.mark.parametrize("seed", range(5))
def test_a_room_that_stays_quiet_has_no_echo(seed: int) -> None:
    far = speech(4.0, seed)
    after_s = ruled_out_s(noise(far.size), far)
    assert after_s is not None
    assert 0.4 < after_s < 1.0


def test_a_virtual_microphone_is_silent_to_the_bit() -> None:
    far = speech(4.0, 1)
    assert ruled_out_s(np.zeros_like(far), far) is not None


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("delay", [320, 1600, 6400])
@pytest.mark.parametrize("gain", [0.5, 0.05])
def test_an_echo_is_never_ruled_out(seed: int, delay: int, gain: float) -> None:
    far = speech(4.0, seed)
    assert ruled_out_s(echo(far, delay, gain=gain) + noise(far.size), far) is None


def test_somebody_who_speaks_before_leaves_it_open_until_a_pause() -> None:
    far, talker = speech(4.0, 1), 0.1 * noise(round(4.0 * SAMPLE_RATE_HZ) // 512 * 512, 0)
    assert ruled_out_s(talker, far) is None
    talker[SAMPLE_RATE_HZ : 2 * SAMPLE_RATE_HZ] *= 0.001
    after_s = ruled_out_s(talker, far)
    assert after_s is not None
    assert 1.0 < after_s < 2.0


def test_a_frame_or_two_that_were_lost_say_nothing() -> None:
    far = speech(4.0, 1)
    mic = echo(far, 800) + noise(far.size)
    for begin in range(0, mic.size, 16 * 512):
        mic[begin : begin + 2 * 512] = 0
    assert ruled_out_s(mic, far) is None


def test_nothing_is_said_before_the_room_is_known() -> None:
    far = speech(4.0, 1)
    assert ruled_out_s(noise(far.size), far, lead_s=ROOM_S - 2 * FRAME_S) is None


def test_what_was_forgotten_rules_nothing_out() -> None:
    far = speech(4.0, 1)
    absence = Absence()
    for (room,) in frames(noise(SAMPLE_RATE_HZ // 512 * 512)):
        absence.hear_room(room)
    pairs = frames(noise(far.size), far)
    for pair in pairs[:40]:
        absence.rules_out(*pair)
    assert absence.rules_out(*pairs[40])
    absence.forget()
    assert not absence.rules_out(*pairs[40])

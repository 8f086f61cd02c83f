import numpy as np
import pytest

from assistant.audio.speaker import FILE_RATE_HZ
from assistant.bench.acoustics import Room
from assistant.bench.soundcard import RoomCard
from assistant.models.protocols import FRAME_S, FRAME_SAMPLES, SAMPLE_RATE_HZ, Pcm

VOICE = (0.2 * np.sin(np.arange(FILE_RATE_HZ) / 20)).astype(np.float32)


def card(delay_ms: float = 60.0, echo_dbfs: float | None = -20.0, drift_ppm: float = 0.0) -> RoomCard:
    return RoomCard(Room(delay_ms=delay_ms, echo_dbfs=echo_dbfs, drift_ppm=drift_ppm), VOICE, FILE_RATE_HZ)


def listen(one: RoomCard, frames: int, first: int = 1) -> Pcm:
    heard = []
    for number in range(first, first + frames):
        heard.append(one.hear(number * FRAME_S))
        one.tick(FRAME_S)
    return np.concatenate(heard)


def test_what_is_played_comes_back_after_the_delay() -> None:
    one = card(delay_ms=60)
    listen(one, 1)
    one.write(1, VOICE, FILE_RATE_HZ)
    heard = listen(one, 10, first=2)
    # Written at 32 ms, handed to the device at 40 ms, in the room at 100 ms: 68 ms after the second frame began.
    first = int(np.argmax(np.abs(heard) > 1e-3))
    assert first == pytest.approx(0.068 * SAMPLE_RATE_HZ, abs=3)


def test_somebody_speaks_from_the_very_sample_on() -> None:
    one = card(echo_dbfs=None)
    listen(one, 2)
    one.say(np.ones(700, np.float32) / 2, at_s=0.1)
    heard = listen(one, 4, first=3)
    assert np.flatnonzero(heard).tolist() == list(range(1600 - 2 * FRAME_SAMPLES, 2300 - 2 * FRAME_SAMPLES))


def test_two_can_speak_at_once() -> None:
    one = card(echo_dbfs=None)
    listen(one, 1)
    one.say(np.full(2000, 0.25, np.float32), at_s=FRAME_S)
    one.say(np.full(100, 0.5, np.float32), at_s=FRAME_S)
    heard = listen(one, 4, first=2)
    assert (heard[:100] == 0.75).all()
    assert (heard[100:2000] == 0.25).all()
    assert not heard[2000:].any()


def test_the_tape_holds_all_that_was_given_and_the_blocks_what_was_played() -> None:
    one = card()
    listen(one, 1)
    one.write(1, VOICE, FILE_RATE_HZ)
    listen(one, 3, first=2)
    one.discard()
    listen(one, 2, first=5)
    assert np.array_equal(one.tape, VOICE)
    played = np.concatenate([block.pcm[: block.sound] for block in one.blocks])
    assert 0.08 * FILE_RATE_HZ < played.size < 0.11 * FILE_RATE_HZ
    assert np.array_equal(played[:1920], VOICE[:1920])
    assert [block.discarded for block in one.blocks][-1] == VOICE.size


def test_a_fast_device_takes_more_blocks() -> None:
    slow, fast = card(), card(drift_ppm=50_000)
    for one in (slow, fast):
        listen(one, 100)
    assert len(fast.blocks) == pytest.approx(1.05 * len(slow.blocks), abs=1)


def test_levels_are_clipped_as_a_converter_does() -> None:
    one = card(echo_dbfs=None)
    listen(one, 1)
    one.say(np.full(100, 3.0, np.float32), at_s=FRAME_S)
    assert listen(one, 1, first=2).max() == 1.0

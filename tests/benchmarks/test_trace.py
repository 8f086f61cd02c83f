"""What was played is compared with what was given, from the sound alone."""

import numpy as np
import pytest

from assistant.audio.speaker import FILE_RATE_HZ
from assistant.bench.acoustics import Room
from assistant.bench.soundcard import Block, RoomCard
from assistant.models.protocols import FRAME_S, Pcm
from benchmarks.interruptions.trace import Trace, trace

TAPE = np.random.default_rng(1).uniform(-0.5, 0.5, 4800).astype(np.float32)
BLOCK = 240


def blocks(*spans: tuple[int, int, float]) -> list[Block]:
    """Blocks of the tape: from, to, gain."""
    return [
        Block(number * 0.01, TAPE[begin:end] * np.float32(gain), end - begin, TAPE.size, 0)
        for number, (begin, end, gain) in enumerate(spans)
    ]


def traced(*spans: tuple[int, int, float]) -> Trace:
    return trace(blocks(*spans), TAPE, FILE_RATE_HZ)


def test_all_in_order_is_exact() -> None:
    result = traced((0, 240, 1), (240, 480, 1), (480, 600, 1))
    assert (result.repeated, result.lost) == (0, 0)
    assert [one.position for one in result.played] == [0, 240, 480]
    assert not any(one.soft for one in result.played)


def test_softer_is_found_and_no_loss() -> None:
    result = traced((0, 240, 1), (240, 480, 0.125), (480, 720, 1))
    assert (result.repeated, result.lost) == (0, 0)
    assert [one.soft for one in result.played] == [False, True, False]


@pytest.mark.parametrize(("second", "repeated", "lost"), [((230, 470), 10, 0), ((245, 485), 0, 5)])
def test_a_seam_that_is_not_exact_is_measured(second: tuple[int, int], repeated: int, lost: int) -> None:
    result = traced((0, 240, 1), (*second, 1))
    assert (result.repeated, result.lost) == (repeated, lost)


def test_other_sound_is_lost_sound() -> None:
    strange = Block(0.01, np.full(240, 0.9, np.float32), 240, TAPE.size, 0)
    assert trace([*blocks((0, 240, 1)), strange], TAPE, FILE_RATE_HZ).lost == 240


def played_by_a_card() -> tuple[RoomCard, Pcm]:
    one = RoomCard(Room(echo_dbfs=None), TAPE, FILE_RATE_HZ)
    one.hear(FRAME_S)
    one.write(1, TAPE[:2400], FILE_RATE_HZ)
    for number in range(2, 5):
        one.hear(number * FRAME_S)
        one.tick(FRAME_S)
        if number == 3:
            one.discard()
            one.write(2, TAPE[2400:], FILE_RATE_HZ)
    return one, one.tape


def test_what_was_discarded_is_not_lost() -> None:
    one, tape = played_by_a_card()
    result = trace(one.blocks, tape, FILE_RATE_HZ)
    assert (result.repeated, result.lost) == (0, 0)
    assert any(played.position >= 2400 for played in result.played)

import threading

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from assistant.audio.ring import CaptureRing


def ramp(start: int, count: int) -> np.ndarray:
    return np.arange(start, start + count, dtype=np.float32)


@given(st.integers(1, 40), st.lists(st.tuples(st.booleans(), st.integers(0, 50)), max_size=60))
def test_reads_what_was_written_in_order_and_counts_what_did_not_fit(
    capacity: int, steps: list[tuple[bool, int]]
) -> None:
    ring = CaptureRing(capacity)
    kept: list[float] = []
    lost = given_so_far = 0
    for is_write, count in steps:
        if is_write:
            room = capacity - len(kept)
            block = ramp(given_so_far, count)
            ring.write(block)
            kept += block[:room].tolist()
            lost += max(0, count - room)
            given_so_far += count
        else:
            block = ring.read(count, timeout_s=0)
            assert (block is None) == (count > len(kept))
            if block is not None:
                assert block.tolist() == kept[:count]
                del kept[:count]
        assert ring.available == len(kept)
        assert ring.overrun_samples == lost


def test_several_channels_become_their_mean() -> None:
    ring = CaptureRing(3)
    ring.write(np.array([[1, 3], [5, 7]], np.float32))
    ring.read(2, 0)
    ring.write(np.array([[0, 1], [2, 4]], np.float32))  # wraps around
    assert ring.read(2, 0).tolist() == [0.5, 3.0]


def test_one_channel_in_two_dimensions() -> None:
    ring = CaptureRing(4)
    ring.write(np.array([[1], [2]], np.float32))
    assert ring.read(2, 0).tolist() == [1.0, 2.0]


def test_what_is_read_does_not_change_when_the_ring_goes_round() -> None:
    ring = CaptureRing(2)
    ring.write(ramp(1, 2))
    block = ring.read(2, 0)
    ring.write(ramp(8, 2))
    assert block.tolist() == [1, 2]


def test_a_reader_waits_until_there_is_enough() -> None:
    ring = CaptureRing(1000)
    got: list[np.ndarray | None] = []
    reader = threading.Thread(target=lambda: got.append(ring.read(600, timeout_s=60)))
    reader.start()
    for start in range(0, 600, 100):
        ring.write(ramp(start, 100))
    reader.join(60)
    assert got[0] is not None
    assert got[0].tolist() == ramp(0, 600).tolist()


def test_nothing_is_lost_between_two_threads() -> None:
    ring = CaptureRing(512)
    total = 40_000
    taken: list[np.ndarray] = []

    def write() -> None:
        sent = 0
        while sent < total:
            block = ramp(sent, min(37, total - sent))
            if 512 - ring.available >= len(block):
                ring.write(block)
                sent += len(block)

    writer = threading.Thread(target=write)
    writer.start()
    while sum(map(len, taken)) < total:
        block = ring.read(64, timeout_s=60)
        assert block is not None
        taken.append(block)
    writer.join(60)
    assert np.array_equal(np.concatenate(taken), ramp(0, total))
    assert ring.overrun_samples == 0


def test_close_lets_a_waiting_reader_go() -> None:
    ring = CaptureRing(10)
    got: list[object] = []
    reader = threading.Thread(target=lambda: got.append(ring.read(5, timeout_s=600)))
    reader.start()
    ring.close()
    reader.join(60)
    assert got == [None]

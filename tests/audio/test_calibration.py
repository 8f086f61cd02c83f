from threading import Semaphore

import numpy as np
import pytest

from assistant.audio.calibration import CHIRP_LEVEL, chirp, echo_path, record
from assistant.audio.fakes import FakePacer
from assistant.audio.paced import CalledSource
from assistant.audio.speaker import RingSink
from assistant.models.protocols import FRAME_S, FRAME_SAMPLES, SAMPLE_RATE_HZ, Pcm
from tests.audio.rooms import speech


class TickPacer(FakePacer):
    """Time that moves on by a frame a tick."""

    def __init__(self, ticks: Semaphore) -> None:
        super().__init__(frames=10_000)
        self._ticks = ticks

    def wait_until(self, due_s: float) -> bool:
        self._ticks.acquire()
        return super().wait_until(due_s)

    def stop(self) -> None:
        super().stop()
        self._ticks.release()


class Wire(RingSink):
    """A loudspeaker whose every sample reaches the microphone 20 ms later, at a tenth. Ticks move it."""

    def __init__(self) -> None:
        super().__init__("wire", SAMPLE_RATE_HZ)
        self.ticks = Semaphore(0)
        self.tape = np.zeros(320, np.float32)
        self.closed = False

    def start(self) -> None:
        pass

    def tick(self, elapsed_s: float) -> None:
        self._feed.tick()
        self.ticks.release()

    def hear(self, at_s: float) -> Pcm:
        block = np.zeros(FRAME_SAMPLES, np.float32)
        self._ring.read_into(block)
        self._tap.write(block, at_s - FRAME_S)
        self.tape = np.concatenate((self.tape, 0.1 * block))
        heard, self.tape = self.tape[:FRAME_SAMPLES], self.tape[FRAME_SAMPLES:]
        return heard

    def close(self) -> None:
        self.closed = True


def test_a_chirp_is_within_its_level_and_begins_and_ends_softly() -> None:
    sound = chirp()
    assert np.abs(sound).max() == pytest.approx(CHIRP_LEVEL, rel=0.01)
    assert np.abs(sound[:10]).max() < 0.01
    assert np.abs(sound[-10:]).max() < 0.01


@pytest.mark.parametrize(("delay", "loss_db"), [(0, 0), (400, 20), (5000, 6)])
def test_delay_and_loss_are_measured(delay: int, loss_db: float) -> None:
    far = np.concatenate((np.zeros(8192, np.float32), chirp(), np.zeros(8192, np.float32)))
    far = far[: far.size // FRAME_SAMPLES * FRAME_SAMPLES]
    mic = np.concatenate((np.zeros(delay), far[: far.size - delay])) * 10 ** (-loss_db / 20)
    mic += np.random.default_rng(0).standard_normal(mic.size) * 1e-4
    path = echo_path(far, mic.astype(np.float32))
    assert path is not None
    assert path.delay_s == delay / SAMPLE_RATE_HZ
    assert path.loss_db == pytest.approx(loss_db, abs=0.5)


def test_what_is_not_there_is_not_measured() -> None:
    assert echo_path(speech(3.0, 1), speech(3.0, 2)) is None


def test_a_recording_holds_what_was_played_and_what_was_heard() -> None:
    wire = Wire()
    path = echo_path(*record(CalledSource(wire.hear, TickPacer(wire.ticks)), wire))
    assert path is not None
    assert path.delay_s == pytest.approx(0.020, abs=0.001)
    assert path.loss_db == pytest.approx(20, abs=1)
    assert wire.closed

import queue
from collections.abc import Iterator

import numpy as np
import pytest

from assistant.audio.capture import MicrophoneSource
from assistant.audio.fakes import FakeSounddevice, fake_device
from assistant.audio.portaudio import PortAudio
from assistant.audio.protocols import Frame
from assistant.errors import AssistantError, DeviceNotFound, DeviceRefused

WAIT_S = 30


class Clock:
    def __init__(self) -> None:
        self.now_s = 50.0

    def __call__(self) -> float:
        return self.now_s


class Bench:
    """A microphone on a fake sound card, its frames and its troubles in queues."""

    def __init__(self, card: FakeSounddevice, name: str | None = None, *, patient: bool = False) -> None:
        self.card = card
        self.clock = Clock()
        self.frames: queue.Queue[Frame] = queue.Queue()
        self.troubles: queue.Queue[AssistantError | None] = queue.Queue()
        self.source = MicrophoneSource(
            name,
            self.clock,
            patient=patient,
            on_trouble=self.troubles.put,
            portaudio=PortAudio(card),
            backoff_s=(0,),
        )

    def frame(self) -> Frame:
        return self.frames.get(timeout=WAIT_S)


@pytest.fixture
def card() -> FakeSounddevice:
    return FakeSounddevice([fake_device("Mic", inputs=2, rate_hz=48_000), fake_device("Other", inputs=1)])


@pytest.fixture
def bench(card: FakeSounddevice) -> Iterator[Bench]:
    bench = Bench(card)
    yield bench
    bench.source.stop()


def sound(count: int, start: int = 1) -> np.ndarray:
    return (np.arange(start, start + count) / 32768).astype(np.float32)


def test_frames_are_the_samples_in_order(bench: Bench) -> None:
    bench.source.start(bench.frames.put)
    for start in range(1, 1025, 256):
        bench.card.streams[0].feed(sound(256, start))
    assert np.array_equal(bench.frame().pcm, sound(512))
    assert np.array_equal(bench.frame().pcm, sound(512, 513))
    assert bench.source.name == "Mic"
    assert bench.source.overruns == 0


def test_frames_are_stamped_with_the_session_clock(bench: Bench) -> None:
    bench.source.start(bench.frames.put)
    bench.clock.now_s = 51.5
    bench.card.streams[0].feed(sound(512))
    frame = bench.frame()
    assert bench.source.clock() == 51.5
    assert frame.at_s == 51.5
    bench.clock.now_s = 40.0
    bench.card.streams[0].feed(sound(512))
    assert bench.frame().at_s >= frame.at_s


def test_a_device_that_refuses_16_khz_is_resampled(bench: Bench) -> None:
    bench.card.refused_rates_hz = {16_000}
    bench.source.start(bench.frames.put)
    stream = bench.card.streams[0]
    assert stream.samplerate == 48_000
    tone = np.sin(2 * np.pi * 440 * np.arange(48_000) / 48_000).astype(np.float32)
    for block in np.split(tone, 60):
        stream.feed(block)
    heard = np.concatenate([bench.frame().pcm for _ in range(25)])
    assert np.abs(np.fft.rfft(heard[2000:10_000])).argmax() == 220  # 440 Hz in half a second


def test_a_stereo_only_device_is_mixed_down(bench: Bench) -> None:
    bench.card.mono_refused = True
    bench.source.start(bench.frames.put)
    assert bench.card.streams[0].channels == 2
    bench.card.streams[0].feed(sound(512))
    assert np.allclose(bench.frame().pcm, sound(512))


def test_the_device_is_chosen_by_name(card: FakeSounddevice) -> None:
    bench = Bench(card, "oth")
    bench.source.start(bench.frames.put)
    bench.source.stop()
    assert bench.source.name == "Other"


def test_an_unknown_device_is_refused_at_start(card: FakeSounddevice) -> None:
    with pytest.raises(DeviceNotFound):
        Bench(card, "nonesuch").source.start(lambda _frame: None)


def test_a_device_that_does_not_open_is_refused_at_start(bench: Bench) -> None:
    bench.card.unplugged = True
    with pytest.raises(DeviceRefused):
        bench.source.start(bench.frames.put)


def test_a_patient_microphone_may_come_later(card: FakeSounddevice) -> None:
    bench = Bench(card, patient=True)
    card.unplugged = True
    bench.source.start(bench.frames.put)
    assert isinstance(bench.troubles.get(timeout=WAIT_S), DeviceRefused)
    bench.clock.now_s += 0.04
    assert not bench.frame().pcm.any()
    card.unplugged = False
    assert bench.troubles.get(timeout=WAIT_S) is None
    card.streams[-1].feed(np.ones(4800, np.float32))
    assert bench.frame().pcm.any()
    bench.source.stop()


def test_lost_samples_are_counted_in_frames(bench: Bench) -> None:
    busy: queue.Queue[None] = queue.Queue()
    arrived: queue.Queue[None] = queue.Queue()

    def deliver(_frame: Frame) -> None:
        arrived.put(None)
        busy.get(timeout=WAIT_S)

    bench.source.start(deliver)
    bench.card.streams[0].feed(sound(512))
    arrived.get(timeout=WAIT_S)
    bench.card.streams[0].feed(np.zeros(32_000, np.float32))  # the two seconds that the ring holds
    assert bench.source.overruns == 0
    bench.card.streams[0].feed(np.zeros(513, np.float32))
    assert bench.source.overruns == 2
    for _ in range(100):
        busy.put(None)


def test_silence_comes_at_the_clock_s_pace_while_the_device_is_gone(bench: Bench) -> None:
    bench.source.start(bench.frames.put)
    bench.card.streams[0].feed(sound(512))
    last_s = bench.frame().at_s
    bench.card.unplugged = True
    bench.card.streams[0].die()
    trouble = bench.troubles.get(timeout=WAIT_S)
    assert isinstance(trouble, DeviceRefused)
    assert "microphone has gone" in trouble.message
    bench.clock.now_s += 0.1
    for step in (1, 2, 3):
        frame = bench.frame()
        assert not frame.pcm.any()
        assert frame.at_s == pytest.approx(last_s + step * 0.032)


def test_a_device_that_comes_back_is_taken_up_again(bench: Bench) -> None:
    bench.source.start(bench.frames.put)
    bench.card.unplugged = True
    bench.card.streams[0].die()
    bench.troubles.get(timeout=WAIT_S)
    bench.card.refused_rates_hz = {16_000}
    bench.card.unplugged = False
    assert bench.troubles.get(timeout=WAIT_S) is None
    assert bench.card.restarts >= 1
    bench.card.streams[-1].feed(np.ones(4800, np.float32))
    assert bench.frame().pcm.any()


def test_a_stream_that_was_given_up_is_not_heard_any_more(bench: Bench) -> None:
    bench.source.start(bench.frames.put)
    bench.card.streams[0].die()
    bench.troubles.get(timeout=WAIT_S)
    assert bench.troubles.get(timeout=WAIT_S) is None
    bench.card.streams[0].feed(np.ones(512, np.float32))
    bench.card.streams[1].feed(sound(512))
    assert np.array_equal(bench.frame().pcm, sound(512))


def test_no_frame_after_stop(bench: Bench) -> None:
    bench.source.start(bench.frames.put)
    stream = bench.card.streams[0]
    bench.source.stop()
    bench.source.stop()
    stream.feed(sound(2048))
    assert bench.frames.empty()
    assert stream.closed


def test_the_session_may_stop_it_from_its_own_thread(bench: Bench) -> None:
    stopped: queue.Queue[None] = queue.Queue()

    def deliver(_frame: Frame) -> None:
        bench.source.stop()
        stopped.put(None)

    bench.source.start(deliver)
    bench.card.streams[0].feed(sound(1024))
    stopped.get(timeout=WAIT_S)

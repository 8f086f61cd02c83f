import threading

import numpy as np
import pytest

from assistant.audio.echo import Heard
from assistant.audio.frontend import CleanSource, FrontEnd
from assistant.audio.pace import AudioTime
from assistant.audio.paced import CalledSource
from assistant.audio.protocols import Frame, Source
from assistant.models.protocols import FRAME_SAMPLES, Pcm

WAIT_S = 30


class Loudspeaker:
    """Plays ones."""

    def __init__(self, name: str = "Built-in Audio Analog Stereo") -> None:
        self.name = name
        self.asked_s: list[float] = []

    def played(self, at_s: float, count: int) -> Pcm:
        self.asked_s.append(at_s)
        return np.ones(count, np.float32)


class Subtract:
    """A canceller for a room without air."""

    name = "subtract"

    def process(self, mic: Pcm, far: Pcm) -> Heard:
        return Heard(mic - far, np.zeros_like(mic))

    def describe(self) -> str:
        return "subtracting"


def frame(value: float) -> Frame:
    return Frame(np.full(FRAME_SAMPLES, value, np.float32), 3.0, end_of_input=True)


def test_what_was_played_at_the_time_of_the_frame_is_taken_out() -> None:
    loudspeaker = Loudspeaker()
    cleaned = FrontEnd(Subtract(), loudspeaker, unless_headset=True).clean(frame(1.5))
    assert cleaned.pcm == pytest.approx(0.5)
    assert cleaned.for_vad is not None
    assert not cleaned.for_vad.any()
    assert (cleaned.at_s, cleaned.end_of_input) == (3.0, True)
    assert loudspeaker.asked_s == [3.0]


@pytest.mark.parametrize(
    "name", ["USB Headset Mono", "WH-1000XM4 Headphones", "AirPods Pro", "Earbuds", "Pixel Buds", "Hands-Free AG Audio"]
)
def test_a_headset_is_left_alone_unless_the_user_wants_otherwise(name: str) -> None:
    heard = frame(1.5)
    front = FrontEnd(Subtract(), Loudspeaker(name), unless_headset=True)
    assert front.clean(heard) is heard
    assert front.describe() == f"off, {name} is a headset"
    always = FrontEnd(Subtract(), Loudspeaker(name), unless_headset=False)
    assert always.clean(heard) is not heard
    assert always.describe() == "subtracting"


def test_a_broken_sample_does_not_reach_the_canceller() -> None:
    broken = frame(0.5)
    broken.pcm[:3] = [np.nan, np.inf, -np.inf]
    cleaned = FrontEnd(Subtract(), Loudspeaker(), unless_headset=True).clean(broken)
    assert cleaned.pcm[:4].tolist() == [-1, 0, -2, -0.5]


def test_a_source_with_a_front_end_is_a_source() -> None:
    microphone = CalledSource(lambda at_s: np.full(FRAME_SAMPLES, at_s, np.float32), AudioTime(lambda: None))
    source: Source = CleanSource(microphone, FrontEnd(Subtract(), Loudspeaker(), unless_headset=True))
    heard: list[Frame] = []
    enough = threading.Event()

    def deliver(frame: Frame) -> None:
        heard.append(frame)
        if len(heard) == 3:
            enough.set()

    source.start(deliver)
    assert enough.wait(WAIT_S)
    source.stop()
    assert source.name == microphone.name
    assert source.overruns == 0
    assert source.clock() >= heard[-1].at_s
    assert [round(float(one.pcm[0]) + 1, 3) for one in heard[:2]] == [0.032, 0.064]

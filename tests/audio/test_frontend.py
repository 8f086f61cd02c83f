import threading
from collections.abc import Callable
from typing import Literal

import numpy as np
import pytest

from assistant.audio.echo import Heard
from assistant.audio.frontend import CleanSource, FrontEnd, FrontEndState
from assistant.audio.highpass import HighPass
from assistant.audio.pace import AudioTime
from assistant.audio.paced import CalledSource
from assistant.audio.protocols import Frame, Source
from assistant.audio.suppressor import BLOCK_SAMPLES, DELAY_SAMPLES, NoiseSuppressor
from assistant.models.protocols import FRAME_SAMPLES, SAMPLE_RATE_HZ, Pcm
from tests.audio.rooms import frames, level_db, speech

WAIT_S = 30


class Loudspeaker:
    """Plays ones."""

    level = 1.0

    def __init__(self, name: str = "Built-in Audio Analog Stereo") -> None:
        self.name = name
        self.asked_s: list[float] = []
        self.breaks = 0

    def played(self, at_s: float, count: int) -> Pcm:
        self.asked_s.append(at_s)
        return np.full(count, self.level, np.float32)


class Subtract:
    """A canceller for a room without air."""

    name = "subtract"
    begun = 0
    unheard = False

    def begin_anew(self) -> None:
        self.begun += 1

    def process(self, mic: Pcm, far: Pcm) -> Heard:
        return Heard(mic - far, np.zeros_like(mic))


def frame(pcm: Pcm) -> Frame:
    return Frame(pcm, 3.0, end_of_input=True)


def sound() -> Pcm:
    """Loud, and with nothing below 100 Hz."""
    return speech(0.032, 1, dbfs=-20)


def front(loudspeaker: Loudspeaker | None = None, *, unless_headset: bool = True, gain: bool = False) -> FrontEnd:
    return FrontEnd(Subtract(), loudspeaker or Loudspeaker(), unless_headset=unless_headset, gain=gain)


def state(echo: Literal["on", "unheard", "headset", "off"], canceller: str = "subtract") -> FrontEndState:
    return FrontEndState(echo, canceller, noise_suppressor=False, gain_db=None)


def test_what_was_played_at_the_time_of_the_frame_is_taken_out() -> None:
    loudspeaker = Loudspeaker()
    cleaned = front(loudspeaker).clean(frame(sound()))
    assert cleaned.pcm == pytest.approx(HighPass().process(sound()) - 1)
    assert cleaned.for_vad is not None
    assert not cleaned.for_vad.any()
    assert not cleaned.stands_out
    assert (cleaned.at_s, cleaned.end_of_input) == (3.0, True)
    assert loudspeaker.asked_s == [3.0]


@pytest.mark.parametrize(
    "name", ["USB Headset Mono", "WH-1000XM4 Headphones", "AirPods Pro", "Earbuds", "Pixel Buds", "Hands-Free AG Audio"]
)
def test_a_headset_is_left_alone_unless_the_user_wants_otherwise(name: str) -> None:
    careful = front(Loudspeaker(name))
    cleaned = careful.clean(frame(sound()))
    assert cleaned.pcm == pytest.approx(HighPass().process(sound()))
    assert cleaned.for_vad is None
    assert careful.state == state("headset", canceller="")
    always = front(Loudspeaker(name), unless_headset=False)
    assert always.clean(frame(sound())).for_vad is not None
    assert always.state == state("on")


def test_without_a_canceller_nothing_is_taken_out() -> None:
    plain = FrontEnd(None, Loudspeaker(), unless_headset=False, gain=False)
    assert plain.clean(frame(sound())).pcm == pytest.approx(HighPass().process(sound()))
    assert plain.state == state("off", canceller="")


def test_what_is_no_microphone_comes_through_untouched() -> None:
    plain = FrontEnd(None, Loudspeaker(), unless_headset=False, high_pass=False, gain=False)
    cleaned = plain.clean(frame(sound()))
    assert np.array_equal(cleaned.pcm, sound())
    assert cleaned.for_vad is None


def test_a_broken_sample_is_silence() -> None:
    broken, mended = sound(), sound()
    broken[:3], mended[:3] = [np.nan, np.inf, -np.inf], 0
    assert front().clean(frame(broken)).pcm == pytest.approx(front().clean(frame(mended)).pcm)


def test_quiet_speech_in_a_quiet_room_stands_out_and_is_made_louder() -> None:
    """Only while nothing is played: an echo is no talker to be made up for."""
    rng = np.random.default_rng(0)
    talker = 0.003 * speech(8.0, 3, dbfs=0) + 1e-5 * rng.standard_normal(8 * 16_000 // 512 * 512).astype(np.float32)
    quiet = FrontEnd(None, Loudspeaker(), unless_headset=False, gain=True)
    cleaned = [quiet.clean(frame(pcm)) for (pcm,) in frames(talker)]
    assert any(one.stands_out for one in cleaned)
    assert not all(one.stands_out for one in cleaned)
    assert level_db(cleaned[-20].pcm) > level_db(frames(talker)[-20][0]) + 6
    loudspeaker = Loudspeaker()
    loudspeaker.level = 0.0  # what is left of an echo is as quiet as the talker was
    played_over = front(loudspeaker, gain=True)
    for (pcm,) in frames(talker):
        assert not played_over.clean(frame(pcm)).stands_out
    assert (quiet.state.gain_db, played_over.state.gain_db) == (6, 0)


def test_what_stood_out_before_something_was_played_does_not_do_so_under_it() -> None:
    class Sometimes(Subtract):
        silent = True

        def process(self, mic: Pcm, far: Pcm) -> Heard:
            return Heard(mic, mic) if self.silent else super().process(mic, far)

    canceller = Sometimes()
    cleaner = FrontEnd(canceller, Loudspeaker(), unless_headset=False, gain=True)
    cleaner.clean(frame(1e-4 * sound()))
    assert cleaner.clean(frame(sound())).stands_out
    canceller.silent = False
    assert not cleaner.clean(frame(sound())).stands_out


def test_a_source_with_a_front_end_is_a_source() -> None:
    microphone = CalledSource(lambda at_s: np.full(FRAME_SAMPLES, at_s, np.float32), AudioTime(lambda: None))
    told: list[FrontEndState] = []
    source: Source = CleanSource(microphone, front(), told.append)
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
    assert [one.at_s for one in heard[:2]] == pytest.approx([0.032, 0.064])
    assert heard[0].pcm[0] == pytest.approx(0.032 * 0.978 - 1, abs=0.001)
    assert told == [state("on")], "once, for all frames"


class Microphone:
    """Delivers a frame when it is told to."""

    name = "by hand"
    overruns = 0

    def clock(self) -> float:
        return 0.0

    def start(self, deliver: Callable[[Frame], object]) -> None:
        self.deliver = deliver

    def stop(self) -> None:
        pass


def test_what_the_front_end_does_is_told_before_the_first_frame_and_when_it_changes() -> None:
    told: list[FrontEndState | Frame] = []
    microphone, loudspeaker, canceller = Microphone(), Loudspeaker(), Subtract()
    CleanSource(microphone, FrontEnd(canceller, loudspeaker, unless_headset=True, gain=False), told.append).start(
        lambda frame: told.append(frame) if len(told) < 2 else None
    )
    microphone.deliver(frame(sound()))
    for loudspeaker.name, canceller.unheard in (
        ("Built-in", False),
        ("Built-in", True),
        ("Built-in", True),
        ("WH-1000XM4 Headphones", True),
        ("Built-in", False),
    ):
        microphone.deliver(frame(sound()))
    assert isinstance(told.pop(1), Frame)
    assert told == [state("on"), state("unheard"), state("headset", canceller=""), state("on")]


def test_of_a_gain_only_steps_are_told() -> None:
    told: list[FrontEndState] = []
    microphone = Microphone()
    CleanSource(microphone, FrontEnd(None, Loudspeaker(), unless_headset=False), told.append).start(lambda _: None)
    rng = np.random.default_rng(0)
    talker = 0.001 * speech(16.0, 3, dbfs=0) + 1e-5 * rng.standard_normal(16 * 16_000 // 512 * 512).astype(np.float32)
    for (pcm,) in frames(talker):
        microphone.deliver(frame(pcm))
    assert [one.gain_db for one in told] == [0, 6, 12, 18]


def test_the_canceller_hears_of_sound_that_was_lost_once() -> None:
    loudspeaker, canceller = Loudspeaker(), Subtract()
    cleaner = FrontEnd(canceller, loudspeaker, unless_headset=True)
    cleaner.clean(frame(sound()))
    assert canceller.begun == 0
    loudspeaker.breaks = 1
    cleaner.clean(frame(sound()))
    cleaner.clean(frame(sound()))
    assert canceller.begun == 1


def test_noise_is_suppressed_behind_the_canceller_in_both_sounds() -> None:
    suppressor = NoiseSuppressor(lambda: lambda block: block / 2)
    cleaner = FrontEnd(
        Subtract(), Loudspeaker(), unless_headset=True, high_pass=False, suppressor=suppressor, gain=False
    )
    cleaned = cleaner.clean(frame(sound()))
    assert cleaner.state.noise_suppressor
    assert cleaned.pcm == pytest.approx(np.append(np.zeros(160), (sound() - 1)[:352] / 2))
    assert cleaned.for_vad is not None
    assert not cleaned.for_vad.any()


class Late:
    """What goes through it is as late as what goes through WebRTC's suppressor."""

    def __init__(self) -> None:
        self._held = np.zeros(DELAY_SAMPLES - BLOCK_SAMPLES, np.float32)

    def __call__(self, block: Pcm) -> Pcm:
        both = np.concatenate((self._held, block))
        self._held = both[block.size :]
        return both[: block.size]


def test_a_sound_keeps_its_time_behind_a_noise_suppressor() -> None:
    """And what was played is asked for at the time at which the microphone heard it."""
    loudspeaker = Loudspeaker()
    loudspeaker.level = 0.0
    cleaner = FrontEnd(
        Subtract(), loudspeaker, unless_headset=True, high_pass=False, suppressor=NoiseSuppressor(Late), gain=False
    )
    clicks = np.zeros((2, FRAME_SAMPLES), np.float32)
    clicks[0, 400] = 0.5
    out = [cleaner.clean(Frame(pcm, at_s)) for pcm, at_s in zip(clicks, (1.0, 1.032), strict=True)]
    assert loudspeaker.asked_s == [1.0, 1.032]
    [(number, sample)] = [(n, int(np.argmax(one.pcm))) for n, one in enumerate(out) if one.pcm.any()]
    assert out[number].at_s - (511 - sample) / SAMPLE_RATE_HZ == pytest.approx(1.0 - (511 - 400) / SAMPLE_RATE_HZ)

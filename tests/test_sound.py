import sys
from collections.abc import Callable
from itertools import takewhile
from typing import Any, Literal

import numpy as np
import pytest

from assistant.app import build
from assistant.audio.capture import MicrophoneSource
from assistant.audio.frontend import FrontEnd, FrontEndState
from assistant.audio.protocols import Frame
from assistant.audio.speaker import NullSink
from assistant.config import Settings
from assistant.errors import AssistantError
from assistant.events import FrontEndChanged, Levels, SessionStarted, as_dict
from assistant.models.protocols import FRAME_SAMPLES, Pcm
from assistant.options import TalkOptions
from assistant.sound import cleaned
from tests.audio.rooms import frames, speech

SOUND = speech(2.0, 1)


class Microphone(MicrophoneSource):
    """Hears SOUND at once, without a device."""

    def start(self, deliver: Callable[[Frame], object]) -> None:
        for n, (pcm,) in enumerate(frames(SOUND), 1):
            deliver(Frame(pcm, n * 0.032))


def heard(audio: dict[str, Any]) -> tuple[Pcm, list[AssistantError]]:
    """What reaches a session, and what it is told to do without."""
    missing: list[AssistantError] = []
    got: list[Frame] = []
    told: list[FrontEndState] = []
    settings = Settings.model_validate({"audio": audio})
    source = cleaned(Microphone(), NullSink(), settings, TalkOptions(), on_state=told.append, on_missing=missing.append)
    source.start(got.append)
    assert [one.noise_suppressor for one in told[:1]] == [settings.audio.noise_suppression != "off" and not missing]
    return np.concatenate([frame.pcm for frame in got]), missing


def plain() -> Pcm:
    front = FrontEnd(None, NullSink(), unless_headset=False)
    return np.concatenate([front.clean(Frame(pcm, n * 0.032)).pcm for n, (pcm,) in enumerate(frames(SOUND), 1)])


@pytest.mark.parametrize("audio", [{}, {"noise_suppression": "off"}])
def test_noise_stays_as_it_is_unless_somebody_wants_it_otherwise(audio: dict[str, Any]) -> None:
    sound, missing = heard(audio)
    assert np.array_equal(sound, plain())
    assert missing == []


def test_noise_is_suppressed_where_that_is_wanted() -> None:
    pytest.importorskip("webrtc_noise_gain", reason="webrtc-noise-gain is not installed")
    sound, missing = heard({"noise_suppression": "low"})
    assert not sound[:256].any()  # the delay
    assert sound[256:].any()
    assert missing == []


def test_without_the_library_it_is_told_and_the_noise_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "webrtc_noise_gain", None)
    sound, missing = heard({"noise_suppression": "high"})
    assert np.array_equal(sound, plain())
    assert [(error.code, error.stage) for error in missing] == [("audio", "audio")]
    assert "webrtc-noise-gain" in missing[0].message


@pytest.mark.parametrize(
    ("loudspeaker", "echo", "told", "canceller"),
    [
        ("Built-in Speakers", "auto", "on", "kalman"),
        ("USB Headset", "auto", "headset", ""),
        ("USB Headset", "kalman", "on", "kalman"),
        ("Built-in Speakers", "off", "off", ""),
    ],
)
def test_a_conversation_begins_with_what_is_done_to_its_sound(
    loudspeaker: str, echo: str, told: Literal["on", "headset", "off"], canceller: str
) -> None:
    fake = {stage: {"engine": "fake"} for stage in ("stt", "llm", "tts")}
    settings = Settings.model_validate({**fake, "history": {"enabled": False}, "audio": {"echo": echo}})
    sink = NullSink(name=loudspeaker)
    silence = np.zeros(FRAME_SAMPLES, np.float32)
    assistant = build(settings, TalkOptions(microphone=lambda _: silence, loudspeaker=sink, fast=True))
    mailbox = assistant.bus.subscribe(100_000)
    with assistant:
        events = list(takewhile(lambda event: not isinstance(event, Levels), mailbox))
    assert isinstance(events[0], SessionStarted)
    [event] = [event for event in events if isinstance(event, FrontEndChanged)]
    assert event == FrontEndChanged(
        at_s=event.at_s, echo=told, canceller=canceller, noise_suppressor=False, gain_db=None
    )
    assert as_dict(event)["event"] == "front_end_changed"

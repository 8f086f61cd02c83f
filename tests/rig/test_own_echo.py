"""Open speakers in real time: what the assistant plays comes back to its microphone through the virtual sound card."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from assistant.audio.wavwriter import write_wav
from assistant.models.espeak import EspeakTts
from assistant.session.turn import CancelToken
from tests.rig import pulse
from tests.rig.pulse import SPEAKER, PulseRig
from tests.rig.sound import samples, span_s
from tests.rig.talker import Talker

pytestmark = pytest.mark.skipif(pulse.missing() is not None, reason=str(pulse.missing()))

ECHO_MS = 40
ECHO_SHARE = 0.4  # of the volume: about 8 dB below the talker
BEFORE_S = 2.5
"""So much of the answer is heard before somebody speaks over it."""


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[PulseRig]:
    with pulse.running(tmp_path) as rig:
        rig.let_hear_itself(ECHO_MS, ECHO_SHARE)
        yield rig


def spoken(folder: Path, text: str, after_s: float = 0.0) -> Path:
    voice = EspeakTts("en-gb+m5", speed=0.9)
    sound = np.concatenate(list(voice.synthesize(text, CancelToken())))
    silence = np.zeros(round(after_s * voice.sample_rate_hz), np.float32)
    path = folder / f"{text.replace(' ', '-')}.wav"
    write_wav(path, np.concatenate((silence, sound)), voice.sample_rate_hz)
    return path


def test_it_hears_itself_and_goes_on_and_stops_when_it_is_told_to(
    rig: PulseRig, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    question, stop = spoken(tmp_path, "tell me a story"), spoken(tmp_path, "stop", BEFORE_S)
    story = {**rig.env, "ASSISTANT_LLM_ENGINE": "story"}
    with Talker(story) as talker:
        talker.wait_ready()
        rig.play(question).wait()
        talker.wait_for("reply_started")
        whole = talker.wait_for("turn_ended")
        rig.play(question).wait()
        talker.wait_for("reply_started")
        speaker = rig.record(SPEAKER)
        rig.play(stop).wait()
        stopped = talker.wait_for("turn_ended")
        sound = samples(speaker.stop())
        assert talker.end() == 0
    started = [event for event in talker.events if event["event"] == "turn_started"]
    assert (whole["outcome"], whole["heard"]) == ("answered", whole["reply"]), "it interrupted itself"
    assert [event["turn_id"] for event in started][:2] == [whole["turn_id"], stopped["turn_id"]], "it heard itself"
    assert stopped["outcome"] == "interrupted"
    assert len(stopped["heard"]) < len(stopped["reply"])
    onset_s, silent_s = span_s(sound)
    record_property("speaking_over_s", round(silent_s - onset_s, 2))

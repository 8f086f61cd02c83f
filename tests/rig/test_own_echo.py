"""Open speakers in real time: what the assistant plays comes back to its microphone through the virtual sound card."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from assistant.audio.wavwriter import write_wav
from assistant.models.espeak import EspeakTts
from assistant.session.turn import CancelToken
from tests.rig import pulse
from tests.rig.pulse import PulseRig
from tests.rig.talker import Talker

pytestmark = pytest.mark.skipif(pulse.missing() is not None, reason=str(pulse.missing()))

ECHO_MS = 40
ECHO_SHARE = 0.4  # of the volume, by a cube: 24 dB softer
ALONE_S = 5.0
"""So long it is heard by nobody but itself."""


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[PulseRig]:
    with pulse.running(tmp_path) as rig:
        rig.let_hear_itself(ECHO_MS, ECHO_SHARE)
        yield rig


def spoken(folder: Path, text: str, after_s: float = 0.0) -> Path:
    """What a talker says, after some silence."""
    voice = EspeakTts("en-us", speed=0.86)
    sound = np.concatenate(list(voice.synthesize(text, CancelToken())))
    silence = np.zeros(round(after_s * voice.sample_rate_hz), np.float32)
    path = folder / f"{text.replace(' ', '-')}.wav"
    write_wav(path, np.concatenate((silence, sound)), voice.sample_rate_hz)
    return path


def test_it_hears_itself_and_goes_on_until_somebody_speaks_over_it(rig: PulseRig, tmp_path: Path) -> None:
    question = spoken(tmp_path, "what can you do")
    another = spoken(tmp_path, "what is twelve times twelve", ALONE_S)
    with Talker(rig.env) as talker:
        talker.wait_ready()
        rig.play(question).wait()
        started = talker.wait_for("reply_started")
        rig.play(another).wait()
        interrupted = talker.wait_for("reply_interrupted")
        ended = talker.wait_for("turn_ended")
        assert talker.end() == 0
    assert interrupted["at_s"] - started["at_s"] > ALONE_S, "it interrupted itself"
    assert (ended["turn_id"], ended["outcome"]) == (started["turn_id"], "interrupted")
    assert len(ended["heard"]) < len(ended["reply"])

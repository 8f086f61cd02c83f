"""The real microphone path, end to end, through PortAudio and a virtual sound card."""

import signal
from pathlib import Path

import pytest

from assistant.models.sphinx import SphinxStt
from assistant.session.turn import CancelToken
from tests.rig import pulse
from tests.rig.pulse import MICROPHONE, SPEAKER, PulseRig
from tests.rig.sound import samples, span_s, speech
from tests.rig.talker import Talker

pytestmark = pytest.mark.skipif(pulse.missing() is not None, reason=str(pulse.missing()))

ROOT = Path(__file__).parents[2]
QUESTION = ROOT / "assistant" / "samples" / "question.wav"
HUMAN_SPEECH = ROOT.parent / "shared" / "speech"
NUMBERS = "two | six | seven | nine | twelve | thirteen | forty one | forty two | forty nine | fifty two | seventy six"
ANSWERS = f"#JSGF V1.0; grammar answers; public <answer> = [<n> times <n>] [is | equals | that is | it is] <n>; <n> = {NUMBERS};"


@pytest.fixture
def rig(tmp_path: Path):
    with pulse.running(tmp_path) as rig:
        yield rig


def human_clip(name: str) -> Path:
    clip = HUMAN_SPEECH / name
    if not clip.exists():
        pytest.skip(f"no recording {name} beside the project")
    return clip


def test_a_spoken_question_is_heard_and_the_answer_recognised(rig: PulseRig):
    with Talker(rig.env) as talker:
        talker.wait_ready()
        speaker = rig.record(SPEAKER)
        rig.play(QUESTION).wait()
        final = talker.wait_for("final_transcript")
        ended = talker.wait_for("turn_ended")
        reply = speech(samples(speaker.stop()))
        assert talker.end() == 0
    assert final["text"] == "what is seven times six"
    assert (ended["outcome"], ended["heard"]) == ("answered", ended["reply"])
    assert SphinxStt(ANSWERS).transcribe(reply, CancelToken()).text.endswith("forty two")


def test_a_human_voice_is_answered(rig: PulseRig):
    clip = human_clip("command/jas-jasper_time.wav")
    with Talker(rig.env) as talker:
        talker.wait_ready()
        rig.play(clip).wait()
        final = talker.wait_for("final_transcript")
        ended = talker.wait_for("turn_ended", outcome="answered")
        assert talker.end() == 0
    assert "time" in final["text"]
    assert ended["heard"]


def test_speaking_over_the_answer_stops_it(rig: PulseRig, capsys: pytest.CaptureFixture[str]):
    with Talker(rig.env) as talker:
        talker.wait_ready()
        talker_ask = rig.play(QUESTION)
        talker_ask.wait()
        talker.wait_for("reply_started")
        microphone, speaker = rig.record(MICROPHONE), rig.record(SPEAKER)
        rig.play(QUESTION).wait()
        ended = talker.wait_for("turn_ended")
        onset_s, _ = span_s(samples(microphone.stop()))
        _, silent_s = span_s(samples(speaker.stop()))
        assert talker.end(signal.SIGINT) == 0
    assert ended["outcome"] == "interrupted"
    assert ended["reply"].startswith(ended["heard"])

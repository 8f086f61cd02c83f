"""The real microphone path, end to end, through PortAudio and a virtual sound card."""

import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from assistant.audio.soundfiles import load_sound
from assistant.audio.wavwriter import write_wav
from assistant.models.espeak import EspeakTts
from assistant.models.sphinx import PocketSphinxStt
from assistant.session.turn import CancelToken
from tests.rig import pulse
from tests.rig.pulse import MICROPHONE, SPEAKER, PulseRig
from tests.rig.sound import samples, span_s, speech
from tests.rig.talker import Talker

pytestmark = pytest.mark.skipif(pulse.missing() is not None, reason=str(pulse.missing()))

ROOT = Path(__file__).parents[2]
QUESTION = ROOT / "assistant" / "samples" / "question.wav"
HUMAN_QUESTION = ROOT.parent / "shared" / "speech" / "command" / "wfw-turn_on_the_living_room_lamp.wav"
DECOYS = (
    "good morning",
    "it is half past two",
    "twelve times eleven is one hundred thirty two",
    "please say that again",
)
IN_WORDS = {"12": "twelve", "144": "one hundred forty four"}


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PulseRig]:
    with pulse.running(tmp_path_factory.mktemp("rig")) as rig:
        yield rig


@pytest.fixture(scope="module")
def talker(rig: PulseRig) -> Iterator[Talker]:
    """One assistant for those who speak in turn."""
    with Talker(rig.env) as talker:
        talker.wait_ready()
        yield talker
        assert talker.end(signal.SIGINT) == 0


def in_words(text: str) -> str:
    return " ".join(IN_WORDS.get(word, word) for word in re.findall(r"[a-z0-9']+", text.lower()))


def is_recognised(reply: str, sound: np.ndarray) -> bool:
    """Whether a recogniser that may choose hears the sound as this reply, and not as another."""
    wanted = in_words(reply)
    grammar = f"#JSGF V1.0; grammar replies; public <reply> = {' | '.join((wanted, *DECOYS))};"
    return PocketSphinxStt(lambda _: grammar).transcribe(sound, CancelToken()).text == wanted


@pytest.fixture
def long_answered(tmp_path: Path) -> Path:
    """A question whose answer takes many seconds."""
    voice = EspeakTts("en-us", speed=0.86)
    sound = np.concatenate(list(voice.synthesize("what can you do", CancelToken())))
    write_wav(tmp_path / "long.wav", sound, voice.sample_rate_hz)
    return tmp_path / "long.wav"


@pytest.fixture
def question_later(tmp_path: Path) -> Path:
    """The question, after 0.6 s of silence."""
    sound = load_sound(QUESTION)
    write_wav(tmp_path / "later.wav", np.concatenate((np.zeros(round(0.6 * 16_000), np.float32), sound)), 16_000)
    return tmp_path / "later.wav"


def test_speaking_over_the_answer_stops_it(
    rig: PulseRig,
    talker: Talker,
    long_answered: Path,
    question_later: Path,
    record_property: Callable[[str, object], None],
) -> None:
    """Nothing comes back here, as with a headset that is not called one: the canceller finds out in half a second.

    It does so once, so this comes first.
    """
    rig.play(long_answered).wait()
    talker.wait_for("reply_started")
    microphone, speaker = rig.record(MICROPHONE), rig.record(SPEAKER)
    rig.play(question_later).wait()
    first = talker.wait_for("turn_ended")
    said, answered = samples(microphone.stop()), samples(speaker.stop())
    second = talker.wait_for("turn_ended")
    onset_s, said_until_s = span_s(said)
    silent_s = span_s(answered[: round(said_until_s * pulse.RATE_HZ)])[1]
    record_property("speech_to_silence_ms", round((silent_s - onset_s) * 1000))
    assert silent_s < said_until_s, "it went on talking while it was spoken to"
    assert (first["outcome"], second["outcome"]) == ("interrupted", "answered")
    assert len(first["heard"]) < len(first["reply"])
    assert second["transcript"] == "what is twelve times twelve"


def test_a_spoken_question_is_heard_and_the_answer_recognised(rig: PulseRig, talker: Talker) -> None:
    speaker = rig.record(SPEAKER)
    rig.play(QUESTION).wait()
    final = talker.wait_for("final_transcript")
    ended = talker.wait_for("turn_ended")
    reply = speech(samples(speaker.stop()))
    assert final["text"] == "what is twelve times twelve"
    assert (ended["outcome"], ended["heard"]) == ("answered", ended["reply"])
    assert is_recognised(ended["reply"], reply)


@pytest.mark.skipif(not HUMAN_QUESTION.exists(), reason="no human recordings beside the project")
def test_a_human_voice_is_heard_and_answered(rig: PulseRig, talker: Talker) -> None:
    speaker = rig.record(SPEAKER)
    rig.play(HUMAN_QUESTION).wait()
    final = talker.wait_for("final_transcript")
    ended = talker.wait_for("turn_ended")
    sound = samples(speaker.stop())
    assert "room" in final["text"]  # free dictation: no intent covers it, and not every word is right every time
    assert ended["outcome"] == "answered"
    assert is_recognised(ended["reply"], speech(sound))

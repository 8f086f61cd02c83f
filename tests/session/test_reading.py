"""What the language model reads before it is asked, when it makes way, and what of it was in vain."""

import pytest

from assistant.brain.protocols import Completeness
from assistant.config import TurnSettings
from assistant.events import EngineCall
from assistant.models.protocols import Transcript
from assistant.models.worker import Priority
from tests.session.harness import Rig

QUESTION = "what time is it"
OFF = TurnSettings(speculate=False)


def hearing(rig: Rig, monkeypatch: pytest.MonkeyPatch, *partials: str) -> None:
    """The transcripts while the user still speaks."""
    texts = iter(partials)
    transcribe = rig.stt.transcribe
    monkeypatch.setattr(
        rig.stt,
        "transcribe",
        lambda pcm, token, *, final=True: transcribe(pcm, token) if final else Transcript(next(texts)),
    )


def test_while_the_user_speaks_the_model_reads_what_no_longer_changes(monkeypatch: pytest.MonkeyPatch):
    rig = Rig(QUESTION)
    hearing(rig, monkeypatch, "what", "what time", "what time was", "what time is")
    rig.say(1.9)
    assert rig.brain.read == ["", "what", "what time"]
    rig.wait(1)
    rig.until_idle()
    assert rig.endings[0].heard == f"You said {QUESTION}."


def test_reading_ahead_is_over_when_the_words_are_there():
    rig = Rig(QUESTION)
    rig.llm_worker.held = True
    rig.say(0.3)
    [reading] = rig.llm_worker.waiting
    rig.wait(0.16)
    assert reading.token.reason == "the words are there"


def test_without_speculation_no_words_are_read_that_may_change(monkeypatch: pytest.MonkeyPatch):
    rig = Rig(QUESTION, settings=OFF)
    hearing(rig, monkeypatch, "what", "what time", "what time is", "what time is")
    rig.say(1.9)
    assert rig.brain.read == [""]


@pytest.mark.parametrize("settings", [TurnSettings(), OFF])
def test_a_turn_that_is_over_is_read_in_the_background(settings: TurnSettings):
    rig = Rig(settings=settings)
    rig.llm_worker.held = True
    rig.write("hello")
    rig.llm_worker.release()
    rig.drain()
    rig.until_idle()
    [job] = rig.llm_worker.waiting
    assert (job.priority, job.yields, job.token.cancelled) == (Priority.BACKGROUND, True, False)
    assert rig.session._dispatch.outstanding == 0, "nobody waits for it"
    rig.llm_worker.release()
    rig.drain()
    assert rig.session._dispatch.outstanding == 0
    assert (rig.brain.read, rig.brain.reflected) == ([""], [""])
    assert [call.status for call in rig.of(EngineCall) if call.reading] == ["completed"]


def test_the_background_makes_way_for_the_words_of_the_next_turn():
    rig = Rig(QUESTION)
    rig.write("hello")
    rig.llm_worker.held = True
    rig.until_idle()
    [job] = rig.llm_worker.waiting
    rig.say()
    assert not job.token.cancelled, "the next turn needs it, too"
    assert [one for one in rig.llm_worker.waiting if one.stage == "llm"] == [job]
    rig.wait(0.16)
    assert job.token.reason == "the words are there"


def test_what_an_earlier_turn_left_to_read_makes_way_for_the_newer():
    rig = Rig()
    rig.llm_worker.held = True
    rig.write("hello")
    rig.llm_worker.release()
    rig.drain()
    rig.until_idle()
    rig.llm_worker.held = False
    late = rig.llm_worker.waiting.popleft()
    rig.write("again")
    rig.until_idle()
    assert late.token.reason == "the turn is over"


def test_each_turn_is_read_from_its_first_word(monkeypatch: pytest.MonkeyPatch):
    rig = Rig(QUESTION, QUESTION)
    hearing(rig, monkeypatch, *["what", "what time", "what time is"] * 2)
    for _ in range(2):
        rig.brain.read.clear()
        rig.say(1.5)
        rig.wait(1)
        rig.until_idle()
        assert rig.brain.read[:3] == ["", "what", "what time"]


def test_a_turn_of_which_nothing_was_heard_leaves_nothing_to_read():
    rig = Rig(answers={"hello": ""})
    rig.write("hello")
    rig.until_idle()
    assert rig.brain.read == []


def test_words_that_were_read_and_then_changed_were_in_vain(monkeypatch: pytest.MonkeyPatch):
    rig = Rig(QUESTION)
    monkeypatch.setattr("tests.session.harness.DURATION_S", 0.1)
    hearing(rig, monkeypatch, "watt", "watt time", "what time", "what time is")
    rig.say(1.9)
    assert rig.brain.read == ["", "watt", "what time"]
    rig.wait(1)
    rig.until_idle()
    assert rig.endings[0].wasted.engine_s == pytest.approx(0.1)


def test_words_that_were_read_for_a_command_were_in_vain(monkeypatch: pytest.MonkeyPatch):
    rig = Rig(QUESTION)
    rig.brain.endings[QUESTION] = Completeness.COMMAND
    monkeypatch.setattr("tests.session.harness.DURATION_S", 0.1)
    hearing(rig, monkeypatch, "what", "what time", "what time is")
    rig.say(1.5)
    assert rig.brain.read == ["", "what", "what time"]
    rig.wait(1)
    rig.until_idle()
    assert rig.endings[0].wasted.engine_s == pytest.approx(0.2)


def test_a_partial_transcript_that_was_stopped_was_in_vain(monkeypatch: pytest.MonkeyPatch):
    rig = Rig(QUESTION)
    monkeypatch.setattr("tests.session.harness.DURATION_S", 0.1)
    rig.say(0.3)
    rig.stt_worker.held = True
    rig.say(0.3)
    rig.wait(0.16)
    rig.stt_worker.held = False
    rig.stt_worker.release()
    rig.drain()
    rig.wait(1)
    rig.until_idle()
    assert rig.endings[0].wasted.engine_s == pytest.approx(0.1)

"""A model that listens says whether the speaker has finished, and its verdict leads."""

import numpy as np
import pytest

from assistant.brain.protocols import Completeness
from assistant.errors import EngineFailed
from assistant.events import EngineCall, FinalTranscript, Notice, TurnCommitted
from assistant.models.protocols import FRAME_S
from assistant.models.worker import Item, Job, Priority
from assistant.session.ending import Ending, Question
from assistant.session.turn import Turn
from tests.session.harness import Detector, Rig

QUICK_S, ADAPTIVE_S, SLOW_S = 0.224, 0.416, 1.216  # the first whole frames past 200, 400 and 1200 ms


def rig_with(detector: Detector | None, *texts: str, ending: Completeness = Completeness.OPEN) -> Rig:
    rig = Rig(*texts, detector=detector)
    rig.brain.endings = dict.fromkeys(texts, ending)
    return rig


def silences(rig: Rig) -> list[float]:
    """The silence before each commit."""
    return [pytest.approx(event.silence_s) for event in rig.of(TurnCommitted)]


def asked(rig: Rig) -> list[EngineCall]:
    return [call for call in rig.of(EngineCall) if call.stage == "turn"]


def converse(rig: Rig) -> None:
    rig.say()
    rig.wait(1.5)
    rig.until_idle()


@pytest.mark.parametrize(
    ("probability", "ending", "silence_s", "cues"),
    [
        (0.9, Completeness.OPEN, QUICK_S, ("turn model 0.90", "open end")),
        (0.5, Completeness.DANGLING, QUICK_S, ("turn model 0.50", "dangling words")),
        (0.1, Completeness.COMMAND, SLOW_S, ("turn model 0.10", "complete command")),
        (0.49, Completeness.OPEN, SLOW_S, ("turn model 0.49", "open end")),
    ],
)
def test_the_verdict_leads(probability: float, ending: Completeness, silence_s: float, cues: tuple[str, ...]) -> None:
    rig = rig_with(Detector(probability, probability), "hello there", ending=ending)
    converse(rig)
    assert silences(rig) == [silence_s]
    assert rig.of(TurnCommitted)[0].cues == cues
    assert [ended.outcome for ended in rig.endings] == ["answered"]


def test_it_is_asked_when_the_pause_begins_about_the_whole_utterance() -> None:
    detector = Detector(0.9)
    rig = rig_with(detector, "hello there")
    converse(rig)
    assert detector.heard_s == rig.stt.heard_s
    assert [(call.status, call.speculative) for call in asked(rig)] == [("completed", True)]


@pytest.mark.parametrize(("second", "silence_s"), [(0.9, 0.256), (0.2, SLOW_S)])
def test_it_is_asked_again_after_200_ms_where_the_speaker_seems_not_to_have_finished(
    second: float, silence_s: float
) -> None:
    detector = Detector(0.1, second)
    rig = rig_with(detector, "hello there", ending=Completeness.COMMAND)
    converse(rig)
    early_s, late_s = detector.heard_s
    assert late_s - early_s == pytest.approx(0.224 - 0.096)
    assert silences(rig) == [silence_s]
    assert rig.of(TurnCommitted)[0].cues[0] == f"turn model {second:.2f}"


def test_until_it_has_answered_again_its_first_answer_counts() -> None:
    rig = rig_with(Detector(0.1, 0.9), "hello there")
    rig.say()
    rig.wait(0.192)
    rig.turn_worker.held = True
    rig.wait(0.96)
    assert len(rig.turn_worker.waiting) == 1
    assert not rig.of(TurnCommitted)
    rig.turn_worker.release()
    rig.wait(2 * FRAME_S)
    assert len(rig.of(TurnCommitted)) == 1


@pytest.mark.parametrize(
    ("ending", "silence_s"),
    [(Completeness.COMMAND, QUICK_S), (Completeness.OPEN, ADAPTIVE_S), (Completeness.DANGLING, SLOW_S)],
)
def test_without_a_model_the_words_and_the_silence_decide(ending: Completeness, silence_s: float) -> None:
    rig = rig_with(None, "hello there", ending=ending)
    converse(rig)
    assert silences(rig) == [silence_s]


def test_a_worker_without_a_model_is_not_asked() -> None:
    rig = rig_with(Detector(), "hello there", ending=Completeness.COMMAND)
    rig.turn_worker.serves = False
    converse(rig)
    assert silences(rig) == [QUICK_S]
    assert not asked(rig)


@pytest.mark.parametrize(
    ("ending", "silence_s"),
    [(Completeness.COMMAND, ADAPTIVE_S), (Completeness.OPEN, ADAPTIVE_S), (Completeness.DANGLING, SLOW_S)],
)
def test_a_model_that_takes_its_time_is_waited_for_no_longer_than_without_evidence(
    ending: Completeness, silence_s: float
) -> None:
    rig = rig_with(Detector(0.9), "hello there", ending=ending)
    rig.turn_worker.held = True
    rig.say()
    rig.wait(silence_s + FRAME_S)
    assert silences(rig) == [silence_s]
    assert rig.session.busy
    [question] = rig.turn_worker.waiting
    assert question.token.cancelled, "the commit needs it no more"


def test_an_answer_that_comes_late_in_the_pause_still_counts() -> None:
    rig = rig_with(Detector(0.1, 0.1), "hello there", ending=Completeness.COMMAND)
    rig.turn_worker.held = True
    rig.say()
    rig.wait(0.32)
    rig.turn_worker.release()
    rig.wait(1.5)
    assert silences(rig) == [SLOW_S]


def test_speech_that_goes_on_forgets_the_answer() -> None:
    detector = Detector(0.1, 0.1, 0.9)
    rig = rig_with(detector, "hello", "hello there")
    rig.say()
    rig.wait(0.64)  # longer than without the first answer
    assert not rig.of(TurnCommitted)
    rig.say()
    rig.turn_worker.held = True
    rig.wait(ADAPTIVE_S + 2 * FRAME_S)
    assert silences(rig) == [ADAPTIVE_S], "the second pause has no answer yet"
    rig.until_idle()
    assert [event.text for event in rig.of(FinalTranscript)] == ["hello there"]


def test_speech_that_goes_on_takes_the_question_back() -> None:
    detector = Detector(0.9)
    rig = rig_with(detector, "hello", "hello there")
    rig.turn_worker.held = True
    rig.say()
    rig.wait(0.16)
    rig.say()
    [question] = rig.turn_worker.waiting
    assert question.token.cancelled
    rig.wait(0.16)
    rig.turn_worker.release()
    rig.until_idle()
    assert [call.status for call in asked(rig)] == ["cancelled", "completed"]
    assert silences(rig) == [QUICK_S]


def test_an_answer_on_its_way_when_speech_goes_on_is_not_taken_for_one_about_the_next_pause() -> None:
    rig = rig_with(Detector(0.9, 0.1), "hello", "hello there", ending=Completeness.COMMAND)
    rig.turn_worker.held = True
    rig.say()
    rig.wait(0.16)
    rig.turn_worker.release()  # the answer lies in the inbox while these frames are heard
    [late] = [rig.session.inbox.poll()]
    rig.say()
    rig.wait(0.16)
    rig.session.handle(late)
    rig.wait(ADAPTIVE_S - 0.16)
    assert silences(rig) == [ADAPTIVE_S]


def test_an_answer_to_another_question_is_not_heard() -> None:
    questions: list[Question] = []
    ending = Ending(lambda _, question: not questions.append(question))
    turn = Turn(1, "voice", started_s=0.0)
    for _ in range(2):
        ending.ask(turn, np.zeros(512, np.float32))
    for question, probability in zip(questions, (None, 0.9), strict=True):
        job = Job(1, "turn", Priority.SPECULATIVE, question.token, question.work, print)
        ending.on_item(Item(job, 0.9))
        assert ending.probability == probability


def test_a_model_that_fails_is_not_asked_again() -> None:
    rig = rig_with(Detector(), "hello", "there", ending=Completeness.COMMAND)
    rig.turn_worker.failure = EngineFailed("it broke", hint="mend it")
    for _ in range(2):
        converse(rig)
    assert silences(rig) == [QUICK_S, QUICK_S]
    assert [call.status for call in asked(rig)] == ["failed"]
    assert [ended.outcome for ended in rig.endings] == ["answered", "answered"]
    assert not rig.of(Notice), "the worker says so, once"


def test_a_model_with_too_much_to_do_is_done_without() -> None:
    rig = rig_with(Detector(), "hello", ending=Completeness.COMMAND)
    rig.turn_worker.busy = True
    converse(rig)
    assert silences(rig) == [QUICK_S]
    assert not rig.of(Notice)


def test_typing_asks_nothing() -> None:
    rig = rig_with(Detector())
    rig.write("hello")
    rig.until_idle()
    assert not asked(rig)


def committed(rig: Rig) -> list[tuple[str, ...]]:
    return [event.cues for event in rig.of(TurnCommitted)]


def test_words_after_which_the_speaker_went_on_are_trusted_less() -> None:
    rig = rig_with(None, "hello", "hello there", ending=Completeness.FINISHED)
    rig.say()
    rig.wait(0.16)
    rig.say()
    rig.wait(1.5)
    rig.until_idle()
    assert committed(rig) == [("finished sentence", "went on before")]
    assert silences(rig) == [ADAPTIVE_S]


def test_that_is_forgotten_with_the_turn() -> None:
    rig = rig_with(None, "hello", "hello there", "good bye", ending=Completeness.FINISHED)
    rig.say()
    rig.wait(0.16)
    converse(rig)
    converse(rig)
    assert committed(rig) == [("finished sentence", "went on before"), ("finished sentence",)]


@pytest.mark.parametrize(
    ("text", "confidence", "cues"),
    [
        ("hello there", 0.0, ("unsure words 0.00", "open end", "adaptive wait")),
        ("hello there", 0.9, ("open end", "adaptive wait")),
        ("", 0.15, ("unsure words 0.15", "adaptive wait")),
        ("", None, ("adaptive wait",)),
    ],
)
def test_the_recognisers_confidence_counts(text: str, confidence: float | None, cues: tuple[str, ...]) -> None:
    rig = rig_with(None, text)
    rig.stt.confidence = confidence
    rig.say()
    rig.wait(2.0)
    rig.until_idle()
    assert committed(rig) == [cues]


def test_who_has_paused_for_long_is_given_longer_where_more_may_come() -> None:
    rig = rig_with(None, "set a timer for", "set a timer for, well", ending=Completeness.DANGLING)
    rig.say()
    rig.wait(0.96)
    rig.say()
    rig.wait(2.5)
    rig.until_idle()
    assert rig.of(TurnCommitted)[0].silence_s == pytest.approx(2 * 0.96, abs=0.033)

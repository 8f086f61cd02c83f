"""An answer without gaps: what a slow voice changes, and what is counted where it was too slow all the same."""

import pytest

from assistant.events import Measured
from assistant.models.protocols import FRAME_S
from assistant.session.cushion import LONGEST_HOLD_S
from tests.session.harness import SECONDS_PER_WORD, Rig

CLAUSE_S = 3 * SECONDS_PER_WORD
TWO = {"two": "One is here. Two is here."}


def speak(rig: Rig, took_s: float) -> None:
    """The voice gives the next clause after that time."""
    rig.wait(took_s)
    rig.tts_worker.run_one()
    rig.drain()


def begun(rig: Rig) -> bool:
    return bool(rig.sink.queued)


def slow_rig(took_s: float) -> Rig:
    """A conversation in which each clause of one answer took the voice so long."""
    rig = Rig(answers=TWO)
    rig.tts_worker.held = True
    rig.write("two")
    speak(rig, took_s)
    speak(rig, took_s)
    rig.until_idle()
    return rig


def test_an_answer_that_falls_silent_and_goes_on_is_counted() -> None:
    rig = slow_rig(CLAUSE_S + 2 * FRAME_S)
    assert rig.session._speaker.gaps == 1
    rig.session.start()
    rig.session.stop("enough")
    assert rig.session.join(10)
    rig.drain()
    assert {event.name: event.value for event in rig.of(Measured)}["reply_gaps"] == 1


def test_a_clause_in_time_is_no_gap_and_nor_is_the_end() -> None:
    rig = slow_rig(CLAUSE_S - 4 * FRAME_S)
    assert rig.session._speaker.gaps == 0


def test_a_voice_known_to_be_slow_begins_when_the_second_clause_is_there() -> None:
    rig = slow_rig(CLAUSE_S + 10 * FRAME_S)
    rig.write("two")
    speak(rig, CLAUSE_S + 10 * FRAME_S)
    assert not begun(rig)
    speak(rig, LONGEST_HOLD_S - 2 * FRAME_S)
    assert begun(rig)
    rig.until_idle()
    assert rig.session._speaker.gaps == 1  # that of the first answer
    assert rig.endings[-1].heard == TWO["two"]


def test_nobody_waits_longer_than_a_second_for_a_cushion() -> None:
    rig = slow_rig(CLAUSE_S + 10 * FRAME_S)
    rig.write("two")
    speak(rig, CLAUSE_S + 10 * FRAME_S)
    rig.wait(LONGEST_HOLD_S - FRAME_S)
    assert not begun(rig)
    rig.wait(2 * FRAME_S)
    assert begun(rig)


def test_the_last_clause_waits_for_nothing() -> None:
    rig = slow_rig(CLAUSE_S + 10 * FRAME_S)
    rig.write("hello")
    speak(rig, 1.0)
    assert begun(rig)


@pytest.mark.parametrize(("took_s", "in_work"), [(0.0, False), (0.7, True)])
def test_a_quick_voice_gets_the_next_clause_later_than_a_slow_one(took_s: float, in_work: bool) -> None:
    rig = slow_rig(took_s)
    rig.brain.answers["long"] = " ".join(f"This is the long sentence number {n}." for n in range(9))
    rig.write("long")
    speak(rig, 2 * took_s)
    while not begun(rig):
        rig.wait(FRAME_S)
    assert bool(rig.tts_worker.waiting) is in_work

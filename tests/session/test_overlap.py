"""Somebody speaks over the answer: every row of the decision."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.brain.protocols import Completeness
from assistant.session.interjections import Kind, Reading
from assistant.session.overlap import (
    ALARMS,
    BRIEF_S,
    CERTAIN_PAUSE_S,
    CONTINUED_S,
    ENDLESS_S,
    JUDGED_S,
    LATEST_S,
    LONG_S,
    PAUSE_S,
    SHORTEST_S,
    SURE,
    SURE_IF_BRIEF,
    TELLING_S,
    WAIT,
    WARIEST_S,
    Decision,
    Evidence,
    Verdict,
    decide,
    pause_s,
)

SPEAKING = Evidence(voiced_s=0.3, silence_s=0.0, ended=False)
PAUSED = Evidence(voiced_s=0.4, silence_s=0.1, ended=True)
HEARD = replace(PAUSED, final=True)


def read(kind: Kind, words: str = "") -> Reading:
    return Reading(kind, words)


STOP, MM = Reading(Kind.STOP, "stop", bare=True), read(Kind.BACKCHANNEL, "mmhmm")
MANY = read(Kind.REQUEST, "what is it about tuesday")
AMONG_WORDS = read(Kind.STOP, "wait")
WORD, WORDS = read(Kind.REQUEST, "tuesday"), read(Kind.REQUEST, "what about tuesday")


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (replace(SPEAKING, reading=STOP), "stop word"),
        (replace(HEARD, reading=STOP, voiced_s=0.1), "stop word"),
        (replace(SPEAKING, reading=AMONG_WORDS), "stop word"),
        (replace(SPEAKING, reading=AMONG_WORDS, confidence=SURE), "stop word"),
        (replace(HEARD, reading=AMONG_WORDS, confidence=0.0), "stop word"),
        (replace(SPEAKING, reading=WORDS, voiced_s=BRIEF_S), "new words"),
        (replace(SPEAKING, voiced_s=LONG_S), "speech"),
        (replace(SPEAKING, voiced_s=LONG_S, reading=WORD), "speech"),
        (replace(SPEAKING, voiced_s=ENDLESS_S, reading=MM), "speech"),
        (replace(PAUSED, voiced_s=TELLING_S, silence_s=LATEST_S), "speech"),
        (replace(HEARD, reading=MM, asked=True), "answer"),
        (replace(HEARD, reading=WORD, completeness=Completeness.COMMAND), "command"),
        (replace(HEARD, reading=WORD, completeness=Completeness.COMMAND, confidence=0.0, voiced_s=BRIEF_S), "command"),
        (replace(HEARD, reading=WORD, confidence=SURE_IF_BRIEF), "new words"),
        (replace(HEARD, reading=WORD, confidence=SURE, voiced_s=BRIEF_S), "new words"),
        (replace(HEARD, reading=WORD, unfinished=True, voiced_s=CONTINUED_S), "new words"),
        (replace(SPEAKING, unfinished=True, voiced_s=CONTINUED_S), "goes on"),
        (replace(SPEAKING, unfinished=True, voiced_s=CONTINUED_S, reading=WORD), "goes on"),
        (replace(HEARD, reading=WORD, voiced_s=TELLING_S), "new words"),
        (replace(HEARD, reading=WORDS, voiced_s=TELLING_S, confidence=0.0), "new words"),
        (replace(HEARD, reading=WORD, voiced_s=TELLING_S, confidence=SURE), "new words"),
        (replace(HEARD, reading=WORD, voiced_s=LONG_S, confidence=0.0), "new words"),
        (replace(HEARD, reading=MANY, voiced_s=BRIEF_S, confidence=0.0), "new words"),
        (replace(SPEAKING, reading=WORDS, voiced_s=BRIEF_S, confidence=SURE), "new words"),
    ],
)
def test_what_stops_the_answer(evidence, reason):
    verdict = decide(evidence)
    assert (verdict.decision, verdict.reason) == (Decision.STOP, reason)
    assert verdict.cues


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (replace(PAUSED, voiced_s=SHORTEST_S - 0.01), "noise"),
        (replace(PAUSED, voiced_s=TELLING_S - 0.01, silence_s=LATEST_S), "noise"),
        (HEARD, "noise"),
        (replace(HEARD, voiced_s=LONG_S), "noise"),
        (replace(HEARD, reading=MM, voiced_s=LONG_S), "backchannel"),
        (replace(HEARD, reading=read(Kind.ECHO, "the capital")), "echo"),
        (replace(HEARD, reading=WORD), "noise"),
        (replace(HEARD, reading=WORDS, confidence=SURE - 0.01, voiced_s=TELLING_S - 0.01), "noise"),
        (replace(HEARD, reading=MANY, confidence=0.0, voiced_s=BRIEF_S - 0.01), "noise"),
        (replace(HEARD, reading=WORD, confidence=SURE - 0.01, voiced_s=LONG_S - 0.01), "noise"),
        (replace(HEARD, reading=WORD, confidence=SURE_IF_BRIEF - 0.01, voiced_s=BRIEF_S - 0.01), "noise"),
        (replace(HEARD, reading=WORD, unfinished=True, voiced_s=CONTINUED_S - 0.01), "noise"),
        (replace(HEARD, reading=WORD, completeness=Completeness.COMMAND, confidence=SURE - 0.01), "noise"),
        (replace(HEARD, reading=read(Kind.ECHO, "the capital"), unfinished=True, voiced_s=LONG_S), "echo"),
        (replace(HEARD, reading=WORD, judging=True, silence_s=JUDGED_S), "noise"),
    ],
)
def test_what_lets_it_go_on(evidence, reason):
    verdict = decide(evidence)
    assert (verdict.decision, verdict.reason) == (Decision.RESUME, reason)
    assert verdict.cues


@pytest.mark.parametrize(
    "evidence",
    [
        SPEAKING,
        replace(SPEAKING, reading=MM),
        replace(SPEAKING, reading=WORD),
        replace(SPEAKING, reading=AMONG_WORDS, confidence=SURE - 0.01),
        replace(PAUSED, reading=AMONG_WORDS, confidence=SURE - 0.01),
        replace(SPEAKING, reading=WORDS, voiced_s=BRIEF_S - 0.01),
        replace(SPEAKING, reading=WORDS, voiced_s=LONG_S - 0.01, confidence=SURE - 0.01),
        replace(SPEAKING, unfinished=True, voiced_s=CONTINUED_S - 0.01),
        replace(SPEAKING, unfinished=True, voiced_s=CONTINUED_S, reading=MM),
        replace(SPEAKING, voiced_s=LONG_S, reading=MM),
        PAUSED,
        replace(PAUSED, reading=WORDS, silence_s=LATEST_S - 0.01),
        replace(HEARD, reading=WORD, judging=True, silence_s=JUDGED_S - 0.01),
    ],
)
def test_what_is_not_clear_yet(evidence):
    assert decide(evidence) == WAIT


kinds = st.builds(Reading, st.sampled_from(Kind), st.sampled_from(["", "one", "one two three"]))
evidences = st.builds(
    Evidence,
    voiced_s=st.floats(0, 5),
    silence_s=st.floats(0, 3),
    ended=st.booleans(),
    reading=kinds,
    final=st.booleans(),
    confidence=st.none() | st.floats(0, 1),
    completeness=st.none() | st.sampled_from(Completeness),
    judging=st.booleans(),
    unfinished=st.booleans(),
    asked=st.booleans(),
)


@given(evidences)
def test_a_stop_always_stops(evidence):
    assert decide(replace(evidence, reading=STOP)).decision is Decision.STOP


@given(evidences)
def test_a_backchannel_never_does_unless_it_is_an_answer(evidence):
    heard = replace(evidence, reading=MM, ended=True, final=True, asked=False)
    assert decide(heard).decision is Decision.RESUME


@given(evidences)
def test_it_never_waits_for_ever(evidence):
    late = replace(evidence, ended=True, silence_s=LATEST_S)
    endless = replace(evidence, ended=False, voiced_s=ENDLESS_S)
    assert decide(late).decision is not Decision.WAIT
    assert decide(endless).decision is not Decision.WAIT


@given(evidences)
def test_every_verdict_says_why(evidence):
    verdict = decide(evidence)
    assert verdict == WAIT or (verdict.reason and verdict.cues)
    assert isinstance(verdict, Verdict)


def test_pauses_for_nothing_make_it_ask_for_more_up_to_a_limit():
    certain, other = ([pause_s(alarms, certain=sure) for alarms in range(ALARMS + 9)] for sure in (True, False))
    assert certain[:ALARMS] == [CERTAIN_PAUSE_S] * ALARMS
    assert other[:ALARMS] == [PAUSE_S] * ALARMS
    assert certain[ALARMS:] == other[ALARMS:] == sorted(other[ALARMS:])
    assert other[ALARMS] > PAUSE_S
    assert other[-1] == WARIEST_S

"""The pure endpointer: an hour of decisions in a second."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.brain.protocols import Completeness
from assistant.session.endpoint import MIN_VOICED_S, AdaptiveHangover, Decision, Endpointer, Evidence, Verdict


def verdict(**changes: object) -> Verdict:
    evidence = {"at_s": 10.0, "last_voice_s": 9.5, "voiced_s": 1.0, "utterance_s": 2.0, "paused": True, **changes}
    return Endpointer(AdaptiveHangover(400), max_utterance_s=60).decide(Evidence(**evidence))


def decide(**changes: object) -> Decision:
    return verdict(**changes).decision


@pytest.mark.parametrize(
    ("changes", "decision"),
    [
        ({}, Decision.COMMIT),
        ({"last_voice_s": 9.61}, Decision.WAIT),
        ({"paused": False}, Decision.WAIT),
        ({"voiced_s": 0.1}, Decision.ABANDON),
        ({"voiced_s": 0.1, "last_voice_s": 9.9}, Decision.WAIT),
        ({"utterance_s": 60.0, "paused": False, "last_voice_s": 10.0}, Decision.COMMIT),
    ],
)
def test_decisions(changes, decision):
    assert decide(**changes) is decision


def test_the_wait_starts_at_400_ms_and_falls_to_300_while_nobody_is_cut_off():
    hangover = AdaptiveHangover()
    waits = [hangover.ms]
    for _ in range(12):
        hangover.record(cut_off=False)
        waits.append(hangover.ms)
    assert waits == [*range(400, 300, -10), 300, 300, 300]


def test_one_turn_that_is_cut_off_is_enough_to_wait_longer_and_the_wait_grows_to_1200():
    hangover = AdaptiveHangover()
    for _ in range(30):
        hangover.record(cut_off=False)
    waits = []
    for _ in range(6):
        hangover.record(cut_off=True)
        waits.append(hangover.ms)
    assert waits == [490, 680, 870, 1060, 1200, 1200]


def test_one_in_twenty_leaves_the_wait_where_it_is():
    hangover = AdaptiveHangover(600)
    for cut_off in [True, *[False] * 19]:
        hangover.record(cut_off=cut_off)
    assert hangover.ms == 600


@given(st.lists(st.booleans(), max_size=200), st.integers(100, 5000))
def test_the_wait_stays_in_its_bounds(cut_offs, start_ms):
    hangover = AdaptiveHangover(start_ms)
    for cut_off in cut_offs:
        hangover.record(cut_off=cut_off)
        assert 300 <= hangover.ms <= 1200


@pytest.mark.parametrize(
    ("evidence", "wait_ms", "cues"),
    [
        ({}, 400, ("adaptive wait",)),
        ({"completeness": Completeness.OPEN}, 400, ("open end", "adaptive wait")),
        ({"completeness": Completeness.COMMAND}, 200, ("complete command",)),
        ({"completeness": Completeness.FINISHED}, 200, ("finished sentence",)),
        ({"completeness": Completeness.DANGLING}, 1200, ("dangling words",)),
        ({"judging": True}, 1500, ("no words yet",)),
        ({"judging": True, "voiced_s": 0.1}, 400, ("too short for a word",)),
        ({"turn_probability": 0.9, "judging": True}, 200, ("turn model 0.90",)),
        ({"turn_probability": 0.9, "completeness": Completeness.DANGLING}, 200, ("turn model 0.90", "dangling words")),
        (
            {"turn_probability": 0.1, "completeness": Completeness.COMMAND},
            1200,
            ("turn model 0.10", "complete command"),
        ),
        ({"turn_pending": True, "completeness": Completeness.COMMAND}, 400, ("complete command",)),
        ({"turn_pending": True, "completeness": Completeness.DANGLING}, 1200, ("dangling words",)),
        ({"turn_pending": True}, 400, ("adaptive wait",)),
        ({"utterance_s": 60.0, "completeness": Completeness.DANGLING}, 1200, ("longest utterance",)),
        ({"confidence": 0.0}, 1500, ("unsure words 0.00", "adaptive wait")),
        (
            {"confidence": 0.15, "completeness": Completeness.OPEN},
            950,
            ("unsure words 0.15", "open end", "adaptive wait"),
        ),
        ({"confidence": 0.15, "completeness": Completeness.COMMAND}, 600, ("unsure words 0.15", "complete command")),
        ({"confidence": 0.3, "completeness": Completeness.COMMAND}, 200, ("complete command",)),
        ({"confidence": 0.0, "completeness": Completeness.DANGLING}, 1200, ("dangling words",)),
        ({"confidence": 0.0, "turn_probability": 0.9}, 200, ("turn model 0.90",)),
        ({"longest_pause_s": 0.5, "completeness": Completeness.DANGLING}, 1200, ("dangling words",)),
        ({"longest_pause_s": 0.8, "completeness": Completeness.DANGLING}, 1600, ("dangling words",)),
        ({"longest_pause_s": 0.9, "confidence": 0.0}, 1800, ("unsure words 0.00", "adaptive wait")),
        ({"longest_pause_s": 3.0, "turn_probability": 0.1}, 2000, ("turn model 0.10",)),
        ({"longest_pause_s": 3.0, "completeness": Completeness.COMMAND}, 200, ("complete command",)),
        ({"went_on": True, "completeness": Completeness.FINISHED}, 400, ("finished sentence", "went on before")),
        ({"went_on": True, "completeness": Completeness.OPEN}, 400, ("open end", "adaptive wait")),
        ({"hushed": True, "completeness": Completeness.COMMAND}, 1000, ("a stop is obeyed",)),
        ({"hushed": True, "turn_probability": 0.9}, 1000, ("a stop is obeyed",)),
    ],
)
def test_the_evidence_decides_the_wait_and_is_named(evidence, wait_ms, cues):
    found = verdict(**evidence)
    assert (found.wait_ms, found.cues) == (wait_ms, cues)


def test_who_is_cut_off_often_is_waited_for_longer_behind_complete_words_too():
    hangover = AdaptiveHangover()
    for _ in range(20):
        hangover.record(cut_off=True)
    endpointer = Endpointer(hangover, max_utterance_s=60)
    waits = [
        endpointer.decide(Evidence(1.0, 1.0, 1.0, 2.0, paused=True, completeness=completeness)).wait_ms
        for completeness in (Completeness.COMMAND, None, Completeness.DANGLING)
    ]
    assert waits == [600, 1200, 1200]


evidences = st.builds(
    Evidence,
    at_s=st.floats(100, 110),
    last_voice_s=st.floats(95, 100),
    voiced_s=st.floats(0, 2),
    utterance_s=st.floats(0, 59),
    paused=st.booleans(),
    judging=st.booleans(),
    completeness=st.none() | st.sampled_from(Completeness),
    turn_probability=st.none() | st.floats(0, 1),
    turn_pending=st.booleans(),
    confidence=st.none() | st.floats(0, 1),
    longest_pause_s=st.floats(0, 60),
    went_on=st.booleans(),
    hushed=st.booleans(),
)


settings_ms = st.integers(100, 2000)


@given(evidences, settings_ms, settings_ms, settings_ms, settings_ms)
def test_whatever_the_evidence_the_waits_keep_their_order(evidence, start_ms, complete_ms, dangling_ms, unsure_ms):
    hangover = AdaptiveHangover(start_ms)
    endpointer = Endpointer(
        hangover, max_utterance_s=60, complete_ms=complete_ms, dangling_ms=dangling_ms, unsure_ms=unsure_ms
    )
    hushed_ms = 1000 if evidence.hushed else 0
    longest_ms = max(dangling_ms, unsure_ms, hangover.ms, min(2000 * evidence.longest_pause_s, 2000), hushed_ms)
    found = endpointer.decide(evidence)
    silence_ms = (evidence.at_s - evidence.last_voice_s) * 1000
    assert min(complete_ms, hangover.ms) <= found.wait_ms <= longest_ms
    assert found.cues
    if not evidence.paused or silence_ms < min(complete_ms, hangover.ms):
        assert found.decision is Decision.WAIT
    elif silence_ms >= longest_ms:
        assert found.decision is (Decision.COMMIT if evidence.voiced_s >= MIN_VOICED_S else Decision.ABANDON)


@given(st.floats(0, 3600), st.floats(0, 10), st.floats(0, 10))
def test_silence_shorter_than_the_wait_never_commits(at_s, silence_s, voiced_s):
    decision = decide(at_s=at_s + silence_s, last_voice_s=at_s, voiced_s=voiced_s)
    if silence_s < 0.399:
        assert decision is Decision.WAIT
    if silence_s > 0.401:
        assert decision is not Decision.WAIT


@given(evidences, st.floats(0, 1), st.floats(0, 1))
def test_less_confidence_never_means_less_patience(evidence, one, other):
    endpointer = Endpointer(AdaptiveHangover(), max_utterance_s=60)
    low, high = sorted((one, other))
    waits = [endpointer.decide(replace(evidence, confidence=confidence)).wait_ms for confidence in (low, high)]
    assert waits[0] >= waits[1]


@given(evidences, st.floats(0, 10), st.floats(0, 10))
def test_who_has_paused_for_longer_is_not_waited_for_less(evidence, one, other):
    endpointer = Endpointer(AdaptiveHangover(), max_utterance_s=60)
    waits = [endpointer.decide(replace(evidence, longest_pause_s=pause)).wait_ms for pause in sorted((one, other))]
    assert waits[0] <= waits[1]


def test_doubt_never_makes_the_wait_shorter():
    patient = Endpointer(AdaptiveHangover(1200), max_utterance_s=60)
    evidence = Evidence(10.0, 9.5, 1.0, 2.0, True, completeness=Completeness.COMMAND, confidence=0.0, went_on=True)
    assert patient.decide(evidence).wait_ms == 1200

"""The pure endpointer: an hour of decisions in a second."""

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
    for _ in range(4):
        hangover.record(cut_off=False)
        waits.append(hangover.ms)
    assert waits == [400, 350, 300, 300, 300]


def test_the_wait_grows_by_100_ms_to_1200_while_turns_are_cut_off():
    hangover = AdaptiveHangover()
    for _ in range(20):
        hangover.record(cut_off=True)
    assert hangover.ms == 1200


def test_between_15_and_30_percent_nothing_changes():
    hangover = AdaptiveHangover()
    for cut_off in [False] * 8:
        hangover.record(cut_off=cut_off)
    hangover.record(cut_off=True)
    before = hangover.ms
    hangover.record(cut_off=True)  # two of ten
    assert hangover.ms == before


def test_only_the_last_ten_turns_count():
    hangover = AdaptiveHangover()
    for _ in range(20):
        hangover.record(cut_off=True)
    for _ in range(10):
        hangover.record(cut_off=False)
    low = hangover.ms
    hangover.record(cut_off=False)
    assert hangover.ms == low - 50


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
        ({"judging": True}, 1200, ("no words yet",)),
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
)


@given(evidences, st.integers(100, 2000), st.integers(100, 2000), st.integers(100, 2000))
def test_whatever_the_evidence_the_waits_keep_their_order(evidence, start_ms, complete_ms, dangling_ms):
    hangover = AdaptiveHangover(start_ms)
    endpointer = Endpointer(hangover, max_utterance_s=60, complete_ms=complete_ms, dangling_ms=dangling_ms)
    found = endpointer.decide(evidence)
    silence_ms = (evidence.at_s - evidence.last_voice_s) * 1000
    assert min(complete_ms, hangover.ms) <= found.wait_ms <= max(dangling_ms, hangover.ms)
    assert found.cues
    if not evidence.paused or silence_ms < min(complete_ms, hangover.ms):
        assert found.decision is Decision.WAIT
    elif silence_ms >= max(dangling_ms, hangover.ms):
        assert found.decision is (Decision.COMMIT if evidence.voiced_s >= MIN_VOICED_S else Decision.ABANDON)


@given(st.floats(0, 3600), st.floats(0, 10), st.floats(0, 10))
def test_silence_shorter_than_the_wait_never_commits(at_s, silence_s, voiced_s):
    decision = decide(at_s=at_s + silence_s, last_voice_s=at_s, voiced_s=voiced_s)
    if silence_s < 0.399:
        assert decision is Decision.WAIT
    if silence_s > 0.401:
        assert decision is not Decision.WAIT

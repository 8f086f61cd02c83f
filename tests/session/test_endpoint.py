"""The pure endpointer: an hour of decisions in a second."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.session.endpoint import AdaptiveHangover, Decision, Endpointer, Evidence


def decide(**changes: float | bool) -> Decision:
    evidence = {"at_s": 10.0, "last_voice_s": 9.5, "voiced_s": 1.0, "utterance_s": 2.0, "paused": True, **changes}
    return Endpointer(AdaptiveHangover(400), max_utterance_s=60).decide(Evidence(**evidence))


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


@given(st.floats(0, 3600), st.floats(0, 10), st.floats(0, 10))
def test_silence_shorter_than_the_wait_never_commits(at_s, silence_s, voiced_s):
    decision = decide(at_s=at_s + silence_s, last_voice_s=at_s, voiced_s=voiced_s)
    if silence_s < 0.399:
        assert decision is Decision.WAIT
    if silence_s > 0.401:
        assert decision is not Decision.WAIT

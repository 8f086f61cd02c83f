"""Which turns belong together, and what counts as a difference."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.events import EngineCall, Timings, TurnEnded, TurnStarted
from assistant.replay.compare import Comparison, Pair, pairs
from assistant.replay.turns import TurnView, turns_of


def view(at_s: float, **changes: object) -> TurnView:
    said = TurnView(1, at_s, "voice", "hello", "Good day.", "Good day.", "answered", latency_s={"commit": 0.2})
    return replace(said, **changes)  # type: ignore[arg-type]


def test_turns_are_matched_by_when_they_began() -> None:
    found = pairs([view(1.0), view(5.0), view(9.0)], [view(1.4), view(9.0), view(20.0)])
    assert [(pair.then and pair.then.at_s, pair.now and pair.now.at_s) for pair in found] == [
        (1.0, 1.4),
        (5.0, None),
        (9.0, 9.0),
        (None, 20.0),
    ]
    assert [pair.differences for pair in found] == [(), ("missing",), (), ("new",)]


@given(*[st.lists(st.floats(0, 100), max_size=8).map(sorted)] * 2)
def test_no_turn_is_lost(then: list[float], now: list[float]) -> None:
    found = pairs([view(at_s) for at_s in then], [view(at_s) for at_s in now])
    assert [pair.then.at_s for pair in found if pair.then] == then
    assert [pair.now.at_s for pair in found if pair.now] == now


def test_what_an_engine_read_ahead_is_no_work_for_the_answer() -> None:
    timings, said = Timings(), {"origin": "voice", "transcript": "hi", "reply": "Yes.", "heard": "Yes.", "states": ()}
    calls = [
        EngineCall(
            at_s=2.0, turn_id=1, stage="llm", engine="x", status="completed", duration_s=1.0, items=0, reading=reading
        )
        for reading in (True, False, False)
    ]
    ended = TurnEnded(at_s=3.0, turn_id=1, outcome="answered", timings=timings, **said)  # type: ignore[arg-type]
    [turn] = turns_of([TurnStarted(at_s=1.5, turn_id=1, origin="voice"), *calls, ended], 1.0)
    assert (turn.at_s, turn.engine_s) == (0.5, {"llm": 2.0})


@pytest.mark.parametrize(
    ("then", "now", "differences"),
    [
        ({}, {"heard": "Good", "cues": ("unsure",), "number": 4}, ()),
        ({}, {"transcript": "yellow"}, ("transcript",)),
        ({}, {"reply": "Good"}, ("reply",)),
        ({}, {"outcome": "interrupted", "reply": "Good"}, ("reply", "outcome")),
        ({"outcome": "interrupted"}, {"outcome": "interrupted", "reply": "Good"}, ()),
        ({"outcome": "interrupted"}, {"outcome": "interrupted", "reply": "Bad"}, ("reply",)),
        ({}, {"error_code": "engine-failed"}, ("error_code",)),
    ],
)
def test_what_counts(then: dict[str, object], now: dict[str, object], differences: tuple[str, ...]) -> None:
    assert Pair(view(0, **then), view(0, **now)).differences == differences


def test_latencies_are_compared_as_ratios_and_work_as_a_whole() -> None:
    slow = view(0, latency_s={"commit": 0.3, "transcript": 0.1}, engine_s={"stt": 3.0})
    found = Comparison([Pair(view(0, engine_s={"stt": 1.0}), slow), Pair(view(9, engine_s={"stt": 1.0}), slow)], [])
    assert found.ratios == pytest.approx({"commit": 1.5, "stt": 3.0})

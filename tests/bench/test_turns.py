"""What became of an engine's work, told from events alone."""

from dataclasses import replace

import numpy as np
import pytest

from assistant.bench.clips import Clip
from assistant.bench.director import Exchange
from assistant.bench.loudspeaker import Sounding
from assistant.bench.run import Recording
from assistant.bench.turns import Voiced, fates, thrown_away_s, turns
from assistant.bench.usage import Usage
from assistant.events import CallStatus, EngineCall, Event, Stage, Timings, TurnEnded, TurnStarted

COMMIT_S = 10.3


def call(stage: Stage, start_s: float, end_s: float, status: CallStatus = "completed") -> EngineCall:
    return EngineCall(
        at_s=end_s,
        turn_id=1,
        stage=stage,
        engine="x",
        status=status,
        duration_s=end_s - start_s,
        items=1,
        speculative=start_s < COMMIT_S,
    )


def voiced(*, speculated: bool) -> Voiced:
    ended = TurnEnded(
        at_s=13.0,
        turn_id=1,
        origin="voice",
        outcome="answered",
        transcript="x",
        reply="y",
        heard="y",
        states=(("listening", 8.0), ("committed", COMMIT_S)),
        timings=Timings(commit_s=0.3),
        speculated=speculated,
    )
    return Voiced(8.0, ended)


def recorded(sounding: Sounding) -> Recording:
    events = [TurnStarted(at_s=8.0, turn_id=1, origin="voice"), voiced(speculated=True).ended]
    exchange = Exchange(Clip("x", "", np.zeros(0, np.float32)), 7.0, said_s=10.2, end_s=14.0)
    nothing = Usage()
    return Recording(events, [exchange], [Sounding(2.0, 9.0), sounding], 1.0, 0, 0.0, nothing, nothing, None)


@pytest.mark.parametrize(
    ("sounding", "first_sound_s"),
    [
        (Sounding(10.35, 12.0, 10.4), 0.4),
        (Sounding(10.35, 12.0), 0.35),
        (Sounding(10.29, 12.0, 10.29), 0.3),  # its block was late
        (Sounding(9.9, 12.0, 9.9), None),
    ],
)
def test_the_answer_is_the_sound_after_the_commit(sounding: Sounding, first_sound_s: float | None) -> None:
    [turn] = turns(recorded(sounding))
    assert turn.first_sound_s == (None if first_sound_s is None else pytest.approx(first_sound_s))
    assert turn.added_s == (None if first_sound_s is None else pytest.approx(first_sound_s - 0.3))
    assert not turn.cut_off


def test_silence_inside_an_answer_is_a_gap_unless_nobody_could_hear_it() -> None:
    recording = recorded(Sounding(10.4, 11.0))
    later = [Sounding(11.01, 11.5), Sounding(11.75, 12.0), Sounding(13.5, 14.0)]
    [turn] = turns(replace(recording, soundings=[*recording.soundings, *later]))
    assert turn.gaps_s == pytest.approx((0.25,))


def test_what_only_reads_is_no_answer_that_stood() -> None:
    reading = replace(call("llm", 10.2, 10.25), items=0, reading=True)
    fate = [found for _, found in fates([call("llm", 9.1, 9.3), reading], voiced(speculated=True))]
    assert fate == ["speculative", "speculative"]


def test_of_several_answers_ahead_the_last_one_stood() -> None:
    calls = [
        call("stt", 9.0, 9.1),
        call("llm", 9.1, 9.3),
        call("tts", 9.3, 9.4),
        call("stt", 10.0, 10.1),
        call("llm", 10.1, 10.2),
        call("tts", 10.2, 10.25),
        call("tts", 10.4, 10.5),
    ]
    assert [fate for _, fate in fates(calls, voiced(speculated=True))] == [
        "speculative",
        "thrown away",
        "thrown away",
        "speculative",
        "speculative",
        "speculative",
        "committed",
    ]


def test_where_none_stood_all_answers_ahead_were_in_vain() -> None:
    calls = [call("stt", 10.0, 10.1), call("llm", 10.1, 10.2), call("llm", 10.31, 10.6), call("tts", 10.6, 10.7)]
    found = [fate for _, fate in fates(calls, voiced(speculated=False))]
    assert found == ["speculative", "thrown away", "committed", "committed"]


@pytest.mark.parametrize(("end_s", "fate"), [(10.0, "thrown away"), (10.35, "thrown away"), (12.0, "speculative")])
def test_a_cancel_before_the_commit_throws_away_and_one_of_the_answer_itself_does_not(end_s: float, fate: str) -> None:
    [(_, found)] = fates([call("stt", 9.9, end_s, "cancelled")], voiced(speculated=True))
    assert found == fate


def test_what_was_in_vain_is_summed_for_each_engine() -> None:
    events: list[Event] = [TurnStarted(at_s=8.0, turn_id=1, origin="voice")]
    events += [call("stt", 9.0, 9.1, "cancelled"), call("llm", 9.1, 9.3), call("llm", 10.0, 10.1)]
    events += [call("turn", 9.0, 9.05, "cancelled"), call("turn", 9.6, 9.65)]
    events.append(voiced(speculated=True).ended)
    events.append(call("tts", 9.3, 9.4))  # reported after the turn's end
    assert thrown_away_s(events) == pytest.approx({"turn": 0.05, "stt": 0.1, "llm": 0.2, "tts": 0.1})

"""A whole bench on the shipped fakes, in audio time: no engine takes any."""

import json
import re
from dataclasses import fields, replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from assistant.bench import page, report, rows, timeline
from assistant.bench.clips import Clip
from assistant.bench.director import Plan
from assistant.bench.report import Report
from assistant.bench.run import Recording, run
from assistant.bench.spread import Spread
from assistant.bench.turns import Bar, Turn
from assistant.config import Settings
from assistant.errors import InputError
from assistant.events import TurnEnded
from assistant.models import fakes, registry

RATE_HZ = 16_000
SETTINGS = Settings.model_validate(
    {stage: {"engine": "fake"} for stage in ("stt", "llm", "tts")} | {"history": {"enabled": True}}
)


def said(*parts: float, text: str = "") -> Clip:
    """A tone of so many seconds, then so many of silence, and so on."""
    pieces = [
        np.full(round(seconds * RATE_HZ), 0.3 * (place % 2 == 0), np.float32) for place, seconds in enumerate(parts)
    ]
    return Clip(f"clip {len(parts)}", text, np.concatenate(pieces))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(registry, "make_vad", fakes.EnergyVad)
    for variable in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    return tmp_path


def recorded(*clips: Clip, interruptions: int = 0) -> Recording:
    return run(SETTINGS, Plan(clips, interruptions), realtime=False)


def reported(*clips: Clip, interruptions: int = 0) -> Report:
    return report.make(recorded(*clips, interruptions=interruptions), SETTINGS, realtime=False)


def test_every_clip_is_answered() -> None:
    made = reported(said(0.5), said(0.8, text="what time is it"))
    assert [turn.outcome for turn in made.turns] == ["answered", "answered"]
    assert made.spreads["endpoint"] is not None
    assert made.spreads["endpoint"].count == 2
    assert 0.1 <= made.spreads["endpoint"].p50 <= 0.45
    assert made.values["cut_off_share"] == 0.0
    assert made.values["word_error_share"] == 0.0
    assert made.values["unheard"] == 0


def test_a_plan_that_lasts_repeats_its_clips() -> None:
    recording = run(SETTINGS, Plan([said(0.5), said(0.8)], lasting_s=12.0), realtime=False)
    names = [exchange.clip.seconds for exchange in recording.exchanges]
    assert len(names) > 2
    assert names == [(0.5, 0.8)[number % 2] for number in range(len(names))]
    assert recording.exchanges[-1].start_s - recording.exchanges[0].start_s < 12 <= recording.exchanges[-1].end_s


def test_a_model_for_the_end_of_a_turn_has_a_row_where_there_is_one() -> None:
    [turn] = reported(said(0.6)).turns
    assert "end of turn" not in timeline.svg(turn)
    assert "end of turn" in timeline.svg(replace(turn, bars=(*turn.bars, Bar("turn", "speculative", 0.1, 0.2))))


def test_what_comes_after_the_end_of_speech_comes_in_order() -> None:
    [turn] = reported(said(0.6)).turns
    steps = [turn.transcript_s, turn.first_token_s, turn.first_clause_s, turn.first_sound_s]
    assert steps == sorted(steps)
    assert turn.endpoint_s < turn.first_sound_s
    assert turn.added_s == pytest.approx(turn.first_sound_s - turn.endpoint_s)
    assert turn.speech_s == pytest.approx(0.6, abs=0.1)
    assert {bar.lane for bar in turn.bars} == {"you", "wait", "stt", "llm", "tts", "sound"}
    assert all(bar.start_s <= bar.end_s for bar in turn.bars)


def test_speaking_over_the_answer_silences_it() -> None:
    made = reported(said(0.5), said(0.5), interruptions=2)
    assert [turn.spoken_over for turn in made.turns] == [False, False, True, True]
    assert [turn.outcome for turn in made.turns] == ["answered", "answered", "interrupted", "interrupted"]
    assert made.spreads["interruption"] is not None
    assert made.spreads["interruption"].count == 2
    assert 0.03 <= made.spreads["interruption"].p95 <= 0.15
    assert made.values["turns"] == 2


def test_a_pause_that_was_taken_for_the_end_is_a_cut_off() -> None:
    made = reported(said(0.5, 1.0, 0.5), said(0.5))
    assert [turn.cut_off for turn in made.turns] == [True, False]
    assert made.values["cut_off_share"] == 0.5


def test_what_nobody_hears_is_counted_and_does_not_hang() -> None:
    made = reported(Clip("silence", "hello there", np.zeros(RATE_HZ, np.float32)), said(0.5))
    assert [turn.outcome for turn in made.turns] == ["unheard", "answered"]
    assert made.values["unheard"] == 1
    assert made.values["word_error_share"] == 1.0


def test_a_long_answer_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fakes, "TONE_S_PER_CHARACTER", 3.0)
    made = reported(said(0.5), said(0.5))
    assert [turn.outcome for turn in made.turns] == ["interrupted", "interrupted"]
    assert made.spreads["first_sound"] is not None


def test_the_same_bench_twice_gives_the_same_turns() -> None:
    one, other = (
        [event for event in recorded(said(0.5), said(0.7), interruptions=1).events if isinstance(event, TurnEnded)]
        for _ in range(2)
    )
    assert [event.timings for event in one] == [event.timings for event in other]


def test_steps_are_told(home: Path) -> None:
    steps: list[int] = []
    run(SETTINGS, Plan([said(0.3), said(0.3)], interruptions=1), steps.append, realtime=False)
    assert steps == [1, 2, 3]
    assert not list(home.rglob("*.db"))


def test_the_json_has_the_agreed_keys_and_comes_back(tmp_path: Path) -> None:
    made = reported(said(0.5))
    kept = json.loads(made.to_json())
    assert list(kept) == ["schema", "setup", "spreads", "values", "turns"]
    assert list(kept["spreads"]) == list(rows.SPREADS)
    assert list(kept["values"]) == list(rows.VALUES)
    assert kept["spreads"]["first_sound"].keys() == {"count", "p50", "p95"}
    assert kept["turns"][0].keys() == {field.name for field in fields(Turn)}
    assert kept["turns"][0]["bars"][0].keys() == {"lane", "kind", "start_s", "end_s"}
    (tmp_path / "made.json").write_text(made.to_json())
    again = report.load(tmp_path / "made.json")
    assert (again.spreads, again.values) == (made.spreads, made.values)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": 0}', '{"schema": 1, "setup": {}, "spreads": 3}'])
def test_another_file_is_no_report(tmp_path: Path, text: str) -> None:
    (tmp_path / "other.json").write_text(text)
    with pytest.raises(InputError):
        report.load(tmp_path / "other.json")
    with pytest.raises(InputError, match="cannot be read"):
        report.load(tmp_path / "missing.json")


class Page(HTMLParser):
    """Every tag and attribute, and that what is opened is closed."""

    VOID = ("meta", "!doctype", "rect", "line")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


def test_the_page_opens_offline_and_says_everything() -> None:
    made = reported(said(0.5, text="<b>"), said(0.5, 1.0, 0.5))
    text = page.html(made, made)
    shown = Page(text)
    assert not shown.open
    assert not {"script", "link", "img", "iframe", "b"} & set(shown.tags)
    assert not {"src", "href", "srcset"} & {name for name, _ in shown.attributes}
    assert not re.search(r"https?:|url\(|@import|//", text)
    assert shown.tags.count("svg") == len([turn for turn in made.turns if turn.bars]) == 2
    assert all(
        label in text for label in (*rows.SPREADS.values(), "before / now") if label != rows.SPREADS["interruption"]
    )


def test_words_of_a_turn_cannot_become_markup() -> None:
    made = reported(said(0.5))
    turn = replace(made.turns[0], clip="<script>", transcript='"><img src=x>')
    assert not {"script", "img"} & set(Page(page.html(replace(made, turns=[turn]))).tags)


def test_a_comparison_gives_ratios() -> None:
    made = reported(said(0.5))
    slower = replace(
        made, spreads={"first_sound": Spread(3, 1.5, 4.0)}, values={"turns": 4.0, "underruns": 0.0, "gaps": 0.0}
    )
    faster = replace(
        made, spreads={"first_sound": Spread(3, 0.5, 1.0)}, values={"turns": 2.0, "underruns": 1.0, "gaps": 0.0}
    )
    assert list(rows.comparison(slower, faster)) == [
        (f"{rows.SPREADS['first_sound']}, p50", "1500 ms", "500 ms", "3.00"),
        (f"{rows.SPREADS['first_sound']}, p95", "4000 ms", "1000 ms", "4.00"),
        ("turns", "4", "2", "2.00"),
        (rows.VALUES["underruns"][0], "0", "1", "0.00"),
    ]


def test_what_was_measured_on_another_machine_is_told_apart() -> None:
    made = reported(said(0.5))
    engines = {**made.setup["engines"], "stt": "another"}
    other = replace(made, setup={**made.setup, "engines": engines, "ahead": False, "made_at": "before"})
    changed = {name: (was, now) for name, was, now in rows.differences(other, made)}
    assert changed.keys() == {"when", "stt", "ahead"}
    assert changed["stt"][0].startswith("another")
    assert changed["ahead"][1] == rows.NOTHING


def test_an_engine_that_was_not_there_has_no_row() -> None:
    shown = dict(rows.values(reported(said(0.5))))
    assert "guesses in vain, voice" in shown
    assert "guesses in vain, end of turn" not in shown

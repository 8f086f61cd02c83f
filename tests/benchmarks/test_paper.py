"""What the benchmarks print, keep and draw."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import distribution, goals
from benchmarks.paper import TABLES, Paper

SVG = "{http://www.w3.org/2000/svg}"


def test_what_is_printed_is_kept_as_markdown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paper = Paper(tmp_path / "out", "Two turns")
    paper.heading("Commands")
    paper.table(("a", "b"), [("1", "2")])
    kept = (tmp_path / "out" / TABLES).read_text()
    assert kept == capsys.readouterr().out
    assert kept.startswith("Two turns, ")
    assert kept.endswith("### Commands\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n")


def test_without_a_folder_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    paper = Paper(None, "Two turns")
    paper.keep("x.json", "{}")
    assert not list(tmp_path.iterdir())


def test_every_turn_is_a_dot_and_every_row_has_its_median() -> None:
    picture = ElementTree.fromstring(distribution.svg([("<ours>", [0.2, 0.4, 0.3]), ("other", [1.0, 2.0])]))
    dots = picture.findall(f"{SVG}circle")
    places = [float(dot.attrib["cx"]) for dot in dots]
    assert len(dots) == 5
    assert places == sorted(places)
    titles = [title.text for title in picture.iter(f"{SVG}title")]
    assert titles == ["<ours>, p50: 300 ms", "<ours>, p95: 390 ms", "other, p50: 1500 ms", "other, p95: 1950 ms"]


@pytest.mark.parametrize("rows", [[], [("nothing", [])]])
def test_without_turns_there_is_an_empty_picture(rows: list[tuple[str, list[float]]]) -> None:
    assert not ElementTree.fromstring(distribution.svg(rows)).findall(f"{SVG}circle")


def test_a_goal_is_reached_or_not_and_left_out_where_it_was_not_measured() -> None:
    measured = {"neural p50": 449.6, "neural ratio": 2.4, "cut off": 0.06, "gaps": 0.0}
    assert [(bound, value, reached) for _, bound, value, reached in goals.lines(measured)] == [
        ("≤ 450 ms", "450 ms", "✓"),
        ("≥ 2.50 times", "2.40 times", ""),
        ("≤ 5.0%", "6.0%", ""),
        ("≤ 0", "0", "✓"),
    ]

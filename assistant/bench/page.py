"""A report as one HTML page that opens offline: no script, nothing fetched. Pure."""

from collections.abc import Iterable, Sequence
from html import escape

from assistant.bench import rows, timeline
from assistant.bench.report import Report
from assistant.bench.turns import Turn

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin: 1rem 0 }
td, th { padding: .2rem 1.2rem .2rem 0; text-align: right; font-variant-numeric: tabular-nums }
td:first-child, th:first-child { text-align: left }
tr { border-bottom: 1px solid #8884 }
svg { width: 100%; font-size: 12px; fill: currentColor }
.grid { stroke: #8884 } .zero { stroke: currentColor } .tick { text-anchor: middle }
.legend span { margin-right: 1.2rem } .legend i { display: inline-block; width: 1em; height: 1em; margin-right: .4em;
vertical-align: -.15em; border-radius: 2px }
summary { cursor: pointer; margin: .6rem 0 }
"""


def html(report: Report, before: Report | None = None) -> str:
    """The whole page; with ``before``, the two side by side as well."""
    compared = ""
    if before is not None:
        compared = (
            f"<h2>Before and now</h2>{_table(rows.DIFFERING, rows.differences(before, report))}"
            f"{_table(rows.COMPARED, rows.comparison(before, report))}<p>{rows.RATIOS}</p>"
        )
    shown = [turn for turn in report.turns if turn.bars]
    opened = typical(shown)
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>assistant bench</title>\n<style>{STYLE}</style>\n<h1>How fast the assistant answers</h1>\n"
        f"{_table(('', ''), rows.setup(report))}\n<h2>From the end of speech</h2>\n"
        f"{_table(rows.HEADERS, rows.figures(report))}\n{_table(('', ''), rows.values(report))}\n{compared}\n"
        "<h2>Turns</h2>\n<p>0 ms is where the last sound of the user was taken for speech.</p>\n"
        f"{timeline.legend()}\n{''.join(_details(turn, turn is opened) for turn in shown)}\n</html>\n"
    )


def typical(shown: Sequence[Turn]) -> Turn | None:
    """The turn whose first sound came at about the median."""
    timed = sorted((turn for turn in shown if turn.first_sound_s is not None), key=lambda turn: turn.first_sound_s or 0)
    return timed[(len(timed) - 1) // 2] if timed else None


def _details(turn: Turn, opened: bool) -> str:
    is_open = " open" if opened else ""
    return f"<details{is_open}><summary>{escape(timeline.title(turn))}</summary>\n{timeline.svg(turn)}\n</details>\n"


def _table(headers: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    body = "".join(_row("td", line) for line in lines)
    head = f"<thead>{_row('th', headers)}</thead>" if any(headers) else ""
    return f"<table>{head}<tbody>{body}</tbody></table>" if body else ""


def _row(tag: str, cells: Sequence[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

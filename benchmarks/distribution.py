"""Every turn as a dot on the axis of time, row by row: how our answers and those of another way lie. SVG, pure."""

from collections.abc import Iterator, Sequence
from html import escape
from math import ceil

from assistant.bench.spread import percentile
from benchmarks.picture import STYLE

OURS, OTHER = "#54a24b", "#bab0ac"
WIDTH, LABEL, RIGHT, ROW, AXIS = 900, 250, 20, 44, 26
DOT, SCATTER = 4, 11
STEPS_S = (0.1, 0.2, 0.25, 0.5, 1.0, 2.0)


def svg(rows: Sequence[tuple[str, Sequence[float]]]) -> str:
    """A row for each name, of seconds; ours and the other in turn. A bar marks the median, a thin one p95."""
    longest_s = max((seconds for _, row in rows for seconds in row), default=1.0)
    step_s = next((step for step in STEPS_S if longest_s / step <= 10), STEPS_S[-1])
    end_s = ceil(longest_s / step_s) * step_s
    height = ROW * len(rows) + AXIS
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="From the end of speech to the first sound" '
        f'xmlns="http://www.w3.org/2000/svg">\n{STYLE}',
        *_axis(end_s, step_s, ROW * len(rows)),
    ]
    for place, (name, seconds) in enumerate(rows):
        parts += _row(name, sorted(seconds), place, end_s)
    return "\n".join([*parts, "</svg>\n"])


def _row(name: str, seconds: Sequence[float], place: int, end_s: float) -> Iterator[str]:
    middle = ROW * place + ROW // 2
    colour = OTHER if place % 2 else OURS
    yield f'<text x="0" y="{middle + 4}">{escape(name)}</text>'
    for number, one in enumerate(seconds):
        y = middle + (number % 3 - 1) * SCATTER * 0.8  # neighbours beside each other, so that none hides another
        yield f'<circle cx="{_x(one, end_s):.1f}" cy="{y:.1f}" r="{DOT}" fill="{colour}" fill-opacity="0.7"/>'
    for share, width, label in ((0.5, 3, "p50"), (0.95, 1, "p95")) if seconds else ():
        at_s = percentile(seconds, share)
        x = _x(at_s, end_s) - width / 2
        yield (
            f'<rect x="{x:.1f}" y="{middle - 18}" width="{width}" height="36" fill="#4c78a8">'
            f"<title>{escape(name)}, {label}: {at_s * 1000:.0f} ms</title></rect>"
        )


def _axis(end_s: float, step_s: float, bottom: int) -> Iterator[str]:
    for number in range(round(end_s / step_s) + 1):
        x = _x(number * step_s, end_s)
        yield f'<line x1="{x:.1f}" y1="0" x2="{x:.1f}" y2="{bottom}" class="{"grid" if number else "zero"}"/>'
        yield f'<text x="{x:.1f}" y="{bottom + 17}" class="tick">{number * step_s * 1000:.0f} ms</text>'


def _x(at_s: float, end_s: float) -> float:
    return LABEL + (WIDTH - LABEL - RIGHT) * at_s / end_s

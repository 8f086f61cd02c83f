"""A turn as a picture: what ran when, what was done on a guess, what was thrown away. SVG, pure."""

from collections.abc import Iterator, Sequence
from html import escape
from math import ceil, floor

from assistant.bench.turns import Bar, Kind, Lane, Turn

LANES: dict[Lane, str] = {
    "you": "you speak",
    "wait": "waiting for more",
    "turn": "end of turn",
    "stt": "recogniser",
    "llm": "language model",
    "tts": "voice",
    "sound": "loudspeaker",
}
COLOURS: dict[Kind, str] = {
    "speech": "#4c78a8",
    "wait": "#bab0ac",
    "speculative": "#72b7b2",
    "committed": "#54a24b",
    "thrown away": "#e45756",
    "sound": "#b279a2",
}
WIDTH, LABEL, ROW, BAR, AXIS = 900, 130, 26, 16, 24
FROM_S, TO_S = -1.5, 2.5
STEPS_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


OPTIONAL: Lane = "turn"
"""Not every machine has a model for it."""


def svg(turn: Turn) -> str:
    """The turn around the end of the user's speech, which is 0; bars beyond the edge are cut there."""
    bars = [bar for bar in turn.bars if bar.end_s > FROM_S and bar.start_s < TO_S]
    start_s = max(FROM_S, min((bar.start_s for bar in bars), default=FROM_S))
    end_s = min(TO_S, max((bar.end_s for bar in bars), default=TO_S))
    lanes = [lane for lane in LANES if lane != OPTIONAL or any(bar.lane == lane for bar in bars)]
    height = ROW * len(lanes) + AXIS
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title(turn))}">',
        *_axis(start_s, end_s, ROW * len(lanes)),
        *(f'<text x="0" y="{ROW * row + 16}">{LANES[lane]}</text>' for row, lane in enumerate(lanes)),
        *_bars(bars, lanes, start_s, end_s),
        "</svg>",
    ]
    return "\n".join(parts)


def title(turn: Turn) -> str:
    """One line that says which turn it is, and how long it took."""
    sound = "no sound" if turn.first_sound_s is None else f"first sound after {turn.first_sound_s * 1000:.0f} ms"
    why = f" ({', '.join(turn.cues)})" if turn.cues else ""
    return f"{turn.clip}: “{turn.transcript}”, {sound}{why}"


def legend() -> str:
    """What the colours mean."""
    marks = (f'<span><i style="background:{colour}"></i>{kind}</span>' for kind, colour in COLOURS.items())
    return f'<p class="legend">{"".join(marks)}</p>'


def _bars(bars: Sequence[Bar], lanes: Sequence[Lane], start_s: float, end_s: float) -> Iterator[str]:
    for bar in bars:
        left, right = (_x(min(max(at_s, start_s), end_s), start_s, end_s) for at_s in (bar.start_s, bar.end_s))
        took = f"{bar.kind}, {bar.start_s * 1000:.0f} to {bar.end_s * 1000:.0f} ms"
        y = ROW * lanes.index(bar.lane) + 3
        yield (
            f'<rect x="{left:.1f}" y="{y}" width="{max(right - left, 1.5):.1f}" height="{BAR}" '
            f'rx="2" fill="{COLOURS[bar.kind]}"><title>{LANES[bar.lane]}: {took}</title></rect>'
        )


def _axis(start_s: float, end_s: float, bottom: int) -> Iterator[str]:
    step_s = next((step for step in STEPS_S if (end_s - start_s) / step <= 10), STEPS_S[-1])
    for number in range(ceil(start_s / step_s), floor(end_s / step_s) + 1):
        x = _x(number * step_s, start_s, end_s)
        yield f'<line x1="{x:.1f}" y1="0" x2="{x:.1f}" y2="{bottom}" class="{"zero" if number == 0 else "grid"}"/>'
        yield f'<text x="{x:.1f}" y="{bottom + 16}" class="tick">{number * step_s * 1000:.0f} ms</text>'


def _x(at_s: float, start_s: float, end_s: float) -> float:
    return LABEL + (WIDTH - LABEL - 30) * (at_s - start_s) / max(end_s - start_s, 1e-9)

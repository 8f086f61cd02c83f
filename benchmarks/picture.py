"""The timeline of a turn as a picture of its own, for the documentation."""

from assistant.bench import timeline
from assistant.bench.turns import Turn

STYLE = (
    "<style>text { font: 12px sans-serif; fill: #888 } .grid { stroke: #8884 } .zero { stroke: #888 } "
    ".tick { text-anchor: middle }</style>"
)


def svg(turn: Turn) -> str:
    """An SVG file."""
    head, _, rest = timeline.svg(turn).partition(">")
    return f'{head} xmlns="http://www.w3.org/2000/svg">\n{STYLE}{rest}\n'

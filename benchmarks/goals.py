"""What the assistant is to reach, beside what was measured. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Goal:
    """``limit`` is the most, or with ``least`` the fewest, that the figure may be; ``form`` shows both."""

    figure: str
    label: str
    limit: float
    form: str
    least: bool = False


MS, TIMES = "{:.0f} ms", "{:.2f} times"

GOALS = (
    Goal("embedded p50", "complete commands, end of speech → first sound, p50", 280, MS),
    Goal("embedded p95", "… p95", 450, MS),
    Goal("neural p50", "open questions, end of speech → first sound, p50", 450, MS),
    Goal("neural p95", "… p95", 800, MS),
    Goal("embedded added", "added after the commit, where the guess stood, commands, p50", 60, MS),
    Goal("neural added", "… open questions, p50", 60, MS),
    Goal("embedded ratio", "faster than one after the other, commands", 2.5, TIMES, least=True),
    Goal("neural ratio", "faster than one after the other, open questions", 2.5, TIMES, least=True),
    Goal("transcription", "transcription of 3 s against WhisperModel.transcribe", 4, TIMES, least=True),
    Goal("first token", "first token, turns 18 to 20 against 2 to 4", 1.2, TIMES),
    Goal("cut off", "turns cut off while the speaker goes on", 0.05, "{:.1%}"),
    Goal("gaps", "gaps in the answers", 0, "{:.0f}"),
    Goal("lost", "frames of the microphone lost", 0, "{:.0f}"),
    Goal("idle", "processor, listening to a quiet room", 0.03, "{:.1%} of a core"),
)
HEADERS = ("figure", "reach for", "measured", "")


def lines(measured: Mapping[str, float]) -> Iterator[tuple[str, str, str, str]]:
    """Rows under ``HEADERS``, of the figures that were measured."""
    for goal in GOALS:
        if (value := measured.get(goal.figure)) is not None:
            reached = value >= goal.limit if goal.least else value <= goal.limit
            bound = "≥" if goal.least else "≤"
            yield goal.label, f"{bound} {goal.form.format(goal.limit)}", goal.form.format(value), "✓" if reached else ""

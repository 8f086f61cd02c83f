"""How fast the assistant answers, against the same engines one after the other.

    python -m benchmarks.latency [--turns 30] [--out FOLDER] [--sets embedded,neural,pausing]

- ``embedded``: commands, with the engines that need no download.
- ``neural``: open questions, with models of the size of Whisper tiny.en, a llama of 360 million parameters and a
  "medium" Piper voice (``true_size``).
- ``pausing``: people who pause while they speak, with the embedded engines: who is cut off?

Prints Markdown tables, at the end the goals beside what was measured. ``--out`` gets all that docs/benchmarks.md
shows: ``tables.md``, ``distribution.svg``, the timeline of a typical turn (``neural-turn.svg``), and the reports as
JSON and HTML. Recordings come from ``--speech``, a folder with a ``manifest.tsv``; without it the shipped sample is
asked over and over. Leave the machine alone meanwhile: half an hour for 30 turns.
"""

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from assistant.bench import rows
from assistant.bench.clips import Clip
from assistant.bench.director import Plan
from assistant.bench.report import Report, make
from assistant.bench.run import run
from assistant.bench.spread import percentile, spread
from assistant.brain.grammar import intent_grammar
from assistant.commands import logs
from assistant.config import Settings
from assistant.models import registry
from assistant.models.protocols import SAMPLE_RATE_HZ
from assistant.session.turn import CancelToken
from benchmarks import distribution, engines, first_token, goals, serial, speech
from benchmarks.paper import Paper, ms

QUIET_S = 20.0
INTERRUPTIONS = 6
REPEATS = 9
SETS = ("embedded", "neural", "pausing")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=30)
    parser.add_argument("--sets", default=",".join(SETS), help="which of " + ", ".join(SETS))
    parser.add_argument("--out", type=Path, help="folder for tables, pictures and reports")
    engines.add_options(parser)
    options = parser.parse_args()
    if unknown := set(options.sets.split(",")) - set(SETS):
        parser.error(f"there is no set {', '.join(sorted(unknown))}; there are {', '.join(SETS)}")
    logs.to_stderr(Settings())
    benchmark = Benchmark(options, Paper(options.out, f"{options.turns} turns a set"))
    for name in SETS:
        if name in options.sets.split(","):
            getattr(benchmark, name)()
    benchmark.conclude()


class Benchmark:
    """One run; each set adds to ``measured``, by the figure of a goal, and to the picture of all turns."""

    def __init__(self, options: argparse.Namespace, paper: Paper) -> None:
        self.measured: dict[str, float] = {}
        self._options = options
        self._paper = paper
        self._rows: list[tuple[str, Sequence[float]]] = []

    def embedded(self) -> None:
        settings = engines.embedded()
        recogniser = registry.stt_candidates(settings, intent_grammar)[0].load()
        clips = speech.commands(self._options.speech, self._options.turns, recogniser)
        recogniser.close()
        self._converse("embedded", "Commands, embedded engines", settings, clips)

    def neural(self) -> None:
        settings = engines.neural(self._options)
        title = f"Open questions, sizes of tiny.en, 360M {self._options.quantization} and a medium voice"
        self._converse("neural", title, settings, speech.people(self._options.speech, self._options.turns))
        self._transcription(settings)
        self._first_tokens(settings)

    def pausing(self) -> None:
        settings = engines.embedded()
        clips = speech.pausing(self._options.speech)
        if not clips:
            self._paper.say("No recordings with pauses: who is cut off was not measured.")
            return
        report = make(run(settings, Plan(clips)), settings, realtime=True)
        cut = [turn.clip for turn in report.turns if turn.cut_off]
        self._paper.heading("People who pause, embedded engines")
        self._paper.table(("", ""), [("recordings", str(len(clips))), ("cut off", f"{len(cut)}: {', '.join(cut)}")])
        self.measured["cut off"] = len(cut) / len(clips)
        self._paper.keep_report("pausing", report)

    def conclude(self) -> None:
        """The picture of all turns, and the goals."""
        if self._rows:
            self._paper.keep("distribution.svg", distribution.svg(self._rows))
        self._paper.heading("Goals")
        self._paper.table(goals.HEADERS, goals.lines(self.measured))

    def _converse(self, name: str, title: str, settings: Settings, clips: Sequence[Clip]) -> None:
        """The conversation, then the same recordings step by step, in this process."""
        report = make(run(settings, Plan(clips, INTERRUPTIONS, QUIET_S)), settings, realtime=True)
        steps = serial.measure(settings, clips)
        slow = [one.first_sound_s for one in steps]
        middle = serial.median(steps)
        parts = (("wait", middle.wait_s), ("hear", middle.hear_s), ("think", middle.think_s), ("speak", middle.speak_s))
        self._paper.heading(title)
        self._paper.table(rows.HEADERS, rows.figures(report))
        self._paper.table(("", ""), rows.values(report))
        self._paper.table(
            ("one after the other", "p50", "p95"),
            [("end of speech → first sound", ms(percentile(slow, 0.5)), ms(percentile(slow, 0.95)))]
            + [(f"… of it, {part}", ms(seconds), "") for part, seconds in parts],
        )
        self._note(name, title.partition(",")[0], report, slow)
        self._paper.keep_report(name, report)
        self._paper.keep_seconds(f"{name}-one-after-the-other", slow)

    def _note(self, name: str, label: str, report: Report, slow: Sequence[float]) -> None:
        fast = [turn.first_sound_s for turn in report.turns if turn.first_sound_s is not None and not turn.spoken_over]
        self._rows += [(label, fast), ("… one after the other", slow)]
        self.measured |= figures(name, report)
        if fast:
            self.measured[f"{name} ratio"] = percentile(slow, 0.5) / percentile(fast, 0.5)
        for figure, value in (("gaps", "gaps"), ("lost", "inbox_dropped_frames"), ("lost", "capture_overrun_frames")):
            self.measured[figure] = self.measured.get(figure, 0.0) + (report.values[value] or 0.0)
        self.measured["idle"] = max(self.measured.get("idle", 0.0), report.values["quiet_cores"] or 0.0)

    def _transcription(self, settings: Settings) -> None:
        """A window that fits against the full one, 3 s of speech."""
        pcm = np.random.default_rng(0).normal(0, 0.05, 3 * SAMPLE_RATE_HZ).astype(np.float32)
        fitted = registry.stt_candidates(settings)[0].load()
        full = serial.whisper(settings)
        fitted_s = timed(lambda: fitted.transcribe(pcm, CancelToken()))
        full_s = timed(lambda: full(pcm))
        fitted.close()
        self.measured["transcription"] = full_s / fitted_s
        self._paper.heading("Transcription of 3 s")
        self._paper.table(
            ("fitted window", "WhisperModel.transcribe", "times"),
            [(ms(fitted_s), ms(full_s), f"{full_s / fitted_s:.1f}")],
        )

    def _first_tokens(self, settings: Settings) -> None:
        """The time to the first token as the conversation grows."""
        measured = first_token.measure(settings)
        self.measured["first token"] = measured[first_token.BEHIND].times
        self._paper.heading("First token, language model alone")
        self._paper.table(
            ("read before the question was known", "turns 2 to 4", "turns 18 to 20", "times"),
            [(name, ms(one.early_s), ms(one.late_s), f"{one.times:.2f}") for name, one in measured.items()],
        )


def timed(work: Callable[[], object]) -> float:
    """Median of several runs, in seconds, after one that does not count."""
    work()
    taken = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return percentile(taken, 0.5)


def figures(name: str, report: Report) -> Mapping[str, float]:
    """The goals' figures of a set, in milliseconds."""
    first = report.spreads["first_sound"]
    added = spread(turn.added_s for turn in report.turns if turn.speculated and not turn.spoken_over)
    found: dict[str, float] = {}
    if first is not None:
        found |= {f"{name} p50": first.p50 * 1000, f"{name} p95": first.p95 * 1000}
    if added is not None:
        found[f"{name} added"] = added.p50 * 1000
    return found


if __name__ == "__main__":
    main()

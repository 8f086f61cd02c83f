"""A long conversation with all engines at work: is a frame ever lost, does an answer ever fall silent?

    python -m benchmarks.endurance [--minutes 10] [--out FOLDER]

Models of true size (``true_size``) hear, answer and speak in real time; every answer is listened to until its end, and
at last some are spoken over. Prints a Markdown table, and leaves with 1 if a frame was lost or an answer had a gap.
"""

import argparse
import sys
from pathlib import Path

from assistant.bench import rows
from assistant.bench.director import ANSWER_S, Plan
from assistant.bench.report import Report, make
from assistant.bench.run import run
from assistant.commands import logs
from assistant.config import Settings
from benchmarks import engines, speech
from benchmarks.paper import Paper

CLIPS = 30
TURNS_A_MINUTE_OVER = 1
"""So many answers are spoken over for each minute of the conversation."""
NEVER = ("gaps", "underruns", "capture_overrun_frames", "inbox_dropped_frames")
SHOWN = (
    "turns", "unheard", *NEVER, "longest_gap_s", "latest_frame_s", "stt_real_time_factor", "llm_pieces_per_s",
    "tts_real_time_factor", "quiet_cores", "talk_cores", "peak_memory_mb",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--out", type=Path, help="folder for the table and the report")
    engines.add_options(parser)
    options = parser.parse_args()
    logs.to_stderr(Settings())
    paper = Paper(options.out, f"{options.minutes:g} minutes of conversation")
    report = conversation(options)
    paper.table(rows.HEADERS, rows.figures(report))
    paper.table(("", ""), rows.values(report, SHOWN))
    paper.keep_report("endurance", report)
    sys.exit(any(report.values[name] for name in NEVER))


def conversation(options: argparse.Namespace) -> Report:
    """As long as wanted, then the answers that are spoken over."""
    settings = engines.neural(options)
    clips = speech.people(options.speech, CLIPS)
    over = round(options.minutes * TURNS_A_MINUTE_OVER)
    plan = Plan(clips, over, quiet_s=5.0, lasting_s=options.minutes * 60, listen_s=ANSWER_S)
    return make(run(settings, plan), settings, realtime=True)


if __name__ == "__main__":
    main()

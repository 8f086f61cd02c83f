"""``bench``: how fast the assistant answers on this machine."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.commands import given, logs
from assistant.commands.outcome import notice
from assistant.errors import InputError, OutputError

if TYPE_CHECKING:
    from assistant.bench.clips import Clip
    from assistant.bench.report import Report
    from assistant.config import Settings

PIPE = Path("-")
QUIET_S = 5.0
TURNS_FOR_AN_INTERRUPTION = 5

Paths = Annotated[
    list[Path] | None,
    typer.Argument(help="Recordings, or folders of them; the shipped one by default.", metavar="FILE"),
]
Turns = Annotated[int, typer.Option(min=1, max=1000, help="How many questions to ask.", metavar="N")]
Interruptions = Annotated[
    int | None,
    typer.Option(
        min=0, max=1000, help="How often to speak over the answer; one for five turns.", show_default=False, metavar="N"
    ),
]
JsonFile = Annotated[
    Path | None, typer.Option("--json", help="Write the figures there; - prints them.", metavar="FILE")
]
HtmlFile = Annotated[Path | None, typer.Option("--html", help="Write a page with timelines.", metavar="FILE")]
Compare = Annotated[Path | None, typer.Option(help="Figures of an earlier run, from --json.", metavar="FILE")]


def bench(
    paths: Paths = None,
    *,
    turns: Turns = 10,
    interruptions: Interruptions = None,
    json: JsonFile = None,
    html: HtmlFile = None,
    compare: Compare = None,
    accuracy: Annotated[
        bool, typer.Option("--accuracy", help="Only Whisper: windows that fit against the full one, on all recordings.")
    ] = False,
    fast: Annotated[bool, typer.Option("--fast", help="Not in real time: tests all but the speed.")] = False,
    profile: given.Profile = None,
    stt: given.Stt = None,
    llm: given.Llm = None,
    tts: given.Tts = None,
    no_speculate: given.NoSpeculate = False,
) -> None:
    """Measure how fast it answers here, with recordings as the user.

    A whole conversation, in real time and without a sound card: take your time, and leave the machine alone.
    """
    from assistant.bench import clips, page
    from assistant.bench.report import load

    before = load(compare) if compare else None
    settings = given.settings(profile=profile, stt=stt, llm=llm, tts=tts, no_history=True, no_speculate=no_speculate)
    if settings.stt.engine == "none":
        raise InputError("without a recogniser there is nothing to measure", hint="Choose another --stt.")
    logs.to_file(settings)
    found = clips.find(paths or [])
    if accuracy:
        _show_accuracy(settings, found)
        return
    over = turns // TURNS_FOR_AN_INTERRUPTION if interruptions is None else interruptions
    result = measured(settings, asked(found, turns), over, realtime=not fast)
    if json is not None:
        _write(json, result.to_json() + "\n")
    if html is not None:
        _write(html, page.html(result, before))
    if PIPE not in (json, html):
        _show(result, before)


def asked(found: "list[Clip]", turns: int) -> "list[Clip]":
    """As many questions as turns are wanted, each recording in its turn."""
    return [found[number % len(found)] for number in range(turns)]


def measured(settings: "Settings", questions: "list[Clip]", interruptions: int, *, realtime: bool) -> "Report":
    """Run the bench under a progress bar, and tell on stderr what went wrong in it. Raises AssistantError."""
    from assistant.bench.director import Plan
    from assistant.bench.report import make
    from assistant.bench.run import run
    from assistant.events import Notice

    plan = Plan(questions, interruptions, QUIET_S if realtime else 0.0)
    with _progress(len(questions) + interruptions) as on_step:
        recording = run(settings, plan, on_step, realtime=realtime)
    troubles = [event for event in recording.events if isinstance(event, Notice) and event.level != "info"]
    for message in dict.fromkeys(f"{event.message} — {event.hint}" for event in troubles):
        notice(message, "warning")
    return make(recording, settings, realtime=realtime)


def _show_accuracy(settings: "Settings", found: "list[Clip]") -> None:
    from assistant.bench.accuracy import HEADERS, compare, lines
    from assistant.commands.tables import show

    with _progress(len(found)) as on_step:
        compared = compare(settings, found, on_step)
    show(HEADERS, lines(compared))


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], object]]:
    """A bar on stderr; what it gives is told how many turns are over, from any thread."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("turns"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("turns", total=total)
        yield lambda done: progress.update(task, completed=done)


def _show(result: "Report", before: "Report | None") -> None:
    from assistant.bench import rows
    from assistant.commands.tables import show

    show(("", ""), rows.setup(result))
    print()
    show(rows.HEADERS, rows.figures(result))
    print()
    show(("", ""), rows.values(result))
    if before is not None:
        print()
        show(rows.DIFFERING, rows.differences(before, result))
        print()
        show(rows.COMPARED, rows.comparison(before, result))
        print(f"\n{rows.RATIOS}")


def _write(path: Path, text: str) -> None:
    if path == PIPE:
        sys.stdout.write(text)
        return
    try:
        path.write_text(text, encoding="utf-8")
        notice(f"written: {path}", "info")
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}", hint="Choose another place.") from error

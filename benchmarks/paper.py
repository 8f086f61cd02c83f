"""What a benchmark says: Markdown, on the screen and kept in a folder, with everything needed for the documentation."""

import json
import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from assistant.bench import page
from assistant.bench.report import Report, processor
from benchmarks import picture

TABLES = "tables.md"


class Paper:
    """Prints, and writes to ``folder`` where there is one. Raises OSError where that cannot be written."""

    def __init__(self, folder: Path | None, title: str) -> None:
        self._folder = folder
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / TABLES).write_text("", encoding="utf-8")
        load = ", ".join(f"{share:.1f}" for share in os.getloadavg())
        self.say(
            f"{title}, {time.strftime('%Y-%m-%d %H:%M')}, {processor()}, {os.cpu_count()} CPUs, load before: {load}"
        )

    def say(self, text: str) -> None:
        print(f"{text}\n", flush=True)
        if self._folder is not None:
            with (self._folder / TABLES).open("a", encoding="utf-8") as tables:
                tables.write(f"{text}\n\n")

    def heading(self, text: str) -> None:
        self.say(f"### {text}")

    def table(self, headers: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
        rule = "|" + "---|" * len(headers)
        self.say("\n".join([_line(headers), rule, *(_line(line) for line in lines)]))

    def keep(self, name: str, text: str) -> None:
        if self._folder is not None:
            (self._folder / name).write_text(text, encoding="utf-8")

    def keep_report(self, name: str, report: Report) -> None:
        """As JSON, as a page, and the timeline of a typical turn."""
        self.keep(f"{name}.json", report.to_json() + "\n")
        self.keep(f"{name}.html", page.html(report))
        if (typical := page.typical(report.turns)) is not None:
            self.keep(f"{name}-turn.svg", picture.svg(typical))

    def keep_seconds(self, name: str, seconds: Sequence[float]) -> None:
        self.keep(f"{name}.json", json.dumps(list(seconds)) + "\n")


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"

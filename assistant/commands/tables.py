"""Tables on stdout."""

import sys
from collections.abc import Iterable, Mapping, Sequence

PIPED_COLUMNS = 10_000
"""Into a pipe nothing is wrapped: what reads it counts lines."""


def show(headers: Sequence[str], rows: Iterable[Sequence[str]], styles: Mapping[str, str] | None = None) -> None:
    """Print ``rows`` under ``headers``; a cell that is a key of ``styles`` gets that style where colours are wanted."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for header in headers:
        table.add_column(header, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell, style=(styles or {}).get(cell, "")) for cell in row))
    console = Console(highlight=False) if sys.stdout.isatty() else Console(width=PIPED_COLUMNS, highlight=False)
    with console.capture() as capture:
        console.print(table)
    sys.stdout.write("\n".join(line.rstrip() for line in capture.get().splitlines()) + "\n")

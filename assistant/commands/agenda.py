"""``agenda``: timers, alarms and reminders, lists and notes, from the command line."""

import json as jsonlib
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from assistant.commands import given
from assistant.commands.outcome import Guarded, notice, outcome
from assistant.errors import HistoryError, InputError

if TYPE_CHECKING:
    from assistant.brain.agenda.board import Board
    from assistant.brain.agenda.entry import Entry
    from assistant.memory.agenda import AgendaFile

app = typer.Typer(no_args_is_help=False, rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def agenda(context: typer.Context, json: given.Json = False) -> None:
    """What is to ring, and what is on lists: list, export, cancel."""
    if context.invoked_subcommand is None:
        with outcome():
            context.invoke(list_entries, json=json)


@app.command("list", cls=Guarded)
def list_entries(*, json: given.Json = False) -> None:
    """List timers, alarms and reminders, the next first."""
    board = _board(_file())
    entries = board.entries()
    if json:
        print(jsonlib.dumps([_record(board, entry) for entry in entries], ensure_ascii=False, indent=2))
    elif entries:
        from assistant.commands.tables import show

        show(("", "what", "when", "for"), [_row(board, entry) for entry in entries])
    else:
        notice("nothing is set — Say: wake me at seven, or: remind me at six to call mum.")


@app.command("lists", cls=Guarded)
def show_lists(*, json: given.Json = False) -> None:
    """Show every list, and the notes."""
    from assistant.memory.lists import AgendaLists

    file = _file()
    _board(file).entries()  # the lists themselves pass over what cannot be read
    items = AgendaLists(file).items()
    if json:
        rows = [{"id": item.id, "list": item.list_name, "text": item.text, "at": item.at} for item in items]
        print(jsonlib.dumps(rows, ensure_ascii=False, indent=2, default=str))
    elif items:
        from assistant.commands.tables import show

        show(("list", "since", "what"), [(item.list_name, f"{item.at:%Y-%m-%d}", item.text) for item in items])
    else:
        notice("nothing is on a list — Say: add milk and eggs to my shopping list.")


@app.command("export", cls=Guarded)
def export() -> None:
    """Write all of it as JSON lines."""
    from assistant.memory.lists import AgendaLists

    file = _file()
    board = _board(file)
    for entry in board.entries():
        print(jsonlib.dumps(_record(board, entry), ensure_ascii=False))
    for item in AgendaLists(file).items():
        row = {"kind": "item", "list": item.list_name, "text": item.text, "at": item.at.isoformat()}
        print(jsonlib.dumps(row, ensure_ascii=False))


@app.command("cancel", cls=Guarded)
def cancel(numbers: Annotated[list[int], typer.Argument(help="Numbers of the list.")]) -> None:
    """Cancel timers, alarms or reminders; an assistant that runs knows within a second."""
    board = _board(_file())
    unknown = set(numbers) - {entry.id for entry in board.entries()}
    if unknown:
        raise InputError(f"nothing has the number {min(unknown)}", hint="assistant agenda lists them.")
    for number in numbers:
        board.cancel(number)


def _file() -> "AgendaFile":
    from assistant.memory.agenda import AgendaFile

    return AgendaFile(on_trouble=lambda error: notice(f"{error.message} — {error.hint}", "warning"))


def _board(file: "AgendaFile") -> "Board":
    from assistant.brain.agenda.board import Board
    from assistant.brain.agenda.sturdy import SturdyShelf
    from assistant.memory.agenda import AgendaShelf

    return Board(SturdyShelf(AgendaShelf(file), _fail))


def _fail(reason: str) -> NoReturn:
    """No conversation goes on here: who asks must not take what cannot be read for nothing."""
    raise HistoryError(reason, hint="Check the disk, or move the file away.")


def _row(board: "Board", entry: "Entry") -> tuple[str, ...]:
    from assistant.brain.agenda.words import moment
    from assistant.brain.durations import spoken

    if entry.at is not None:
        when = moment(entry.at, entry.repeat, board.clocks.now())
    else:
        when = f"{'paused, ' if entry.paused else 'in '}{spoken(round(board.remaining_s(entry)))}"
    return str(entry.id), entry.kind.value, when, entry.name or ""


def _record(board: "Board", entry: "Entry") -> dict[str, Any]:
    repeat = entry.repeat
    return {
        "id": entry.id,
        "kind": entry.kind.value,
        "name": entry.name,
        "at": entry.at and entry.at.isoformat(),
        "repeat": repeat and {"unit": repeat.unit.value, "count": repeat.count, "on": sorted(repeat.on)},
        "duration_s": entry.duration_s,
        "remaining_s": round(board.remaining_s(entry), 1),
        "paused": entry.paused,
    }

"""``history``: what was said."""

import dataclasses
import json as jsonlib
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.commands import given
from assistant.commands.outcome import Guarded, notice

if TYPE_CHECKING:
    from assistant.memory.history import SessionSummary, TurnRecord

app = typer.Typer(no_args_is_help=False, rich_markup_mode=None)
Count = Annotated[int, typer.Option("--count", "-n", min=1, help="How many, the newest first.")]
FATES = {"running": "goes on", "killed": "was cut off"}


@app.callback(invoke_without_command=True)
def history(context: typer.Context, count: Count = 20, json: given.Json = False) -> None:
    """List past conversations, or show one."""
    if context.invoked_subcommand is None:
        context.invoke(list_sessions, count=count, json=json)


@app.command("list", cls=Guarded)
def list_sessions(*, count: Count = 20, json: given.Json = False) -> None:
    """List past conversations, the newest first."""
    from assistant.memory.history import History

    sessions = History().sessions(count)
    if json:
        _print_json([dataclasses.asdict(session) for session in sessions])
    elif sessions:
        from assistant.commands.tables import show

        show(("", "id", "started", "turns", "first words"), [_row(session) for session in sessions])
    else:
        notice("nothing was recorded yet")


@app.command("show", cls=Guarded)
def show_session(
    session: Annotated[str, typer.Argument(help="Number or id of the list, or last.")],
    *,
    json: given.Json = False,
) -> None:
    """Show one conversation."""
    from assistant.memory.history import History

    record = History().session(session)
    if json:
        _print_json(dataclasses.asdict(record))
        return
    summary = record.summary
    engines = ", ".join(f"{stage} {engine}" for stage, engine in summary.engines.items())
    print(f"Session {summary.number} ({summary.id[:8]}), {_when(summary)}, {_end(summary)}")
    print(f"{summary.source} → {summary.sink}; {engines}" if engines else f"{summary.source} → {summary.sink}")
    for turn in record.turns:
        _print_turn(turn)


def _print_turn(turn: "TurnRecord") -> None:
    print(f"\n{turn.started_at.astimezone():%H:%M:%S}  {turn.origin}, {turn.outcome}")
    if turn.transcript:
        print(f"  You:        {turn.transcript}")
    if turn.reply:
        print(f"  Assistant:  {turn.reply.strip()}")
    if turn.heard.strip() != turn.reply.strip():
        print(f"  Heard:      {turn.heard.strip() or 'nothing of it'}")


def _row(session: "SessionSummary") -> tuple[str, ...]:
    return (
        str(session.number), session.id[:8], _when(session), str(session.turn_count), session.first_words,
    )  # fmt: skip


def _when(session: "SessionSummary") -> str:
    return f"{session.started_at.astimezone():%Y-%m-%d %H:%M}"


def _end(session: "SessionSummary") -> str:
    return FATES.get(session.fate, f"ended: {session.end_reason}")


def _print_json(data: Any) -> None:
    print(jsonlib.dumps(data, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: Any) -> Any:
    """Moments as ISO 8601, mappings as objects."""
    return value.isoformat() if hasattr(value, "isoformat") else dict(value)

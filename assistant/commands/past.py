"""``history``: what was said, and what was asked to be remembered."""

import dataclasses
import json as jsonlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from assistant.commands import erasing, given
from assistant.commands.outcome import Guarded, notice, outcome
from assistant.errors import ModelMissing, OutputError

if TYPE_CHECKING:
    from assistant.memory.history import SessionSummary, TurnRecord
    from assistant.memory.search import Hit

app = typer.Typer(no_args_is_help=False, rich_markup_mode=None)
Count = Annotated[int, typer.Option("--count", "-n", min=1, help="How many, the newest first.")]
Format = Annotated[Literal["jsonl", "markdown", "text"], typer.Option("--format", help="jsonl is one turn a line.")]


@app.callback(invoke_without_command=True)
def history(context: typer.Context, count: Count = 20, json: given.Json = False) -> None:
    """Past conversations: list, show, search, export, delete."""
    if context.invoked_subcommand is None:
        with outcome():
            context.invoke(list_sessions, count=count, json=json)


@app.command("list", cls=Guarded)
def list_sessions(*, count: Count = 20, json: given.Json = False) -> None:
    """List past conversations, the newest first."""
    from assistant.memory.history import History

    sessions = History().sessions(count, silent=False)
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
    from assistant.memory.export import ending, title

    summary = record.summary
    engines = ", ".join(f"{stage} {engine}" for stage, engine in summary.engines.items())
    print(f"{title(summary)} ({summary.id[:8]}), {ending(summary)}")
    print(f"{summary.source} → {summary.sink}; {engines}" if engines else f"{summary.source} → {summary.sink}")
    for turn in record.turns:
        _print_turn(turn)


@app.command("search", cls=Guarded)
def search(
    words: Annotated[list[str], typer.Argument(help="Words that were said, all of them.")],
    *,
    meaning: Annotated[
        bool, typer.Option("--meaning", help="What means nearly the same; needs an embedding model.")
    ] = False,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="How many, the best first.")] = 20,
    json: given.Json = False,
) -> None:
    """Find turns by their words, or by what they mean."""
    from assistant.memory.history import History

    hits = _near(" ".join(words), count) if meaning else History().search(" ".join(words), count)
    if json:
        _print_json([dataclasses.asdict(hit) for hit in hits])
    elif not hits:
        notice("nobody said that in a recorded conversation")
    for number, hit in enumerate(() if json else hits):
        _print_hit(hit, first=number == 0)


def _near(text: str, count: int) -> "list[Hit]":
    """Turns by meaning; those without a vector get it first. Raises ModelMissing, EngineError, HistoryError."""
    from assistant.memory.history import History
    from assistant.memory.meaning import index_all
    from assistant.models import registry
    from assistant.session.turn import CancelToken

    candidates = registry.embed_candidates(given.settings())
    if not candidates:
        raise ModelMissing("no embedding model is installed", hint="See which there are: assistant models")
    history, token = History(), CancelToken()
    embedder = candidates[0].load()
    try:
        index_all(history.path, embedder, token)
        return history.search_meaning(embedder, text, count, token)
    finally:
        embedder.close()


@app.command("export", cls=Guarded)
def export_sessions(
    session: Annotated[str, typer.Argument(help="Number or id of the list, last, or all.")] = "all",
    *,
    form: Format = "jsonl",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file instead of the screen.")] = None,
) -> None:
    """Write conversations as JSON lines, Markdown or a plain transcript."""
    from assistant.memory.export import export
    from assistant.memory.history import History

    history = History()
    lines = export(history.all_sessions() if session == "all" else [history.session(session)], form)
    if output is None:
        for line in lines:
            print(line)
        return
    try:
        with output.open("w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
    except OSError as error:
        raise OutputError(f"{output} cannot be written: {error.strerror}", hint="Name another file.") from error


@app.command("facts", cls=Guarded)
def show_facts(*, json: given.Json = False) -> None:
    """List what the assistant was asked to remember."""
    from assistant.memory.history import History

    facts = History().facts()
    if json:
        _print_json([dataclasses.asdict(fact) for fact in facts])
    elif facts:
        from assistant.commands.tables import show

        show(("", "since", "fact"), [(str(fact.id), f"{fact.at.astimezone():%Y-%m-%d}", fact.text) for fact in facts])
    else:
        notice("nothing was asked to be remembered yet — Say: remember that my sister's name is Anna.")


app.command("delete", cls=Guarded)(erasing.delete)
app.command("prune", cls=Guarded)(erasing.prune)
app.command("forget", cls=Guarded)(erasing.forget)


def _print_hit(hit: "Hit", *, first: bool) -> None:
    print(f"{'' if first else chr(10)}{hit.at.astimezone():%Y-%m-%d %H:%M}  session {hit.session}, turn {hit.turn}")
    _print_said("You", hit.transcript)
    _print_said("Assistant", hit.heard)


def _print_turn(turn: "TurnRecord") -> None:
    at = f"{turn.started_at.astimezone():%H:%M:%S}"
    print(f"\n{at}  turn {turn.number}: {turn.origin}, {turn.outcome}")
    _print_said("You", turn.transcript)
    _print_said("Assistant", turn.reply)
    if turn.heard.strip() != turn.reply.strip():
        _print_said("Heard", turn.heard.strip() or "nothing of it")


def _print_said(who: str, words: str) -> None:
    if words := words.strip():
        print(f"  {who + ':':<11} {words}")


def _row(session: "SessionSummary") -> tuple[str, ...]:
    return (
        str(session.number), session.id[:8], _when(session), str(session.turn_count), session.first_words,
    )  # fmt: skip


def _when(session: "SessionSummary") -> str:
    return f"{session.started_at.astimezone():%Y-%m-%d %H:%M}"


def _print_json(data: Any) -> None:
    from assistant.memory.export import plain

    print(jsonlib.dumps(data, ensure_ascii=False, indent=2, default=plain))

"""``history delete``, ``prune`` and ``forget``: what is to be kept no longer. Each asks first."""

import json as jsonlib
import re
import sys
from datetime import datetime, timedelta
from typing import Annotated

import typer

from assistant.commands import given
from assistant.errors import InputError

AGE = re.compile(r"(\d{1,5}) ?([dwmy])")
DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}


def delete(
    session: Annotated[str, typer.Argument(help="Number or id of the list, last, or all.")],
    *,
    turn: Annotated[int | None, typer.Option("--turn", help="Only this turn of it.", metavar="NUMBER")] = None,
    yes: given.Yes = False,
    json: given.Json = False,
) -> None:
    """Delete one conversation, one turn of it, or all of them."""
    from assistant.memory.erase import Eraser
    from assistant.memory.history import History
    from assistant.recording import folder as recordings

    if turn is not None:
        summary = History().session(session).summary
        number = summary.number
        if summary.fate == "running" and recordings.folder_of(summary.id).is_dir():
            raise InputError(
                f"session {number} is being recorded", hint="Say: delete what I just said. Or end it first."
            )
        _confirm(f"turn {turn} of session {number} will be deleted", yes)
        recordings.forget(*Eraser().turn(str(number), turn))
        _tell({"sessions": 0, "turns": 1}, f"turn {turn} of session {number} is deleted", json)
        return
    history = History()
    sessions = history.sessions(-1) if session == "all" else [history.session(session).summary]
    if not sessions:
        raise InputError("there is nothing to delete: no conversation was recorded", hint="See: assistant history")
    turns = sum(each.turn_count for each in sessions)
    what = f"session {sessions[0].number}" if len(sessions) == 1 else f"{len(sessions)} sessions"
    _confirm(f"{what} with {_count(turns, 'turn')} will be deleted", yes)
    recordings.erase([each.id for each in sessions])
    Eraser().sessions([each.id for each in sessions])
    _tell({"sessions": len(sessions), "turns": turns}, f"deleted: {what} with {_count(turns, 'turn')}", json)


def prune(
    older_than: Annotated[
        str, typer.Option("--older-than", help="Days, weeks, months or years.", metavar="30d|8w|6m|1y")
    ],
    *,
    yes: given.Yes = False,
    json: given.Json = False,
) -> None:
    """Delete the conversations that are older than so many days."""
    from assistant.memory.erase import Eraser
    from assistant.recording import folder as recordings

    moment = datetime.now().astimezone() - age(older_than)
    eraser = Eraser()
    sessions = eraser.older_than(moment)
    turns = sum(session.turn_count for session in sessions)
    what = f"{_count(len(sessions), 'session')} from before {moment:%Y-%m-%d} with {_count(turns, 'turn')}"
    if sessions:
        _confirm(f"{what} will be deleted", yes)
        recordings.erase([session.id for session in sessions])
        eraser.sessions([session.id for session in sessions])
    _tell({"sessions": len(sessions), "turns": turns}, f"deleted: {what}", json)


def forget(
    fact: Annotated[list[int], typer.Argument(help="Numbers of `assistant history facts`.")],
    *,
    yes: given.Yes = False,
    json: given.Json = False,
) -> None:
    """Forget what was asked to be remembered."""
    from assistant.memory.erase import Eraser
    from assistant.memory.history import History

    known = {each.id: each.text for each in History().facts()}
    if unknown := [number for number in fact if number not in known]:
        raise InputError(f"there is no fact {unknown[0]}", hint="See: assistant history facts")
    _confirm(f"this will be forgotten: {'; '.join(known[number] for number in fact)}", yes)
    Eraser().facts(fact)
    _tell({"facts": len(set(fact))}, f"forgotten: {_count(len(set(fact)), 'fact')}", json)


def age(text: str) -> timedelta:
    """``30d``, ``8w``, ``6m`` (of 30 days) or ``1y`` (of 365). Raises InputError."""
    match = AGE.fullmatch(text.strip().lower())
    if match is None:
        raise InputError(f"{text!r} is no age", hint="Write it as 30d, 8w, 6m or 1y.")
    return timedelta(days=int(match[1]) * DAYS[match[2]])


def _confirm(what: str, yes: bool) -> None:
    """Raises InputError unless somebody says yes, or has."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise InputError(what, hint="Agree beforehand: --yes")
    print(f"{what[:1].upper()}{what[1:]}. Go on? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise InputError("nothing was deleted", hint="Answer y, or agree beforehand: --yes")


def _tell(counts: dict[str, int], line: str, json: bool) -> None:
    print(jsonlib.dumps({"deleted": counts}) if json else f"{line[:1].upper()}{line[1:]}.")


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"

"""Conversations as text, for other programs and for people. Pure."""

import dataclasses
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Literal

from assistant.memory.history import FATES, SessionRecord, SessionSummary, TurnRecord

Format = Literal["jsonl", "markdown", "text"]
SPECIAL = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]<>#|~"})


def export(sessions: Iterable[SessionRecord], form: Format) -> Iterator[str]:
    """Lines, without their ends. Sessions are separated by an empty line, but for JSON, where each turn is a line."""
    writer = WRITERS[form]
    for number, session in enumerate(sessions):
        if number and form != "jsonl":
            yield ""
        yield from writer(session)


def plain(value: Any) -> Any:
    """What JSON has no form for: moments as ISO 8601, mappings as objects."""
    return value.isoformat() if isinstance(value, datetime) else dict(value)


def title(session: SessionSummary) -> str:
    return f"Session {session.number}, {session.started_at.astimezone():%Y-%m-%d %H:%M}"


def ending(session: SessionSummary) -> str:
    return FATES.get(session.fate, f"ended: {session.end_reason}")


def _jsonl(session: SessionRecord) -> Iterator[str]:
    """One object a turn, with the session that it belongs to; engine calls and counts stay out."""
    head = {"session": session.summary.number, "session_id": session.summary.id}
    for turn in session.turns:
        fields: Mapping[str, Any] = dataclasses.asdict(dataclasses.replace(turn, calls=()))
        kept = {name: value for name, value in fields.items() if name not in ("calls", "states")}
        yield json.dumps({**head, **kept}, ensure_ascii=False, default=plain)


def _markdown(session: SessionRecord) -> Iterator[str]:
    yield f"## {title(session.summary)}"
    for turn in session.turns:
        for who, words in _said(turn):
            yield ""
            yield f"**{who}:** {words.translate(SPECIAL)}"


def _text(session: SessionRecord) -> Iterator[str]:
    yield title(session.summary)
    for turn in session.turns:
        for who, words in _said(turn):
            yield f"[{turn.started_at.astimezone():%H:%M:%S}] {who}: {words}"


def _said(turn: TurnRecord) -> Iterator[tuple[str, str]]:
    """Who said what, each on one line; of an answer, what was heard."""
    for who, words in (("You", turn.transcript), ("Assistant", turn.heard)):
        if line := " ".join(words.split()):
            yield who, line + (" …" if who == "Assistant" and turn.interrupted else "")


WRITERS: Mapping[Format, Callable[[SessionRecord], Iterator[str]]] = {
    "jsonl": _jsonl,
    "markdown": _markdown,
    "text": _text,
}

"""``replay``: a recorded conversation through today's pipeline, and what has become different."""

import dataclasses
import json as jsonlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.commands import given, logs
from assistant.commands.outcome import notice
from assistant.errors import HistoryError, RecordingError

if TYPE_CHECKING:
    from assistant.replay.compare import Comparison, Pair
    from assistant.replay.recorded import RecordedSession

DIFFERENT = 1  # as diff has it
LAST = "last"


def replay(
    session: Annotated[
        str, typer.Argument(help="Number or id of the history, last, a recording's folder, or a bundle.")
    ],
    *,
    bundle: Annotated[
        Path | None, typer.Option("--bundle", help="Pack it into this file, for a bug report.", metavar="FILE")
    ] = None,
    profile: given.Profile = None,
    stt: given.Stt = None,
    llm: given.Llm = None,
    tts: given.Tts = None,
    json: given.Json = False,
) -> None:
    """Repeat a recorded conversation and show what differs; exits with 1 where something does."""
    with _folder(session) as folder:
        if bundle is not None:
            _pack(folder, bundle, json)
            return
        from assistant.replay.compare import compare
        from assistant.replay.recorded import load
        from assistant.replay.run import replay as repeat

        recorded = load(folder)
        settings = given.settings(profile=profile, stt=stt, llm=llm, tts=tts, beneath=recorded.settings())
        logs.to_file(settings)
        comparison = compare(recorded.events, recorded.origin_s, repeat(recorded, settings))
    print(jsonlib.dumps(_data(recorded, comparison), ensure_ascii=False, indent=2) if json else "", end="")
    if not json:
        _show(recorded, comparison)
    if comparison.differing:
        raise typer.Exit(DIFFERENT)


@contextmanager
def _folder(session: str) -> Iterator[Path]:
    """Where the recording lies; that of a bundle for as long as it is needed. Raises RecordingError, HistoryError."""
    from assistant.recording import bundle
    from assistant.recording.folder import ABOUT

    path = Path(session)
    if (path / ABOUT).is_file():
        yield path
    elif path.is_file():
        with tempfile.TemporaryDirectory(prefix="assistant-replay-") as own:
            bundle.unpack(path, Path(own))
            yield Path(own)
    elif path.is_dir():
        raise RecordingError(f"{path} is no recording: it has no {ABOUT}", hint="Name the folder of one session.")
    else:
        yield _recorded(session)


def _recorded(session: str) -> Path:
    """By the history; by what was recorded, where the history does not know it."""
    from assistant.memory.history import History
    from assistant.recording.folder import ABOUT, folder_of, recorded

    if session == LAST and (found := recorded()):
        return found[-1]
    try:
        folder = folder_of(History().session(session).summary.id)
    except HistoryError:
        found = recorded(session.lower()) if len(session) >= 4 else []
        if len(found) != 1:
            raise
        return found[0]
    if not (folder / ABOUT).is_file():
        raise RecordingError(
            f"session {session} was not recorded", hint="Record one: assistant talk --record (or history.record)."
        )
    return folder


def _pack(folder: Path, path: Path, json: bool) -> None:
    from assistant.commands.bars import bytes_in_words
    from assistant.recording import bundle
    from assistant.replay.recorded import load

    load(folder)
    sizes = bundle.pack(folder, path)
    if json:
        print(jsonlib.dumps({"bundle": str(path), "files": sizes}, indent=2))
        return
    print(f"Written to {path}:")
    for name, size in sizes.items():
        print(f"  {name:<16} {bytes_in_words(size):>9}  {WHAT[name]}")
    notice("it contains the voice of whoever spoke, and every word — Give it only to whom you trust.", "warning")


WHAT = {
    "recording.json": "settings, without paths or names of devices; when it was",
    "events.jsonl": "what was understood and answered, word by word, and when",
    "microphone.flac": "your voice, and what else was heard",
    "reply.flac": "what was played",
    "masked.flac": "the echo that was taken out of the microphone",
}


def _show(recorded: "RecordedSession", comparison: "Comparison") -> None:
    about = recorded.about
    print(f"Session {about.session_id[:8]} of {about.started_at:%Y-%m-%d %H:%M}, by assistant {about.assistant}")
    for each in comparison.stand_ins:
        print(f"  {each.stage}: {each.now} stands in for {each.then}")
    if recorded.goes_on:
        print("  It went on with another conversation, which is not known here.")
    for pair in comparison.pairs:
        _show_pair(pair)
    if comparison.ratios:
        ratios = ", ".join(f"{name} ×{ratio:.2f}" for name, ratio in comparison.ratios.items())
        print(f"\nNow ÷ then: {ratios}")
    differing = len(comparison.differing)
    print(f"\n{_count(len(comparison.pairs))}, {differing or 'none'} of them different.")


def _show_pair(pair: "Pair") -> None:
    view = pair.then or pair.now
    assert view is not None
    differences = pair.differences
    print(f"\nTurn {view.number} at {view.at_s:.1f} s: {', '.join(differences) or 'same'}")
    if pair.then is None or pair.now is None:
        print(f"  {'-' if pair.then else '+'} {view.outcome}: {view.transcript!r} → {view.reply!r}")
        return
    if not differences:
        print(f"  {view.outcome}: {view.transcript!r} → {view.reply!r}")
    for name in differences:
        print(f"  - {name}: {getattr(pair.then, name)!r}\n  + {name}: {getattr(pair.now, name)!r}")
    if pair.ratios:
        print("  " + ", ".join(_times(name, pair) for name in pair.ratios))


def _times(name: str, pair: "Pair") -> str:
    assert pair.then is not None
    assert pair.now is not None
    then, now = pair.then.latency_s[name], pair.now.latency_s[name]
    return f"{name} {then * 1000:.0f} → {now * 1000:.0f} ms (×{now / then:.2f})"


def _data(recorded: "RecordedSession", comparison: "Comparison") -> dict[str, Any]:
    return {
        "session_id": recorded.about.session_id,
        "started_at": recorded.about.started_at.isoformat(),
        "differing": len(comparison.differing),
        "stand_ins": [dataclasses.asdict(each) for each in comparison.stand_ins],
        "ratios": dict(comparison.ratios),
        "turns": [
            {
                "differences": pair.differences,
                "then": pair.then and dataclasses.asdict(pair.then),
                "now": pair.now and dataclasses.asdict(pair.now),
                "ratios": dict(pair.ratios),
            }
            for pair in comparison.pairs
        ],
    }


def _count(turns: int) -> str:
    return "1 turn" if turns == 1 else f"{turns} turns"

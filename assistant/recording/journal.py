"""The events of a recorded conversation, one JSON object a line, with marks that say which frame of sound was when."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from assistant.errors import RecordingError
from assistant.events import (
    EarChanged,
    EngineReady,
    Event,
    FrontEndChanged,
    Levels,
    Measured,
    MutedChanged,
    PrivacyChanged,
    RecordingChanged,
    SessionEnded,
    SessionStarted,
    TurnsForgotten,
    as_dict,
    kind_name,
)
from assistant.recording.timeline import Loud, Mark, Timeline
from assistant.recording.track import errors

if TYPE_CHECKING:
    from pydantic import TypeAdapter

MARK, LOUD = "sound", "stands_out"
KINDS: Mapping[str, type[Any]] = {
    MARK: Mark,
    LOUD: Loud,
    **{kind_name(kind): kind for kind in Event.__subclasses__()},
}
LONGEST_LINE = 1 << 20
MOST_LINES = 1 << 20
PLAIN = (
    EarChanged,
    EngineReady,
    FrontEndChanged,
    Measured,
    MutedChanged,
    PrivacyChanged,
    RecordingChanged,
    SessionEnded,
    SessionStarted,
    TurnsForgotten,
)
"""What tells nothing of what is said, and is kept of a private time."""


class Journal:
    """Grows by a line an event, each in the file at once. Not thread-safe. Every method raises RecordingError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with errors(path):
            self._file: IO[str] = path.open("w", encoding="utf-8")

    def event(self, event: Event) -> None:
        """Write an event down; meters are left out."""
        if not isinstance(event, Levels):
            self._line(as_dict(event))

    def mark(self, mark: Mark) -> None:
        self._line({"event": MARK, **asdict(mark)})

    def stands_out(self, loud: Loud) -> None:
        self._line({"event": LOUD, **asdict(loud)})

    def forget(self, turns: set[int]) -> None:
        """Take out every line of these turns."""
        with errors(self.path):
            self._file.close()
            _without(self.path, turns)
            self._file = self.path.open("a", encoding="utf-8")

    def close(self) -> None:
        """Idempotent."""
        with errors(self.path):
            self._file.close()

    def _line(self, values: Mapping[str, Any]) -> None:
        with errors(self.path):
            self._file.write(json.dumps(values, ensure_ascii=False, default=str) + "\n")
            self._file.flush()


def forget(path: Path, turns: set[int]) -> None:
    """The same for a journal that nobody writes any more. Raises RecordingError."""
    with errors(path):
        _without(path, turns)


def read(path: Path) -> tuple[Timeline, list[Event]]:
    """The marks, and those of the events that this version knows, in order. A crash may have cut the last line short.

    Raises RecordingError for what is no journal.
    """
    timeline, events = Timeline(), list[Event]()
    for line in _lines(path):
        try:
            match _parsed(line):
                case Mark() as mark:
                    timeline.marks.append(mark)
                case Loud() as loud:
                    timeline.loud.append(loud)
                case Event() as event:
                    events.append(event)
        except (KeyError, TypeError, ValueError) as error:
            raise _damaged(path, f"{line!r:.80}") from error
    return timeline, events


def _parsed(line: dict[str, Any]) -> object:
    """None for what this version does not know."""
    name = line.pop("event")
    return _checked(name).validate_python(line) if name in KINDS else None


@cache
def _checked(name: str) -> "TypeAdapter[Any]":
    from pydantic import TypeAdapter

    return TypeAdapter(KINDS[name])


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open("rb") as file:
            for number in range(1, MOST_LINES):
                text = file.readline(LONGEST_LINE)
                if not text.endswith(b"\n"):
                    if len(text) == LONGEST_LINE:
                        raise _damaged(path, f"line {number} is too long")
                    return
                line = json.loads(text)
                if not isinstance(line, dict):
                    raise _damaged(path, f"line {number}")
                yield line
            raise _damaged(path, "it is too long")
    except OSError as error:
        raise RecordingError(f"{path} cannot be read: {error.strerror}", hint="The recording is not whole.") from error
    except (ValueError, RecursionError) as error:
        raise _damaged(path, str(error)) from error


def _damaged(path: Path, detail: str) -> RecordingError:
    return RecordingError(f"{path} is damaged: {detail}", hint="Get the recording again, or choose another.")


def _without(path: Path, turns: set[int]) -> None:
    fresh = path.with_name(f".{path.name}.part")
    try:
        with path.open(encoding="utf-8") as old, fresh.open("w", encoding="utf-8") as new:
            new.writelines(line for line in old if line.endswith("\n") and json.loads(line).get("turn_id") not in turns)
            new.flush()
            os.fsync(new.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)

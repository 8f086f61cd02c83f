"""Where recordings are, what each consists of, and how one is taken away."""

import json
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from assistant.errors import RecordingError
from assistant.models.protocols import FRAME_SAMPLES, SAMPLE_RATE_HZ
from assistant.recording import journal, track
from assistant.recording.secrets import Secrets
from assistant.recording.track import Span, errors

ABOUT = "recording.json"
EVENTS = "events.jsonl"
MICROPHONE = "microphone.flac"
REPLY = "reply.flac"
MASKED = "masked.flac"
"""What of the microphone's sound voice activity is not judged by: the last of an echo. Only of a real microphone."""
SOUNDS = {MICROPHONE: 16_000, REPLY: 24_000, MASKED: 16_000}
"""Each with its rate; a frame is a whole number of samples in all of them."""
VERSION = 1
LARGEST_BYTES = 1 << 20
ID = re.compile(r"[0-9a-f]{4,32}")


@dataclass(frozen=True, slots=True)
class About:
    """What a recording says of itself. ``settings`` are those that decide how a conversation goes, by dotted key."""

    session_id: str
    started_at: datetime
    assistant: str
    seed: int
    settings: Mapping[str, Any]
    lead_s: float
    """A turn's sound may begin so long before the turn."""
    version: int = VERSION

    def write(self, folder: Path) -> None:
        """Raises RecordingError."""
        values = asdict(self) | {"started_at": self.started_at.isoformat(timespec="milliseconds")}
        with errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / ABOUT).write_text(json.dumps(values, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_about(folder: Path) -> About:
    """Raises RecordingError."""
    path = folder / ABOUT
    try:
        with path.open("rb") as file:
            values = json.loads(file.read(LARGEST_BYTES))
        if values.pop("version") != VERSION:
            raise RecordingError(f"{path} is of another version of the assistant", hint="Update the assistant.")
        about = About(
            session_id=str(values["session_id"]),
            started_at=datetime.fromisoformat(values["started_at"]).astimezone(),
            assistant=str(values["assistant"]),
            seed=int(values["seed"]),
            settings=dict(values["settings"]),
            lead_s=float(values["lead_s"]),
        )
    except FileNotFoundError as error:
        raise RecordingError(f"{folder} is no recording: it has no {ABOUT}", hint="Name its folder.") from error
    except OSError as error:
        raise RecordingError(f"{path} cannot be read: {error.strerror}", hint="Check its permissions.") from error
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise RecordingError(f"{path} is damaged: {error}", hint="Get the recording again.") from error
    return about


def recordings_dir() -> Path:
    """In the user's data folder, whether it exists or not."""
    import platformdirs

    return platformdirs.user_data_path("assistant") / "recordings"


def folder_of(session_id: str) -> Path:
    """That of a session, whether it was recorded or not."""
    return recordings_dir() / session_id


def recorded(prefix: str = "") -> list[Path]:
    """The recordings whose id begins so, the oldest first."""
    root = recordings_dir()
    try:
        found = [each for each in root.iterdir() if ID.fullmatch(each.name) and each.name.startswith(prefix)]
        return sorted((each for each in found if (each / ABOUT).is_file()), key=lambda each: each.stat().st_mtime)
    except OSError:
        return []


def erase(session_ids: Iterable[str]) -> int:
    """Delete the recordings of these sessions; how many there were. Raises RecordingError."""
    count = 0
    for folder in (folder_of(session_id) for session_id in session_ids if session_id):
        if folder.is_dir():
            with errors(folder):
                shutil.rmtree(folder)
            count += 1
    return count


def forget(session_id: str, turns: Iterable[int]) -> None:
    """Take turns out of a finished recording, where there is one: silence in their place. Raises RecordingError."""
    folder, numbers = folder_of(session_id), set(turns)
    if not (folder / ABOUT).is_file():
        return
    timeline, events = journal.read(folder / EVENTS)
    secrets = Secrets(read_about(folder).lead_s)
    for event in events:
        secrets.add(event)
    frames = [timeline.frames_of(stretch) for stretch in secrets.stretches(numbers)]
    for name in SOUNDS:
        if (folder / name).is_file():
            track.silence(folder / name, spans(name, frames))
    journal.forget(folder / EVENTS, numbers)


def spans(name: str, frames: Iterable[tuple[int, int]]) -> list[Span]:
    """Frames as samples of that track."""
    size = SOUNDS[name] * FRAME_SAMPLES // SAMPLE_RATE_HZ
    return [(first * size, end * size) for first, end in frames]

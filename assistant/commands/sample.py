"""What `assistant talk` does where it can neither hear nor be typed to: it answers a recorded question."""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from assistant.app import build
from assistant.config import Settings
from assistant.events import Notice, TurnEnded
from assistant.options import TalkOptions

REPLY_NAME = "reply.wav"


@dataclass(frozen=True, slots=True)
class Exchange:
    """The turn, and where the answer's sound is; None where there is none."""

    turn: TurnEnded
    reply_path: Path | None


def run(settings: Settings, output: Path | None, tell: Callable[[Notice], object]) -> Exchange | None:
    """Send the shipped question through the whole pipeline. None if no turn came of it. Raises AssistantError."""
    path = output or writable_place(Path.cwd())
    turn: TurnEnded | None = None
    with as_file(files("assistant") / "samples" / "question.wav") as question:
        conversation = build(settings, TalkOptions(input_path=question, output_path=path, fast=True))
        mailbox = conversation.bus.subscribe()
        with conversation:
            conversation.wait()
        for event in mailbox:
            if isinstance(event, Notice):
                tell(event)
            if isinstance(event, TurnEnded) and event.transcript:
                turn = event
    return Exchange(turn, path if path.is_file() else None) if turn else None


def writable_place(folder: Path) -> Path:
    """``reply.wav`` there, or in the folder for temporary files where that cannot be written."""
    if not os.access(folder, os.W_OK):
        folder = Path(tempfile.gettempdir())
    return folder / REPLY_NAME

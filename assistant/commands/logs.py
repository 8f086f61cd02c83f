"""Where a command's log lines go: never to stdout, which is for what the user asked for."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.commands.outcome import notice
from assistant.errors import OutputError

if TYPE_CHECKING:
    from assistant.config import Settings


def to_file(settings: "Settings") -> None:
    """For a command that somebody watches: into the log file, or, with a warning, nowhere."""
    from assistant.observe import log

    try:
        log.configure(settings.log, log.default_path())
    except OutputError as error:
        notice(f"{error.message} — {error.hint}", "warning")
        log.configure(settings.log, Path(os.devnull))


def to_stderr(settings: "Settings") -> None:
    """For a service, whose manager keeps its stderr."""
    from assistant.observe import log

    log.configure(settings.log)

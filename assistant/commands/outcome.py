"""The single place that turns whatever a command raised into one line on stderr and an exit code."""

import errno
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Any

import typer
from typer.core import TyperCommand

from assistant.errors import AssistantError, OutputError
from assistant.events import Level

INTERRUPTED = 130  # 128 + SIGINT, as a shell reports it
BROKEN_PIPE = 141  # 128 + SIGPIPE
INTERNAL = 70  # EX_SOFTWARE of sysexits.h
UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What printing fails with, where standard output is a file on a full or broken disk."""
LABELS: dict[Level, tuple[str, str]] = {
    "info": ("note:", "36"),
    "warning": ("warning:", "33"),
    "error": ("error:", "1;31"),
}
"""The word before a line on stderr, and its colour as an ANSI code."""


class Guarded(TyperCommand):
    """A command whose errors end in ``outcome``."""

    def invoke(self, ctx: Any) -> Any:
        with outcome():
            return super().invoke(ctx)


@contextmanager
def outcome() -> Iterator[None]:
    """Run a command's body, and see that what it printed has arrived. Raises only typer.Exit."""
    code = 0
    with _interrupts() as interrupts:
        try:
            yield
        except typer.Exit as ending:
            code = ending.exit_code
        except (Exception, KeyboardInterrupt) as error:  # a bug, too, ends in one line
            code = INTERRUPTED if interrupts else _end_with(error)
    try:
        sys.stdout.flush()
    except OSError as error:
        code = code or _end_with(error)
        _abandon_stdout()
    if code:
        raise typer.Exit(code)


@contextmanager
def _interrupts() -> Iterator[list[int]]:
    """Every Ctrl-C so far: a C library that is interrupted while it is imported may raise something else."""
    seen: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        seen.append(number)
        signal.default_int_handler(number, frame)

    if threading.current_thread() is not threading.main_thread():
        yield seen
        return
    before = signal.signal(signal.SIGINT, note)
    try:
        yield seen
    finally:
        signal.signal(signal.SIGINT, before)


def _end_with(error: Exception | KeyboardInterrupt) -> int:
    """Tell the user, and return the exit code."""
    match error:
        case AssistantError():
            report(error)
            return error.exit_code
        case KeyboardInterrupt():
            return INTERRUPTED
        case BrokenPipeError():
            return BROKEN_PIPE
        case OSError() if error.filename is None and error.errno in UNWRITABLE:
            notice(f"the output cannot be written: {error.strerror} — Send it somewhere else.", "error")
            return OutputError.exit_code
        case _:
            notice(f"something went wrong inside: {type(error).__name__}: {error} — {_log_hint(error)}", "error")
            return INTERNAL


def report(error: AssistantError) -> None:
    """``error: … — hint`` on stderr."""
    notice(f"{error.message} — {error.hint}", "error")


def notice(text: str, level: Level = "info") -> None:
    """One line for the user on stderr, so that stdout stays clean for pipes."""
    label, colour = LABELS[level]
    _print_line(f"{_painted(label, colour)} {_one_line(text)}")


def exit_code_of(error_code: str | None) -> int:
    """The exit code of the error with this ``code``; that of a bug for any other."""
    return _exit_codes(AssistantError).get(error_code or "", INTERNAL)


def _exit_codes(kind: type[AssistantError]) -> dict[str, int]:
    codes = {kind.code: kind.exit_code}
    for narrower in kind.__subclasses__():
        codes |= _exit_codes(narrower)
    return codes


def _print_line(line: str) -> None:
    with suppress(OSError, ValueError):  # nobody reads stderr: the exit code still tells
        print(line, file=sys.stderr, flush=True)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _painted(text: str, colour: str) -> str:
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not sys.stderr.isatty()
    return text if plain else f"\x1b[{colour}m{text}\x1b[0m"


def _abandon_stdout() -> None:
    """Let the interpreter's own flush at exit go nowhere, as its documentation on SIGPIPE advises."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _log_hint(error: BaseException) -> str:
    path = _save_traceback(error)
    return f"The details are in {path}." if path else "The details could not be saved."


def _save_traceback(error: BaseException) -> Path | None:
    """Only the last crash is kept, so that the file stays small."""
    import platformdirs

    path = platformdirs.user_log_path("assistant") / "crash.log"
    moment = datetime.now().astimezone().isoformat(timespec="seconds")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{moment}\n{''.join(traceback.format_exception(error))}", encoding="utf-8", errors="replace")
    except OSError:
        return None
    return path

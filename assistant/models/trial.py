"""A native library that has never run here with this model is first tried in a child process.

A build for another processor dies with SIGILL, a damaged model with SIGSEGV or SIGBUS, one too large at the hands of
the kernel: none of that can be caught, so it must not happen in the process that talks. The child loads the engine with
the model, runs its ``warm()`` and ends; only its exit status counts. What it came to is remembered (``verdicts``), so
the cost is paid once for each library, model and processor: a start of Python and a second load, before the first.
Measured on two cores with five processes at work, models of real size: 1.1 s for Whisper tiny.en, 2 s for a llama of
360 million parameters, 4 s for a "medium" Piper voice; under 20 ms at every start after that.

The child is the first to go when memory is short, leaves no core file, and ends with its parent, however that ends.
"""

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from assistant.errors import EngineFailed
from assistant.models import verdicts
from assistant.models.verdicts import Verdict
from assistant.session.turn import CancelToken

BOOT = (
    "import json, sys; request = json.loads(sys.stdin.buffer.readline()); sys.path[:] = request['path']; "
    "from assistant.models import trial_child; trial_child.main(request)"
)
COMMAND = (sys.executable, "-P", "-c", BOOT)
REFUSED, NO_MEMORY = 77, 78
"""Exit statuses: the engine refused with an exception of Python's, or had no memory. Native code calls exit(1)."""

LIMIT_S = 60.0
LIMIT_S_PER_BYTE = 1e-7
"""Ten megabytes a second: a slow SD card. A model of 1 GB has 160 s in all."""

REASON_BYTES = 2000
CHOOSE_SMALLER = "Choose a smaller model, or free some memory and then: assistant doctor --retry"
OUT_OF_MEMORY = ("bad_alloc", "out of memory", "cannot allocate", "failed to allocate")
FROM_OUTSIDE = {signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT}


@dataclass(frozen=True, slots=True)
class Subject:
    """What is tried. ``packages`` carry the native code; ``options`` are settings on which it depends whether it works;
    ``request`` is what the child is told."""

    engine: str
    model: Path
    packages: Sequence[str]
    request: Mapping[str, Any]
    remedy: str
    """What to do about a build that crashes."""
    options: Mapping[str, object] = field(default_factory=dict)


def prove(
    subject: Subject,
    token: CancelToken,
    *,
    folder: Path | None = None,
    command: Sequence[str] = COMMAND,
    limit_s: float | None = None,
) -> None:
    """Return once it is safe to load the model in this process; at once where that is remembered.

    What the child refuses with an exception is safe, too: this process will meet the same exception. Where no child
    can be started nothing is tried. Blocks for at most ``limit_s`` (by default ``LIMIT_S`` and more for a large model);
    a cancel kills the child and is answered within 50 ms. Raises EngineFailed where the model is known not to work, or
    was just found not to, Cancelled.
    """
    folder = folder or verdicts.default_folder()
    key = verdicts.key_of(subject.packages, subject.model, subject.options)
    verdict = verdicts.recall(folder, subject.engine, subject.model, key)
    if verdict is None:
        if limit_s is None:
            limit_s = LIMIT_S + LIMIT_S_PER_BYTE * sum(size for _, size, _ in key["model"])
        verdict = _try(subject, token, command, limit_s)
        if verdict is None:
            return
        verdicts.remember(folder, verdict, key)
    if not verdict.good:
        raise EngineFailed(verdict.message, hint=verdict.hint)


def _try(subject: Subject, token: CancelToken, command: Sequence[str], limit_s: float) -> Verdict | None:
    """Run the child to its end and judge it; None where that says nothing about the pair. Raises as ``prove``."""
    with tempfile.TemporaryFile() as errors:
        try:
            status = _run(command, subject.request, errors, token, limit_s)
        except OSError:  # no more processes, no memory for one, or a sandbox
            return None
        token.raise_if_cancelled()
        errors.seek(max(errors.seek(0, 2) - REASON_BYTES, 0))
        return _judged(subject, status, errors.read().decode(errors="replace"), limit_s)


def _run(
    command: Sequence[str], request: Mapping[str, Any], errors: IO[bytes], token: CancelToken, limit_s: float
) -> int | None:
    """The child's exit status; None where it did not end in time. Raises OSError, Cancelled."""
    token.raise_if_cancelled()
    line = json.dumps({**request, "path": sys.path}).encode() + b"\n"
    # A session of its own keeps the terminal's Ctrl-C from it; its stdin stays open as long as this process lives.
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors, start_new_session=True
    ) as child:
        assert child.stdin is not None
        forget = token.on_cancel(child.kill)
        try:
            with suppress(BrokenPipeError):
                child.stdin.write(line)
                child.stdin.flush()
            return child.wait(limit_s)
        except subprocess.TimeoutExpired:
            return None
        finally:
            forget()
            child.kill()
            with suppress(BrokenPipeError):
                child.stdin.close()


def _judged(subject: Subject, status: int | None, errors: str, limit_s: float) -> Verdict | None:
    engine, model = subject.engine, subject.model
    if status == 0:
        return Verdict(engine, model)
    if status == REFUSED:
        return None
    if status is None:
        message = f"{engine} was not ready with {model.name} within {limit_s:.0f} s"
        return Verdict(engine, model, message, "Choose a smaller model, or try it again: assistant doctor --retry")
    if status in (NO_MEMORY, -signal.SIGKILL) or (status < 0 and any(w in errors.lower() for w in OUT_OF_MEMORY)):
        message = f"there is not enough memory for {model.name}"
        return Verdict(engine, model, message, CHOOSE_SMALLER)
    if -status in FROM_OUTSIDE or status > 0:
        raise EngineFailed(
            f"{engine} was stopped while it was tried with {model.name} ({_name(status)})", hint="Start again."
        )
    if -status == signal.SIGILL:
        return Verdict(engine, model, f"this build of {engine} crashes on this CPU ({_name(status)})", subject.remedy)
    last = next((f": {line.strip()}" for line in reversed(errors.splitlines()) if line.strip()), "")
    message = f"{engine} crashes on this machine with {model.name} ({_name(status)}{last})"
    return Verdict(engine, model, message, f"Choose another model. If others do the same: {subject.remedy}")


def _name(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"

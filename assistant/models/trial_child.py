"""The child of a trial: loads one engine with one model, runs it once, and tells by its status how that went."""

import ctypes
import os
import resource
import signal
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from assistant.models.trial import NO_MEMORY, REFUSED

PR_SET_PDEATHSIG = 1


def main(request: Mapping[str, Any]) -> NoReturn:
    """Try what is asked for and leave: 0 where it worked, REFUSED after an exception, NO_MEMORY for want of that."""
    behave()
    os._exit(outcome(request))  # a library's teardown is not what is tried


def outcome(request: Mapping[str, Any]) -> int:
    """The exit status. Dies where the engine does."""
    from assistant.config import Settings
    from assistant.models import registry

    try:
        settings = Settings.model_validate(request["settings"])
        registry.load_untried(request["stage"], request["engine"], settings, Path(request["model"])).warm()
    except MemoryError:
        return NO_MEMORY
    except Exception:  # whatever it is, the parent meets it again and explains it
        return REFUSED
    return 0


def behave() -> None:
    """Leave no core file, be the first to go when memory is short, and end with the parent."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    if sys.platform == "linux":  # as soon as the parent's thread ends, in the middle of native code, too
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_leave_with_parent, name="trial-lifeline", daemon=True).start()


def _leave_with_parent() -> None:
    """The parent holds the other end of stdin open while it lives, and writes no more than the request."""
    sys.stdin.buffer.read()
    os._exit(REFUSED)

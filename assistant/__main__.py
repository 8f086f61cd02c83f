"""The process: ``python -m assistant``, and the ``assistant`` command."""

import os
import sys
import threading
from contextlib import suppress

INTERRUPTED = 130  # 128 + SIGINT, as a shell reports it


def main() -> None:
    """Run the command line and leave, whatever a library's threads are still doing."""
    try:
        from assistant import offline
        from assistant.cli import main as run

        offline.enforce()
        _mend_streams()
        run()
    except KeyboardInterrupt:  # while importing, or while leaving
        code = INTERRUPTED
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    else:
        code = 0
    _leave(code)


def _mend_streams() -> None:
    """A stream that the caller closed goes nowhere; a character that a terminal cannot show stops no command."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]


def _leave(code: int) -> None:
    """Exit; at once if an engine was left behind inside a library, which would crash in the interpreter's teardown."""
    if all(thread is threading.main_thread() for thread in threading.enumerate()):
        sys.exit(code)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()

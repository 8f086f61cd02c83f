"""``assistant trigger``: the running daemon is told to listen, through a private socket in the user's runtime folder.

One word goes in, one line comes back: ``ok``, or what is wrong.
"""

import os
import select
import socket
import stat
import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import structlog

from assistant.errors import InputError, NotRunning
from assistant.session.controls import Push

OK = "ok"
ALWAYS = "it listens all the time"
PATIENCE_S = 0.3  # for the one at the other end, who is on this machine
LONGEST_BYTES = 64

log = structlog.get_logger(__name__)


def default_path() -> Path:
    """The socket in the user's runtime folder, whether it exists or not."""
    import platformdirs

    with warnings.catch_warnings(action="ignore"):  # without XDG_RUNTIME_DIR it is below /tmp, and checked before use
        return platformdirs.user_runtime_path("assistant") / "daemon.sock"


def send(push: Push, path: Path) -> None:
    """Tell the daemon at ``path``. Raises NotRunning, and InputError where it has no use for it."""
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(PATIENCE_S)
            line.connect(str(path))
            line.sendall(push.value.encode())
            line.shutdown(socket.SHUT_WR)
            answer = line.recv(LONGEST_BYTES).decode(errors="replace")
    except OSError as error:  # no socket, nobody behind it, or nobody who answers
        raise NotRunning("no assistant is running in the background", hint="Start it: assistant daemon") from error
    if answer != OK:
        raise InputError(
            f"the assistant cannot be triggered: {answer or 'it gave no answer'}",
            hint="Let it wait for you: assistant config set listen.mode push (or wake), and start the daemon again.",
        )


class Trigger:
    """The daemon's end, as a context manager: one thread, named ``trigger``, joined at the end.

    A socket that a dead daemon left behind is replaced; where a living one answers, that one keeps it. Without the
    socket the daemon goes on, and the log says why.
    """

    def __init__(self, path: Path, push: Callable[[Push], object], *, listens_always: bool) -> None:
        self._path = path
        self._push = push
        self._listens_always = listens_always
        self._line: socket.socket | None = None
        self._ending, self._end = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name="trigger", daemon=True)

    def __enter__(self) -> "Trigger":
        try:
            self._line = _bound(self._path)
        except OSError as error:
            log.warning("trigger_unavailable", path=str(self._path), reason=str(error))
        else:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.close()
        if self._line is not None:
            self._thread.join()
            self._path.unlink(missing_ok=True)
            self._line.close()
        self._ending.close()

    def _run(self) -> None:
        assert self._line is not None
        while self._ending not in select.select([self._line, self._ending], [], [])[0]:
            with suppress(OSError):  # who called has gone, or says nothing
                self._answer(self._line.accept()[0])

    def _answer(self, caller: socket.socket) -> None:
        with caller:
            caller.settimeout(PATIENCE_S)
            word = caller.recv(LONGEST_BYTES).decode(errors="replace")
            caller.sendall(self._obey(word).encode())

    def _obey(self, word: str) -> str:
        if self._listens_always:
            return ALWAYS
        try:
            self._push(Push(word))
        except ValueError:
            return f"it knows no {word!r}"
        return OK


def _bound(path: Path) -> socket.socket:
    """A listening socket that only this user can reach. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = path.parent.stat()
    if folder.st_uid != os.getuid() or stat.S_IMODE(folder.st_mode) & 0o077:
        raise PermissionError(f"{path.parent} belongs to others, or is open to them")
    if _answers(path):
        raise FileExistsError("another assistant is running, and keeps it")
    path.unlink(missing_ok=True)
    line = socket.socket(socket.AF_UNIX)
    try:
        line.bind(str(path))
        path.chmod(0o600)
        line.listen()
    except OSError:
        line.close()
        raise
    return line


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as line, suppress(OSError):
        line.settimeout(PATIENCE_S)
        line.connect(str(path))
        return True
    return False

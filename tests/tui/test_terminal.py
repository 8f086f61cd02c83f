"""The whole screen in a real (pseudo) terminal: it starts, it leaves, and the terminal is as it was."""

import os
import pty
import select
import signal
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATIENCE_S = 30
LEAVE_SCREEN = b"\x1b[?1049l"
SCRIPT = """
import sys, threading
from assistant.errors import DeviceRefused
from assistant.tui.app import run
from tests.tui.fakes import FakeAssistant

never = threading.Event()
refusal = DeviceRefused("the microphone refused", hint="Unplug it.")
assistant = {
    "ready": lambda: FakeAssistant(),
    "loading": lambda: FakeAssistant(never),
    "refused": lambda: FakeAssistant(failure=refusal),
}[sys.argv[1]]()
try:
    run(assistant)
except DeviceRefused as error:
    print("raised", error.code)
print("asked", assistant.asked, "stopped", assistant.stopped)
"""


class Terminal:
    """A program on a pseudo terminal of 80 × 24."""

    def __init__(self, *arguments: str) -> None:
        self._ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (24, 80))
        self.before = termios.tcgetattr(theirs)
        environ = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environ,
            start_new_session=True,
        )
        self._theirs = theirs
        self.output = b""

    def read_until(self, text: bytes) -> None:
        """Fails when nothing more comes for ``PATIENCE_S``: the program hangs, or has ended without saying it."""
        while text not in self.output:
            ready, _, _ = select.select([self._ours], [], [], PATIENCE_S)
            assert ready, self.output[-2000:]
            self.output += os.read(self._ours, 65_536)

    def type(self, keys: bytes) -> None:
        os.write(self._ours, keys)

    def finish(self) -> str:
        """What the program wrote after it had left the screen. Fails if the terminal is not as it was."""
        self.read_until(b"stopped [")
        self.read_until(b"]\r\n")
        assert self.process.wait(PATIENCE_S) == 0
        assert termios.tcgetattr(self._theirs) == self.before
        os.close(self._ours)
        os.close(self._theirs)
        assert b"Traceback" not in self.output
        return self.output.rpartition(LEAVE_SCREEN)[2].decode()


@pytest.mark.parametrize("state", ["ready", "loading"])
@pytest.mark.parametrize(
    ("leave", "reason"),
    [
        (lambda terminal: terminal.type(b"\x03"), "quit"),
        (lambda terminal: terminal.type(b"\x11"), "quit"),
        (lambda terminal: terminal.process.send_signal(signal.SIGINT), "SIGINT"),
        (lambda terminal: terminal.process.send_signal(signal.SIGTERM), "SIGTERM"),
    ],
    ids=["ctrl-c", "ctrl-q", "SIGINT", "SIGTERM"],
)
def test_leaving(state: str, leave: Callable[[Terminal], object], reason: str) -> None:
    terminal = Terminal(state)
    terminal.read_until(b"dismiss notice")

    leave(terminal)

    assert f"asked [('stop', '{reason}')] stopped ['{reason}']" in terminal.finish()


def test_an_assistant_that_cannot_start_leaves_a_clean_terminal_and_its_error() -> None:
    terminal = Terminal("refused")

    assert "raised device-refused" in terminal.finish()

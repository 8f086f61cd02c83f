"""The socket between `assistant trigger` and the daemon: private, found again, and nobody else's."""

import os
import shutil
import socket
import stat
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from assistant.errors import InputError, NotRunning
from assistant.session.controls import Push
from assistant.trigger import Trigger, default_path, send


@pytest.fixture
def path() -> Iterator[Path]:
    """In a folder with a short name, since the path of a socket has 100 characters or so."""
    folder = Path(tempfile.mkdtemp(prefix="trigger-"))
    yield folder / "run" / "daemon.sock"
    shutil.rmtree(folder)


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate()]


def test_what_is_sent_arrives(path: Path) -> None:
    pushed: list[Push] = []
    with Trigger(path, pushed.append, listens_always=False):
        for push in Push:
            send(push, path)
    assert pushed == list(Push)
    assert not path.exists()
    assert "trigger" not in threads()


def test_only_the_user_reaches_it(path: Path) -> None:
    with Trigger(path, print, listens_always=False):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("left_behind", [False, True])
def test_where_none_runs_it_says_so(path: Path, left_behind: bool) -> None:
    if left_behind:
        leave_behind(path)
    with pytest.raises(NotRunning, match="no assistant is running") as caught:
        send(Push.TOGGLE, path)
    assert caught.value.exit_code == 5
    assert "assistant daemon" in caught.value.hint


def leave_behind(path: Path) -> None:
    """What a daemon that was killed leaves."""
    path.parent.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as line:
        line.bind(str(path))


def test_a_socket_that_was_left_behind_is_replaced(path: Path) -> None:
    leave_behind(path)
    pushed: list[Push] = []
    with Trigger(path, pushed.append, listens_always=False):
        send(Push.START, path)
    assert pushed == [Push.START]


def test_a_second_daemon_leaves_it_to_the_first(path: Path) -> None:
    first: list[Push] = []
    with Trigger(path, first.append, listens_always=False):
        with capture_logs() as logs, Trigger(path, print, listens_always=False):
            send(Push.START, path)
        send(Push.STOP, path)
    assert first == [Push.START, Push.STOP]
    assert [line["event"] for line in logs] == ["trigger_unavailable"]


def test_a_folder_that_others_can_enter_is_not_used(path: Path) -> None:
    path.parent.mkdir()
    path.parent.chmod(0o755)
    with capture_logs() as logs, Trigger(path, print, listens_always=False):
        assert not path.exists()
    assert "open to them" in logs[0]["reason"]


def test_a_path_that_is_too_long_costs_only_the_trigger(path: Path) -> None:
    with capture_logs() as logs, Trigger(path.parent / ("x" * 200), print, listens_always=False):
        pass
    assert logs[0]["event"] == "trigger_unavailable"


def test_an_open_microphone_needs_no_trigger(path: Path) -> None:
    pushed: list[Push] = []
    with (
        Trigger(path, pushed.append, listens_always=True),
        pytest.raises(InputError, match="it listens all the time") as caught,
    ):
        send(Push.START, path)
    assert pushed == []
    assert "listen.mode" in caught.value.hint


@pytest.mark.parametrize("word", [b"", b"nonsense", b"\xff\xfe", b"x" * 1000])
def test_nonsense_harms_nobody(path: Path, word: bytes) -> None:
    pushed: list[Push] = []
    with Trigger(path, pushed.append, listens_always=False):
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(path))
            line.sendall(word)
        send(Push.START, path)
    assert pushed == [Push.START]


def test_the_folder_is_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert default_path() == tmp_path / "assistant" / "daemon.sock"
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    assert str(os.getuid()) in str(default_path())

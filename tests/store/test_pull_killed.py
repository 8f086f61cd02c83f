"""A process that is killed while it pulls, at moments that are counted and not timed, and two that pull at once."""

import multiprocessing
import os
import random
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.store import folder
from assistant.store.catalogue import Entry
from assistant.store.progress import Progress
from assistant.store.pull import pull
from assistant.store.staging import clean
from assistant.store.verify import verify
from tests.store.fake_hub import FakeHub, hub
from tests.store.made_up import entry_of, install_whole, settings_for, ship, visible

OLD = {"voice.onnx": b"old tune" * 2000, "voice.onnx.json": b'{"a": 1}'}
NEW = {"voice.onnx": b"new tune" * 12_000, "voice.onnx.json": b'{"b": 2}'}
WORK = {"os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.link", "os.truncate", "shutil.rmtree", "open"}
"""What Python announces of a process's work on files (https://docs.python.org/3/library/audit_events.html)."""

ENDS = (-signal.SIGKILL, 0)
"""How a child ends that is killed, or has just finished: its threads do not always take turns in the same way."""

SO_LONG_S = 30
"""A test that waits for so long has failed."""

# Children start from a process without threads that has imported everything once: quick, and safe to fork.
CHILDREN = multiprocessing.get_context("forkserver")
CHILDREN.set_forkserver_preload(["tests.store.test_pull_killed", "huggingface_hub"])


@pytest.fixture
def served() -> Iterator[FakeHub]:
    with hub(NEW) as server:
        yield server


@pytest.fixture
def replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Entry:
    """An installed model whose catalogue entry has a new revision since."""
    install_whole(entry_of(OLD, revision="older"), tmp_path, OLD)
    entry = entry_of(NEW)
    ship(monkeypatch, entry)
    return entry


def pull_in_child(entry: Entry, root: Path, url: str, die_at: int | None = None) -> None:
    """Pull; with ``die_at`` the process is killed before its so-manieth piece of work on a file of the models."""
    count = 0

    def audit(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal count
        if event in WORK and str(arguments[0]).startswith(str(root)):
            count += 1
            if count == die_at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(audit)
    pull([entry], root, endpoint=url)
    (root / "count").write_text(str(count))


def run(entry: Entry, root: Path, url: str, die_at: int | None = None) -> int | None:
    child = CHILDREN.Process(target=pull_in_child, args=(entry, root, url, die_at))
    child.start()
    child.join()
    return child.exitcode


def assert_old_or_new(root: Path, entry: Entry) -> None:
    """What a loader is given is one of the two models, whole, or nothing at all; ``verify`` says the same."""
    found = folder.find("tts", settings_for(root))
    assert {verdict.state for verdict in verify(root)} <= {"sound"}
    if found is None:
        assert visible(root) == []
    else:
        held = {path.name: path.read_bytes() for path in found.parent.glob("voice*")}
        assert held in (OLD, NEW)
        assert folder.installed(entry, root) == (held == NEW)
    clean(root)  # between two renames neither is in its place; the old one comes back
    assert folder.find("tts", settings_for(root)) is not None


def assert_mended(root: Path, entry: Entry, served: FakeHub) -> None:
    """The next pull succeeds and leaves nothing behind."""
    (path,) = pull([entry], root, endpoint=served.url)
    assert path.read_bytes() == NEW["voice.onnx"]
    assert [verdict.state for verdict in verify(root)] == ["sound"]
    assert [left.name for left in (root / ".staging").iterdir()] == [".locks"]


def pieces_of_work(served: FakeHub, root: Path) -> int:
    """How many a pull has when nobody kills it."""
    install_whole(entry_of(OLD, revision="older"), root, OLD)
    assert run(entry_of(NEW), root, served.url) == 0
    return int((root / "count").read_text())


def test_killed_at_any_piece_of_work_on_the_disk(
    served: FakeHub, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = entry_of(NEW)
    ship(monkeypatch, entry)
    total = pieces_of_work(served, tmp_path)
    assert total > 20
    for moment in random.Random(4).sample(range(1, total), 12):
        root = tmp_path_factory.mktemp("models")
        install_whole(entry_of(OLD, revision="older"), root, OLD)
        assert run(entry, root, served.url, die_at=moment) in ENDS
        assert_old_or_new(root, entry)
        assert_mended(root, entry, served)


@pytest.mark.parametrize("moment", random.Random(7).sample(range(1, sum(map(len, NEW.values()))), 8))
def test_killed_after_any_byte_that_the_hub_served(
    served: FakeHub, tmp_path: Path, replaced: Entry, moment: int
) -> None:
    child = CHILDREN.Process(target=pull_in_child, args=(replaced, tmp_path, served.url))
    started = threading.Event()

    def kill(sent: int) -> None:
        if sent >= moment:
            started.wait(SO_LONG_S)
            child.kill()
            served.on_served = lambda _: None

    served.on_served = kill
    child.start()
    started.set()
    child.join()
    assert child.exitcode in ENDS
    assert_old_or_new(tmp_path, replaced)
    assert_mended(tmp_path, replaced, served)


def test_two_processes_pull_the_same_model_one_after_the_other(served: FakeHub, tmp_path: Path) -> None:
    """The second starts while the first is half way, says that it waits, and finds the model installed."""
    entry = entry_of(NEW)
    half_way, waiting = threading.Event(), threading.Event()

    def hold(_: int) -> None:
        half_way.set()
        waiting.wait(SO_LONG_S)

    heard: list[Progress] = []

    def listen(progress: Progress) -> None:
        heard.append(progress)
        if progress.phase == "waiting":
            waiting.set()

    served.on_served = hold
    child = CHILDREN.Process(target=pull_in_child, args=(entry, tmp_path, served.url))
    child.start()
    assert half_way.wait(SO_LONG_S)
    (path,) = pull([entry], tmp_path, progress=listen, endpoint=served.url)
    child.join()
    assert child.exitcode == 0
    assert heard == [Progress(entry.id, "", 0, 0, "waiting")]
    assert path.read_bytes() == NEW["voice.onnx"]
    assert len(served.asked("GET")) == 2

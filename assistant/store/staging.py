"""Where models are put together before anybody can see them: one at a time, and renamed into place when whole.

``<models>/.staging/<id>/`` holds pieces that have arrived, ``ready/`` in it the model that is about to be renamed, and
``old/`` the one that it replaces. A lock file for each model keeps processes apart; the system frees it when its owner
dies.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from assistant.errors import OutputError
from assistant.session.turn import CancelToken

STAGING = ".staging"
LOCKS = ".locks"
TRASH, IMPORT = ".trash-", ".import-"
SPARE_BYTES = 200_000_000
"""Left free on the disk after a download."""
POLL_S = 0.1
STALE_S = 14 * 86400.0
"""Pieces of a download that nobody went on with for so long are thrown away."""


def staging_of(model_id: str, root: Path) -> Path:
    """The folder in which a model is put together; it need not exist."""
    return root / STAGING / model_id


@contextmanager
def locked(
    ids: Iterable[str], root: Path, token: CancelToken, on_wait: Callable[[str], object] = lambda _: None
) -> Iterator[None]:
    """Own the models alone, among all processes; ``on_wait`` hears of each that another one works on.

    Always in the order of the ids, so that two never wait for each other. Cancelled within ``POLL_S``. Raises OSError.
    """
    from filelock import FileLock, Timeout

    folder = root / STAGING / LOCKS
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        for model_id in sorted(set(ids)):
            lock = FileLock(folder / model_id, thread_local=False)
            try:
                lock.acquire(blocking=False)
            except Timeout:
                on_wait(model_id)
                _wait_for(lock.acquire, Timeout, token)
            held.callback(lock.release)
            _recover(model_id, root)
        yield


def place(ready: Path, model_id: str, stage: str, root: Path) -> Path:
    """Make a whole model visible with one rename; the one that was there stays usable until then.

    To be called with the model locked. Raises OSError.
    """
    target, old = root / stage / model_id, staging_of(model_id, root) / "old" / stage
    target.parent.mkdir(parents=True, exist_ok=True)
    sync_folder(ready)
    if target.exists() or target.is_symlink():
        shutil.rmtree(old, ignore_errors=True)
        old.parent.mkdir(parents=True, exist_ok=True)
        target.rename(old)
    ready.rename(target)
    sync_folder(target.parent)
    shutil.rmtree(staging_of(model_id, root), ignore_errors=True)
    return target


def discard(folder: Path, root: Path) -> None:
    """Make a model invisible with one rename, then delete it: never half of it can be seen. Raises OSError."""
    staging = root / STAGING
    staging.mkdir(parents=True, exist_ok=True)
    trash = Path(tempfile.mkdtemp(prefix=TRASH, dir=staging))
    folder.rename(trash / "model")
    shutil.rmtree(trash, ignore_errors=True)


@contextmanager
def workshop(root: Path) -> Iterator[Path]:
    """A fresh folder on the disk of the models, gone afterwards. Raises OSError."""
    staging = root / STAGING
    staging.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=IMPORT, dir=staging))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def clean(root: Path, now_s: float | None = None) -> None:
    """Throw away what killed processes left behind, and downloads that nobody went on with for two weeks.

    What another process works on is left alone: its lock says so, or its age. Raises nothing.
    """
    from filelock import FileLock, Timeout

    now_s = time.time() if now_s is None else now_s
    staging = root / STAGING
    with suppress(OSError):
        for folder in [path for path in staging.iterdir() if path.is_dir() and path.name != LOCKS]:
            if folder.name.startswith((TRASH, IMPORT)):
                if folder.name.startswith(TRASH) or _newest_s(folder) < now_s - STALE_S:
                    shutil.rmtree(folder, ignore_errors=True)
                continue
            (staging / LOCKS).mkdir(exist_ok=True)
            with suppress(Timeout), FileLock(staging / LOCKS / folder.name, blocking=False):
                _recover(folder.name, root)
                if _newest_s(folder) < now_s - STALE_S or not any(folder.iterdir()):
                    shutil.rmtree(folder, ignore_errors=True)


def check_room(needed: int, root: Path, what: str) -> None:
    """Raise OutputError unless the disk of the models has room for ``needed`` more bytes and some to spare."""
    free = shutil.disk_usage(root).free
    if free < needed + SPARE_BYTES:
        raise OutputError(
            f"{what} needs {needed / 1e6:.0f} MB more and {root} has {free / 1e6:.0f} MB left",
            hint="Free some space or choose another folder: assistant config set models.dir FOLDER",
        )


def cannot_write(root: Path, error: OSError) -> OutputError:
    """What the user hears of a disk that is full, read-only, or not there."""
    return OutputError(
        f"cannot write the model to {root}: {error.strerror or error}",
        hint="Free some space or choose another folder: assistant config set models.dir FOLDER",
    )


def sync_folder(folder: Path) -> None:
    """Have the names in a folder outlive a power cut, where the system can do that."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _recover(model_id: str, root: Path) -> None:
    """Finish what a killed process left between its two renames: the old model comes back if no new one is there."""
    staging = staging_of(model_id, root)
    for old in list((staging / "old").glob("*")):
        target = root / old.name / model_id
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            old.rename(target)
    for leftover in ("old", "ready"):
        shutil.rmtree(staging / leftover, ignore_errors=True)


def _wait_for(acquire: Callable[..., object], timeout: type[Exception], token: CancelToken) -> None:
    while True:
        token.raise_if_cancelled()
        with suppress(timeout):
            acquire(timeout=POLL_S, poll_interval=POLL_S / 2)
            return


def _newest_s(folder: Path) -> float:
    """When something in the folder was last written to."""
    return max(path.stat().st_mtime for path in [folder, *folder.rglob("*")])

"""Fetching models from the hub, checked byte for byte. Nothing here is on the way of a conversation."""

import hashlib
import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from assistant.errors import AssistantError, DownloadFailed, OutputError
from assistant.store.catalogue import Entry, File
from assistant.store.folder import installed, model_path

STAGING = ".staging"
SPARE_BYTES = 200_000_000
"""Left free on the disk after a download."""

Progress = Callable[[int], object]
"""Hears how many more bytes have arrived."""


def silent(_: int) -> None:
    """The progress that nobody watches."""


def download(entry: Entry, root: Path, progress: Progress = silent, endpoint: str = "") -> Path:
    """Fetch a model, check every byte, and only then make it visible. Does nothing where it is installed.

    A broken download goes on where it stopped. ``endpoint`` is another hub than Hugging Face's (or HF_ENDPOINT's).
    Raises DownloadFailed, OutputError.
    """
    if installed(entry, root):
        return model_path(entry, root)
    staging = root / STAGING / entry.id
    try:
        _check_room(entry, root)
        _reach(entry, endpoint)
        for file in entry.files:
            _verify(_fetch(entry, file, staging, progress, endpoint), file)
        _install(entry, staging, root)
    except OSError as error:
        raise OutputError(
            f"cannot write the model to {root}: {error.strerror or error}",
            hint="Free some space or choose another folder: assistant config set models.dir FOLDER",
        ) from error
    return model_path(entry, root)


def _fetch(entry: Entry, file: File, staging: Path, progress: Progress, endpoint: str) -> Path:
    from huggingface_hub import hf_hub_download

    staging.mkdir(parents=True, exist_ok=True)
    try:
        path = hf_hub_download(
            entry.repo,
            file.path,
            revision=entry.revision,
            local_dir=staging,
            endpoint=endpoint or None,
            token=False,
            tqdm_class=_reporting_bar(progress),
        )
    except Exception as error:  # the client's errors come from several libraries without a common base
        raise _failure(entry, file, error) from error
    return Path(path)


def _reach(entry: Entry, endpoint: str) -> None:
    """Ask for the first file once: the download itself would try for half a minute before it says that it cannot."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_url

    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    first = entry.files[0]
    try:
        url = hf_hub_url(entry.repo, first.path, revision=entry.revision, endpoint=endpoint or None)
        get_hf_file_metadata(url, token=False, endpoint=endpoint or None)
    except Exception as error:  # as above
        raise _failure(entry, first, error) from error


def _reporting_bar(progress: Progress) -> Any:
    """A progress bar class for the hub's client that reports and draws nothing."""
    from tqdm import tqdm  # type: ignore[import-untyped]

    class Bar(tqdm):  # type: ignore[misc]
        def __init__(self, *_: Any, initial: int = 0, desc: str = "", **__: Any) -> None:
            super().__init__(disable=True)
            # Transfers by xet have a second bar, for the bytes on the wire.
            self._report = silent if desc.endswith("downloading bytes") else progress
            self._report(initial)

        def update(self, n: float | None = 1) -> None:
            self._report(int(n or 0))

    return Bar


def _failure(entry: Entry, file: File, error: Exception) -> AssistantError:
    from huggingface_hub import errors

    if isinstance(error, errors.GatedRepoError):
        return DownloadFailed(f"{entry.repo} asks for an account", hint="Choose another model.")
    if isinstance(
        error, errors.RepositoryNotFoundError | errors.RevisionNotFoundError | errors.RemoteEntryNotFoundError
    ):
        return DownloadFailed(
            f"{entry.id}: the hub has no {file.path} in {entry.repo} at {entry.revision}",
            hint="It was moved or withdrawn: choose another model, or update the assistant.",
        )
    if isinstance(error, errors.OfflineModeIsEnabled):
        return DownloadFailed(
            f"{entry.id}: HF_HUB_OFFLINE forbids downloads", hint="Unset HF_HUB_OFFLINE and try again."
        )
    cause: BaseException = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    if isinstance(cause, OSError) and cause.filename is not None:  # this disk, not the network
        raise cause
    return DownloadFailed(
        f"{entry.id}: the hub cannot be reached: {cause}",
        hint="Check the network and try again: what has arrived is kept. Or copy the files into the models folder.",
    )


def _verify(path: Path, file: File) -> None:
    """Raise DownloadFailed, and forget the file, unless its bytes are what the catalogue says."""
    with path.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    if digest == file.sha256:
        return
    path.unlink()
    raise DownloadFailed(
        f"{file.path} is not the file that the catalogue promises: its SHA-256 is {digest}, not {file.sha256}",
        hint="Nothing was installed. Try again; if it happens twice, the file was changed at its source.",
    )


def _install(entry: Entry, staging: Path, root: Path) -> None:
    """Gather the checked files in one folder, and rename that into place."""
    ready, target = staging / "ready", root / entry.stage / entry.id
    shutil.rmtree(ready, ignore_errors=True)
    ready.mkdir()
    for file in entry.files:
        (staging / file.path).rename(ready / file.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        shutil.rmtree(target)
    ready.rename(target)
    shutil.rmtree(staging)


def _check_room(entry: Entry, root: Path) -> None:
    root.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(root).free
    if free < entry.size + SPARE_BYTES:
        raise OutputError(
            f"{entry.id} needs {entry.size / 1e6:.0f} MB and {root} has {free / 1e6:.0f} MB left",
            hint="Free some space or choose another folder: assistant config set models.dir FOLDER",
        )

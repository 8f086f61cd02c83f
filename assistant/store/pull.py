"""Fetching models from the hub, checked byte for byte. Nothing here is on the way of a conversation."""

import os
import re
import shutil
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import AssistantError, DownloadFailed, InputError
from assistant.session.turn import CancelToken
from assistant.store import manifest, staging
from assistant.store.entries import Entry, File
from assistant.store.folder import installed, model_path
from assistant.store.hub import Hub
from assistant.store.manifest import FileRecord
from assistant.store.part import Part
from assistant.store.progress import Listener, Phase, Progress, silent

AT_ONCE = 4
"""Files received at the same time: enough to fill a line while one of them waits for its first byte."""


@dataclass(frozen=True, slots=True)
class _Job:
    """One file to fetch into ``part``. ``size`` in bytes and ``sha256`` are None where nobody promised them."""

    entry: Entry
    file: File
    size: int | None
    sha256: str | None
    part: Path
    token: CancelToken

    @property
    def staged(self) -> int:
        """Bytes that an earlier attempt left."""
        return self.part.stat().st_size if self.part.exists() else 0


def pull(
    entries: Iterable[Entry],
    root: Path,
    *,
    progress: Listener = silent,
    token: CancelToken | None = None,
    endpoint: str = "",
    unverified_ok: bool = False,
    repair: bool = False,
    hub: Hub | None = None,
) -> list[Path]:
    """Fetch models, check every byte, and only then make each visible. Return what an engine is given of each.

    What is installed is left alone; with ``repair`` its bytes are read, and the files that are not true fetched again.
    A broken or killed download goes on where it stopped. Where one model fails the others are still installed, and then
    the first failure is raised. Another process that pulls one of the models is waited for. ``endpoint`` is another hub
    than Hugging Face's (or HF_ENDPOINT's); ``unverified_ok`` allows files whose digest the catalogue does not know.

    Cancelled between two pieces, or after the hub's ``stall_s`` (10 s) where it is silent: what has arrived is kept.
    Raises InputError, DownloadFailed, OutputError, Cancelled.
    """
    wanted = list({entry.id: entry for entry in entries}.values())
    _refuse_unverified([] if unverified_ok else wanted)
    token = (token or CancelToken()).child()
    work = _Pull(root, _one_at_a_time(progress), token, hub or Hub(endpoint))
    try:
        root.mkdir(parents=True, exist_ok=True)
        staging.clean(root)
        with staging.locked([entry.id for entry in wanted], root, token, work.waiting):
            work.run([entry for entry in wanted if repair or not installed(entry, root)])
    except OSError as error:
        raise staging.cannot_write(root, error) from error
    finally:
        token.cancel("done")
    return [model_path(entry, root) for entry in wanted]


class _Pull:
    """One call of ``pull``, with its models locked. Owns its threads, which end before ``run`` returns."""

    def __init__(self, root: Path, progress: Listener, token: CancelToken, hub: Hub) -> None:
        self._root = root
        self._progress = progress
        self._token = token
        self._hub = hub

    def waiting(self, model_id: str) -> None:
        self._progress(Progress(model_id, "", 0, 0, "waiting"))

    def run(self, entries: Sequence[Entry]) -> None:
        """Raises the first failure, in the order of the entries, once everything else is done."""
        if not entries:
            return
        staging.check_room(self._lacking(entries), self._root, _names(entries))
        failures: dict[str, BaseException] = {}
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="pull") as pool:
            try:
                jobs = self._jobs(entries, pool)
                staging.check_room(sum((job.size or 0) - job.staged for job in jobs), self._root, _names(entries))
                for job in jobs:
                    self._report(job, job.staged)
                self._fetch_all(jobs, pool, failures)
            except BaseException:
                self._token.cancel("given up")
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        for entry in entries:
            if entry.id in failures:
                raise failures[entry.id]

    def _lacking(self, entries: Sequence[Entry]) -> int:
        """Bytes still to come as far as that is known without asking anybody."""
        here = sum(_size_below(staging.staging_of(entry.id, self._root)) for entry in entries)
        here += sum(_size_below(self._root / entry.stage / entry.id) for entry in entries)
        return max(0, sum(file.size or 0 for entry in entries for file in entry.files) - here)

    def _jobs(self, entries: Sequence[Entry], pool: ThreadPoolExecutor) -> list[_Job]:
        tokens = {entry.id: self._token.child() for entry in entries}
        files = [(entry, file, tokens[entry.id]) for entry in entries for file in entry.files]
        jobs = list(pool.map(lambda file: self._job(*file), files))
        for job in jobs:
            self._adopt(job)
        return jobs

    def _job(self, entry: Entry, file: File, token: CancelToken) -> _Job:
        size: int | None = file.size or None
        sha256: str | None = file.sha256 or None
        key = sha256 or ""
        if size is None or sha256 is None:
            found = self._hub.look(entry, file.path, token)
            size = size or found.size
            sha256 = sha256 or (found.etag if re.fullmatch(r"[0-9a-f]{64}", found.etag) else None)
            key = re.sub(r"\W", "", found.etag) or entry.revision
        part = staging.staging_of(entry.id, self._root) / f"{file.name}.{key[:16]}.part"
        return _Job(entry, file, size, sha256, part, token)

    def _adopt(self, job: _Job) -> None:
        """Take a sound file over from the model that is installed, so that only damaged ones are fetched."""
        there = self._root / job.entry.stage / job.entry.id / job.file.name
        if job.sha256 is None or job.part.exists() or there.is_symlink() or not there.is_file():
            return
        if there.stat().st_size != job.size:  # also where it is unknown: a link to the model must not be written to
            return
        if manifest.record(there, self._token, lambda read: self._report(job, read, "checking")).sha256 != job.sha256:
            return
        job.part.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(there, job.part)
        except OSError:  # a file system without hard links
            shutil.copyfile(there, job.part)

    def _fetch_all(self, jobs: Sequence[_Job], pool: ThreadPoolExecutor, failures: dict[str, BaseException]) -> None:
        """Install each model as soon as its last file is here; note the failure of each that could not be."""
        futures = {pool.submit(self._fetch, job): job for job in jobs}
        here: dict[str, list[tuple[_Job, FileRecord]]] = {job.entry.id: [] for job in jobs}
        for future in as_completed(futures):
            job = futures[future]
            if job.entry.id in failures:
                continue
            if (error := future.exception()) is None:
                here[job.entry.id].append((job, future.result()))
                if len(here[job.entry.id]) == len(job.entry.files):
                    self._install(job.entry, here[job.entry.id])
            elif isinstance(error, AssistantError):
                failures[job.entry.id] = error
                job.token.cancel("the model cannot be had")
            else:
                raise error  # cancelled, or this disk: the others would fare no better

    def _fetch(self, job: _Job) -> FileRecord:
        """On a thread of the pool. Raises DownloadFailed, OSError, Cancelled."""
        if job.size is not None and job.staged > job.size:
            job.part.unlink()
        with Part(job.part, job.token) as part:
            self._hub.fetch(
                job.entry,
                job.file.path,
                part,
                size=job.size,
                token=job.token,
                report=lambda: self._report(job, part.received),
            )
        if job.sha256 not in (None, part.sha256):
            job.part.unlink()
            raise DownloadFailed(
                f"{job.file.path} is not the file that the catalogue promises: "
                f"its SHA-256 is {part.sha256}, not {job.sha256}",
                hint="Nothing was installed. Try again; if it happens twice, the file was changed at its source.",
            )
        self._report(job, part.received, "done")
        return FileRecord(name=job.file.name, size=part.received, sha256=part.sha256)

    def _install(self, entry: Entry, files: Sequence[tuple[_Job, FileRecord]]) -> None:
        """Gather the checked files in one folder, and rename that into place."""
        ready = staging.staging_of(entry.id, self._root) / "ready"
        ready.mkdir()
        for job, record in files:
            job.part.rename(ready / record.name)
        manifest.write(manifest.manifest_of(entry, [record for _, record in files]), ready)
        staging.place(ready, entry.id, entry.stage, self._root)

    def _report(self, job: _Job, received: int, phase: Phase = "receiving") -> None:
        self._progress(Progress(job.entry.id, job.file.name, received, job.size or 0, phase))


def _refuse_unverified(entries: Iterable[Entry]) -> None:
    for entry in entries:
        if unknown := [file.path for file in entry.files if not file.sha256]:
            raise InputError(
                f"{entry.id}: the catalogue knows no digest of {', '.join(unknown)}, so nobody can tell if it is true",
                hint="Choose another model, or allow it: --unverified",
            )


def _one_at_a_time(progress: Listener) -> Listener:
    lock = threading.Lock()

    def report(event: Progress) -> None:
        with lock:
            progress(event)

    return report


def _names(entries: Sequence[Entry]) -> str:
    return ", ".join(entry.id for entry in entries)


def _size_below(folder: Path) -> int:
    with suppress(OSError):
        return sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    return 0

"""Whether the bytes of installed models are still what they were, and fetching again what is not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from assistant.errors import ModelCorrupt
from assistant.session.turn import CancelToken
from assistant.store import manifest
from assistant.store.catalogue import catalogue
from assistant.store.entries import Entry
from assistant.store.folder import Installed, installed_models
from assistant.store.hub import Hub
from assistant.store.manifest import FileRecord, Manifest
from assistant.store.progress import Listener, Progress, silent
from assistant.store.pull import pull


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a file of a model, in words."""

    file: str
    what: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """``unknown``: nothing says what the model's bytes should be. ``entry``: where sound ones can be had, if anywhere.

    ``outdated``: sound, but of another revision than the catalogue's.
    """

    model: Installed
    state: Literal["sound", "damaged", "unknown"]
    faults: tuple[Fault, ...] = ()
    entry: Entry | None = None
    outdated: bool = False


def verify(
    root: Path, ids: Iterable[str] | None = None, *, progress: Listener = silent, token: CancelToken | None = None
) -> list[Verdict]:
    """Read every byte of the installed models, or of those named. Changes nothing.

    Cancelled between two blocks of a megabyte. Raises Cancelled.
    """
    chosen = None if ids is None else set(ids)
    models = [model for model in installed_models(root) if chosen is None or model.id in chosen]
    return [examine(model, progress=progress, token=token) for model in models]


def examine(model: Installed, *, progress: Listener = silent, token: CancelToken | None = None) -> Verdict:
    """The verdict on one model. What the catalogue promises of the same revision counts more than its manifest."""
    entry = next((e for e in catalogue().entries if (e.stage, e.id) == (model.stage, model.id)), None)
    try:
        known = manifest.read(model.folder)
    except (ModelCorrupt, OSError):
        return Verdict(model, "damaged", (Fault(manifest.FILE_NAME, "cannot be read"),), entry)
    expected = _expected(known, entry)
    if not expected:
        return Verdict(model, "unknown", (), entry)
    faults = [
        Fault(file.name, what)
        for file in expected
        if (what := _fault(model, file, progress, token or CancelToken())) is not None
    ]
    outdated = known is not None and entry is not None and known.revision != entry.revision
    return Verdict(model, "damaged" if faults else "sound", tuple(faults), entry, outdated)


def repair(
    verdicts: Sequence[Verdict],
    root: Path,
    *,
    progress: Listener = silent,
    token: CancelToken | None = None,
    hub: Hub | None = None,
) -> list[Path]:
    """Fetch the damaged files again, and those alone; the models stay as they are until the new ones are whole.

    Leaves alone what is not damaged or not in the catalogue. Raises and is cancelled as ``pull``.
    """
    entries = [verdict.entry for verdict in verdicts if verdict.state == "damaged" and verdict.entry is not None]
    return pull(entries, root, progress=progress, token=token, unverified_ok=True, repair=True, hub=hub)


def _expected(known: Manifest | None, entry: Entry | None) -> list[FileRecord]:
    """What the files should be; empty where nobody knows of one of them."""
    recorded = {file.name: file for file in known.files} if known is not None else {}
    if entry is None or (known is not None and known.revision != entry.revision):
        return list(recorded.values())
    expected = []
    for file in entry.files:
        if file.size and file.sha256:
            expected.append(FileRecord.model_construct(name=file.name, size=file.size, sha256=file.sha256))
        elif file.name in recorded:
            expected.append(recorded[file.name])
        else:
            return []
    return expected


def _fault(model: Installed, file: FileRecord, progress: Listener, token: CancelToken) -> str | None:
    path = model.folder / file.name
    try:
        size = path.stat().st_size
        if size != file.size:
            return f"has {size} bytes, not {file.size}"
        found = manifest.record(
            path, token, lambda read: progress(Progress(model.id, file.name, read, file.size, "checking"))
        )
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    if found.sha256 != file.sha256:
        return f"was changed: its SHA-256 is {found.sha256}, not {file.sha256}"
    progress(Progress(model.id, file.name, file.size, file.size, "done"))
    return None

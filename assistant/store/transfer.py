"""Carrying models to a machine that has no network: in a folder, itself one of models, or in one archive."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from assistant.errors import InputError, ModelCorrupt
from assistant.session.turn import CancelToken
from assistant.store import archive, manifest, staging
from assistant.store.catalogue import catalogue
from assistant.store.copying import Checked, copy
from assistant.store.folder import Installed, get
from assistant.store.manifest import Manifest
from assistant.store.progress import Listener, silent


def export(
    ids: Iterable[str], root: Path, path: Path, *, progress: Listener = silent, token: CancelToken | None = None
) -> Path:
    """Copy installed models to ``path``: an archive where it ends in ``.tar``, else a folder.

    Every byte is checked on the way, and what was at ``path`` is replaced only by what is whole. A linked model is
    copied from where it lies. Cancelled between two blocks of a megabyte. Raises InputError, ModelCorrupt, OutputError,
    Cancelled.
    """
    token = token or CancelToken()
    models = [get(model_id, root) for model_id in dict.fromkeys(ids)]
    try:
        with staging.locked([model.id for model in models], root, token):
            described = [(model.folder, _described(model, token)) for model in models]
            if path.suffix == archive.SUFFIX:
                archive.pack(described, path, progress, token)
            else:
                _copy_all(described, path, progress, token)
    except OSError as error:
        raise staging.cannot_write(path, error) from error
    return path


def import_(path: Path, root: Path, *, progress: Listener = silent, token: CancelToken | None = None) -> list[Manifest]:
    """Install what ``export`` wrote, and say what it was. Nothing becomes visible unless all of it is true.

    Every file must be what its manifest says, and what the catalogue says where that knows the model. Cancelled between
    two blocks of a megabyte. Raises InputError, ModelCorrupt, OutputError, Cancelled.
    """
    token = token or CancelToken()
    if not path.exists():
        raise InputError(f"there is nothing at {path}", hint="Give the folder or archive that an export wrote.")
    try:
        if path.is_dir():
            found = _found_in(path)
            _check_against_catalogue([known for _, known in found])
            return _copy_all(found, root, progress, token)
        root.mkdir(parents=True, exist_ok=True)
        staging.check_room(path.stat().st_size, root, str(path))
        with staging.workshop(root) as bench:
            unpacked = archive.unpack(path, bench, progress, token)
            _check_against_catalogue(unpacked)
            _place(unpacked, bench, root, token)
        return unpacked
    except OSError as error:
        raise staging.cannot_write(root, error) from error


def _copy_all(
    models: Sequence[tuple[Path, Manifest]], root: Path, progress: Listener, token: CancelToken
) -> list[Manifest]:
    """Copy models from their folders into a folder of models. Raises ModelCorrupt, OutputError, OSError, Cancelled."""
    root.mkdir(parents=True, exist_ok=True)
    staging.check_room(sum(known.size for _, known in models), root, ", ".join(known.id for _, known in models))
    with staging.workshop(root) as bench:
        for source, known in models:
            target = bench / known.stage / known.id
            target.mkdir(parents=True)
            for record in known.files:
                with (source / record.name).open("rb") as file:
                    copy(Checked(file, known.id, record, progress, token), target / record.name)
            manifest.write(known, target)
        _place([known for _, known in models], bench, root, token)
    return [known for _, known in models]


def _place(models: Sequence[Manifest], bench: Path, root: Path, token: CancelToken) -> None:
    with staging.locked([known.id for known in models], root, token):
        for known in models:
            staging.place(bench / known.stage / known.id, known.id, known.stage, root)


def _found_in(path: Path) -> list[tuple[Path, Manifest]]:
    """The models of an exported folder, or the one that ``path`` is. Raises InputError, ModelCorrupt, OSError."""
    folders = [path] if (path / manifest.FILE_NAME).is_file() else sorted(path.glob("[!.]*/[!.]*/"))
    found = [(folder, known) for folder in folders if (known := manifest.read(folder)) is not None]
    if not found:
        raise InputError(f"there is no exported model in {path}", hint="Export one: assistant models export")
    for folder, known in found:
        for record in known.files:
            if (folder / record.name).is_symlink() or not (folder / record.name).is_file():
                raise ModelCorrupt(f"{folder / record.name} is not a file", hint="Export the model again.")
    return found


def _described(model: Installed, token: CancelToken) -> Manifest:
    """The model's manifest, or one made of what lies there. Raises ModelCorrupt, OSError, Cancelled."""
    if (known := manifest.read(model.folder)) is not None:
        return known
    entry = next((entry for entry in catalogue().entries if (entry.stage, entry.id) == (model.stage, model.id)), None)
    names = sorted(path.name for path in model.folder.iterdir() if path.is_file())
    names = [file.name for file in entry.files] if entry is not None else names
    records = [manifest.record(model.folder / name, token) for name in names]
    if entry is not None:
        made = manifest.manifest_of(entry, records)
        _check_against_catalogue([made])
        return made
    return manifest.own(model.id, model.stage, records)


def _check_against_catalogue(models: Iterable[Manifest]) -> None:
    """Raises ModelCorrupt where the catalogue knows the model and says otherwise of its files."""
    known = {entry.id: entry for entry in catalogue().entries}
    for model in models:
        entry = known.get(model.id)
        if entry is None:
            continue
        recorded = {file.name: file for file in model.files}
        for file in entry.files:
            record = recorded.pop(file.name, None)
            if record is None or file.size not in (None, record.size) or file.sha256 not in (None, record.sha256):
                raise ModelCorrupt(
                    f"{model.id}: {file.name} is not the file that the catalogue promises",
                    hint="Nothing was changed. It is another model, or one for another version of the assistant.",
                )
        if recorded:
            raise ModelCorrupt(
                f"{model.id}: the catalogue knows of no {', '.join(recorded)}", hint="Nothing was changed."
            )

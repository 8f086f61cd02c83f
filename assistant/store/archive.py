"""An archive of models: one plain tar with ``<stage>/<id>/`` of each, the manifest before the files.

Weights do not compress, so an archive is not compressed, and a compressed one is not taken: it could unpack to more
than it seems. What is unpacked is never more than the archive itself holds.
"""

import io
import os
import re
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from assistant.errors import AssistantError, InputError, ModelCorrupt
from assistant.session.turn import CancelToken
from assistant.store import manifest
from assistant.store.copying import Checked, copy
from assistant.store.manifest import Manifest
from assistant.store.progress import Listener

SUFFIX = ".tar"
PLACE = re.compile(r"(?:\./)?([a-z]{2,16})/([A-Za-z0-9][A-Za-z0-9._-]*)/([^/\\]+)")
"""The only names that an archive may hold: nothing absolute, no ``..``, no other folders."""


def pack(models: Iterable[tuple[Path, Manifest]], path: Path, progress: Listener, token: CancelToken) -> None:
    """Write models, each with the folder that it lies in; ``path`` is replaced once all is written.

    Raises ModelCorrupt, OSError, Cancelled.
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with fresh.open("wb") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
                for folder, known in models:
                    _add(archive, folder, known, progress, token)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def unpack(path: Path, bench: Path, progress: Listener, token: CancelToken) -> list[Manifest]:
    """Put the models into ``<bench>/<stage>/<id>/``, every byte checked against the manifests; return those.

    Raises InputError for what is no archive of models, ModelCorrupt, OSError, Cancelled.
    """
    unpacking = _Unpacking(bench, progress, token)
    try:
        with path.open("rb") as file, tarfile.open(fileobj=Modest(file), mode="r:") as archive:
            for member in archive:
                if not member.isdir():
                    unpacking.take(archive, member)
        return unpacking.finish()
    except tarfile.TarError as error:
        raise InputError(
            f"{path} is no archive of models: {error}",
            hint="Give the plain .tar that an export wrote; unpack a compressed one first.",
        ) from error
    except AssistantError as error:
        raise type(error)(f"{path}: {error.message}", hint="Nothing was installed. Export the models again.") from error


def _add(archive: tarfile.TarFile, folder: Path, known: Manifest, progress: Listener, token: CancelToken) -> None:
    text = (known.model_dump_json(indent=2) + "\n").encode()
    member = tarfile.TarInfo(f"{known.stage}/{known.id}/{manifest.FILE_NAME}")
    member.size = len(text)
    archive.addfile(member, io.BytesIO(text))
    for record in known.files:
        member = tarfile.TarInfo(f"{known.stage}/{known.id}/{record.name}")
        member.size = record.size
        with (folder / record.name).open("rb") as file:
            reader = Checked(file, known.id, record, progress, token)
            try:
                archive.addfile(member, reader)
            except OSError as error:
                if error.errno is None:  # the file is shorter than its record; tarfile has no error of its own for it
                    reader.finish()
                raise
            reader.finish()


class _Unpacking:
    """Takes the files of an archive one after the other. Every refusal is an InputError or a ModelCorrupt."""

    def __init__(self, bench: Path, progress: Listener, token: CancelToken) -> None:
        self._bench = bench
        self._progress = progress
        self._token = token
        self._found: dict[tuple[str, str], Manifest] = {}

    def take(self, archive: tarfile.TarFile, member: tarfile.TarInfo) -> None:
        """Unpack one plain file that is a manifest, or was announced by the manifest before it."""
        matched = PLACE.fullmatch(member.name)
        source = archive.extractfile(member) if matched and member.isreg() and not member.issparse() else None
        if matched is None or source is None:
            raise InputError(f"{member.name!r} does not belong in an archive of models", hint="")
        stage, model_id, name = matched.groups()
        if name == manifest.FILE_NAME:
            self._begin(manifest.parse(source.read(min(member.size, manifest.LARGEST_BYTES)), member.name), member)
            return
        known = self._found.get((stage, model_id))
        record = next((file for file in known.files if file.name == name), None) if known else None
        target = self._bench / stage / model_id / name
        if record is None or target.exists():
            raise InputError(f"{member.name!r} is in no manifest", hint="")
        copy(Checked(source, model_id, record, self._progress, self._token), target)

    def finish(self) -> list[Manifest]:
        """The models, all of whose files have come."""
        for (stage, model_id), known in self._found.items():
            for file in known.files:
                if not (self._bench / stage / model_id / file.name).exists():
                    raise ModelCorrupt(f"{model_id} lacks {file.name}", hint="")
        if not self._found:
            raise InputError("there is no model in it", hint="")
        return list(self._found.values())

    def _begin(self, known: Manifest, member: tarfile.TarInfo) -> None:
        if f"{known.stage}/{known.id}/{manifest.FILE_NAME}" != member.name.removeprefix("./"):
            raise InputError(f"{member.name!r} is of another model", hint="")
        folder = self._bench / known.stage / known.id
        if folder.exists():
            raise InputError(f"{member.name!r} is there twice", hint="")
        folder.mkdir(parents=True)
        manifest.write(known, folder)
        self._found[known.stage, known.id] = known


class Modest(io.RawIOBase):
    """A file of which nobody reads much at once: a header that claims gigabytes would have tarfile read them all."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int = -1, /) -> bytes:
        if not 0 <= size <= manifest.BLOCK_BYTES:
            raise tarfile.ReadError("a header claims too much")
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

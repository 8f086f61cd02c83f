"""What was installed: a small file beside a model's own, so that any model can be verified and carried elsewhere."""

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from assistant.errors import ModelCorrupt
from assistant.session.turn import CancelToken
from assistant.store.entries import ID, Entry

FILE_NAME = "assistant-model.json"
BLOCK_BYTES = 1 << 20
LARGEST_BYTES = 1 << 20
"""A manifest is far smaller; what claims to be one and is not must not fill the memory."""

SAFE_NAME = r"^[A-Za-z0-9_+=@,()\[\]-][A-Za-z0-9 ._+=@,()\[\]-]*$"
"""A plain file name: no folders, nothing hidden, nothing that a shell or another system would trip over."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class FileRecord(_Table):
    """A file as it was found to be: ``size`` in bytes, ``sha256`` in lower-case hexadecimal."""

    name: Annotated[str, StringConstraints(pattern=SAFE_NAME, max_length=200)]
    size: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Manifest(_Table):
    """``source``: the hub, or the user's own. ``checked``: the digests were known before the files arrived."""

    format: Literal[1] = 1
    id: Annotated[str, StringConstraints(pattern=ID)]
    stage: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,16}$")]
    engine: str = ""
    source: Literal["hub", "own"] = "hub"
    repo: str = ""
    revision: str = ""
    licence: str = ""
    languages: list[str] = []
    checked: bool = True
    files: Annotated[list[FileRecord], Field(min_length=1, max_length=1000)]

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(file.size for file in self.files)


def manifest_of(entry: Entry, files: list[FileRecord]) -> Manifest:
    """What a model of the catalogue says of itself once its files are here."""
    return Manifest(
        id=entry.id,
        stage=entry.stage,
        engine=entry.engine,
        repo=entry.repo,
        revision=entry.revision,
        licence=entry.licence,
        languages=list(entry.languages),
        checked=all(file.sha256 for file in entry.files),
        files=files,
    )


def own(
    model_id: str, stage: str, files: list[FileRecord], engine: str = "", languages: Sequence[str] = ()
) -> Manifest:
    """What a model that the user brought says of itself."""
    return Manifest(
        id=model_id, stage=stage, engine=engine, source="own", languages=list(languages), checked=False, files=files
    )


def parse(text: bytes, where: str) -> Manifest:
    """Raises ModelCorrupt."""
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ModelCorrupt(
            f"{where} does not describe a model: {place} {first['msg']}".replace("  ", " "),
            hint="Verify the model, or pull it again: assistant models verify",
        ) from error


def read(folder: Path) -> Manifest | None:
    """The manifest of an installed model; None where there is none. Raises ModelCorrupt, OSError."""
    try:
        with (folder / FILE_NAME).open("rb") as file:
            return parse(file.read(LARGEST_BYTES), str(folder / FILE_NAME))
    except (FileNotFoundError, NotADirectoryError):
        return None


def peek(folder: Path) -> Manifest | None:
    """The manifest if it can be read."""
    try:
        return read(folder)
    except (ModelCorrupt, OSError):
        return None


def write(manifest: Manifest, folder: Path) -> None:
    """Raises OSError."""
    with (folder / FILE_NAME).open("w", encoding="utf-8") as file:
        file.write(manifest.model_dump_json(indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())


def record(path: Path, token: CancelToken, report: Callable[[int], object] = lambda _: None) -> FileRecord:
    """Size and digest of a file, read through once; ``report`` hears the bytes read so far.

    Cancelled between two blocks of a megabyte. Raises OSError.
    """
    sha256, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            token.raise_if_cancelled()
            sha256.update(block)
            size += len(block)
            report(size)
    return FileRecord.model_construct(name=path.name, size=size, sha256=sha256.hexdigest())

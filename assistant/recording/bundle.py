"""A recording as one file to be given away: a plain tar of its few files.

Sound is compressed already, so the tar is not; what is unpacked is never more than the file itself holds.
"""

import os
import tarfile
from pathlib import Path

from assistant.errors import RecordingError
from assistant.recording.folder import ABOUT, EVENTS, MICROPHONE, SOUNDS
from assistant.store.archive import Modest

NAMES = (ABOUT, EVENTS, *SOUNDS)
NEEDED = (ABOUT, EVENTS, MICROPHONE)
COPIED_BYTES = 1 << 16


def pack(folder: Path, path: Path) -> dict[str, int]:
    """Write a recording to ``path``, which is replaced once all is written; the names and sizes of what is in it.

    Raises RecordingError.
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with tarfile.open(fresh, "w", format=tarfile.PAX_FORMAT) as archive:
            present = [name for name in NAMES if (folder / name).is_file()]
            for name in present:
                archive.add(folder / name, name, recursive=False, filter=_nameless)
        fresh.replace(path)
    except OSError as error:
        raise RecordingError(f"{path} cannot be written: {error.strerror}", hint="Name another file.") from error
    finally:
        fresh.unlink(missing_ok=True)
    return {name: (folder / name).stat().st_size for name in present}


def unpack(path: Path, folder: Path) -> None:
    """Put the files of a bundle into ``folder``, which is empty. Raises RecordingError for what is no bundle."""
    try:
        with path.open("rb") as file, tarfile.open(fileobj=Modest(file), mode="r:") as archive:
            for member in archive:
                _take(archive, member, folder, path)
    except (tarfile.TarError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise RecordingError(f"{path} is no recording: {reason}", hint="Give what --bundle wrote.") from error
    if missing := [name for name in NEEDED if not (folder / name).is_file()]:
        raise RecordingError(f"{path} lacks {missing[0]}", hint="It is not whole, or not what --bundle wrote.")


def _take(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path, path: Path) -> None:
    """Only the plain files of a recording, each once: no folders, no links, no other names."""
    target = folder / member.name
    if member.name not in NAMES or not member.isreg() or member.issparse() or target.exists():
        raise RecordingError(f"{path} is no recording: {member.name!r} does not belong in it", hint="Do not trust it.")
    source = archive.extractfile(member)
    assert source is not None
    with target.open("xb") as file:
        left = member.size
        while left:
            block = source.read(min(left, COPIED_BYTES))
            if not block:
                raise tarfile.ReadError("it is cut short")
            file.write(block)
            left -= len(block)


def _nameless(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without the account that it belongs to."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member

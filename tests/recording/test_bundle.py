"""What a bundle takes in, and what it refuses."""

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.errors import RecordingError
from assistant.recording import bundle
from assistant.recording.folder import ABOUT, EVENTS, MICROPHONE, REPLY


def tar(path: Path, *members: tuple[tarfile.TarInfo, bytes], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for member, content in members:
            member.size = len(content) if member.isreg() else 0
            archive.addfile(member, io.BytesIO(content))
    return path


def file(name: str) -> tuple[tarfile.TarInfo, bytes]:
    return tarfile.TarInfo(name), name.encode()


def odd(name: str, kind: bytes, target: str = "") -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member, b""


WHOLE = (file(ABOUT), file(EVENTS), file(MICROPHONE), file(REPLY))


def test_what_goes_in_comes_out_without_the_name_of_who_packed_it(tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    out.mkdir()
    for name in (ABOUT, EVENTS, MICROPHONE, "private.txt"):
        (folder / name).write_text(name * 3)
    sizes = bundle.pack(folder, tmp_path / "b.tar")
    assert sizes == {name: len(name) * 3 for name in (ABOUT, EVENTS, MICROPHONE)}
    with tarfile.open(tmp_path / "b.tar") as archive:
        assert {(member.uname, member.uid) for member in archive} == {("", 0)}
    bundle.unpack(tmp_path / "b.tar", out)
    assert {each.name: each.read_text() for each in out.iterdir()} == {name: name * 3 for name in sizes}


@pytest.mark.parametrize(
    "member",
    [
        file("../recording.json"),
        file("/etc/passwd"),
        file("sub/recording.json"),
        file("other.txt"),
        file(ABOUT),
        odd("masked.flac", tarfile.SYMTYPE, "/etc/passwd"),
        odd("masked.flac", tarfile.LNKTYPE, ABOUT),
        odd("masked.flac", tarfile.FIFOTYPE),
        odd("masked.flac", tarfile.DIRTYPE),
    ],
)
def test_anything_else_in_it_is_refused(tmp_path: Path, member: tuple[tarfile.TarInfo, bytes]) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(RecordingError, match="does not belong"):
        bundle.unpack(tar(tmp_path / "b.tar", *WHOLE, member), out)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["b.tar", "out"]


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.write_bytes(b"nothing of the kind" * 100),
        lambda path: path.write_bytes(b""),
        lambda path: tar(path, *WHOLE, mode="w:gz"),
        lambda path: tar(path, *WHOLE[:2]),
        lambda path: path.write_bytes(tar(path, *WHOLE).read_bytes()[:1100]),
    ],
)
def test_what_is_no_bundle_is_refused(tmp_path: Path, make: Callable[[Path], object]) -> None:
    make(tmp_path / "b.tar")
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(RecordingError):
        bundle.unpack(tmp_path / "b.tar", out)

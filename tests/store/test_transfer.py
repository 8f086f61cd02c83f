"""Carrying models by folder and by archive, and archives that mean harm."""

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.errors import AssistantError, InputError, ModelCorrupt, OutputError
from assistant.session.turn import Cancelled, CancelToken
from assistant.store import folder, manifest
from assistant.store.progress import Progress
from assistant.store.transfer import export, import_
from assistant.store.verify import verify
from tests.store.made_up import FILES, entry_of, install, install_whole, ship, visible

VOICE = FILES["deep/down/voice.onnx"]
MINE = b"GGUF mine"
BOTH = ["llm/mine/mine.gguf", "tts/a-voice/voice.onnx", "tts/a-voice/voice.onnx.json"]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model of the catalogue, and one that was dropped in by hand."""
    ship(monkeypatch, entry_of(FILES))
    root = tmp_path / "models"
    install_whole(entry_of(FILES), root)
    (root / "llm" / "mine").mkdir(parents=True)
    (root / "llm" / "mine" / "mine.gguf").write_bytes(MINE)
    return root


@pytest.mark.parametrize("name", ["stick", "stick.tar"])
def test_what_was_exported_can_be_imported_elsewhere(root: Path, tmp_path: Path, name: str) -> None:
    heard: list[Progress] = []
    assert export(["a-voice", "mine"], root, tmp_path / name) == tmp_path / name
    elsewhere = tmp_path / "elsewhere"
    found = import_(tmp_path / name, elsewhere, progress=heard.append)
    assert sorted(known.id for known in found) == ["a-voice", "mine"]
    assert visible(elsewhere) == BOTH
    assert (elsewhere / "tts" / "a-voice" / "voice.onnx").read_bytes() == VOICE
    assert [verdict.state for verdict in verify(elsewhere)] == ["sound", "sound"]
    assert [left.name for left in (elsewhere / ".staging").iterdir()] == [".locks"]
    assert {one.file for one in heard if one.phase == "done"} == {"voice.onnx", "voice.onnx.json", "mine.gguf"}


def test_an_archive_is_plain_and_the_same_every_time(root: Path, tmp_path: Path) -> None:
    for name in ("one.tar", "two.tar"):
        export(["a-voice"], root, tmp_path / name)
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()
    with tarfile.open(tmp_path / "one.tar", "r:") as archive:
        assert archive.getnames() == [
            f"tts/a-voice/{name}" for name in (manifest.FILE_NAME, "voice.onnx", "voice.onnx.json")
        ]


def test_an_exported_folder_can_be_used_as_it_is_and_one_of_its_models_imported(root: Path, tmp_path: Path) -> None:
    export(["a-voice", "mine"], root, tmp_path / "stick")
    assert [model.id for model in folder.installed_models(tmp_path / "stick")] == ["mine", "a-voice"]
    import_(tmp_path / "stick" / "tts" / "a-voice", tmp_path / "elsewhere")
    assert visible(tmp_path / "elsewhere") == BOTH[1:]


def test_a_model_from_before_there_were_manifests_gets_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ship(monkeypatch, entry_of(FILES))
    install(entry_of(FILES), tmp_path / "models", FILES)
    export(["a-voice"], tmp_path / "models", tmp_path / "stick.tar")
    (known,) = import_(tmp_path / "stick.tar", tmp_path / "elsewhere")
    assert (known.revision, known.checked) == (entry_of(FILES).revision, True)


@pytest.mark.parametrize("name", ["stick", "stick.tar"])
def test_a_linked_model_is_exported_with_its_bytes(tmp_path: Path, name: str) -> None:
    lies = tmp_path / "models" / "llm" / "mine"
    lies.mkdir(parents=True)
    (tmp_path / "far.gguf").write_bytes(MINE)
    (lies / "mine.gguf").symlink_to(tmp_path / "far.gguf")
    export(["mine"], tmp_path / "models", tmp_path / name)
    import_(tmp_path / name, tmp_path / "elsewhere")
    there = tmp_path / "elsewhere" / "llm" / "mine" / "mine.gguf"
    assert not there.is_symlink()
    assert there.read_bytes() == MINE


@pytest.mark.parametrize("name", ["stick", "stick.tar"])
@pytest.mark.parametrize(
    "damage", [b"poison! " * 5000, b"short", b"weights " * 5001], ids=["changed", "shorter", "longer"]
)
def test_a_damaged_model_is_not_exported(root: Path, tmp_path: Path, name: str, damage: bytes) -> None:
    (root / "tts" / "a-voice" / "voice.onnx").write_bytes(damage)
    with pytest.raises(ModelCorrupt, match=r"a-voice: voice\.onnx is damaged"):
        export(["mine", "a-voice"], root, tmp_path / name)
    assert not (tmp_path / name).is_file()
    assert not list(tmp_path.glob("stick/[!.]*"))
    assert not list(tmp_path.glob(".stick*"))


def test_what_is_not_installed_cannot_be_exported(root: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no model 'nothing' is installed"):
        export(["nothing"], root, tmp_path / "stick")


def test_an_export_that_cannot_be_written(root: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot write"):
        export(["mine"], root, tmp_path / "nowhere" / "stick.tar")


@pytest.mark.parametrize("name", ["stick", "stick.tar"])
def test_cancelled_it_leaves_nothing(root: Path, tmp_path: Path, name: str) -> None:
    export(["mine"], root, tmp_path / name)
    token = CancelToken()
    with pytest.raises(Cancelled):
        import_(tmp_path / name, tmp_path / "elsewhere", progress=lambda _: token.cancel("enough"), token=token)
    assert visible(tmp_path / "elsewhere") == []
    assert list((tmp_path / "elsewhere" / ".staging").iterdir()) == []


def test_an_import_replaces_what_is_there(root: Path, tmp_path: Path) -> None:
    export(["a-voice"], root, tmp_path / "stick.tar")
    (root / "tts" / "a-voice" / "voice.onnx").write_bytes(b"damaged")
    import_(tmp_path / "stick.tar", root)
    assert (root / "tts" / "a-voice" / "voice.onnx").read_bytes() == VOICE


@pytest.mark.parametrize("name", ["stick", "stick.tar"])
def test_one_false_model_has_the_whole_import_refused(
    root: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its manifest agrees with its bytes; the catalogue does not."""
    poisoned = entry_of({**FILES, "deep/down/voice.onnx": b"poison! " * 5000})
    ship(monkeypatch, poisoned)
    (root / "tts" / "a-voice" / "voice.onnx").write_bytes(b"poison! " * 5000)
    (root / "tts" / "a-voice" / manifest.FILE_NAME).unlink()
    export(["mine", "a-voice"], root, tmp_path / name)
    ship(monkeypatch, entry_of(FILES))
    with pytest.raises(ModelCorrupt, match=r"a-voice: voice\.onnx is not the file that the catalogue promises"):
        import_(tmp_path / name, tmp_path / "elsewhere")
    assert visible(tmp_path / "elsewhere") == []


@pytest.mark.parametrize("name", ["nothing", "empty"])
def test_where_nothing_is_nothing_is_imported(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="there is no"):
        import_(tmp_path / name, tmp_path / "elsewhere")


def test_a_folder_with_links_is_refused(root: Path, tmp_path: Path) -> None:
    export(["mine"], root, tmp_path / "stick")
    there = tmp_path / "stick" / "llm" / "mine" / "mine.gguf"
    there.rename(tmp_path / "secret")
    there.symlink_to(tmp_path / "secret")
    with pytest.raises(ModelCorrupt, match="is not a file"):
        import_(tmp_path / "stick", tmp_path / "elsewhere")


def member(name: str, data: bytes = b"", **changes: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for key, value in changes.items():
        setattr(info, key, value)
    return info, data


def described(*names: str, size: int = 4, model_id: str = "mine") -> bytes:
    files = [manifest.FileRecord(name=name, size=size, sha256="0" * 64) for name in names]
    return manifest.own(model_id, "llm", files).model_dump_json().encode()


ABOUT = f"llm/mine/{manifest.FILE_NAME}"


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ([member("../../escaped", b"x")], "does not belong"),
        ([member("llm/../../escaped", b"x")], "does not belong"),
        ([member("/tmp/escaped", b"x")], "does not belong"),
        ([member("llm/../escaped", b"x")], "does not belong"),
        ([member("llm/mine/sub/escaped", b"x")], "does not belong"),
        ([member("llm/.hidden/escaped", b"x")], "does not belong"),
        ([member("llm/mine/link", type=tarfile.SYMTYPE, linkname="/etc/passwd")], "does not belong"),
        ([member("llm/mine/link", type=tarfile.LNKTYPE, linkname="llm/mine/other")], "does not belong"),
        ([member("llm/mine/device", type=tarfile.CHRTYPE, devmajor=1, devminor=5)], "does not belong"),
        ([member("llm/mine/pipe", type=tarfile.FIFOTYPE)], "does not belong"),
        ([member("llm/mine/x.gguf", b"GGUF")], "is in no manifest"),
        ([member(ABOUT, described("x.gguf")), member("llm/mine/y.gguf", b"GGUF")], "is in no manifest"),
        ([member(ABOUT, described("x.gguf"))], r"mine lacks x\.gguf"),
        ([member(ABOUT, described("x.gguf")), member("llm/mine/x.gguf", b"GGUF")], r"x\.gguf is damaged"),
        ([member(ABOUT, described("x.gguf")), member("llm/mine/x.gguf", b"GGUF" * 99)], r"x\.gguf is damaged"),
        ([member(ABOUT, b"{")], "does not describe a model"),
        ([member(ABOUT, described("x.gguf", model_id="other"))], "is of another model"),
        ([member(ABOUT, described("x.gguf")), member(ABOUT, described("x.gguf"))], "is there twice"),
        ([member("llm/mine/" + "x" * (2 << 20), b"x")], "claims too much"),
        ([], "there is no model in it"),
    ],
)
def test_an_archive_that_means_harm_is_refused_and_touches_nothing(
    tmp_path: Path, members: list[tuple[tarfile.TarInfo, bytes]], message: str
) -> None:
    with tarfile.open(tmp_path / "bad.tar", "w") as archive:
        for info, data in members:
            archive.addfile(info, io.BytesIO(data))
    refused(tmp_path, message)


@pytest.mark.parametrize("name", [b"../../x", b"/etc/x", b".x", b"", b"sub/x", manifest.FILE_NAME.encode() + b"\\n"])
def test_a_manifest_cannot_name_a_file_elsewhere(tmp_path: Path, name: bytes) -> None:
    with tarfile.open(tmp_path / "bad.tar", "w") as archive:
        info, data = member(ABOUT, described("x.gguf").replace(b"x.gguf", name))
        archive.addfile(info, io.BytesIO(data))
    refused(tmp_path, "does not describe a model")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[: len(data) // 2],
        lambda data: b"no archive at all" * 100,
        lambda data: b"",
        lambda data: __import__("gzip").compress(data),
    ],
    ids=["cut short", "no archive", "empty", "compressed"],
)
def test_what_is_no_plain_whole_archive_is_refused(root: Path, tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    export(["a-voice"], root, tmp_path / "good.tar")
    (tmp_path / "bad.tar").write_bytes(spoil((tmp_path / "good.tar").read_bytes()))
    refused(tmp_path, "no archive of models|lacks")


def test_a_header_that_claims_more_than_the_archive_holds(tmp_path: Path) -> None:
    info, data = member(ABOUT, described("x.gguf", size=1 << 50))
    huge, _ = member("llm/mine/x.gguf")
    huge.size = 1 << 50
    (tmp_path / "bad.tar").write_bytes(info.tobuf() + data.ljust(512 * (1 + len(data) // 512), b"\0") + huge.tobuf())
    refused(tmp_path, "unexpected end of data|damaged")


def refused(tmp_path: Path, message: str) -> None:
    before = sorted(tmp_path.rglob("*"))
    elsewhere = tmp_path / "elsewhere"
    with pytest.raises((InputError, ModelCorrupt), match=message) as raised:
        import_(tmp_path / "bad.tar", elsewhere)
    assert isinstance(raised.value, AssistantError)
    assert raised.value.hint
    assert [path for path in sorted(tmp_path.rglob("*")) if elsewhere not in (path, *path.parents)] == before
    assert visible(elsewhere) == []
    assert list((elsewhere / ".staging").iterdir()) == []

"""The store, against a fake hub on loopback."""

import hashlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.config import Settings
from assistant.errors import DownloadFailed, OutputError
from assistant.store import folder as models
from assistant.store import pull
from assistant.store.catalogue import Catalogue, Entry, File, parse
from tests.store.fake_hub import COMMIT, REPO, FakeHub, hub

FILES = {"deep/down/voice.onnx": b"weights " * 5000, "deep/down/voice.onnx.json": b"{}"}


def file_of(path: str, data: bytes) -> File:
    return File(path=path, size=len(data), sha256=hashlib.sha256(data).hexdigest())


def entry_of(contents: dict[str, bytes], **changes: object) -> Entry:
    fields = {
        "id": "a-voice",
        "stage": "tts",
        "engine": "piper",
        "repo": REPO,
        "revision": COMMIT,
        "files": [file_of(path, data) for path, data in contents.items()],
        "licence": "CC0-1.0",
        "languages": ["en_US"],
    }
    return Entry(**(fields | changes))


@pytest.fixture
def served() -> Iterator[FakeHub]:
    with hub(FILES) as server:
        yield server


def visible(root: Path) -> list[str]:
    """What an engine could find, below the folder of models."""
    return sorted(
        str(path.relative_to(root))
        for path in root.glob("*/**/*")
        if not path.is_dir() and ".staging" not in path.parts
    )


def test_a_download_is_checked_and_becomes_visible_under_short_names(served: FakeHub, tmp_path: Path) -> None:
    arrived: list[int] = []
    path = pull.download(entry_of(FILES), tmp_path, arrived.append, served.url)
    assert path == tmp_path / "tts" / "a-voice" / "voice.onnx"
    assert path.read_bytes() == FILES["deep/down/voice.onnx"]
    assert visible(tmp_path) == ["tts/a-voice/voice.onnx", "tts/a-voice/voice.onnx.json"]
    assert sum(arrived) == sum(map(len, FILES.values()))
    assert list((tmp_path / ".staging").iterdir()) == []


def test_a_second_download_asks_nothing(served: FakeHub, tmp_path: Path) -> None:
    first = pull.download(entry_of(FILES), tmp_path, endpoint=served.url)
    served.requests.clear()
    assert pull.download(entry_of(FILES), tmp_path, endpoint=served.url) == first
    assert served.requests == []


def test_a_file_of_the_wrong_size_is_fetched_again(served: FakeHub, tmp_path: Path) -> None:
    path = pull.download(entry_of(FILES), tmp_path, endpoint=served.url)
    path.write_bytes(b"short")
    assert not models.installed(entry_of(FILES), tmp_path)
    pull.download(entry_of(FILES), tmp_path, endpoint=served.url)
    assert path.read_bytes() == FILES["deep/down/voice.onnx"]


def test_wrong_bytes_are_refused_and_nothing_is_visible(served: FakeHub, tmp_path: Path) -> None:
    promised = entry_of(FILES)
    served.files["deep/down/voice.onnx"] = b"poison! " * 5000
    with pytest.raises(DownloadFailed, match="not the file that the catalogue promises") as raised:
        pull.download(promised, tmp_path, endpoint=served.url)
    assert "Nothing was installed" in raised.value.hint
    assert visible(tmp_path) == []
    served.files.update(FILES)  # mended at its source: the poisoned file is not taken for a finished one
    assert pull.download(promised, tmp_path, endpoint=served.url).read_bytes() == FILES["deep/down/voice.onnx"]


def test_a_broken_download_goes_on_where_it_stopped(served: FakeHub, tmp_path: Path) -> None:
    big = {"big.onnx": bytes(11 << 20)}  # the client keeps whole pieces of 10 MiB
    served.files.update(big)
    served.cut_at = (10 << 20) + 1
    path = pull.download(entry_of(big), tmp_path, endpoint=served.url)
    assert path.read_bytes() == big["big.onnx"]
    assert [wanted for method, _, wanted in served.requests if method == "GET"] == [None, f"bytes={10 << 20}-"]


def test_finished_files_are_kept_when_a_later_one_fails(served: FakeHub, tmp_path: Path) -> None:
    wanted = entry_of(FILES)
    config = served.files.pop("deep/down/voice.onnx.json")
    with pytest.raises(DownloadFailed):
        pull.download(wanted, tmp_path, endpoint=served.url)
    assert visible(tmp_path) == []
    served.files["deep/down/voice.onnx.json"] = config
    served.requests.clear()
    pull.download(wanted, tmp_path, endpoint=served.url)
    assert [path.rsplit("/", 1)[1] for method, path, _ in served.requests if method == "GET"] == ["voice.onnx.json"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"repo": "nobody/nothing"}, "the hub has no deep/down/voice.onnx in nobody/nothing"),
        ({"files": [File(path="gone.onnx", size=3, sha256="0" * 64)]}, "the hub has no gone.onnx"),
    ],
)
def test_what_the_hub_does_not_have(served: FakeHub, tmp_path: Path, changes: dict[str, object], message: str) -> None:
    with pytest.raises(DownloadFailed, match=message) as raised:
        pull.download(entry_of(FILES, **changes), tmp_path, endpoint=served.url)
    assert "moved or withdrawn" in raised.value.hint


def test_a_hub_that_cannot_be_reached(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound and not listening: a connection is refused
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(DownloadFailed, match=r"the hub cannot be reached: .*refused") as raised:
            pull.download(entry_of(FILES), tmp_path, endpoint=url)
    assert "network" in raised.value.hint


def test_a_disk_without_room_is_refused_before_anything_is_asked(served: FakeHub, tmp_path: Path) -> None:
    huge = entry_of({}, files=[File(path="voice.onnx", size=10**18, sha256="0" * 64)])
    with pytest.raises(OutputError, match="needs 1000000000000 MB"):
        pull.download(huge, tmp_path, endpoint=served.url)
    assert served.requests == []


def test_a_folder_that_cannot_be_written(served: FakeHub, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="cannot write the model") as raised:
        pull.download(entry_of(FILES), tmp_path / "file" / "models", endpoint=served.url)
    assert "models.dir" in raised.value.hint


def settings_for(root: Path, **sections: dict[str, object]) -> Settings:
    return Settings.model_validate({"models": {"dir": root}, **sections})


def test_a_setting_wins_even_where_nothing_is(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, tts={"model": tmp_path / "nowhere.onnx"})
    assert models.find("tts", settings) == tmp_path / "nowhere.onnx"


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "absent")
    assert [models.find("stt", settings), models.find("llm", settings), models.find("tts", settings)] == [None] * 3


def shipped(monkeypatch: pytest.MonkeyPatch, *entries: Entry) -> None:
    monkeypatch.setattr(models, "catalogue", lambda: Catalogue(list(entries), {}))


def install(entry: Entry, root: Path) -> None:
    folder = root / entry.stage / entry.id
    folder.mkdir(parents=True)
    for file in entry.files:
        (folder / file.name).write_bytes(b"x" * file.size)


def test_of_installed_entries_the_first_of_the_catalogue_wins_over_dropped_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    best, second = (entry_of(FILES, id=name) for name in ("zz-best", "second"))
    shipped(monkeypatch, best, second)
    (tmp_path / "tts").mkdir()
    for name in ("aaa.onnx", "aaa.onnx.json"):
        (tmp_path / "tts" / name).write_bytes(b"x")
    settings = settings_for(tmp_path)
    assert models.find("tts", settings) == tmp_path / "tts" / "aaa.onnx"
    install(second, tmp_path)
    assert models.find("tts", settings) == tmp_path / "tts" / "second" / "voice.onnx"
    install(best, tmp_path)
    assert models.find("tts", settings) == tmp_path / "tts" / "zz-best" / "voice.onnx"


def test_a_speech_model_of_another_language_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"model.bin": b"12", "tokenizer.json": b"{}"}
    english = entry_of(files, id="whisper.en", stage="stt", languages=["en"])
    every = entry_of(files, id="whisper", stage="stt", languages=["multilingual"])
    shipped(monkeypatch, english, every)
    install(english, tmp_path)
    assert models.find("stt", settings_for(tmp_path, stt={"language": "de"})) is None
    install(every, tmp_path)
    assert models.find("stt", settings_for(tmp_path)) == tmp_path / "stt" / "whisper.en"
    assert models.find("stt", settings_for(tmp_path, stt={"language": "de"})) == tmp_path / "stt" / "whisper"


@pytest.mark.parametrize(
    ("stage", "files", "expected"),
    [
        ("llm", ["b.gguf", "sub/a.gguf"], "b.gguf"),
        ("tts", ["lonely.onnx", "voice.onnx", "voice.onnx.json"], "voice.onnx"),
        ("stt", ["one/model.bin", "two/model.bin", "two/tokenizer.json"], "two"),
    ],
)
def test_files_dropped_in_by_hand_are_found(tmp_path: Path, stage: str, files: list[str], expected: str) -> None:
    for name in files:
        path = tmp_path / stage / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    assert models.find(stage, settings_for(tmp_path)) == tmp_path / stage / expected


def test_models_live_in_the_users_data_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = models.models_dir(Settings())
    assert folder.is_relative_to(tmp_path)
    assert folder.parts[-2:] == ("assistant", "models")


def run_script(root: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    script = Path(__file__).parents[2] / "scripts" / "download_models.py"
    home = {
        "HOME": str(root),
        "ASSISTANT_MODELS_DIR": str(root / "models"),
        "ASSISTANT_CONFIG": str(root / "none.toml"),
    }
    return subprocess.run(
        [sys.executable, str(script), *arguments],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | home | environment,
    )


def test_the_script_lists_the_catalogue(tmp_path: Path) -> None:
    result = run_script(tmp_path, "--list")
    assert result.returncode == 0, result.stderr
    assert "faster-whisper-tiny.en" in result.stdout
    assert "--profile laptop" in result.stdout


def test_the_script_asks_the_hub_of_hf_endpoint_and_says_what_went_wrong(served: FakeHub, tmp_path: Path) -> None:
    result = run_script(tmp_path, "piper-en_US-joe-medium", HF_ENDPOINT=served.url)
    assert result.returncode == DownloadFailed.exit_code
    assert "rhasspy/piper-voices" in result.stderr
    assert "Traceback" not in result.stderr
    assert served.count("HEAD") == 1


def test_the_script_keeps_to_hf_hub_offline(served: FakeHub, tmp_path: Path) -> None:
    result = run_script(tmp_path, "piper-en_US-joe-medium", HF_ENDPOINT=served.url, HF_HUB_OFFLINE="1")
    assert "HF_HUB_OFFLINE forbids downloads" in result.stderr
    assert served.requests == []


def test_the_script_refuses_an_unknown_id(tmp_path: Path) -> None:
    result = run_script(tmp_path, "no-such-model")
    assert result.returncode == 3
    assert "no model 'no-such-model'" in result.stderr


def test_the_parsed_catalogue_downloads(served: FakeHub, tmp_path: Path) -> None:
    """The way from a line of TOML to a file on the disk."""
    digest = hashlib.sha256(b"{}").hexdigest()
    toml = f"""
        [[model]]
        id = "m"
        stage = "tts"
        engine = "piper"
        repo = "{REPO}"
        revision = "{COMMIT}"
        files = [{{ path = "deep/down/voice.onnx.json", size = 2, sha256 = "{digest}" }}]
        licence = "CC0-1.0"
        languages = ["en"]
    """
    entry = parse(toml).entry("m").model_copy(update={"stage": "stt"})
    assert pull.download(entry, tmp_path, endpoint=served.url) == tmp_path / "stt" / "m"

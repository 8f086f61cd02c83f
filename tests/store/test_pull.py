"""Pulling models from a fake hub on loopback, when all goes well."""

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.errors import DownloadFailed, InputError, OutputError
from assistant.store import folder, manifest
from assistant.store.catalogue import File, parse
from assistant.store.progress import Progress
from assistant.store.pull import pull
from tests.store.fake_hub import COMMIT, REPO, FakeHub, hub
from tests.store.made_up import FILES, entry_of, install_whole, visible

VOICE = "deep/down/voice.onnx"


@pytest.fixture
def served() -> Iterator[FakeHub]:
    with hub(FILES) as server:
        yield server


def test_a_model_is_checked_and_becomes_visible_under_short_names(served: FakeHub, tmp_path: Path) -> None:
    (path,) = pull([entry_of(FILES)], tmp_path, endpoint=served.url)
    assert path == tmp_path / "tts" / "a-voice" / "voice.onnx"
    assert path.read_bytes() == FILES[VOICE]
    assert visible(tmp_path) == ["tts/a-voice/voice.onnx", "tts/a-voice/voice.onnx.json"]
    assert [path.name for path in (tmp_path / ".staging").iterdir()] == [".locks"]


def test_what_was_installed_is_recorded(served: FakeHub, tmp_path: Path) -> None:
    entry = entry_of(FILES)
    pull([entry], tmp_path, endpoint=served.url)
    known = manifest.read(tmp_path / "tts" / "a-voice")
    assert known is not None
    assert (known.id, known.revision, known.licence, known.checked) == ("a-voice", COMMIT, "CC0-1.0", True)
    assert {(file.name, file.size, file.sha256) for file in known.files} == {
        (file.name, file.size, file.sha256) for file in entry.files
    }


def test_a_second_pull_asks_nothing(served: FakeHub, tmp_path: Path) -> None:
    first = pull([entry_of(FILES)], tmp_path, endpoint=served.url)
    served.requests.clear()
    assert pull([entry_of(FILES)], tmp_path, endpoint=served.url) == first
    assert served.requests == []


def test_several_models_at_once_each_file_reported_from_its_start_to_its_end(served: FakeHub, tmp_path: Path) -> None:
    other = {"config.json": b"{}" * 40, "model.bin": bytes(range(256)) * 300}
    served.files.update(other)
    heard: list[Progress] = []
    threads: set[str] = set()

    def listen(progress: Progress) -> None:
        heard.append(progress)
        threads.add(threading.current_thread().name.partition("_")[0])

    entries = [entry_of(FILES), entry_of(other, id="another", stage="stt")]
    assert pull(entries, tmp_path, progress=listen, endpoint=served.url) == [
        tmp_path / "tts" / "a-voice" / "voice.onnx",
        tmp_path / "stt" / "another",
    ]
    for entry in entries:
        for file in entry.files:
            of_file = [one for one in heard if (one.entry_id, one.file) == (entry.id, file.name)]
            assert (of_file[0].received, of_file[0].size) == (0, file.size)
            assert of_file[-1] == Progress(entry.id, file.name, file.size, file.size, "done")
            assert sorted(one.received for one in of_file) == [one.received for one in of_file]
    assert threads <= {"MainThread", "pull"}
    assert not any(thread.name.startswith("pull") for thread in threading.enumerate())


def test_big_files_are_fetched_from_where_the_hub_sends_them_and_the_token_stays_at_the_hub(
    served: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    with hub(FILES) as storage:
        served.storage = storage
        served.small = {"deep/down/voice.onnx.json"}
        pull([entry_of(FILES)], tmp_path, endpoint=served.url)
        assert {asked.authorization for asked in served.requests} == {"Bearer hf_secret"}
        assert [(asked.path, asked.authorization) for asked in storage.requests] == [(f"/storage/{VOICE}", None)]


def test_without_a_token_none_is_sent(served: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no-token"))
    pull([entry_of(FILES)], tmp_path, endpoint=served.url)
    assert {asked.authorization for asked in served.requests} == {None}


def test_a_file_of_the_wrong_size_is_fetched_again_and_the_sound_one_is_not(served: FakeHub, tmp_path: Path) -> None:
    (path,) = pull([entry_of(FILES)], tmp_path, endpoint=served.url)
    path.write_bytes(b"short")
    assert not folder.installed(entry_of(FILES), tmp_path)
    served.requests.clear()
    pull([entry_of(FILES)], tmp_path, endpoint=served.url)
    assert path.read_bytes() == FILES[VOICE]
    assert [asked.name for asked in served.requests] == ["voice.onnx"]


def test_a_new_revision_replaces_the_old_one_and_takes_over_what_did_not_change(
    served: FakeHub, tmp_path: Path
) -> None:
    install_whole(entry_of(FILES, revision="older"), tmp_path)
    served.files[VOICE] = b"better! " * 5000
    entry = entry_of(served.files)
    assert folder.usable(entry, tmp_path)
    assert not folder.installed(entry, tmp_path)
    (path,) = pull([entry], tmp_path, endpoint=served.url)
    assert path.read_bytes() == served.files[VOICE]
    assert [asked.name for asked in served.requests] == ["voice.onnx"]


def test_the_model_that_is_replaced_stays_usable_until_the_new_one_is_whole(served: FakeHub, tmp_path: Path) -> None:
    install_whole(entry_of(FILES, revision="older"), tmp_path)
    served.files[VOICE] = b"better! " * 5000
    seen: list[bytes] = []
    served.on_served = lambda _: seen.append((tmp_path / "tts" / "a-voice" / "voice.onnx").read_bytes())
    pull([entry_of(served.files)], tmp_path, endpoint=served.url)
    assert len(seen) > 1
    assert set(seen) == {FILES[VOICE]}


def test_files_without_a_digest_are_fetched_only_when_that_is_allowed(served: FakeHub, tmp_path: Path) -> None:
    served.small = {"deep/down/voice.onnx.json"}
    bare = [File.model_construct(path=path, size=None, sha256=None) for path in FILES]
    entry = entry_of(FILES).model_copy(update={"files": bare})
    with pytest.raises(InputError, match=r"a-voice: the catalogue knows no digest of .*voice\.onnx"):
        pull([entry], tmp_path, endpoint=served.url)
    assert served.requests == []
    (path,) = pull([entry], tmp_path, endpoint=served.url, unverified_ok=True)
    assert path.read_bytes() == FILES[VOICE]
    known = manifest.read(path.parent)
    assert known is not None
    assert not known.checked
    assert {file.sha256 for file in known.files} == {hashlib.sha256(data).hexdigest() for data in FILES.values()}
    assert folder.installed(entry, tmp_path)


def test_a_file_without_a_digest_must_still_have_the_size_that_is_known(served: FakeHub, tmp_path: Path) -> None:
    bare = [File.model_construct(path=VOICE, size=7, sha256=None)]
    entry = entry_of(FILES).model_copy(update={"files": bare})
    with pytest.raises(DownloadFailed, match="it has 40000 bytes, not 7"):
        pull([entry], tmp_path, endpoint=served.url, unverified_ok=True)
    assert visible(tmp_path) == []


def test_a_disk_without_room_is_refused_before_anything_is_asked(served: FakeHub, tmp_path: Path) -> None:
    huge = [entry_of({}, id=name, files=[File(path="v.onnx", size=10**18, sha256="0" * 64)]) for name in ("a", "b")]
    with pytest.raises(OutputError, match="a, b needs 2000000000000 MB more"):
        pull(huge, tmp_path, endpoint=served.url)
    assert served.requests == []


def test_the_parsed_catalogue_can_be_pulled(served: FakeHub, tmp_path: Path) -> None:
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
    assert pull([entry], tmp_path, endpoint=served.url) == [tmp_path / "stt" / "m"]

"""Reading installed models again, and mending them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.session.turn import Cancelled, CancelToken
from assistant.store import manifest
from assistant.store.hub import Hub
from assistant.store.progress import Progress
from assistant.store.verify import Verdict, repair, verify
from tests.store.fake_hub import FakeHub, hub
from tests.store.made_up import FILES, entry_of, install, install_whole, ship

VOICE = FILES["deep/down/voice.onnx"]
CHANGED = b"poison! " * 5000


@pytest.fixture
def served() -> Iterator[FakeHub]:
    with hub(FILES) as server:
        yield server


@pytest.fixture(autouse=True)
def _catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    ship(monkeypatch, entry_of(FILES))


def words(verdicts: list[Verdict]) -> list[tuple[str, str, list[tuple[str, str]]]]:
    return [(v.model.id, v.state, [(fault.file, fault.what) for fault in v.faults]) for v in verdicts]


@pytest.mark.parametrize("with_manifest", [True, False])
def test_a_sound_model(tmp_path: Path, with_manifest: bool) -> None:
    (install_whole if with_manifest else install)(entry_of(FILES), tmp_path, FILES)
    assert words(verify(tmp_path)) == [("a-voice", "sound", [])]


@pytest.mark.parametrize("with_manifest", [True, False])
def test_each_kind_of_damage_is_named(tmp_path: Path, with_manifest: bool) -> None:
    lies = (install_whole if with_manifest else install)(entry_of(FILES), tmp_path, FILES)
    (lies / "voice.onnx").write_bytes(CHANGED)
    ((found, state, [(file, what)]),) = words(verify(tmp_path))
    assert (found, state, file) == ("a-voice", "damaged", "voice.onnx")
    assert what.startswith("was changed: its SHA-256 is ")
    (lies / "voice.onnx").write_bytes(b"short")
    (lies / "voice.onnx.json").unlink()
    assert words(verify(tmp_path)) == [
        (
            "a-voice",
            "damaged",
            [("voice.onnx", "has 5 bytes, not 40000"), ("voice.onnx.json", "is missing")],
        )
    ]


def test_a_manifest_that_was_changed_with_its_model_does_not_deceive(tmp_path: Path) -> None:
    forged = {**FILES, "deep/down/voice.onnx": CHANGED}
    install_whole(entry_of(forged), tmp_path, forged)
    assert words(verify(tmp_path))[0][1] == "damaged"


def test_a_broken_manifest_is_damage(tmp_path: Path) -> None:
    lies = install_whole(entry_of(FILES), tmp_path)
    (lies / manifest.FILE_NAME).write_text("{")
    assert words(verify(tmp_path)) == [("a-voice", "damaged", [(manifest.FILE_NAME, "cannot be read")])]


def test_an_older_revision_is_sound_by_its_manifest_and_outdated(tmp_path: Path) -> None:
    older = {**FILES, "deep/down/voice.onnx": CHANGED}
    install_whole(entry_of(older, revision="older"), tmp_path, older)
    (verdict,) = verify(tmp_path)
    assert (verdict.state, verdict.outdated) == ("sound", True)


def test_a_model_that_nobody_knows_is_neither(tmp_path: Path) -> None:
    (tmp_path / "llm" / "dropped").mkdir(parents=True)
    (tmp_path / "llm" / "dropped" / "x.gguf").write_bytes(b"GGUF")
    assert words(verify(tmp_path)) == [("dropped", "unknown", [])]


def test_only_the_models_named_are_read_and_it_is_told_how_far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = entry_of(FILES, id="one"), entry_of(FILES, id="other")
    ship(monkeypatch, one, other)
    install_whole(one, tmp_path)
    install_whole(other, tmp_path)
    heard: list[Progress] = []
    assert words(verify(tmp_path, ["other"], progress=heard.append)) == [("other", "sound", [])]
    assert heard[0] == Progress("other", "voice.onnx", 40_000, 40_000, "checking")
    assert heard[-1] == Progress("other", "voice.onnx.json", 2, 2, "done")


def test_it_can_be_cancelled(tmp_path: Path) -> None:
    install_whole(entry_of(FILES), tmp_path)
    token = CancelToken()
    token.cancel("enough")
    with pytest.raises(Cancelled):
        verify(tmp_path, token=token)


def test_the_repair_fetches_the_damaged_file_alone(served: FakeHub, tmp_path: Path) -> None:
    lies = install_whole(entry_of(FILES), tmp_path)
    (lies / "voice.onnx").write_bytes(CHANGED)
    assert repair(verify(tmp_path), tmp_path, hub=Hub(served.url)) == [lies / "voice.onnx"]
    assert (lies / "voice.onnx").read_bytes() == VOICE
    assert [asked.name for asked in served.requests] == ["voice.onnx"]
    assert words(verify(tmp_path)) == [("a-voice", "sound", [])]


def test_a_broken_manifest_is_mended_without_fetching_anything(served: FakeHub, tmp_path: Path) -> None:
    lies = install_whole(entry_of(FILES), tmp_path)
    (lies / manifest.FILE_NAME).write_text("{")
    repair(verify(tmp_path), tmp_path, hub=Hub(served.url))
    assert served.requests == []
    assert words(verify(tmp_path)) == [("a-voice", "sound", [])]


def test_what_is_sound_or_unknown_is_left_alone(served: FakeHub, tmp_path: Path) -> None:
    install_whole(entry_of(FILES), tmp_path)
    (tmp_path / "llm" / "dropped").mkdir(parents=True)
    (tmp_path / "llm" / "dropped" / "x.gguf").write_bytes(b"GGUF")
    assert repair(verify(tmp_path), tmp_path, hub=Hub(served.url)) == []
    assert served.requests == []

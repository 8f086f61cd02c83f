"""The folder of models: what is found in it, and how models leave it."""

from pathlib import Path

import pytest

from assistant.config import Settings
from assistant.store import folder
from tests.store.made_up import FILES, entry_of, install, settings_for, ship


@pytest.fixture(autouse=True)
def _no_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    ship(monkeypatch)


def test_a_setting_wins_even_where_nothing_is(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, tts={"model": tmp_path / "nowhere.onnx"})
    assert folder.find("tts", settings) == tmp_path / "nowhere.onnx"


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "absent")
    assert [folder.find("stt", settings), folder.find("llm", settings), folder.find("tts", settings)] == [None] * 3


def test_of_installed_entries_the_first_of_the_catalogue_wins_over_dropped_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    best, second = (entry_of(FILES, id=name) for name in ("zz-best", "second"))
    ship(monkeypatch, best, second)
    (tmp_path / "tts").mkdir()
    for name in ("aaa.onnx", "aaa.onnx.json"):
        (tmp_path / "tts" / name).write_bytes(b"x")
    settings = settings_for(tmp_path)
    assert folder.find("tts", settings) == tmp_path / "tts" / "aaa.onnx"
    install(second, tmp_path)
    assert folder.find("tts", settings) == tmp_path / "tts" / "second" / "voice.onnx"
    install(best, tmp_path)
    assert folder.find("tts", settings) == tmp_path / "tts" / "zz-best" / "voice.onnx"


def test_a_speech_model_of_another_language_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"model.bin": b"12", "tokenizer.json": b"{}"}
    english = entry_of(files, id="whisper.en", stage="stt", languages=["en"])
    every = entry_of(files, id="whisper", stage="stt", languages=["multilingual"])
    ship(monkeypatch, english, every)
    install(english, tmp_path)
    assert folder.find("stt", settings_for(tmp_path, stt={"language": "de"})) is None
    install(every, tmp_path)
    assert folder.find("stt", settings_for(tmp_path)) == tmp_path / "stt" / "whisper.en"
    assert folder.find("stt", settings_for(tmp_path, stt={"language": "de"})) == tmp_path / "stt" / "whisper"


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
    assert folder.find(stage, settings_for(tmp_path)) == tmp_path / stage / expected


def test_models_live_in_the_users_data_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    root = folder.models_dir(Settings())
    assert root.is_relative_to(tmp_path)
    assert root.parts[-2:] == ("assistant", "models")

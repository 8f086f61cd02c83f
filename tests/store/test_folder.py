"""The folder of models: what is found in it, and how models leave it."""

from pathlib import Path

import pytest

from assistant.config import Settings
from assistant.errors import InputError
from assistant.store import folder
from tests.store.made_up import FILES, entry_of, install, install_whole, settings_for, ship


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


def test_a_setting_may_be_the_id_of_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = entry_of(FILES, id="known-voice")
    ship(monkeypatch, known)
    settings = settings_for(tmp_path, tts={"model": "known-voice"})
    expected = tmp_path / "tts" / "known-voice" / "voice.onnx"
    assert folder.find("tts", settings) == expected  # not there: the engine says so
    install(known, tmp_path)
    assert folder.find("tts", settings) == expected


def test_the_id_of_a_speech_model_stands_for_its_folder(tmp_path: Path) -> None:
    (tmp_path / "stt" / "mine").mkdir(parents=True)
    assert folder.find("stt", settings_for(tmp_path, stt={"model": "mine"})) == tmp_path / "stt" / "mine"


@pytest.mark.parametrize("path", ["./voice.onnx", "sub/voice.onnx", "voice.onnx"])
def test_what_is_no_id_is_a_path(tmp_path: Path, path: str) -> None:
    assert folder.find("tts", settings_for(tmp_path, tts={"model": path})) == Path(path)


def test_a_voice_of_the_language_goes_before_a_better_one_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    english, german = entry_of(FILES, id="amy"), entry_of(FILES, id="thorsten", languages=["de_DE"])
    ship(monkeypatch, english, german)
    install(english, tmp_path)
    settings = settings_for(tmp_path, stt={"language": "de"})
    assert folder.find("tts", settings) == tmp_path / "tts" / "amy" / "voice.onnx"
    install(german, tmp_path)
    assert folder.find("tts", settings) == tmp_path / "tts" / "thorsten" / "voice.onnx"
    assert folder.find("tts", settings_for(tmp_path)) == tmp_path / "tts" / "amy" / "voice.onnx"


@pytest.mark.parametrize("with_manifest", [True, False])
def test_a_model_of_which_a_file_was_cut_short_is_not_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, with_manifest: bool
) -> None:
    entry = entry_of(FILES)
    ship(monkeypatch, entry)
    lies = install_whole(entry, tmp_path) if with_manifest else install(entry, tmp_path)
    assert folder.find("tts", settings_for(tmp_path)) == lies / "voice.onnx"
    (lies / "voice.onnx").write_bytes(b"short")
    assert folder.find("tts", settings_for(tmp_path)) is None
    assert not folder.get("a-voice", tmp_path).complete


def test_installed_models_are_listed_with_what_is_known_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ship(monkeypatch, entry_of(FILES))
    install_whole(entry_of(FILES), tmp_path)
    (tmp_path / "llm" / "dropped").mkdir(parents=True)
    (tmp_path / "llm" / "dropped" / "x.gguf").write_bytes(b"GGUF")
    (tmp_path / "llm" / "empty").mkdir()
    (tmp_path / ".staging" / "half").mkdir(parents=True)
    (tmp_path / ".staging" / "half" / "x.part").write_bytes(b"GGUF")
    dropped, voice = folder.installed_models(tmp_path)
    assert (dropped.stage, dropped.id, dropped.path.name, dropped.size) == ("llm", "dropped", "x.gguf", 4)
    assert dropped.manifest is None
    assert (voice.stage, voice.id, voice.path.name) == ("tts", "a-voice", "voice.onnx")
    assert voice.size == sum(map(len, FILES.values()))
    assert voice.manifest is not None


def test_what_is_in_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ship(monkeypatch, entry_of(FILES))
    lies = install_whole(entry_of(FILES), tmp_path)
    (tmp_path / "llm" / "mine").mkdir(parents=True)
    (tmp_path / "llm" / "mine" / "x.gguf").write_bytes(b"GGUF")
    settings = settings_for(tmp_path)
    assert folder.in_use(settings) == {"llm": tmp_path / "llm" / "mine" / "x.gguf", "tts": lies / "voice.onnx"}
    assert folder.stages_using(folder.get("a-voice", tmp_path), settings) == ["tts"]
    mute = settings_for(tmp_path, tts={"engine": "none"})
    assert folder.stages_using(folder.get("a-voice", tmp_path), mute) == []


def test_a_removed_model_is_gone(tmp_path: Path) -> None:
    lies = install_whole(entry_of(FILES), tmp_path)
    assert folder.remove("a-voice", tmp_path) == lies
    assert not lies.exists()
    assert [left.name for left in (tmp_path / ".staging").iterdir()] == [".locks"]


def test_removing_a_linked_model_leaves_what_it_points_to(tmp_path: Path) -> None:
    (tmp_path / "mine.gguf").write_bytes(b"GGUF")
    lies = tmp_path / "models" / "llm" / "mine"
    lies.mkdir(parents=True)
    (lies / "mine.gguf").symlink_to(tmp_path / "mine.gguf")
    folder.remove("mine", tmp_path / "models")
    assert not lies.exists()
    assert (tmp_path / "mine.gguf").exists()


@pytest.mark.parametrize("name", ["nothing", "../tts", ".staging"])
def test_only_installed_models_can_be_removed(tmp_path: Path, name: str) -> None:
    install_whole(entry_of(FILES), tmp_path / "models")
    with pytest.raises(InputError, match="is installed"):
        folder.remove(name, tmp_path / "models")

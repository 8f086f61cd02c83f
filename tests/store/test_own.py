"""A user's own models."""

from pathlib import Path

import pytest

from assistant.errors import InputError, ModelCorrupt
from assistant.store import folder
from assistant.store.own import add
from assistant.store.verify import verify
from tests.store.made_up import FILES, entry_of, settings_for, ship, visible

SPEECH = ("model.bin", "config.json", "tokenizer.json", "vocabulary.json")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    ship(monkeypatch, entry_of(FILES))
    return tmp_path / "models"


def write(folder: Path, *names: str, data: bytes = b"{}") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(data)
    return folder


def loads(_: Path) -> None:
    """The check that finds nothing wrong."""


@pytest.mark.parametrize("link", [False, True])
@pytest.mark.parametrize(
    ("stage", "names", "given", "expected"),
    [
        ("llm", ["Mine.gguf"], "Mine.gguf", ["llm/Mine/Mine.gguf"]),
        ("llm", ["Mine.gguf", "README.md"], "", ["llm/Mine/Mine.gguf"]),
        ("tts", ["v.onnx", "v.onnx.json"], "v.onnx", ["tts/v/v.onnx", "tts/v/v.onnx.json"]),
        ("tts", ["v.onnx", "v.onnx.json"], "", ["tts/v/v.onnx", "tts/v/v.onnx.json"]),
        ("turn", ["t.onnx", "README.md"], "", ["turn/t/t.onnx"]),
        ("stt", [*SPEECH, ".hidden"], "", sorted(f"stt/things/{name}" for name in SPEECH)),
        (
            "llm",
            ["m-00001-of-00002.gguf", "m-00002-of-00002.gguf"],
            "",
            ["llm/m-00001-of-00002/m-00001-of-00002.gguf", "llm/m-00001-of-00002/m-00002-of-00002.gguf"],
        ),
        ("wake", ["hey.onnx"], "hey.onnx", ["wake/hey/hey.onnx"]),
    ],
)
def test_each_form_of_model_is_taken_and_can_be_used_by_its_id(
    root: Path, tmp_path: Path, stage: str, names: list[str], given: str, expected: list[str], link: bool
) -> None:
    source = write(tmp_path / "things", *names)
    checked: list[Path] = []
    known = add(source / given, stage, root, check=checked.append, link=link)
    assert visible(root) == expected
    model = folder.get(known.id, root)
    assert [path.relative_to(source) for path in checked] == [
        Path() if stage == "stt" else model.path.relative_to(model.folder)
    ]
    assert all((root / name).is_symlink() == link for name in expected)
    assert known.source == "own"
    assert [verdict.state for verdict in verify(root)] == ["sound"]
    assert [left.name for left in (root / ".staging").iterdir()] == [".locks"]
    if stage in ("stt", "llm", "tts", "turn"):
        assert folder.find(stage, settings_for(root, **{stage: {"model": known.id}})) == model.path


def test_a_linked_model_that_changes_is_noticed(root: Path, tmp_path: Path) -> None:
    source = write(tmp_path / "things", "mine.gguf") / "mine.gguf"
    add(source, "llm", root, check=loads, link=True)
    source.write_bytes(b"[]")
    assert [verdict.state for verdict in verify(root)] == ["damaged"]


def test_a_voice_says_its_language(root: Path, tmp_path: Path) -> None:
    source = write(tmp_path / "things", "v.onnx")
    write(source, "v.onnx.json", data=b'{"language": {"code": "de_DE"}}')
    assert add(source, "tts", root, check=loads).languages == ["de_DE"]


@pytest.mark.parametrize("config", [b"{", b"[]", b'{"language": "de"}', b'{"language": {"code": 1}}', b"\xff"])
def test_a_voice_that_does_not_say_its_language_is_taken_too(root: Path, tmp_path: Path, config: bytes) -> None:
    source = write(tmp_path / "things", "v.onnx")
    write(source, "v.onnx.json", data=config)
    assert add(source, "tts", root, check=loads).languages == []


def test_what_does_not_load_is_not_taken(root: Path, tmp_path: Path) -> None:
    def crashes(path: Path) -> None:
        raise ModelCorrupt(f"{path.name} is no model", hint="Download it again.")

    with pytest.raises(ModelCorrupt, match=r"mine\.gguf is no model"):
        add(write(tmp_path / "things", "mine.gguf") / "mine.gguf", "llm", root, check=crashes)
    assert not root.exists()


@pytest.mark.parametrize(
    ("stage", "names", "given"),
    [
        ("llm", ["model.onnx"], "model.onnx"),
        ("llm", ["a.gguf", "b.gguf"], ""),
        ("llm", ["m-00001-of-00002.gguf"], ""),
        ("llm", [], ""),
        ("llm", [], "nothing.gguf"),
        ("tts", ["v.onnx"], "v.onnx"),
        ("stt", ["model.bin", "config.json"], ""),
        ("stt", ["model.bin"], "model.bin"),
        ("wake", ["hey.txt"], "hey.txt"),
    ],
)
def test_what_has_not_the_form_of_a_model_is_refused(
    root: Path, tmp_path: Path, stage: str, names: list[str], given: str
) -> None:
    source = write(tmp_path / "things", *names)
    with pytest.raises(InputError, match=f"is no {stage} model that can be loaded") as raised:
        add(source / given, stage, root, check=loads)
    assert "It should be" in raised.value.hint


@pytest.mark.parametrize(
    ("name", "message"),
    [("a-voice", "the name of a model of the catalogue"), ("taken", "taken is installed"), ("../..", "is no name")],
)
def test_a_name_must_be_free(root: Path, tmp_path: Path, name: str, message: str) -> None:
    source = write(tmp_path / "things", "mine.gguf") / "mine.gguf"
    add(source, "llm", root, check=loads, name="taken")
    with pytest.raises(InputError, match=message) as raised:
        add(source, "llm", root, check=loads, name=name)
    assert "--name" in raised.value.hint


def test_a_name_is_made_fit_to_be_one(root: Path, tmp_path: Path) -> None:
    source = write(tmp_path / "things", "mine.gguf") / "mine.gguf"
    assert add(source, "llm", root, check=loads, name="My Model (v2)").id == "My-Model-v2"


def test_a_file_with_an_odd_name_is_refused(root: Path, tmp_path: Path) -> None:
    source = write(tmp_path / "things", "m\ndel.gguf") / "m\ndel.gguf"
    with pytest.raises(InputError, match="no name for a model's file"):
        add(source, "llm", root, check=loads)

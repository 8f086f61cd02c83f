"""``assistant models``, as a user types it, against a hub on loopback."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.cli import app
from assistant.commands import fetch
from assistant.errors import ConfigError, DownloadFailed, EngineUnavailable, InputError, ModelCorrupt
from assistant.models import registry
from assistant.store import catalogue as catalogues
from assistant.store.hub import Hub
from tests.models import tiny_turn
from tests.store.fake_hub import COMMIT, REPO, FakeHub, hub
from tests.store.made_up import FILES, file_of

VOICE = "a-voice"
EARS = {"ears/model.bin": b"hears" * 1000, "ears/config.json": b"{}", "ears/tokenizer.json": b"{}"}


def table_of(entry_id: str, stage: str, contents: dict[str, bytes], terms: str) -> str:
    files = [file_of(path, data) for path, data in contents.items()]
    listed = ", ".join(f'{{ path = "{f.path}", size = {f.size}, sha256 = "{f.sha256}" }}' for f in files)
    return (
        f'[[model]]\nid = "{entry_id}"\nstage = "{stage}"\nengine = "e"\nrepo = "{REPO}"\nrevision = "{COMMIT}"\n'
        f'files = [{listed}]\nlicence = "A licence"\nterms = "{terms}"\nlanguages = ["en"]\n'
    )


@pytest.fixture(autouse=True)
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    for variable in [name for name in os.environ if name.startswith(("ASSISTANT_", "HF_"))]:
        monkeypatch.delenv(variable)
    for variable in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    profile = (
        f'[profile.pi4]\nreason = "Fits."\nneeds = {{ memory_gb = 0.1 }}\nstt = ["ears"]\ntts = ["{VOICE}"]\n'
        '[profile.pi4.why]\nstt = "Hears."\ntts = "Speaks."\n'
    )
    text = table_of("ears", "stt", EARS, "free") + table_of(VOICE, "tts", FILES, "noncommercial") + profile
    (tmp_path / "models.toml").write_text(text)
    monkeypatch.setenv(catalogues.PATH_VARIABLE, str(tmp_path / "models.toml"))
    monkeypatch.chdir(tmp_path)
    catalogues.catalogue.cache_clear()
    with hub(FILES | EARS) as server:
        # HF_ENDPOINT is read once a process, so it cannot change from test to test.
        monkeypatch.setattr("assistant.store.pull.Hub", lambda _: Hub(server.url))
        yield server
    catalogues.catalogue.cache_clear()


def run(*arguments: object, code: int = 0) -> tuple[str, str]:
    result = CliRunner().invoke(app, ["models", *(str(argument) for argument in arguments)])
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result.stdout, result.stderr


def states() -> dict[str, str]:
    return {model["id"]: model["state"] for model in json.loads(run("--json")[0])}


def test_the_table_shows_what_there_is_and_what_is_in_use() -> None:
    table, _ = run()
    assert table.splitlines()[0].split() == [
        *("id", "stage", "size", "languages", "licence", "terms", "speed", "installed")
    ]
    assert states() == {"ears": "no", VOICE: "no"}
    run("pull", VOICE, "--yes")
    assert states() == {"ears": "no", VOICE: "in use"}


def test_a_licence_against_commercial_use_needs_consent(served: FakeHub) -> None:
    _, told = run("pull", VOICE, code=InputError.exit_code)
    assert f"{VOICE} may not be used commercially: A licence" in told
    assert "--yes" in told
    assert served.requests == []
    printed, told = run("pull", VOICE, "--yes")
    assert f"{VOICE} is installed: " in printed
    assert f"fetched {VOICE}/voice.onnx" in told
    assert run("pull", VOICE)[0].startswith(f"{VOICE} is installed: "), "what is there needs no consent"


def test_a_large_download_needs_consent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "LARGE_BYTES", 1000)
    _, told = run("pull", "ears", code=InputError.exit_code)
    assert "the download is 5.0 kB" in told


def test_a_profile_is_recommended_pulled_and_found_sound() -> None:
    printed, _ = run("recommend")
    assert "Recommended: pi4" in printed
    assert "Fetch it: assistant models pull --profile pi4" in printed
    assert json.loads(run("recommend", "--json")[0])["models"][0]["id"] == "ears"
    pulled, _ = run("pull", "--profile", "pi4", "--language", "en", "--yes")
    assert "assistant talk --profile pi4" in pulled
    assert run("verify")[0].split() == ["ears", "sound", VOICE, "sound"]


def test_damage_is_named_and_mended(tmp_path: Path, served: FakeHub) -> None:
    run("pull", "ears", VOICE, "--yes")
    Path(run("path", VOICE)[0].strip()).write_bytes(b"x" * len(FILES["deep/down/voice.onnx"]))
    printed, told = run("verify", code=ModelCorrupt.exit_code)
    assert f"{VOICE}  damaged  voice.onnx was changed" in printed
    assert f"assistant models verify --repair {VOICE}" in told
    served.requests.clear()
    run("verify", "--repair")
    assert {request.name for request in served.requests if request.method == "GET"} == {"voice.onnx"}
    assert [model["state"] for model in json.loads(run("verify", "--json")[0])] == ["sound", "sound"]


def test_models_travel_by_folder_and_by_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("pull", "ears", VOICE, "--yes")
    for target in ("shelf.tar", "shelf"):
        monkeypatch.setenv("ASSISTANT_MODELS_DIR", str(tmp_path / "assistant" / "models"))
        assert "2 models exported" in run("export", target)[0]
        monkeypatch.setenv("ASSISTANT_MODELS_DIR", str(tmp_path / f"from-{target}"))
        assert run("import", target)[0].count("is installed") == 2
        assert states() == {"ears": "in use", VOICE: "in use"}
    assert "no models are installed" in _told_without_models(tmp_path, monkeypatch)


def _told_without_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("ASSISTANT_MODELS_DIR", str(tmp_path / "empty"))
    return run("export", "nothing.tar", code=InputError.exit_code)[1]


def test_the_chosen_model_is_written_to_the_settings(tmp_path: Path) -> None:
    run("pull", VOICE, "--yes")
    CliRunner().invoke(app, ["config", "set", "tts.engine", "espeak-ng"])
    assert run("use", VOICE)[0] == f"tts.model = {VOICE}\n"
    shown = json.loads(CliRunner().invoke(app, ["config", "show", "--json"]).stdout)
    assert (shown["tts.model"]["value"], shown["tts.engine"]["value"]) == (VOICE, "auto")
    assert f"assistant models pull {'ears'}" in run("use", "ears", code=InputError.exit_code)[1]


def test_a_model_in_use_is_not_deleted_without_a_word() -> None:
    run("pull", "ears", VOICE, "--yes")
    _, told = run("rm", VOICE, code=InputError.exit_code)
    assert f"{VOICE} is in use (tts)" in told
    run("rm", VOICE, "--yes")
    assert states() == {"ears": "in use", VOICE: "no"}
    assert "no model 'nobody'" in run("rm", "nobody", code=InputError.exit_code)[1]


def test_a_model_of_ones_own_is_taken_in_once_it_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my.onnx").write_bytes(b"mine")
    (tmp_path / "my.onnx.json").write_bytes(b"{}")

    def refuse(*_: object) -> None:
        raise EngineUnavailable("it does not load", hint="Try another.")

    monkeypatch.setattr(registry, "check_model", refuse)
    run("add", "my.onnx", "--stage", "tts", code=EngineUnavailable.exit_code)
    monkeypatch.setattr(registry, "check_model", lambda *_: None)
    assert "assistant models use my" in run("add", "my.onnx", "--stage", "tts")[0]
    assert states()["my"] == "in use"


def test_a_turn_detector_is_taken_in_and_a_voice_is_none(tmp_path: Path) -> None:
    tiny_turn.network(tmp_path / "mine.onnx")
    assert "assistant models use mine" in run("add", "mine.onnx", "--stage", "turn")[0]
    assert states()["mine"] == "in use"
    tiny_turn.network(tmp_path / "other.onnx", name="phonemes")
    message = run("add", "other.onnx", "--stage", "turn", code=ModelCorrupt.exit_code)[1]
    assert "Smart Turn" in message


def test_what_cannot_be_had_is_told_with_a_remedy(served: FakeHub) -> None:
    assert "no model 'x'" in run("pull", "x", code=ConfigError.exit_code)[1]
    assert "no profile 'x'" in run("pull", "--profile", "x", code=ConfigError.exit_code)[1]
    assert "assistant models recommend" in run("pull", code=InputError.exit_code)[1]
    del served.files["ears/model.bin"]
    assert "the hub has no ears/model.bin" in run("pull", "ears", code=DownloadFailed.exit_code)[1]

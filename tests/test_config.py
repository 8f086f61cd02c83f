"""Sources and their ranks, every kind of mistake, writing without losing anything, the generated page."""

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant import config, config_file, config_reference
from assistant.errors import ConfigError, OutputError


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in [name for name in os.environ if name.startswith("ASSISTANT_")]:
        monkeypatch.delenv(variable)
    path = tmp_path / "config.toml"
    monkeypatch.setenv("ASSISTANT_CONFIG", str(path))
    return path


def refused(text: str, file: Path) -> ConfigError:
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        config.load()
    assert "\n" not in caught.value.message
    assert caught.value.hint
    return caught.value


def test_without_any_source_every_value_is_the_default(file: Path) -> None:
    loaded = config.load()
    assert loaded.settings == config.Settings()
    assert {str(origin) for origin in loaded.origin.values()} == {"default"}
    assert loaded.path == file


def test_flag_outranks_environment_outranks_file_outranks_default(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("[stt]\nengine = 'file'\nthreads = 2\nbias = false\n")
    monkeypatch.setenv("ASSISTANT_STT_ENGINE", "environment")
    monkeypatch.setenv("ASSISTANT_STT_THREADS", "3")
    loaded = config.load({"stt.engine": "flag", "stt.threads": None})
    assert (loaded.settings.stt.engine, loaded.settings.stt.threads, loaded.settings.stt.bias) == ("flag", 3, False)
    assert [str(loaded.origin[f"stt.{name}"]) for name in ("engine", "threads", "bias", "language")] == [
        "flag",
        "$ASSISTANT_STT_THREADS",
        f"{file}, line 4",
        "default",
    ]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("true", "on"), ("false", "off"), ("'auto'", "auto"), ("'on'", "on"), ("'off'", "off")],
)
def test_true_and_false_from_before_there_was_auto_still_stand(file: Path, written: str, meant: str) -> None:
    file.write_text(f"[turn]\nspeculate = {written}\n")
    assert config.load().settings.turn.speculate == meant


def test_a_variable_may_say_it_in_any_way_too(monkeypatch: pytest.MonkeyPatch) -> None:
    for written, meant in (("TRUE", "on"), ("0", "off"), ("auto", "auto")):
        monkeypatch.setenv("ASSISTANT_TURN_SPECULATE", written)
        assert config.load().settings.turn.speculate == meant


def test_the_default_path_is_in_the_users_configuration_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("ASSISTANT_CONFIG")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "elsewhere"))
    assert config.config_path().is_relative_to(tmp_path)
    assert config.config_path().name == "config.toml"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("[stt]\n\nengin = 'x'", "line 3: there is no setting stt.engin", "Did you mean stt.engine?"),
        ("[sst]\nengine = 'x'", "line 1: there is no setting sst", "Did you mean stt?"),
        ("[stt]\nzzzzzz = 1", "line 2: there is no setting stt.zzzzzz", "assistant config show"),
        ("stt = 3", "line 1: stt is a section, not a value", "[stt]"),
        ("stt.engin = 'x'", "line 1: there is no setting stt.engin", "stt.engine"),
        ("[turn]\nhangover_ms = 'long'", "line 2: turn.hangover_ms should be a valid integer, not 'long'", "400"),
        ("[turn]\nhangover_ms = '500'", "should be a valid integer", "400"),
        ("[turn]\nhangover_ms = 50", "should be greater than or equal to 100, not 50", "400"),
        ("[turn]\nmax_utterance_s = nan", "max_utterance_s", "60"),
        ("[stt]\nthreads = true", "stt.threads should be a valid integer", "auto"),
        ("[stt]\nengine = 3", "stt.engine should be a valid string", "auto"),
        ("[stt]\nmodel = 3", "stt.model should be a valid string", "empty"),
        ("[stt]\nmodel = '~nosuchuser/x'", "stt.model it names no known home folder", "empty"),
        ("[history]\nenabled = 'yes'", "history.enabled should be a valid boolean", "True"),
        ("[turn]\nspeculate = 'maybe'", "turn.speculate should be 'auto', 'on' or 'off', not 'maybe'", "auto"),
        ("[turn]\nspeculate = 2", "turn.speculate should be 'auto', 'on' or 'off', not 2", "auto"),
        ("[log]\nlevel = 'loud'", "'debug', 'info', 'warning' or 'error'", "warning"),
        ("[turn]\nhangover_min_ms = 2000", "do not fit together: hangover_min_ms", "config show"),
        ("[tools.mcp.a]\ncommand = 5", "tools.mcp.a.command should be a valid string, not 5", "empty"),
        ("[tools.mcp.a]\nargs = []", "tools.mcp.a needs a command or a url", "empty"),
        ("[tools]\nmcp = 3", "tools.mcp should be an object, not 3", "empty"),
        ("[stt\nengine = 3", "is not valid TOML", "line"),
    ],
)
def test_a_mistake_in_the_file_is_one_clear_line(text: str, message: str, hint: str, file: Path) -> None:
    error = refused(text, file)
    assert message in error.message
    assert hint in error.hint


def test_bad_toml_names_its_line(file: Path) -> None:
    assert "line 2" in refused("[stt]\nengine = \n", file).message


def test_a_long_wrong_value_is_shortened(file: Path) -> None:
    assert len(refused(f"[turn]\nhangover_ms = '{'x' * 9999}'", file).message) < 300


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"[stt]\nengine = '\xe9'\n"])
def test_a_file_that_is_not_utf8_is_refused(content: bytes, file: Path) -> None:
    file.write_bytes(content)
    with pytest.raises(ConfigError, match="UTF-8"):
        config.load()


def test_a_folder_in_place_of_the_file_is_refused(file: Path) -> None:
    file.mkdir()
    with pytest.raises(ConfigError, match="cannot be read"):
        config.load()


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("ASSISTANT_STT_ENGIN", "x", "the environment: there is no setting ASSISTANT_STT_ENGIN"),
        ("ASSISTANT_TURN_HANGOVER_MS", "soon", r"\$ASSISTANT_TURN_HANGOVER_MS: turn.hangover_ms should be a valid int"),
        ("ASSISTANT_CONFIG", "~nosuchuser/x", "names no known home folder"),
    ],
)
def test_a_mistake_in_the_environment_names_its_variable(
    variable: str, value: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigError, match=message):
        config.load()


def test_other_programs_variables_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_TOKEN", "not ours")
    assert config.load().settings == config.Settings()


def test_empty_text_means_no_value_where_there_may_be_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_AUDIO_INPUT_DEVICE", "")
    assert config.load().settings.audio.input_device is None


def test_a_wrong_flag_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"flag: stt\.threads"):
        config.load({"stt.threads": 0})


def test_set_keeps_comments_order_and_mode(file: Path) -> None:
    file.write_text("# mine\n[stt]\nthreads = 2  # two\n\n[log]\nlevel = 'info'\n")
    file.chmod(0o600)
    config.set_value("stt.engine", "fake")
    assert file.read_text() == "# mine\n[stt]\nthreads = 2  # two\nengine = \"fake\"\n\n[log]\nlevel = 'info'\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["config.toml"]


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("turn.hangover_ms", "500", 500),
        ("turn.barge_in", "off", False),
        ("turn.max_utterance_s", "30", 30.0),
        ("stt.model", "/models/whisper", "/models/whisper"),
        ("audio.input_device", "", ""),
        ("persona.name", 'A "quoted" näme', 'A "quoted" näme'),
    ],
)
def test_set_writes_the_type_of_the_setting(key: str, text: str, value: object, file: Path) -> None:
    config.set_value(key, text)
    section, name = key.split(".")
    assert tomllib.loads(file.read_text())[section][name] == value
    config.load()


def test_set_makes_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "new" / "config.toml"
    monkeypatch.setenv("ASSISTANT_CONFIG", str(path))
    assert config.set_value("stt.engine", "fake") == path
    assert config.load().settings.stt.engine == "fake"


def test_set_writes_a_path_that_holds_in_every_folder(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "voice.onnx").touch()
    for key, text in (("models.dir", "fresh"), ("tts.model", "voice.onnx"), ("stt.model", "an-id-of-a-model")):
        config.set_value(key, text)
    settings = config.load().settings
    assert (settings.models.dir, settings.tts.model) == (tmp_path / "fresh", tmp_path / "voice.onnx")
    assert str(settings.stt.model) == "an-id-of-a-model"


def test_set_writes_through_a_link(file: Path, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    real.write_text("# kept\n")
    file.symlink_to(real)
    config.set_value("stt.engine", "fake")
    assert file.is_symlink()
    assert real.read_text().startswith("# kept\n")


def test_set_mends_the_very_value_that_is_wrong(file: Path) -> None:
    file.write_text("[stt]\nthreads = 'many'\n")
    config.set_value("stt.threads", "2")
    assert config.load().settings.stt.threads == 2


@pytest.mark.parametrize(
    ("before", "key", "text"),
    [
        ("[stt]\nthreads = 2\n", "stt.threads", "many"),
        ("[stt]\nthreads = 2\n", "stt.thread", "3"),
        ("[stt]\nthreads = 2\n", "stt", "3"),
        ("[stt]\nthreads = 2\n", "persona.name", "\udcff"),
        ("[stt\n", "stt.threads", "3"),
        ("stt = 3\n", "stt.threads", "3"),
        ("[sst]\nthreads = 2\n", "stt.threads", "3"),
        ("[turn]\nhangover_min_ms = 1000\n", "turn.hangover_max_ms", "500"),
    ],
)
def test_a_refused_set_leaves_the_file_as_it_was(before: str, key: str, text: str, file: Path) -> None:
    file.write_text(before)
    with pytest.raises(ConfigError):
        config.set_value(key, text)
    assert file.read_text() == before


def test_where_nothing_can_be_written_the_old_file_stays(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("# old\n")

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OutputError, match="No space left"):
        config.set_value("stt.engine", "fake")
    assert file.read_text() == "# old\n"
    assert [path.name for path in file.parent.iterdir()] == ["config.toml"]


def test_a_folder_that_cannot_be_made_is_an_output_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "blocked").write_text("a file where a folder should be")
    monkeypatch.setenv("ASSISTANT_CONFIG", str(tmp_path / "blocked" / "config.toml"))
    with pytest.raises((OutputError, ConfigError)) as caught:
        config.set_value("stt.engine", "fake")
    assert caught.value.hint


@given(st.text(max_size=200))
def test_no_text_in_the_file_breaks_the_search_for_a_line(text: str) -> None:
    assert isinstance(config_file.line_of(text, "stt", "engine"), str)


@given(st.text(max_size=200).filter(lambda text: "\x00" not in text))
def test_whatever_is_set_is_read_back(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("set") / "config.toml"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASSISTANT_CONFIG", str(path))
        config.set_value("persona.system_prompt", text)
        assert config.load().settings.persona.system_prompt == text


def test_the_page_in_docs_is_the_one_generated() -> None:
    page = Path(__file__).parents[1] / "docs" / "configuration.md"
    assert page.read_text() == config_reference.markdown(), (
        "run python -m assistant.config_reference > docs/configuration.md"
    )


def test_the_page_names_every_key() -> None:
    page = config_reference.markdown()
    assert all(f"| `{key}` | `{config.variable_of(key)}` |" in page for key in config.fields())

"""The catalogue: what is refused, and what ships."""

from pathlib import Path

import pytest

from assistant.errors import ConfigError
from assistant.models import registry
from assistant.store.catalogue import catalogue, parse

ENTRY = """
[[model]]
id = "{id}"
stage = "llm"
engine = "llama.cpp"
repo = "a/b"
revision = "abc"
files = [{{ path = "x/m.gguf", size = 3, sha256 = "{digest}" }}]
licence = "MIT"
languages = ["en_GB"]
"""
GOOD = ENTRY.format(id="m", digest="0" * 64)


def test_an_entry_is_read() -> None:
    entry = parse(GOOD).entry("m")
    assert (entry.size, entry.files[0].name, entry.verified) == (3, "m.gguf", False)
    assert entry.speaks("en")
    assert not entry.speaks("de")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD + 'colour = "red"\n', "model.0.colour"),
        (GOOD + GOOD, "'m' appears twice"),
        (ENTRY.format(id="../up", digest="0" * 64), "model.0.id"),
        (ENTRY.format(id="m", digest="made up"), "sha256"),
        (GOOD.replace("size = 3", 'size = "3"'), "size"),
        (GOOD.replace('revision = "abc"', 'revision = ""'), "revision"),
        (GOOD.replace('licence = "MIT"\n', ""), "licence"),
        (GOOD + '[profile.small]\nmodels = ["n"]\nreason = ""\n', "names n"),
        ("[[model", "not valid TOML"),
    ],
)
def test_mistakes_are_named(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse(text, "models.toml")


def test_unknown_ids_and_profiles_are_refused_with_the_known_ones() -> None:
    shipped = catalogue()
    with pytest.raises(ConfigError) as entry:
        shipped.entry("m")
    assert "faster-whisper-tiny.en" in entry.value.hint
    with pytest.raises(ConfigError) as profile:
        shipped.profile("palace")
    assert "small" in profile.value.hint


def test_the_shipped_catalogue_serves_every_stage_with_engines_that_exist() -> None:
    shipped = catalogue()
    engines = {(builtin.stage, builtin.name) for builtin in registry.BUILTINS if builtin.needs_model}
    assert {(entry.stage, entry.engine) for entry in shipped.entries} == engines
    for profile in shipped.profiles.values():
        assert [shipped.entry(entry_id).stage for entry_id in profile.models] == ["stt", "llm", "tts"]


def test_shipped_entries_have_what_their_engines_need() -> None:
    for entry in catalogue().entries:
        names = {file.name for file in entry.files}
        assert len(names) == len(entry.files), "files of one model must not share a name"
        if entry.stage == "stt":
            assert names >= {"model.bin", "config.json", "tokenizer.json"}
        if entry.stage == "tts":
            assert {Path(name).suffix for name in names} == {".onnx", ".json"}


def test_shipped_licences_allow_use() -> None:
    for entry in catalogue().entries:
        assert not any(word in entry.licence.lower() for word in ("nc", "non-commercial", "research", "unclear"))

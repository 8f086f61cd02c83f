"""The catalogue: what is refused, and what ships."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from assistant.errors import ConfigError
from assistant.models import registry
from assistant.store import catalogue as module
from assistant.store.catalogue import Entry, catalogue, parse
from assistant.store.profiles import ESSENTIAL

LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "zh")
GOOD = """\
[[model]]
id = "m"
stage = "llm"
engine = "llama.cpp"
repo = "a/b"
revision = "abc"
files = [
  { path = "x/m.gguf", size = 3, sha256 = "0000000000000000000000000000000000000000000000000000000000000000" },
  { path = "x/m.json", size = 4, sha256 = "1111111111111111111111111111111111111111111111111111111111111111" },
]
licence = "MIT"
languages = ["en_GB"]

[[model]]
id = "v"
stage = "tts"
engine = "piper"
repo = "a/b"
revision = "abc"
files = [{ path = "v.onnx", size = 3, sha256 = "2222222222222222222222222222222222222222222222222222222222222222" }]
licence = "MIT"
languages = ["en"]

[profile.small]
reason = "small"
needs = { memory_gb = 1.0 }
llm = ["m"]
tts = ["v"]

[profile.small.why]
llm = "the only one"
tts = "the only one"

[profile.small.settings]
"llm.threads" = 2
"stt.language" = "en"
"""


def changed(old: str, new: str) -> str:
    """The good catalogue with one change, which has to be possible."""
    assert GOOD.count(old) == 1
    return GOOD.replace(old, new)


def test_an_entry_is_read() -> None:
    entry = parse(GOOD).entry("m")
    assert (entry.size, entry.files[0].name, entry.verified) == (7, "m.gguf", False)
    assert entry.speaks("en")
    assert not entry.speaks("de")


def test_a_profile_is_read() -> None:
    profile = parse(GOOD).profile("small")
    assert profile.models == ["m", "v"]
    assert profile.settings == {"llm.threads": 2}, "English is spoken anyway"


def test_a_catalogue_may_be_empty() -> None:
    empty = parse("")
    assert (empty.entries, list(empty.profiles)) == ([], [])


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        # An entry: an unknown key, wrong types, a bad digest, a bad id, a missing key, an id that appears twice.
        ('repo = "a/b"\nrevision = "abc"\nfiles = [\n', 'repo = "a/b"\ncolour = ""\nrevision = "x"\nfiles = [\n', 6,
         "colour: Extra"),
        ('size = 4, sha256 = "1', 'size = "4", sha256 = "1', 9, "size: "),
        ('size = 4, sha256 = "1', 'size = 0, sha256 = "1', 9, "size: "),
        ('1111" }', '111G" }', 9, "sha256: "),
        ('2222" }', '222" }', 20, "sha256: "),
        ('size = 4, sha256 = "1', 'length = 4, size = 4, sha256 = "1', 9, "length: Extra"),
        ('id = "m"', 'id = "../up"', 2, "id: "),
        ('id = "v"', 'id = "m"', 15, "id: 'm' appears twice"),
        ('stage = "tts"', 'stage = "nose"', 16, "stage: "),
        ('licence = "MIT"\nlanguages = ["en"]', 'languages = ["en"]', 14, "licence: Field required"),
        ('languages = ["en"]', 'languages = [\n  "en",\n  3,\n]', 24, "languages: "),
        # A profile: what it names, its reasons, its needs, its settings, its keys.
        ('llm = ["m"]', 'llm = ["m", "n"]', 27, "llm: 'n' is no model"),
        ('tts = ["v"]', 'tts = ["m"]', 28, "tts: 'm' is of the stage llm"),
        ('\ntts = "the only one"', "", 30, "why: it gives no reason for tts"),
        ("{ memory_gb = 1.0 }", "{ memory_gb = 1.0, luck = 1 }", 26, "needs.luck: Extra"),
        ('"llm.threads" = 2', '"llm.thread" = 2', 35, "no setting llm.thread"),
        ('"stt.language" = "en"', '"stt.language" = 7', 36, "stt.language should be a valid string"),
        ('"llm.threads" = 2', '"llm.threads" = 0', 35, "llm.threads should be greater"),
        ('reason = "small"', 'reason = "small"\nmodels = ["m"]', 26, "small.models: Extra"),
        # The document.
        ('[[model]]\nid = "m"', 'colour = ""\n[[model]]\nid = "m"', 1, "colour: Extra"),
    ],
)  # fmt: skip
def test_a_mistake_is_refused_with_its_line(old: str, new: str, line: int, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as refused:
        parse(changed(old, new), "models.toml")
    assert refused.value.message.startswith(f"models.toml line {line}: ")
    assert refused.value.hint


def test_broken_toml_is_refused_with_its_line() -> None:
    with pytest.raises(ConfigError, match=r"models\.toml is not valid TOML: .*line 2\b"):
        parse(changed('id = "m"', "id = m"), "models.toml")


def test_another_catalogue_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.toml").write_text(GOOD, encoding="utf-8")
    monkeypatch.setenv(module.PATH_VARIABLE, str(tmp_path / "mine.toml"))
    assert [entry.id for entry in catalogue.__wrapped__().entries] == ["m", "v"]
    monkeypatch.setenv(module.PATH_VARIABLE, str(tmp_path / "none.toml"))
    with pytest.raises(ConfigError, match=r"none\.toml cannot be read"):
        catalogue.__wrapped__()


def test_unknown_ids_and_profiles_are_refused_with_the_known_ones() -> None:
    shipped = catalogue()
    with pytest.raises(ConfigError) as entry:
        shipped.entry("faster-whisper-tiny-en")
    assert "faster-whisper-tiny.en" in entry.value.hint
    with pytest.raises(ConfigError, match="no model 'm'") as entry:
        shipped.entry("m")
    assert entry.value.hint == "See every model: assistant models"
    with pytest.raises(ConfigError) as profile:
        shipped.profile("palace")
    assert "pi4, pi5, laptop, desktop" in profile.value.hint


def test_the_shipped_catalogue_serves_every_stage_that_loads_models() -> None:
    engines = {(builtin.stage, builtin.name) for builtin in registry.BUILTINS if builtin.needs_model}
    known = {(entry.stage, entry.engine) for entry in catalogue().entries}
    assert known == engines


def test_shipped_entries_have_what_their_engines_need() -> None:
    for entry in catalogue().entries:
        names = {file.name for file in entry.files}
        assert len(names) == len(entry.files), "files of one model must not share a name"
        if entry.stage == "stt":
            assert names >= {"model.bin", "config.json", "tokenizer.json"}
        elif entry.stage == "tts":
            assert {Path(name).suffix for name in names} == {".onnx", ".json"}
        else:
            assert [Path(name).suffix for name in names] == [".onnx" if entry.stage == "turn" else ".gguf"]


def test_shipped_terms_say_what_the_licences_say() -> None:
    for entry in catalogue().entries:
        licence = entry.licence.lower()
        forbidden = "-nc-" in licence or "non-commercial" in licence
        unknown = any(word in licence for word in ("not found", "not stated", "unknown", "unsettled", "another says"))
        assert (entry.terms == "noncommercial") == forbidden, entry.id
        assert (entry.terms == "unclear") == unknown, entry.id
        if entry.terms == "free":
            assert any(word in licence for word in ("mit", "apache", "bsd", "cc0", "cc-by", "public domain")), entry.id


def test_of_several_voices_the_freer_is_preferred() -> None:
    order = ["free", "unclear", "noncommercial"]
    for language in {language for entry in _of("tts") for language in entry.languages}:
        ranks = [order.index(entry.terms) for entry in _of("tts") if entry.speaks(language[:2])]
        assert ranks == sorted(ranks), language


@pytest.mark.parametrize("stage", ["stt", "llm"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_larger_machines_models_are_preferred_over_a_smaller_ones(stage: str, language: str) -> None:
    shipped = catalogue()
    chosen = [shipped.profile(name, language).entry(stage) for name in shipped.profiles]
    places = [shipped.entries.index(entry) for entry in chosen if entry is not None]
    assert len(places) == len(shipped.profiles)
    assert places == sorted(places, reverse=True)


def test_a_model_that_thinks_aloud_or_reads_again_is_preferred_over_none_that_does_not() -> None:
    slow = ["aloud" in entry.note or "recurrence" in entry.note for entry in _of("llm") if entry.terms == "free"]
    assert slow[: slow.index(True)] == [False] * slow.index(True)
    assert all(entry.terms == "free" for entry in _of("llm")[: slow.index(True)])


def test_english_models_are_preferred_over_those_of_many_languages_and_their_size() -> None:
    english = {entry.id.removesuffix(".en"): entry for entry in _of("stt") if entry.id.endswith(".en")}
    pairs = [(english[entry.id], entry) for entry in _of("stt") if entry.id in english]
    assert len(pairs) == 3
    assert all(_of("stt").index(first) < _of("stt").index(second) for first, second in pairs)


@pytest.mark.parametrize("name", ["pi4", "pi5", "laptop", "desktop"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_shipped_profiles_hold_a_conversation(name: str, language: str) -> None:
    profile = catalogue().profile(name, language)
    assert profile.missing == ()
    assert all(profile.entry(stage).terms in ("free", "unclear") for stage in ESSENTIAL)
    assert all(profile.entry(stage).pinned for stage in ESSENTIAL), "a moving file may stop to match its digest"


def test_shipped_profiles_grow() -> None:
    shipped = catalogue().profiles.values()
    assert [profile.name for profile in shipped] == ["pi4", "pi5", "laptop", "desktop"]
    for smaller, larger in pairwise(shipped):
        assert smaller.size <= larger.size
        assert smaller.needs.memory_gb <= larger.needs.memory_gb
        assert smaller.needs.cores <= larger.needs.cores


def test_a_profiles_defaults_are_free() -> None:
    for profile in catalogue().profiles.values():
        assert {entry.terms for entry in profile.entries} == {"free"}


def test_english_shipped_profiles_name_their_first_choices() -> None:
    for profile in catalogue().profiles.values():
        assert all(profile.entry(stage) is profile.choices[stage][0] for stage in ESSENTIAL)


def _of(stage: str) -> list[Entry]:
    return [entry for entry in catalogue().entries if entry.stage == stage]


@pytest.fixture(autouse=True)
def _shipped(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A catalogue that the developer's own environment names is not the shipped one."""
    monkeypatch.delenv(module.PATH_VARIABLE, raising=False)
    catalogue.cache_clear()
    yield
    catalogue.cache_clear()

"""Profiles: models and settings that suit a kind of machine together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant import config
from assistant.models.espeak import EspeakTts
from assistant.store.catalogue import catalogue
from tests.store.test_catalogue import LANGUAGES

NAMES = ["pi4", "pi5", "laptop", "desktop"]
THREADS = ("stt.threads", "llm.threads", "tts.threads")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_profiles_settings_can_all_be_set(name: str, language: str) -> None:
    settings = catalogue().profile(name, language).settings
    loaded = config.load(settings)
    assert {key: loaded.value(key) for key in settings} == settings
    assert set(THREADS) <= set(settings)


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_a_profiles_voice_is_missing_the_built_in_one_speaks_the_language(language: str) -> None:
    EspeakTts(catalogue().profile("pi4", language).settings.get("tts.voice", "en"))


@pytest.mark.parametrize("spelled", ["de", "DE", "de-AT", "de_CH"])
def test_a_region_is_no_other_language(spelled: str) -> None:
    profile = catalogue().profile("pi5", spelled)
    assert profile.language == "de"
    assert profile.settings["stt.language"] == "de"
    assert "piper-de_DE-thorsten-medium" in profile.models


def test_a_stage_takes_its_first_choice_that_speaks_the_language() -> None:
    english, german = (catalogue().profile("pi4", language) for language in ("en", "de"))
    assert [entry.id for entry in english.choices["stt"]] == ["faster-whisper-tiny.en", "faster-whisper-tiny"]
    assert (english.models[0], german.models[0]) == ("faster-whisper-tiny.en", "faster-whisper-tiny")
    assert "stt.language" not in german.for_language("en").settings


def test_a_language_that_nothing_speaks_lacks_a_voice() -> None:
    profile = catalogue().profile("laptop", "tlh")
    assert profile.missing == ("tts",)
    assert profile.entry("tts") is None
    assert all(entry.stage != "tts" for entry in profile.entries)


def test_the_size_is_that_of_the_models() -> None:
    profile = catalogue().profile("desktop", "fr")
    assert profile.size == sum(catalogue().entry(model).size for model in profile.models)


@given(st.sampled_from(NAMES), st.integers(1, 64))
def test_threads_fit_the_cores(name: str, cores: int) -> None:
    profile = catalogue().profile(name)
    fitted = profile.for_cores(cores).settings
    assert all(1 <= fitted[key] <= profile.settings[key] for key in THREADS)
    assert fitted["llm.threads"] + fitted["tts.threads"] < max(cores, 3), "a core stays free, where there are three"
    assert {key for key in fitted if fitted[key] != profile.settings[key]} <= set(THREADS)


@pytest.mark.parametrize("name", NAMES)
def test_threads_are_the_profiles_own_where_there_are_cores(name: str) -> None:
    profile = catalogue().profile(name)
    assert profile.for_cores(8) == profile

"""Which profile suits which machine."""

from dataclasses import replace

import pytest

from assistant.store.catalogue import catalogue
from assistant.store.machine import Machine
from assistant.store.recommend import recommend

LAPTOP = Machine(cores=4, memory=8 * 10**9, free_disk=10**11, processor="a laptop", fast_math=True)


@pytest.mark.parametrize(
    ("machine", "profile"),
    [
        (LAPTOP, "laptop"),
        (replace(LAPTOP, cores=8, memory=16 * 10**9), "desktop"),
        (replace(LAPTOP, cores=8, memory=16 * 10**9, on_battery=True), "laptop"),
        (replace(LAPTOP, cores=2), "pi5"),
        (replace(LAPTOP, memory=4 * 10**9), "pi5"),
        (replace(LAPTOP, fast_math=False), "pi4"),
        (replace(LAPTOP, free_disk=1_300_000_000), "pi5"),
        (replace(LAPTOP, board="Raspberry Pi 5 Model B Rev 1.0"), "pi5"),
        (replace(LAPTOP, board="Raspberry Pi 4 Model B Rev 1.4", fast_math=False), "pi4"),
        (replace(LAPTOP, board="Raspberry Pi Compute Module 5 Rev 1.0"), "pi5"),
        (replace(LAPTOP, memory=10**9), None),
        (replace(LAPTOP, free_disk=10**8), None),
        (replace(LAPTOP, cores=1), None),
    ],
)
def test_the_largest_profile_that_fits_is_named(machine: Machine, profile: str | None) -> None:
    found = recommend(machine, "en", catalogue())
    assert (found.profile and found.profile.name) == profile
    assert found.reasons
    assert bool(found.entries) == (profile is not None)


def test_it_says_why_and_why_not_more() -> None:
    found = recommend(replace(LAPTOP, cores=2), "en", catalogue())
    assert found.profile is not None
    assert found.reasons[0] == found.profile.reason
    assert any(reason.startswith("Not laptop: it needs 4 cores, and there are 2") for reason in found.reasons)
    assert found.size == sum(entry.size for entry in found.entries)


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "it", "pt", "zh"])
def test_every_language_gets_ears_a_mind_and_a_voice(language: str) -> None:
    found = recommend(LAPTOP, language, catalogue())
    assert [entry.stage for entry in found.entries] == ["stt", "llm", "tts"]
    assert all(entry.speaks(language) for entry in found.entries)


def test_a_language_without_a_voice_is_told() -> None:
    found = recommend(LAPTOP, "tlh", catalogue())
    assert "No tts model speaks tlh." in found.reasons

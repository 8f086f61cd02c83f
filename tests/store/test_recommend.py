"""Which profile suits which machine."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.store.catalogue import catalogue
from assistant.store.machine import Machine
from assistant.store.recommend import recommend

LAPTOP = Machine(cores=4, memory=8 * 10**9, free_disk=10**11, processor="a laptop", fast_math=True)


@pytest.mark.parametrize(
    ("machine", "profile"),
    [
        (LAPTOP, "laptop"),
        (replace(LAPTOP, cores=8, memory=16 * 10**9), "desktop"),
        (replace(LAPTOP, cores=8, memory=16 * 10**9, battery=True), "laptop"),
        (replace(LAPTOP, cores=8, memory=16 * 10**9, fast_math=False), "pi4"),
        (replace(LAPTOP, cores=8, memory=16 * 10**9, board="Raspberry Pi 5 Model B Rev 1.1"), "pi5"),
        (replace(LAPTOP, cores=2), "pi5"),
        (replace(LAPTOP, memory=4 * 10**9), "pi5"),
        (replace(LAPTOP, fast_math=False), "pi4"),
        (replace(LAPTOP, free_disk=1_300_000_000), "pi5"),
        (replace(LAPTOP, board="Raspberry Pi 5 Model B Rev 1.0"), "pi5"),
        (replace(LAPTOP, board="Raspberry Pi 4 Model B Rev 1.4", fast_math=False), "pi4"),
        (replace(LAPTOP, board="Raspberry Pi Compute Module 5 Rev 1.0"), "pi5"),
        (replace(LAPTOP, board="Raspberry Pi 5 Model B Rev 1.0", free_disk=1_100_000_000), "pi4"),
        (replace(LAPTOP, board="Raspberry Pi 3 Model B Plus Rev 1.3", memory=10**9, fast_math=False), None),
        (replace(LAPTOP, board="Radxa ROCK 5B", cores=8, memory=16 * 10**9), "pi5"),
        (replace(LAPTOP, board="Apple MacBook Air (M1, 2020)"), "laptop"),
        (replace(LAPTOP, memory=0), None),
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
def test_every_language_gets_ears_a_mind_a_voice_and_an_ear_for_the_end(language: str) -> None:
    found = recommend(LAPTOP, language, catalogue())
    assert [entry.stage for entry in found.entries] == ["stt", "llm", "tts", "turn"]
    assert all(entry.speaks(language) for entry in found.entries)


def test_a_language_without_a_voice_is_told() -> None:
    found = recommend(LAPTOP, "tlh", catalogue())
    assert "No tts model of the catalogue speaks tlh: eSpeak NG speaks." in found.reasons
    assert any(reason.startswith("No turn model of the catalogue speaks tlh: the words") for reason in found.reasons)


def test_a_voice_whose_terms_are_not_clear_says_so() -> None:
    (voice,) = (reason for reason in recommend(LAPTOP, "de", catalogue()).reasons if "piper" in reason)
    assert "thorsten" in voice
    assert voice.endswith("so its terms are not clear.")


def test_memory_that_nobody_knows_is_said_to_be_unknown() -> None:
    assert "how much there is is not known" in recommend(replace(LAPTOP, memory=0), "en", catalogue()).reasons[0]


@given(st.builds(replace, st.just(LAPTOP), cores=st.integers(1, 64), memory=st.integers(0, 10**11)), st.booleans())
def test_threads_fit_the_cores_whatever_the_machine(machine: Machine, battery: bool) -> None:
    profile = recommend(replace(machine, battery=battery), "en", catalogue()).profile
    if profile is not None:
        stt, llm, tts = (profile.settings[f"{stage}.threads"] for stage in ("stt", "llm", "tts"))
        assert min(stt, llm, tts) >= 1
        assert max(stt, llm + tts) < machine.cores or machine.cores <= 2


@given(st.integers(1, 16), st.integers(0, 3 * 10**10), st.integers(0, 10**10), st.booleans())
def test_more_of_anything_never_gets_a_smaller_profile(cores: int, memory: int, disk: int, fast: bool) -> None:
    machine = replace(LAPTOP, cores=cores, memory=memory, free_disk=disk, fast_math=fast)
    better = replace(machine, cores=cores + 1, memory=memory + 10**9, free_disk=disk + 10**9, fast_math=True)
    assert rank(better) >= rank(machine)


def rank(machine: Machine) -> int:
    profile = recommend(machine, "en", catalogue()).profile
    return -1 if profile is None else list(catalogue().profiles).index(profile.name)

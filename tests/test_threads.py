"""The thread budget."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.config import Settings
from assistant.models import registry
from assistant.processor import Processor
from assistant.threads import Budget, Wish, allot, sleep_while_waiting


@pytest.mark.parametrize(
    ("cores", "stt", "llm", "tts", "expected"),
    [
        (1, "auto", "auto", "auto", Budget(1, 1, 1)),
        (2, "auto", "auto", "auto", Budget(1, 1, 1)),
        (4, "auto", "auto", "auto", Budget(1, 2, 1)),
        (8, "auto", "auto", "auto", Budget(2, 5, 2)),
        (16, "auto", "auto", "auto", Budget(4, 8, 2)),
        (4, "auto", 0, "auto", Budget(2, 0, 2)),
        (2, "auto", 0, 1, Budget(1, 0, 1)),
        (8, 1, "auto", 1, Budget(1, 6, 1)),
        (8, "auto", 3, "auto", Budget(4, 3, 2)),
        (2, 4, 4, 4, Budget(4, 4, 4)),
    ],
)
def test_the_cores_are_shared(cores: int, stt: Wish, llm: Wish, tts: Wish, expected: Budget) -> None:
    assert allot(cores, stt=stt, llm=llm, tts=tts) == expected


wishes = st.one_of(st.just("auto"), st.integers(0, 8))


@given(st.integers(2, 64), wishes, wishes)
def test_what_works_at_the_same_time_fits_in_together(cores: int, stt: Wish, tts: Wish) -> None:
    budget = allot(cores, stt=stt, llm="auto", tts=tts)
    asked = max((wish for wish in (stt, tts) if wish != "auto"), default=0)
    assert budget.llm + max(budget.stt, budget.tts) <= max(cores - (cores >= 4), 1 + asked)


@given(st.integers(1, 64), wishes, wishes, wishes)
def test_numbers_stand_and_the_rest_is_at_least_one(cores: int, stt: Wish, llm: Wish, tts: Wish) -> None:
    budget = allot(cores, stt=stt, llm=llm, tts=tts)
    for wish, got in ((stt, budget.stt), (llm, budget.llm), (tts, budget.tts)):
        assert got == wish if wish != "auto" else got >= 1


@given(st.integers(1, 63))
def test_more_cores_never_mean_fewer_threads(cores: int) -> None:
    one, more = (allot(count, stt="auto", llm="auto", tts="auto") for count in (cores, cores + 1))
    assert (one.stt <= more.stt, one.llm <= more.llm, one.tts <= more.tts) == (True, True, True)


def test_threads_sleep_unless_the_user_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    sleep_while_waiting()
    assert os.environ["OMP_WAIT_POLICY"] == "passive"
    monkeypatch.setenv("OMP_WAIT_POLICY", "active")
    sleep_while_waiting()
    assert os.environ["OMP_WAIT_POLICY"] == "active"


def test_the_budget_knows_which_engines_have_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "this_processor", lambda: Processor(8, 8))
    model = tmp_path / "model.gguf"
    model.touch()
    chosen = {"stt": {"engine": "pocketsphinx"}, "tts": {"engine": "espeak-ng"}, "llm": {"engine": "none"}}
    embedded = Settings.model_validate(chosen)
    assert registry.thread_budget(embedded) == Budget(1, 0, 1)
    with_llm = Settings.model_validate({**chosen, "llm": {"engine": "llama.cpp", "model": model}})
    assert registry.thread_budget(with_llm) == Budget(1, 6, 1)
    pinned = Settings.model_validate({**chosen, "llm": {"engine": "llama.cpp", "model": model, "threads": 2}})
    assert registry.thread_budget(pinned) == Budget(1, 2, 1)


def test_engines_are_built_after_the_wait_policy_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    registry.tts_candidates(Settings.model_validate({"tts": {"engine": "fake"}}))
    assert os.environ["OMP_WAIT_POLICY"] == "passive"

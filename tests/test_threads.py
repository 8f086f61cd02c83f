"""The thread budget on machines made of files."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.config import Settings
from assistant.models import registry
from assistant.threads import Budget, Machine, Wish, allot, sleep_while_waiting, this_machine

CPU = "sys/devices/system/cpu/cpu"


def tree(root: Path, files: Mapping[str, object]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"{text}\n")
    return root


def each(count: int, name: str, *values: object) -> dict[str, object]:
    """``name`` of CPU 0…count−1; the values in turn, each for as many CPUs in a row as the others."""
    return {f"{CPU}{cpu}/{name}": values[cpu * len(values) // count] for cpu in range(count)}


HYPERTHREADS = {f"{CPU}{cpu}/topology/core_cpus_list": f"{cpu % 4},{cpu % 4 + 4}" for cpu in range(8)}
OLD_KERNEL = {f"{CPU}{cpu}/topology/thread_siblings_list": f"{cpu // 2 * 2}-{cpu // 2 * 2 + 1}" for cpu in range(8)}
ROCKCHIP = each(8, "cpu_capacity", 530, 1024)
HYBRID = {
    **{f"{CPU}{cpu}/topology/core_cpus_list": f"{cpu // 2 * 2}-{cpu // 2 * 2 + 1}" for cpu in range(4)},
    **{f"{CPU}{cpu}/cpufreq/cpuinfo_max_freq": 4_700_000 for cpu in range(4)},
    **{f"{CPU}{cpu}/cpufreq/cpuinfo_max_freq": 3_400_000 for cpu in range(4, 12)},
}
V2 = "0::/"


@pytest.mark.parametrize(
    ("files", "cpus", "expected"),
    [
        ({}, 2, Machine(2, 2)),
        ({}, 0, Machine(1, 1)),
        (each(4, "cpu_capacity", 1024), 4, Machine(4, 4)),
        (HYPERTHREADS, 8, Machine(4, 4)),
        (OLD_KERNEL, 8, Machine(4, 4)),
        (ROCKCHIP, 8, Machine(8, 4)),
        (HYBRID, 12, Machine(10, 2)),
        (each(4, "cpufreq/cpuinfo_max_freq", 5_000_000, 4_800_000), 4, Machine(4, 4)),
        ({"proc/self/cgroup": V2, "sys/fs/cgroup/cpu.max": "250000 100000"}, 8, Machine(8, 8, 2.5)),
        ({"proc/self/cgroup": V2, "sys/fs/cgroup/cpu.max": "max 100000"}, 8, Machine(8, 8)),
        (
            {
                "proc/self/cgroup": "0::/user.slice/talk.service",
                "sys/fs/cgroup/user.slice/cpu.max": "150000 100000",
                "sys/fs/cgroup/user.slice/talk.service/cpu.max": "300000 100000",
            },
            8,
            Machine(8, 8, 1.5),
        ),
        (
            {
                "proc/self/cgroup": "4:memory:/x\n3:cpu,cpuacct:/docker/abc\n1:name=systemd:/",
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": 400_000,
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": 100_000,
                "sys/fs/cgroup/memory/cpu.cfs_quota_us": 100_000,
            },
            8,
            Machine(8, 8, 4.0),
        ),
        (
            {
                "proc/self/cgroup": "3:cpu:/",
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": -1,
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": 100_000,
            },
            8,
            Machine(8, 8),
        ),
        ({"proc/self/cgroup": V2, "sys/fs/cgroup/cpu.max": "nonsense"}, 2, Machine(2, 2)),
    ],
)
def test_a_machine_is_read_from_its_files(
    tmp_path: Path, files: Mapping[str, object], cpus: int, expected: Machine
) -> None:
    assert this_machine(tree(tmp_path, files), range(cpus)) == expected


def test_only_cpus_that_the_process_may_use_count(tmp_path: Path) -> None:
    assert this_machine(tree(tmp_path, HYPERTHREADS), {0, 4, 5}) == Machine(2, 2)
    assert this_machine(tree(tmp_path, ROCKCHIP), {0, 1, 2, 3}) == Machine(4, 4)


def test_this_very_machine_has_a_core() -> None:
    assert 1 <= this_machine().fast_cores <= this_machine().cores <= (os.cpu_count() or 1)


@pytest.mark.parametrize(
    ("machine", "usable"),
    [(Machine(8, 4), 4), (Machine(8, 8, 2.5), 2), (Machine(8, 8, 0.5), 1), (Machine(2, 2, 16.0), 2)],
)
def test_the_container_and_the_little_cores_limit_what_is_usable(machine: Machine, usable: int) -> None:
    assert machine.usable == usable


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
    monkeypatch.setattr(registry, "this_machine", lambda: Machine(8, 8))
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

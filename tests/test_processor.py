"""The processor of machines made of files."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from assistant.processor import Processor, this_processor

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
        ({}, 2, Processor(2, 2)),
        ({}, 0, Processor(1, 1)),
        (each(4, "cpu_capacity", 1024), 4, Processor(4, 4)),
        (HYPERTHREADS, 8, Processor(4, 4)),
        (OLD_KERNEL, 8, Processor(4, 4)),
        (ROCKCHIP, 8, Processor(8, 4)),
        (HYBRID, 12, Processor(10, 2)),
        (each(4, "cpufreq/cpuinfo_max_freq", 5_000_000, 4_800_000), 4, Processor(4, 4)),
        ({"proc/self/cgroup": V2, "sys/fs/cgroup/cpu.max": "250000 100000"}, 8, Processor(8, 8, 2.5)),
        ({"proc/self/cgroup": V2, "sys/fs/cgroup/cpu.max": "max 100000"}, 8, Processor(8, 8)),
        (
            {
                "proc/self/cgroup": "0::/user.slice/talk.service",
                "sys/fs/cgroup/user.slice/cpu.max": "150000 100000",
                "sys/fs/cgroup/user.slice/talk.service/cpu.max": "300000 100000",
            },
            8,
            Processor(8, 8, 1.5),
        ),
        (
            {
                "proc/self/cgroup": "4:memory:/x\n3:cpu,cpuacct:/docker/abc\n1:name=systemd:/",
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": 400_000,
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": 100_000,
                "sys/fs/cgroup/memory/cpu.cfs_quota_us": 100_000,
            },
            8,
            Processor(8, 8, 4.0),
        ),
        (
            {
                "proc/self/cgroup": "3:cpu:/",
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": -1,
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": 100_000,
            },
            8,
            Processor(8, 8),
        ),
        ({"proc/self/cgroup": V2, "sys/fs/cgroup/cpu.max": "nonsense"}, 2, Processor(2, 2)),
    ],
)
def test_a_machine_is_read_from_its_files(
    tmp_path: Path, files: Mapping[str, object], cpus: int, expected: Processor
) -> None:
    assert this_processor(tree(tmp_path, files), range(cpus)) == expected


def test_only_cpus_that_the_process_may_use_count(tmp_path: Path) -> None:
    assert this_processor(tree(tmp_path, HYPERTHREADS), {0, 4, 5}) == Processor(2, 2)
    assert this_processor(tree(tmp_path, ROCKCHIP), {0, 1, 2, 3}) == Processor(4, 4)


def test_this_very_machine_has_a_core() -> None:
    assert 1 <= this_processor().fast_cores <= this_processor().cores <= (os.cpu_count() or 1)


@pytest.mark.parametrize(
    ("processor", "usable"),
    [(Processor(8, 4), 4), (Processor(8, 8, 2.5), 2), (Processor(8, 8, 0.5), 1), (Processor(2, 2, 16.0), 2)],
)
def test_the_container_and_the_little_cores_limit_what_is_usable(processor: Processor, usable: int) -> None:
    assert processor.usable == usable

"""What a machine is, read from the files of machines that are not this one."""

from pathlib import Path

import pytest

from assistant.store.machine import Machine, this_machine

PI_5 = {
    "proc/cpuinfo": "processor\t: 0\nFeatures\t: fp asimd evtstrm aes asimdhp asimddp\nCPU implementer\t: 0x41\n",
    "proc/meminfo": "MemTotal:        8241152 kB\nMemFree: 100 kB\n",
    "proc/device-tree/model": "Raspberry Pi 5 Model B Rev 1.0\0",
} | {f"sys/devices/system/cpu/cpu{n}/topology/thread_siblings_list": f"{n}\n" for n in range(4)}
PI_4 = PI_5 | {
    "proc/cpuinfo": "processor\t: 0\nFeatures\t: fp asimd evtstrm crc32 cpuid\n",
    "proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.4\0",
}
LAPTOP = {
    "proc/cpuinfo": "model name\t: Some Core i7\nflags\t\t: fpu sse4_2 avx avx2\n\nprocessor\t: 1\nflags\t: x\n",
    "proc/meminfo": "MemTotal:       16000000 kB\n",
    "sys/class/power_supply/AC/type": "Mains\n",
    "sys/class/power_supply/BAT0/type": "Battery\n",
    "sys/class/power_supply/mouse/type": "Battery\n",
    "sys/class/power_supply/mouse/scope": "Device\n",
} | {f"sys/devices/system/cpu/cpu{n}/topology/thread_siblings_list": f"{n % 4},{n % 4 + 4}\n" for n in range(8)}


def machine(root: Path, files: dict[str, str]) -> Machine:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return this_machine(root, root)


def test_a_pi_5_is_known_by_its_device_tree(tmp_path: Path) -> None:
    found = machine(tmp_path, PI_5)
    assert (found.board, found.cores, found.memory) == ("Raspberry Pi 5 Model B Rev 1.0", 4, 8241152 * 1024)
    assert found.fast_math
    assert not found.battery
    assert str(found).startswith("Raspberry Pi 5 Model B Rev 1.0, 4 cores, 8.4 GB of memory")


def test_a_pi_4_lacks_dot_products(tmp_path: Path) -> None:
    assert not machine(tmp_path, PI_4).fast_math


def test_a_laptops_second_threads_are_no_cores_and_its_mouse_is_no_battery_of_its_own(tmp_path: Path) -> None:
    found = machine(tmp_path, LAPTOP)
    assert (found.processor, found.cores, found.fast_math, found.battery) == ("Some Core i7", 4, True, True)
    (tmp_path / "sys/class/power_supply/BAT0/type").unlink()
    assert not this_machine(tmp_path, tmp_path).battery


OUTSIDE, INSIDE = "sys/fs/cgroup/box", "sys/fs/cgroup/box/inner"
V1 = "sys/fs/cgroup"


@pytest.mark.parametrize(
    ("limits", "cores", "memory"),
    [
        ({f"{INSIDE}/cpu.max": "250000 100000\n", f"{INSIDE}/memory.max": "2000000000\n"}, 2, 2_000_000_000),
        ({f"{OUTSIDE}/cpu.max": "50000 100000\n", f"{OUTSIDE}/memory.max": "3000000000\n"}, 1, 3_000_000_000),
        ({f"{INSIDE}/cpu.max": "max 100000\n", f"{INSIDE}/memory.max": "max\n"}, 4, 16_000_000 * 1024),
        ({f"{V1}/cpu/cpu.cfs_quota_us": "300000", f"{V1}/cpu/cpu.cfs_period_us": "100000"}, 3, 16_000_000 * 1024),
        ({f"{V1}/cpu/cpu.cfs_quota_us": "-1", f"{V1}/cpu/cpu.cfs_period_us": "100000"}, 4, 16_000_000 * 1024),
        ({f"{V1}/memory/memory.limit_in_bytes": "1000000000\n"}, 4, 1_000_000_000),
        ({"proc/self/status": "Name:\tpython\nCpus_allowed_list:\t0-1,4\n"}, 2, 16_000_000 * 1024),
    ],
)
def test_a_containers_limits_count(tmp_path: Path, limits: dict[str, str], cores: int, memory: int) -> None:
    found = machine(tmp_path, LAPTOP | {"proc/self/cgroup": "4:cpu:/\n0::/box/inner\n"} | limits)
    assert (found.cores, found.memory) == (cores, memory)


@pytest.mark.parametrize("name", [*LAPTOP, *PI_5, "proc/self/cgroup", "proc/self/status", "sys/fs/cgroup/cpu.max"])
def test_a_file_of_nonsense_is_no_failure(tmp_path: Path, name: str) -> None:
    found = machine(tmp_path, PI_5 | LAPTOP | {name: "nonsense: here\n0::\nCpus_allowed_list: many\nMemTotal: much\n"})
    assert found.cores >= 1
    assert found.memory > 0


def test_without_any_of_these_files_python_is_asked(tmp_path: Path) -> None:
    found = this_machine(tmp_path / "models" / "not yet there", tmp_path / "nothing")
    assert found.cores >= 1
    assert found.memory > 0
    assert found.free_disk > 0
    assert found.processor


def test_this_very_machine_has_something_to_work_with(tmp_path: Path) -> None:
    found = this_machine(tmp_path)
    assert found.cores >= 1
    assert found.memory > 100_000_000

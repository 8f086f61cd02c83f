"""The processor, as far as this process may use it: physical cores, the fast ones among them, a container's quota."""

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from math import floor
from pathlib import Path

FAST_SHARE = 0.75
"""A core below this share of the fastest one's capacity is a little one: each parallel step waits for the slowest."""


@dataclass(frozen=True, slots=True)
class Processor:
    """Physical cores that this process may use, the fast ones among them, and the CPUs that its container allows."""

    cores: int
    fast_cores: int
    quota: float | None = None

    @property
    def available(self) -> int:
        """Whole cores, fast or slow."""
        return max(1, min(self.cores, self.cores if self.quota is None else floor(self.quota)))

    @property
    def usable(self) -> int:
        """Cores that a budget may count on: a thread on half a core stalls those that wait for it."""
        return max(1, min(self.fast_cores, self.fast_cores if self.quota is None else floor(self.quota)))


def this_processor(root: Path = Path("/"), allowed: Collection[int] | None = None) -> Processor:
    """What Linux tells under ``root``; elsewhere every CPU counts as a fast core.

    ``allowed`` are the CPUs that the process may run on; the kernel's answer by default.
    """
    allowed = _allowed(root) if allowed is None else allowed
    folder = root / "sys/devices/system/cpu"
    cores = {_siblings(folder / f"cpu{cpu}", cpu): _speed(folder / f"cpu{cpu}") for cpu in sorted(allowed)}
    fastest = max(cores.values(), default=0.0)
    fast = sum(speed >= FAST_SHARE * fastest for speed in cores.values())
    return Processor(max(1, len(cores)), max(1, fast), min(_quotas(root), default=None))


def _allowed(root: Path) -> Collection[int]:
    for line in _read(root / "proc/self/status").splitlines():
        if line.startswith("Cpus_allowed_list:") and (numbers := _numbers(line.partition(":")[2])):
            return numbers
    folders = (root / "sys/devices/system/cpu").glob("cpu[0-9]*")
    return {int(folder.name.removeprefix("cpu")) for folder in folders} or range(os.cpu_count() or 1)


def _numbers(ranges: str) -> Collection[int]:
    """``0-2,5`` → 0, 1, 2, 5; none where that cannot be read."""
    parts = [part.strip().partition("-") for part in ranges.split(",")]
    try:
        return {number for first, _, last in parts for number in range(int(first), int(last or first) + 1)}
    except ValueError:
        return ()


def _siblings(cpu: Path, number: int) -> str:
    """The same for both hyperthreads of a core."""
    topology = cpu / "topology"
    return _read(topology / "core_cpus_list") or _read(topology / "thread_siblings_list") or str(number)


def _speed(cpu: Path) -> float:
    """Arm kernels, and newer ones on hybrid x86, give a capacity; the others a highest frequency; some neither."""
    return _number(_read(cpu / "cpu_capacity") or _read(cpu / "cpufreq/cpuinfo_max_freq")) or 0.0


def _quotas(root: Path) -> Iterator[float]:
    """CPUs that each control group above this process allows, in version 2 and in version 1."""
    for line in _read(root / "proc/self/cgroup").splitlines():
        if line.count(":") < 2:
            continue
        _, controllers, path = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        mount = root / "sys/fs/cgroup" / ("cpu" if controllers else "")
        own = mount / path.lstrip("/")
        groups = [
            own,
            *own.parents,
        ]  # a container may be told a path that it cannot see: its limit is at the mount then
        for group in groups[: groups.index(mount) + 1]:
            yield from _quota(group)


def _quota(group: Path) -> Iterator[float]:
    quota, _, period = _read(group / "cpu.max").partition(" ")
    if not quota:
        quota, period = _read(group / "cpu.cfs_quota_us"), _read(group / "cpu.cfs_period_us")
    allowed_us, period_us = _number(quota), _number(period)
    if allowed_us is not None and period_us is not None and allowed_us > 0 and period_us > 0:
        yield allowed_us / period_us


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""

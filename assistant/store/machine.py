"""What this machine is: cores, memory, disk, board. Read from Linux's files; elsewhere, what Python itself can tell."""

import os
import platform
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

FAST_MATH = {"avx2", "asimddp", "i8mm"}
"""Instructions that multiply small integers quickly, which quantised models live on: AVX2, and dot products on Arm."""
FAST_SYSTEMS = {("Darwin", "arm64")}
"""Where no file tells, but every processor has them."""


@dataclass(frozen=True, slots=True)
class Machine:
    """``cores`` are those that this process may keep busy; ``memory`` (total) and ``free_disk`` are bytes."""

    cores: int
    memory: int
    free_disk: int
    processor: str
    fast_math: bool
    board: str = ""
    on_battery: bool = False

    def __str__(self) -> str:
        return (
            f"{self.board or self.processor}, {self.cores} {'core' if self.cores == 1 else 'cores'}, "
            f"{self.memory / 1e9:.1f} GB of memory, {self.free_disk / 1e9:.1f} GB of free disk"
        )


def this_machine(disk: Path, root: Path = Path("/")) -> Machine:
    """Look around. ``disk`` is where models would go; ``root`` has the folders proc and sys. Raises nothing."""
    info = _cpuinfo(root)
    flags = set(f"{info.get('flags', '')} {info.get('Features', '')}".split())
    known = (platform.system(), platform.machine()) in FAST_SYSTEMS
    return Machine(
        cores=_cores(root),
        memory=_memory(root),
        free_disk=_free(disk),
        processor=info.get("model name") or platform.processor() or platform.machine(),
        fast_math=bool(flags & FAST_MATH) or (not info and known),
        board=_text(root / "proc/device-tree/model").rstrip("\0").strip(),
        on_battery=_on_battery(root),
    )


def _cores(root: Path) -> int:
    """Physical cores, as far as the kernel and a container's quota leave them: a core's second thread adds little."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    folders = list((root / "sys/devices/system/cpu").glob("cpu[0-9]*/topology"))
    physical = {(_text(folder / "physical_package_id"), _text(folder / "core_id")) for folder in folders}
    if folders and root != Path("/"):  # another machine's files: this process's own limits say nothing
        allowed = len(folders)
    counts = [allowed, len(physical) or allowed]
    quota, _, period = _text(root / "sys/fs/cgroup/cpu.max").partition(" ")
    with suppress(ValueError, ZeroDivisionError):
        counts.append(int(quota) // int(period))
    return max(1, min(counts))


def _memory(root: Path) -> int:
    """Bytes of memory, as far as a container may use them."""
    limits = []
    for line in _text(root / "proc/meminfo").splitlines():
        if line.startswith("MemTotal:"):
            limits.append(int(line.split()[1]) * 1024)
    with suppress(ValueError):
        limits.append(int(_text(root / "sys/fs/cgroup/memory.max")))
    if not limits:
        with suppress(ValueError, OSError, AttributeError):
            limits.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    return min(limits, default=0)


def _free(disk: Path) -> int:
    """Free bytes where the folder is, or would be."""
    for place in (disk, *disk.parents):
        with suppress(OSError):
            return shutil.disk_usage(place).free
    return 0


def _cpuinfo(root: Path) -> Mapping[str, str]:
    """The first processor's lines of /proc/cpuinfo."""
    first = _text(root / "proc/cpuinfo").split("\n\n")[0]
    pairs = (line.partition(":") for line in first.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def _on_battery(root: Path) -> bool:
    """Whether a battery is there that runs the machine: a keyboard's or a mouse's is marked as a device's."""
    batteries = [
        folder
        for folder in (root / "sys/class/power_supply").glob("*")
        if _text(folder / "type").strip() == "Battery" and _text(folder / "scope").strip() != "Device"
    ]
    return any(_text(battery / "status").strip() == "Discharging" for battery in batteries)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""

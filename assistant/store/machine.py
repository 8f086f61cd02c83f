"""What this machine is: cores, memory, disk, board. Read from Linux's files; elsewhere, what Python itself can tell."""

import os
import platform
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from assistant.power import has_battery, kernel_text
from assistant.processor import this_processor

FAST_MATH = {"avx2", "asimddp"}
"""Instructions that multiply small integers quickly, which quantised models live on: AVX2, and dot products on Arm."""
FAST_SYSTEMS = {("Darwin", "arm64")}
"""Where no file tells, but every processor has them."""
CGROUPS = Path("sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Machine:
    """``cores`` are the physical ones that this process may keep busy; ``memory`` (0: unknown) and ``free_disk`` are
    bytes; ``battery``: it has one of its own.
    """

    cores: int
    memory: int
    free_disk: int
    processor: str
    fast_math: bool
    board: str = ""
    battery: bool = False

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
        cores=this_processor(root).available,
        memory=_memory(root),
        free_disk=_free(disk),
        processor=info.get("model name") or platform.processor() or platform.machine(),
        fast_math=bool(flags & FAST_MATH) or (not info and known),
        board=kernel_text(root / "proc/device-tree/model").rstrip("\0"),
        battery=has_battery(root),
    )


def _memory(root: Path) -> int:
    """Bytes of memory, as far as a container may use them."""
    limits = [kernel_text(folder / "memory.max") for folder in _cgroups(root)]
    limits.append(kernel_text(root / CGROUPS / "memory/memory.limit_in_bytes"))
    found = [int(limit) for limit in limits if limit.isdecimal()]
    kilobytes = _fields(root / "proc/meminfo").get("MemTotal", "").removesuffix("kB").strip()
    if kilobytes.isdecimal():
        return min([int(kilobytes) * 1024, *found])
    with suppress(ValueError, OSError, AttributeError):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return 0


def _cgroups(root: Path) -> Iterator[Path]:
    """The folders of this process's cgroup of version 2 and of those around it: the tightest limit counts."""
    top = root / CGROUPS
    for line in kernel_text(root / "proc/self/cgroup").splitlines():
        if line.startswith("0::"):
            inner = top / line.removeprefix("0::").lstrip("/")
            yield from (folder for folder in (inner, *inner.parents) if folder.is_relative_to(top))


def _free(disk: Path) -> int:
    """Free bytes where the folder is, or would be."""
    for place in (disk, *disk.parents):
        with suppress(OSError):
            return shutil.disk_usage(place).free
    return 0


def _cpuinfo(root: Path) -> Mapping[str, str]:
    """The first processor's lines."""
    return _fields(root / "proc/cpuinfo")


def _fields(path: Path) -> Mapping[str, str]:
    """``name: value`` lines, up to the first empty one."""
    pairs = (line.partition(":") for line in kernel_text(path).split("\n\n")[0].splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}

"""How the machine is: battery, disk, memory, temperature and uptime, as Linux's files under a root tell it.

What nobody tells is None. Some firmware takes tens of milliseconds to answer.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assistant.power import batteries, kernel_text

SENSORS = ("x86_pkg_temp", "cpu-thermal", "cpu_thermal", "soc-thermal", "coretemp", "k10temp", "acpitz")
"""What names a sensor of the processor, the best first: in thermal zones ``type``, in hwmon ``name``."""


@dataclass(frozen=True, slots=True)
class Battery:
    percent: int
    status: str
    """As the kernel says it: Charging, Discharging, Full, Not charging."""


def battery(root: Path) -> Battery | None:
    """The first battery of the machine's own."""
    for supply in batteries(root):
        percent = _number(supply / "capacity")
        if percent is not None:
            return Battery(round(percent), kernel_text(supply / "status"))
    return None


def temperature_c(root: Path) -> float | None:
    """The processor's, by the best sensor there is."""
    found: dict[str, float] = {}
    for kind, value in _sensors(root):
        found.setdefault(kind, value)
    return next((found[kind] for kind in SENSORS if kind in found), None)


def uptime_s(root: Path) -> float | None:
    first = kernel_text(root / "proc/uptime").partition(" ")[0]
    return float(first) if first.replace(".", "", 1).isdecimal() else None


def free_disk_bytes(folder: Path) -> tuple[int, int] | None:
    """Free and all bytes of the disk with ``folder``."""
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return None
    return usage.free, usage.total


def free_memory_bytes(root: Path) -> tuple[int, int] | None:
    """What programs could still get, and all there is."""
    parts = (line.partition(":") for line in kernel_text(root / "proc/meminfo").splitlines())
    lines = {name: value for name, _, value in parts}
    sizes = [lines.get(name, "").split() for name in ("MemAvailable", "MemTotal")]
    if not all(size and size[0].isdecimal() for size in sizes):
        return None
    return int(sizes[0][0]) * 1024, int(sizes[1][0]) * 1024


def _sensors(root: Path) -> Iterator[tuple[str, float]]:
    for zone in sorted((root / "sys/class/thermal").glob("thermal_zone*")):
        if (value := _number(zone / "temp")) is not None:
            yield kernel_text(zone / "type"), value / 1000
    for monitor in sorted((root / "sys/class/hwmon").glob("hwmon*")):
        if (value := _number(monitor / "temp1_input")) is not None:
            yield kernel_text(monitor / "name"), value / 1000


def _number(path: Path) -> float | None:
    text = kernel_text(path)
    return float(text) if text.removeprefix("-").isdecimal() else None

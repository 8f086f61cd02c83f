"""How this computer is."""

from pathlib import Path
from typing import Literal

from assistant.brain.condition import battery, free_disk_bytes, free_memory_bytes, temperature_c, uptime_s
from assistant.brain.durations import spoken
from assistant.brain.skill import Context, skill

GIB = 2**30
GB = 10**9
What = Literal["all", "battery", "disk", "memory", "temperature", "uptime"]
UNKNOWN = {
    "battery": "This computer tells of no battery.",
    "disk": "I can't see how full the disk is.",
    "memory": "This computer doesn't tell how much memory is free.",
    "temperature": "This computer tells of no temperature.",
    "uptime": "This computer doesn't tell how long it has been running.",
}


@skill
def system_status(context: Context, what: What = "all") -> str:
    """Tell this computer's battery, free disk space, free memory, temperature or uptime, or all of them."""
    if what != "all":
        return _told(what, context.root) or UNKNOWN[what]
    known = [told for part in UNKNOWN if (told := _told(part, context.root))]
    return " ".join(known) or "This computer tells nothing of how it is."


def _told(what: str, root: Path) -> str:
    """One sentence; empty where the machine tells nothing of it."""
    return {"battery": _battery, "disk": _disk, "memory": _memory, "temperature": _temperature, "uptime": _uptime}[
        what
    ](root)


def _battery(root: Path) -> str:
    found = battery(root)
    if found is None:
        return ""
    state = {"Charging": ", and charging", "Full": ", and full"}.get(found.status, "")
    return f"The battery is at {found.percent} percent{state}."


def _disk(root: Path) -> str:
    found = free_disk_bytes(Path.home() if root == Path("/") else root)
    return f"{_size(found[0], GB)} of {_size(found[1], GB)} gigabytes of disk are free." if found else ""


def _memory(root: Path) -> str:
    found = free_memory_bytes(root)
    return f"{_size(found[0], GIB)} of {_size(found[1], GIB)} gigabytes of memory are free." if found else ""


def _temperature(root: Path) -> str:
    found = temperature_c(root)
    return f"The processor is at {round(found)} degrees Celsius." if found is not None else ""


def _uptime(root: Path) -> str:
    found = uptime_s(root)
    if found is None:
        return ""
    step_s = 60 if found >= 60 else 1
    return f"It has been running for {spoken(int(found) // step_s * step_s)}."


def _size(count: int, unit: int) -> str:
    """One decimal below ten."""
    size = count / unit
    return f"{size:.1f}".removesuffix(".0") if size < 10 else f"{size:.0f}"

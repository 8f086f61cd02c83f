"""Where the electricity comes from, as the kernel tells it, and whether work on a guess is worth it then."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

Wish = Literal["auto", "on", "off"]
SUPPLIES = Path("sys/class/power_supply")


def speculates(wish: Wish, root: Path = Path("/")) -> bool:
    """Whether to work ahead: ``auto`` saves a battery that is being emptied."""
    return wish == "on" or (wish == "auto" and not on_battery(root))


def on_battery(root: Path = Path("/")) -> bool:
    """A battery of the machine's own is being emptied. False where nobody tells: without Linux's files under ``root``.

    Some firmware takes tens of milliseconds to answer: not for a thread that has to be in time.
    """
    return any(kernel_text(supply / "status") == "Discharging" for supply in batteries(root))


def has_battery(root: Path = Path("/")) -> bool:
    """The machine has a battery of its own."""
    return any(True for _ in batteries(root))


def batteries(root: Path) -> Iterator[Path]:
    """The folders of the machine's own. A keyboard's or a mouse's is marked as a device's, and does not count."""
    for supply in sorted((root / SUPPLIES).glob("*")):
        if kernel_text(supply / "type") == "Battery" and kernel_text(supply / "scope") != "Device":
            yield supply


def kernel_text(path: Path) -> str:
    """What one of the kernel's files tells; nothing where it does not, as of a sensor that sleeps."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""

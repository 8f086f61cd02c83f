"""Mains or battery, on machines made of files."""

from pathlib import Path

import pytest

from assistant.power import has_battery, on_battery, speculates

MAINS = {"AC/type": "Mains", "AC/online": "1"}


def battery(status: str, scope: str = "") -> dict[str, str]:
    return {"BAT0/type": "Battery", "BAT0/status": status} | ({"BAT0/scope": scope} if scope else {})


def machine(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / "sys/class/power_supply" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n")
    return root


@pytest.mark.parametrize(
    ("files", "has", "on"),
    [
        ({}, False, False),
        (MAINS, False, False),
        (battery("Discharging"), True, True),
        (battery("Charging") | MAINS, True, False),
        (battery("Not charging") | MAINS, True, False),
        (battery("Full") | MAINS, True, False),
        (battery("Unknown"), True, False),
        (battery("Discharging", "System"), True, True),
        (battery("Discharging", "Device"), False, False),
        ({"BAT0/type": "Battery"}, True, False),
    ],
)
def test_a_battery_counts_when_it_is_the_machines_and_being_emptied(
    tmp_path: Path, files: dict[str, str], has: bool, on: bool
) -> None:
    root = machine(tmp_path, files)
    assert (has_battery(root), on_battery(root)) == (has, on)
    assert [speculates(wish, root) for wish in ("auto", "on", "off")] == [not on, True, False]

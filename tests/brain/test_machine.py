"""What the kernel's files say, and what is said of it."""

from pathlib import Path

import pytest

from assistant.brain.skill import Context
from assistant.brain.skills.machine import UNKNOWN, What, system_status


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    return root


SUPPLY = "sys/class/power_supply/BAT0"
LAPTOP = {
    f"{SUPPLY}/type": "Battery",
    f"{SUPPLY}/capacity": "83",
    f"{SUPPLY}/status": "Charging",
    "sys/class/thermal/thermal_zone0/type": "acpitz",
    "sys/class/thermal/thermal_zone0/temp": "27800",
    "sys/class/thermal/thermal_zone1/type": "x86_pkg_temp",
    "sys/class/thermal/thermal_zone1/temp": "51400",
    "proc/uptime": "93784.12 180000.00",
    "proc/meminfo": "MemTotal:       16000000 kB\nMemFree:  100 kB\nMemAvailable:    5242880 kB",
}


@pytest.mark.parametrize(
    ("what", "answer"),
    [
        ("battery", "The battery is at 83 percent, and charging."),
        ("temperature", "The processor is at 51 degrees Celsius."),
        ("memory", "5 of 15 gigabytes of memory are free."),
        ("uptime", "It has been running for 1 day, 2 hours and 3 minutes."),
    ],
)
def test_a_laptop(tmp_path: Path, what: What, answer: str) -> None:
    assert system_status(Context(root=write(tmp_path, LAPTOP)), what) == answer


def test_everything_at_once(tmp_path: Path) -> None:
    told = system_status(Context(root=write(tmp_path, LAPTOP)))
    assert [word for word in ("battery", "disk", "memory", "processor", "running") if word not in told] == []


@pytest.mark.parametrize("what", ["battery", "memory", "temperature", "uptime"])
def test_a_machine_that_tells_nothing(tmp_path: Path, what: What) -> None:
    assert system_status(Context(root=tmp_path), what) == UNKNOWN[what]


def test_a_board_with_a_sensor_of_another_kind(tmp_path: Path) -> None:
    files = {"sys/class/hwmon/hwmon0/name": "cpu_thermal", "sys/class/hwmon/hwmon0/temp1_input": "44000"}
    assert (
        system_status(Context(root=write(tmp_path, files)), "temperature") == "The processor is at 44 degrees Celsius."
    )


@pytest.mark.parametrize("text", ["", "garbage", "-", "1.2.3"])
def test_garbage_is_no_answer(tmp_path: Path, text: str) -> None:
    files = dict.fromkeys(("proc/uptime", "proc/meminfo", "sys/class/thermal/thermal_zone0/temp"), text)
    context = Context(root=write(tmp_path, files))
    assert [system_status(context, what) for what in ("memory", "temperature", "uptime")] == [
        UNKNOWN["memory"],
        UNKNOWN["temperature"],
        UNKNOWN["uptime"],
    ]

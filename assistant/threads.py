"""How many threads each engine gets, and how they wait: one owner, since the engines share the processor.

While an answer is spoken, the language model and the voice work at the same time; while the user speaks, the recogniser
and, ahead of the answer, the language model. So the language model and the larger of the other two have to fit in
together: threads that compete for a core make every engine slower (measured on two cores with two busy neighbours, a
language model on two spinning threads fell from 49 tokens a second to 4, on one thread from 30 to 13).
"""

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from math import floor
from pathlib import Path
from typing import Literal

Wish = int | Literal["auto"]
"""Threads that a stage is to have: a number from the settings, 1 for an engine that has only one, 0 for none."""

FAST_SHARE = 0.75
"""A core below this share of the fastest one's capacity is a little one: each parallel step waits for the slowest."""

SPARE_FROM_CORES = 4
"""From here on a core is left to the audio callbacks, the detector of speech and everything else on the machine."""

MOST_STT = 4  # what CTranslate2 takes by default
MOST_LLM = 8  # tokens are read from memory one after another, which few cores saturate
MOST_TTS = 2  # a clause is too short for more


@dataclass(frozen=True, slots=True)
class Machine:
    """Physical cores that this process may use, the fast ones among them, and the CPUs that its container allows."""

    cores: int
    fast_cores: int
    quota: float | None = None

    @property
    def usable(self) -> int:
        """Cores that a budget may count on: a thread on half a core stalls those that wait for it."""
        return max(1, min(self.fast_cores, self.fast_cores if self.quota is None else floor(self.quota)))


@dataclass(frozen=True, slots=True)
class Budget:
    """Threads of each engine; 0 where there is none."""

    stt: int
    llm: int
    tts: int

    def __str__(self) -> str:
        return f"stt {self.stt}, llm {self.llm}, tts {self.tts}"


def sleep_while_waiting() -> None:
    """Have the OpenMP threads of llama.cpp and CTranslate2 sleep while they wait, not spin.

    Spinning ones stall every thread as soon as another engine wants the core. The libraries read this once, when they
    are loaded, so it must come first; who has set it otherwise is left alone.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")


def allot(cores: int, *, stt: Wish, llm: Wish, tts: Wish) -> Budget:
    """The budget on ``cores`` cores. Numbers stand; ``auto`` shares what they leave, and is 1 at least. Pure."""
    room = cores - 1 if cores >= SPARE_FROM_CORES else cores
    beside = max(min(MOST_STT, room // 3) if wish == "auto" else wish for wish in (stt, tts))
    for_llm = min(MOST_LLM, max(1, room - max(1, beside))) if llm == "auto" else llm
    left = max(1, room - max(1, for_llm))
    return Budget(
        min(MOST_STT, left) if stt == "auto" else stt,
        for_llm,
        min(MOST_TTS, left) if tts == "auto" else tts,
    )


def this_machine(root: Path = Path("/"), allowed: Collection[int] | None = None) -> Machine:
    """What Linux tells under ``root``; elsewhere every CPU counts as a fast core.

    ``allowed`` are the CPUs that the process may run on; the kernel's answer by default.
    """
    allowed = _allowed() if allowed is None else allowed
    folder = root / "sys/devices/system/cpu"
    cores = {_siblings(folder / f"cpu{cpu}", cpu): _speed(folder / f"cpu{cpu}") for cpu in sorted(allowed)}
    fastest = max(cores.values(), default=0.0)
    fast = sum(speed >= FAST_SHARE * fastest for speed in cores.values())
    return Machine(max(1, len(cores)), max(1, fast), min(_quotas(root), default=None))


def _allowed() -> Collection[int]:
    if hasattr(os, "sched_getaffinity"):
        return os.sched_getaffinity(0)
    return range(os.cpu_count() or 1)


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
        _, controllers, path = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        mount = root / "sys/fs/cgroup" / ("cpu" if controllers else "")
        own = mount / path.lstrip("/")
        # A container may be told a path that it cannot see; its limit is at the mount then.
        groups = [own, *own.parents] if own.is_dir() else [mount]
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

"""Runs a command where no network is, and counts what it would have done on one."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from assistant import offline

ROOT = Path(__file__).parents[2]
GUARD = Path(__file__).parent / "guard"
ALONE = ("unshare", "--map-root-user", "--net")
"""A network namespace of its own, in which not even loopback is up."""

TRACED = ("strace", "-f", "--seccomp-bpf", "-e", "trace=socket,connect,bind,sendto,sendmsg,sendmmsg")
LIMIT_S = 240


@cache
def works(*command: str) -> bool:
    """Whether the machine permits it."""
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run([*command, "true"], capture_output=True, check=False, timeout=30).returncode == 0


@dataclass(frozen=True, slots=True)
class Ran:
    """``attempts``: by Python code, as the guard saw them. ``system_calls``: by any code; None without strace."""

    status: int
    output: str
    errors: str
    attempts: list[str]
    system_calls: list[str] | None
    alone: bool

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.output.splitlines()]


def run(arguments: Sequence[object], home: Path) -> Ran:
    """Python with these arguments, guarded by everything that the machine permits; its user's files are in ``home``."""
    home.mkdir(parents=True, exist_ok=True)
    log, calls = home / "network.log", home / "calls.log"
    alone = ALONE if works(*ALONE) else ()
    traced = (*TRACED, "-o", str(calls)) if works(*alone, *TRACED, "-o", os.devnull) else ()
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ASSISTANT_", "HF_", "XDG_")) and name not in (*offline.SWITCHES, "CI")
    }
    environment |= {"HOME": str(home), "PYTHONPATH": str(GUARD), "NETWORK_LOG": str(log)}
    done = subprocess.run(
        [*alone, *traced, sys.executable, *map(str, arguments)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    attempts = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    return Ran(done.returncode, done.stdout, done.stderr, attempts, _outward(calls) if traced else None, bool(alone))


def _outward(calls: Path) -> list[str]:
    """The system calls that concern another family than Unix sockets."""
    lines = calls.read_text(encoding="utf-8", errors="replace").splitlines()
    return [line for line in lines if "AF_" in line and "AF_UNIX" not in line]

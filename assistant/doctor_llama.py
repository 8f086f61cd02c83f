"""Whether the installed llama.cpp fits this processor.

Its default build takes every instruction set that the compiler finds. On virtual machines that advertise Intel's AMX
without letting programs use it, such a build dies with SIGSEGV at its first token; one built elsewhere may die with
SIGILL. So it is asked in a process of its own, and never runs a model.
"""

import platform
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

ASK = "import llama_cpp; print(llama_cpp.llama_print_system_info().decode())"
ASK_TIMEOUT_S = 30
REBUILD = "Build it again for this machine: make llm (it takes some minutes)."
NEVER = ("AMX_INT8", "AMX_TILE", "AMX_BF16")
_X86 = {
    "SSSE3": "ssse3",
    "AVX": "avx",
    "AVX_VNNI": "avx_vnni",
    "AVX2": "avx2",
    "F16C": "f16c",
    "FMA": "fma",
    "BMI2": "bmi2",
    "AVX512": "avx512f",
    "AVX512_VBMI": "avx512vbmi",
    "AVX512_VNNI": "avx512_vnni",
    "AVX512_BF16": "avx512_bf16",
}
_ARM = {"FP16_VA": "asimdhp", "DOTPROD": "asimddp", "MATMUL_INT8": "i8mm", "SVE": "sve", "SME": "sme"}
NEEDS = {"x86_64": _X86, "aarch64": _ARM}
"""By ``platform.machine()`` on Linux: ggml's name of an instruction set, and the kernel's flag that it needs."""


def problem() -> str | None:
    """What is wrong with the build, or None; None too where llama.cpp is not installed."""
    if find_spec("llama_cpp") is None:
        return None
    return misfit(system_info, cpu_flags(), platform.machine())


def misfit(ask: Callable[[], str], flags: frozenset[str], machine: str) -> str | None:
    """The same for any machine; ``ask`` gives llama.cpp's own line about its build, or raises OSError."""
    try:
        used = instruction_sets(ask())
    except OSError as error:
        return f"llama.cpp does not start: {error}"
    needs = NEEDS.get(machine, {}) if flags else {}
    wrong = [name for name in (*NEVER, *needs) if name in used and needs.get(name) not in flags]
    return f"llama.cpp was built with {', '.join(wrong)}, which can crash this machine" if wrong else None


def instruction_sets(info: str) -> set[str]:
    """``CPU : AVX = 1 | AMX_INT8 = 1 |`` → the names that are 1."""
    entries = (entry.rpartition(":")[2].split("=") for entry in info.split("|"))
    return {entry[0].strip() for entry in entries if len(entry) == 2 and entry[1].strip() == "1"}


def system_info() -> str:
    """llama.cpp's line about its build. Raises OSError where it crashes or hangs."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", ASK], capture_output=True, text=True, timeout=ASK_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise OSError(f"no answer within {ASK_TIMEOUT_S} s") from error
    if done.returncode < 0:
        raise OSError(f"it dies with signal {-done.returncode}")
    if done.returncode > 0:
        raise OSError((done.stderr.strip().splitlines() or ["unknown error"])[-1])
    return done.stdout


def cpu_flags(cpuinfo: Path = Path("/proc/cpuinfo")) -> frozenset[str]:
    """The features that the kernel lists for the first core; none where it does not (macOS)."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return frozenset()
    named = (line.partition(":") for line in lines)
    return next(
        (frozenset(value.split()) for name, _, value in named if name.strip() in ("flags", "Features")), frozenset()
    )

#!/usr/bin/env python3
"""Print the CMAKE_ARGS with which llama-cpp-python is built for this machine.

llama.cpp's default build takes every instruction set that the compiler finds (``-march=native``). On virtual machines
that advertise Intel's AMX without letting programs use it, such a build dies with SIGSEGV at its first token. So the
instruction sets are named one by one, from what the kernel lists in /proc/cpuinfo, and AMX is never among them.
The names are those of ggml/CMakeLists.txt in llama.cpp.
"""

import platform
import shlex
from pathlib import Path

# ggml's instruction sets, each with the kernel's flags it needs.
X86 = {
    "SSE42": {"sse4_2"},
    "AVX": {"avx"},
    "F16C": {"avx", "f16c"},
    "FMA": {"avx", "fma"},
    "BMI2": {"bmi2"},
    "AVX2": {"avx2"},
    "AVX_VNNI": {"avx2", "avx_vnni"},
}
AVX512 = {"avx512f", "avx512cd", "avx512vl", "avx512dq", "avx512bw"}  # ggml asks the compiler for all five at once
X86 |= {
    "AVX512": AVX512,
    "AVX512_VBMI": AVX512 | {"avx512vbmi"},
    "AVX512_VNNI": AVX512 | {"avx512_vnni"},
    "AVX512_BF16": AVX512 | {"avx512_bf16"},
}

# The kernel's ARM features that speed ggml up, with the compiler's names for them. All are extensions of ARMv8.2.
ARM_EXTENSIONS = {"asimdhp": "fp16", "asimddp": "dotprod", "i8mm": "i8mm"}

# Left out of the build: what reads pictures and sound, and what only llama.cpp's own programs need.
LIBRARY_ONLY = Path(__file__).resolve().with_name("llama_library_only.cmake")
COMMON_ARGS = ["-DLLAVA_BUILD=OFF", f"-DCMAKE_PROJECT_llama_cpp_INCLUDE={LIBRARY_ONLY}"]


def cpu_flags(cpuinfo: str) -> set[str]:
    """The flags that every core has: /proc/cpuinfo lists them once a core (x86 "flags", ARM "Features")."""
    cores = [
        set(value.split())
        for name, _, value in (line.partition(":") for line in cpuinfo.splitlines())
        if name.strip() in {"flags", "Features"}
    ]
    return set.intersection(*cores) if cores else set()


def cmake_args(system: str, machine: str, flags: set[str]) -> list[str]:
    """CMake arguments for ``platform.system()``, ``platform.machine()`` and the flags of the CPU."""
    if system != "Linux":
        return COMMON_ARGS  # macOS: the default build is right, and uses Metal
    args = [*COMMON_ARGS, "-DGGML_NATIVE=OFF"]
    if machine in {"x86_64", "AMD64"}:
        return args + [f"-DGGML_{name}={'ON' if needs <= flags else 'OFF'}" for name, needs in X86.items()]
    if machine in {"aarch64", "arm64"}:
        return [*args, f"-DGGML_CPU_ARM_ARCH={arm_arch(flags)}"]
    return args


def arm_arch(flags: set[str]) -> str:
    """The compiler's ``-march``: armv8-a for a Raspberry Pi 4, armv8.2-a+fp16+dotprod for a Raspberry Pi 5."""
    extensions = [name for flag, name in ARM_EXTENSIONS.items() if flag in flags]
    return "+".join(["armv8.2-a" if extensions else "armv8-a", *extensions])


def main() -> None:
    cpuinfo = Path("/proc/cpuinfo")
    flags = cpu_flags(cpuinfo.read_text()) if cpuinfo.exists() else set()
    print(shlex.join(cmake_args(platform.system(), platform.machine(), flags)))


if __name__ == "__main__":
    main()

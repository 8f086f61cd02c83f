#!/usr/bin/env python3
"""Which build of llama.cpp fits this machine.

    cmake_args.py            print the CMAKE_ARGS to build llama-cpp-python with
    cmake_args.py --check    exit 1, and say why, if the llama-cpp-python installed here does not fit

llama.cpp's default build takes every instruction set that the compiler finds (``-march=native``). On virtual machines
that advertise Intel's AMX without letting programs use it, such a build dies with SIGSEGV at its first token. So the
instruction sets are named one by one, from what the kernel lists in /proc/cpuinfo, and AMX is never among them.
The names are those of ggml/CMakeLists.txt and of ggml_backend_cpu_get_features() in llama.cpp.
"""

import platform
import shlex
import sys
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
X86_NEVER = {"AMX_TILE", "AMX_INT8", "AMX_BF16"}

# The kernel's ARM features that speed ggml up, with the compiler's names for them. All are extensions of ARMv8.2.
ARM_EXTENSIONS = {"asimdhp": "fp16", "asimddp": "dotprod", "i8mm": "i8mm"}
# What ggml reports of an ARM build, with the kernel's flag that it needs.
ARM = {"FP16_VA": "asimdhp", "DOTPROD": "asimddp", "MATMUL_INT8": "i8mm", "SVE": "sve", "SME": "sme"}

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


def unfit(system_info: str, system: str, machine: str, flags: set[str]) -> set[str]:
    """Instruction sets that a build uses and should not. ``system_info`` is llama_print_system_info()'s line."""
    if system != "Linux":
        return set()
    entries = (entry.rpartition(":")[2].split("=") for entry in system_info.split("|"))
    used = {entry[0].strip() for entry in entries if len(entry) == 2 and entry[1].strip() == "1"}
    if machine in {"x86_64", "AMD64"}:
        return used & (X86_NEVER | {name for name, needs in X86.items() if not needs <= flags})
    return used & {name for name, flag in ARM.items() if flag not in flags}


def check(system: str, machine: str, flags: set[str]) -> int:
    import llama_cpp

    wrong = unfit(llama_cpp.llama_print_system_info().decode(), system, machine, flags)
    if wrong:
        print(f"The installed llama.cpp was built for another processor: it uses {', '.join(sorted(wrong))}.")
    return 1 if wrong else 0


def main() -> int:
    cpuinfo = Path("/proc/cpuinfo")
    machine = (platform.system(), platform.machine(), cpu_flags(cpuinfo.read_text() if cpuinfo.exists() else ""))
    if "--check" in sys.argv[1:]:
        return check(*machine)
    print(shlex.join(cmake_args(*machine)))
    return 0


if __name__ == "__main__":
    sys.exit(main())

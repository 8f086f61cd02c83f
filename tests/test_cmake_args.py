import importlib.util
import shlex
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "scripts" / "cmake_args.py"
spec = importlib.util.spec_from_file_location("cmake_args", SCRIPT)
assert spec is not None
assert spec.loader is not None
cmake_args = importlib.util.module_from_spec(spec)
spec.loader.exec_module(cmake_args)

AVX2_LAPTOP = "fpu sse4_2 avx f16c fma bmi2 avx2"
AMX_SERVER = (
    f"{AVX2_LAPTOP} avx512f avx512cd avx512vl avx512dq avx512bw avx512vbmi avx512_vnni avx512_bf16 avx_vnni "
    "amx_tile amx_int8 amx_bf16"
)
RASPBERRY_PI_4 = "fp asimd evtstrm crc32 cpuid"
RASPBERRY_PI_5 = "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp"
GRAVITON_3 = f"{RASPBERRY_PI_5} sve i8mm bf16"


def instruction_sets(machine: str, flags: str) -> set[str]:
    """The sets switched on; what is not asked for must be switched off, for ggml's own default is on."""
    args = cmake_args.cmake_args("Linux", machine, set(flags.split()))
    assert "-DGGML_NATIVE=OFF" in args
    settings = dict(arg.removeprefix("-DGGML_").split("=", 1) for arg in args if arg.startswith("-DGGML_"))
    del settings["NATIVE"]
    assert set(settings) == set(cmake_args.X86)
    return {name for name, value in settings.items() if value == "ON"}


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ("fpu sse4_1", set()),
        ("sse4_2", {"SSE42"}),
        ("sse4_2 avx", {"SSE42", "AVX"}),
        ("sse4_2 f16c fma bmi2", {"SSE42", "BMI2"}),  # f16c and fma make the compiler use AVX registers
        (AVX2_LAPTOP, {"SSE42", "AVX", "F16C", "FMA", "BMI2", "AVX2"}),
        (f"{AVX2_LAPTOP} avx512f avx512_vnni", {"SSE42", "AVX", "F16C", "FMA", "BMI2", "AVX2"}),
        (AMX_SERVER, set(cmake_args.X86)),
    ],
)
def test_x86_takes_exactly_what_the_cpu_lists(flags: str, expected: set[str]) -> None:
    assert instruction_sets("x86_64", flags) == expected


def test_amx_is_never_asked_for() -> None:
    assert "AMX" not in " ".join(cmake_args.cmake_args("Linux", "x86_64", set(AMX_SERVER.split())))


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (RASPBERRY_PI_4, "armv8-a"),
        (RASPBERRY_PI_5, "armv8.2-a+fp16+dotprod"),
        (GRAVITON_3, "armv8.2-a+fp16+dotprod+i8mm"),
    ],
)
def test_arm_takes_the_boards_own_instruction_set(flags: str, expected: str) -> None:
    args = cmake_args.cmake_args("Linux", "aarch64", set(flags.split()))
    assert f"-DGGML_CPU_ARM_ARCH={expected}" in args
    assert "-DGGML_NATIVE=OFF" in args


def test_macos_keeps_the_default_build() -> None:
    assert not any("GGML" in arg for arg in cmake_args.cmake_args("Darwin", "arm64", set()))


def test_an_unknown_processor_gets_a_build_without_extensions() -> None:
    args = cmake_args.cmake_args("Linux", "riscv64", set())
    assert [arg for arg in args if "GGML" in arg] == ["-DGGML_NATIVE=OFF"]


def test_arguments_survive_the_shell() -> None:
    args = cmake_args.cmake_args("Linux", "x86_64", set())
    assert shlex.split(shlex.join(args)) == args


def test_only_what_every_core_has_counts() -> None:
    one, other = "flags\t\t: sse4_2 avx avx2\n", "flags\t\t: sse4_2 avx\nvmx flags\t: vnmi avx2\n"
    assert cmake_args.cpu_flags(one + other) == {"sse4_2", "avx"}


def test_arm_features_are_read() -> None:
    assert cmake_args.cpu_flags("BogoMIPS\t: 108.00\nFeatures\t: fp asimd asimddp\n") == {"fp", "asimd", "asimddp"}


def test_no_cpuinfo_means_no_flags() -> None:
    assert cmake_args.cpu_flags("") == set()

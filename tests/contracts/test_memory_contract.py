"""Closing gives the memory back: counted in a process of its own for each engine, against the same without closing."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.contracts.engines import LLM, STT, TTS

CYCLES = {"pocketsphinx": 1}  # a hundred megabytes each
NOISE_BYTES = 1_500_000
"""Below the smallest model: what a process fluctuates by where there is nothing to close."""

ENGINES = [(stage, case.name) for stage, cases in (("stt", STT), ("tts", TTS), ("llm", LLM)) for case in cases]
HEAVY = [(stage, name) for stage, name in ENGINES if not name.endswith(("fake", "tiny", "grammar"))]
"""The others are the same engines on next to nothing."""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="there is no /proc to read the memory from")
@pytest.mark.parametrize(("stage", "name"), HEAVY)
def test_closed_engines_keep_less_than_half_of_what_open_ones_hold(stage: str, name: str) -> None:
    if stage == "llm":
        pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")
    child = [sys.executable, "-m", "tests.contracts.memory", stage, name, str(CYCLES.get(name, 6))]
    counted = subprocess.run(child, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True)
    closed, opened = map(int, counted.stdout.split())
    if name != "espeak-ng":  # one library for the process, which stays
        assert opened > 2 * NOISE_BYTES, "the count sees an engine that is not closed"
    assert closed < max(NOISE_BYTES, opened / 2)

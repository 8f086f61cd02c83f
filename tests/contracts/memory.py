"""How much memory engines keep when they are closed, and when they are not: a process of its own, for a clean count.

Usage: python -m tests.contracts.memory STAGE NAME CYCLES
"""

import ctypes
import gc
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from assistant.session.turn import CancelToken
from tests.contracts.engines import LLM, STT, TTS, asked, noise

USES: dict[str, tuple[dict[str, Callable[[], Any]], Callable[[Any], object]]] = {
    "stt": ({case.name: case.make for case in STT}, lambda engine: engine.transcribe(noise(0.5), CancelToken())),
    "tts": (
        {case.name: lambda case=case: case.make(1.0) for case in TTS},
        lambda engine: list(engine.synthesize("Yes.", CancelToken())),
    ),
    "llm": ({case.name: case.make for case in LLM}, lambda engine: list(engine.generate(asked("hi"), CancelToken()))),
}


def resident_bytes() -> int:
    """What the process holds, once what is free has gone back to the system (glibc keeps it otherwise)."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS")]
    return 1024 * int(line.split()[1])


def growth(make: Callable[[], Any], use: Callable[[Any], object], cycles: int, close: bool) -> int:
    """Bytes that so many engines, loaded and used one after another, leave while their objects are kept."""
    kept, before = [], resident_bytes()
    for _ in range(cycles):
        engine = make()
        use(engine)
        if close:
            engine.close()
        kept.append(engine)
    return resident_bytes() - before


def main() -> None:
    stage, name, cycles = sys.argv[1], sys.argv[2], int(sys.argv[3])
    makers, use = USES[stage]
    growth(makers[name], use, min(2, cycles), close=True)  # libraries load and set up once
    closed = growth(makers[name], use, cycles, close=True)
    print(closed, growth(makers[name], use, cycles, close=False))


if __name__ == "__main__":
    main()

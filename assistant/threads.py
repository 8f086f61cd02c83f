"""How many threads each engine gets, how they wait, and how one waits for their end: the engines share the processor.

While an answer is spoken, the language model and the voice work at the same time; while the user speaks, the recogniser
and, ahead of the answer, the language model. So the language model and the larger of the other two have to fit in
together: threads that compete for a core make every engine slower (measured on two cores with two busy neighbours, a
language model on two spinning threads fell from 49 tokens a second to 4, on one thread from 30 to 13).
"""

import os
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

Wish = int | Literal["auto"]
"""Threads that a stage is to have: a number from the settings, 1 for an engine that has only one, 0 for none."""

SPARE_FROM_CORES = 4
"""From here on a core is left to the audio callbacks, the detector of speech and everything else on the machine."""

MOST_STT = 4  # what CTranslate2 takes by default
MOST_LLM = 8  # tokens are read from memory one after another, which few cores saturate
MOST_TTS = 2  # a clause is too short for more
GIVING_WAY = 10  # nice: weighs 110 where the others weigh 1024 (the kernel's sched_prio_to_weight)


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


def give_way() -> None:
    """Run this thread only where no other wants the processor, more or less: a tenth of its share. Linux alone can."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), GIVING_WAY)


def joined(thread: threading.Thread, timeout_s: float | None) -> bool:
    """Wait for the end of a thread, which may never have been started. False if it outlived ``timeout_s``."""
    if thread.ident is not None:
        thread.join(timeout_s)
    return not thread.is_alive()

"""What eSpeak NG says first in a process, by our adapter or by the library: ``ours`` or ``library``, and a speed.

Its pitch flutters on from one call to the next, so only the first is the same everywhere. Prints a digest of the sound.
"""

import ctypes
import hashlib
import sys
from typing import Any

import numpy as np

from assistant.models import espeak
from assistant.models.espeak import EspeakTts
from assistant.models.protocols import Pcm
from tests.contracts.engines import joined

CLAUSE = "Cows eat grass. Seven times six is forty two, and what is the capital of France?"


def by_library(speed: float) -> Pcm:
    library, _ = espeak._library()
    parts: list[Pcm] = []

    def collect(samples: Any, count: int, _events: int) -> int:
        if samples:
            parts.append(np.ctypeslib.as_array(samples, (count,)) / np.float32(32768))
        return 0

    callback, text = espeak.Callback(collect), CLAUSE.encode()
    library.espeak_SetVoiceByName(b"en-us")
    library.espeak_SetParameter(1, ctypes.c_int(round(175 * speed)), 0)
    library.espeak_SetSynthCallback(callback)
    library.espeak_Synth(text, len(text) + 1, 0, 1, 0, 1, None, None)
    return np.concatenate(parts)


if __name__ == "__main__":
    who, speed = sys.argv[1], float(sys.argv[2])
    sound = joined(EspeakTts(speed=speed), CLAUSE) if who == "ours" else by_library(speed)
    print(sound.size, hashlib.sha256(sound.astype(np.float32).tobytes()).hexdigest())

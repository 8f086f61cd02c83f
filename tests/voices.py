"""Speech for the tests, the same on every machine and in any order of tests."""

import shutil
import tempfile
from unittest.mock import patch

import espeakng_loader
import numpy as np

from assistant.models import espeak
from assistant.models.espeak import EspeakTts
from assistant.models.protocols import Pcm
from assistant.session.turn import CancelToken


def first_words(text: str) -> tuple[Pcm, int]:
    """The text as an eSpeak NG says it that has said nothing before, and the rate in Hz.

    The library's pitch flutters on from one sound to the next, and is reset by nothing but loading it: a copy of the
    file is a library of its own.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copy(espeakng_loader.get_library_path(), folder)
        afresh = patch.object(espeak, "_library", espeak._library.__wrapped__)
        with afresh, patch.object(espeakng_loader, "get_library_path", lambda: copy):
            voice = EspeakTts()
        return np.concatenate(list(voice.synthesize(text, CancelToken()))), voice.sample_rate_hz

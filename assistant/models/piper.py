"""Piper voices through onnxruntime."""

import logging
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from assistant.errors import EngineUnavailable
from assistant.models import headers
from assistant.models.protocols import Pcm
from assistant.models.stoppable import StoppableSession, session_options
from assistant.session.turn import CancelToken

ENGINE = "piper"
INPUTS = {"input", "input_lengths", "scales"}
MAX_CHARACTERS = 300
"""A longer clause is spoken in pieces: the attention's memory grows with the square of its length."""


class PiperTts:
    """A Piper voice: one chunk of sound for each sentence of the clause.

    Cancel point: between chunks and, within one, between the nodes of the network (``RunOptions.terminate``). Worst
    delay with a "medium" voice on one thread: 30 ms, in a piece of 280 characters that takes 1 s as a whole.
    """

    def __init__(self, model: Path, threads: int = 1, speed: float = 1.0) -> None:
        """Load ``model`` (.onnx, its .onnx.json beside). Raises EngineUnavailable, ModelMissing, ModelCorrupt."""
        headers.check(model, ENGINE)
        config = headers.read_json(model.with_name(model.name + ".json"), ENGINE)
        try:
            import onnxruntime
            from piper import PiperConfig, PiperVoice, SynthesisConfig
        except ImportError as error:
            raise EngineUnavailable(
                f"piper-tts cannot be imported: {error}", hint="Install it: pip install piper-tts"
            ) from error
        logging.getLogger("piper").setLevel(logging.ERROR)  # it warns of every sign that the voice cannot say
        try:
            parsed = PiperConfig.from_dict(config)
            session = onnxruntime.InferenceSession(
                str(model), sess_options=session_options(threads), providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime's errors have no base of their own
            raise headers.corrupt(model, ENGINE, str(error)) from error
        if not {node.name for node in session.get_inputs()} >= INPUTS:
            raise headers.corrupt(model, ENGINE, "it is an ONNX model, but not a Piper voice")
        self._name = f"piper {model.stem}"
        self._session = StoppableSession(session)
        self._voice: Any = PiperVoice(session=self._session, config=parsed)
        self._style = SynthesisConfig()
        self._own_length = parsed.length_scale
        self.pace(speed)

    @property
    def name(self) -> str:
        return self._name

    @property
    def sample_rate_hz(self) -> int:
        return int(self._voice.config.sample_rate)

    def pace(self, speed: float) -> None:
        self._style.length_scale = self._own_length / speed

    def warm(self) -> None:
        for _ in self.synthesize("Ready.", CancelToken()):
            pass

    def synthesize(self, text: str, token: CancelToken) -> Iterator[Pcm]:
        self._session.token = token
        for piece in pieces(text):
            token.raise_if_cancelled()
            for chunk in self._voice.synthesize(piece, self._style):
                token.raise_if_cancelled()
                yield np.atleast_1d(chunk.audio_float_array)

    def close(self) -> None:
        del self._voice, self._session


def pieces(text: str) -> list[str]:
    """The text in parts that the network takes in one run; none where there is nothing to say."""
    if not any(sign.isalnum() for sign in text):
        return []
    text = text.encode(errors="replace").decode()  # half a surrogate pair, which espeak-ng's bridge refuses
    plain = text.replace("[[", "[ ").replace("]]", " ]")  # Piper reads [[…]] as phonemes
    return textwrap.wrap(plain, MAX_CHARACTERS)

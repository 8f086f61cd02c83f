"""Smart Turn v3 through onnxruntime: it hears by the melody of the last words whether the speaker has finished.

Its input is that of ``inference.py`` in the repository pipecat-ai/smart-turn: the last 8 s at 16 kHz, padded with zeros
at the front, brought to zero mean and unit variance as a whole (``do_normalize``), as Whisper's logarithmic mel
spectrogram. Its output is a probability, the sigmoid is part of the network.
"""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.errors import EngineFailed, EngineUnavailable
from assistant.models import headers
from assistant.models.protocols import SAMPLE_RATE_HZ, Pcm
from assistant.models.stoppable import StoppableSession, session_options
from assistant.session.turn import CancelToken

ENGINE = "smart-turn"
INPUT = "input_features"
WINDOW_S = 8
WINDOW_SAMPLES = WINDOW_S * SAMPLE_RATE_HZ
VARIANCE_FLOOR = 1e-7  # of Transformers' WhisperFeatureExtractor


class SmartTurn:
    """A small encoder on one thread.

    Cancel point: before and after the spectrogram and, in the network, between its nodes (``RunOptions.terminate``).
    Worst delay: the spectrogram, which is not cut short, takes 4 ms.
    """

    def __init__(self, model: Path) -> None:
        """Load ``model`` (.onnx). Raises EngineUnavailable, ModelMissing, ModelCorrupt."""
        headers.check(model, ENGINE)
        try:
            import onnxruntime
            from faster_whisper.feature_extractor import FeatureExtractor
        except ImportError as error:
            raise EngineUnavailable(
                f"what the turn model needs cannot be imported: {error}",
                hint="Install it: pip install onnxruntime faster-whisper",
            ) from error
        try:
            session = onnxruntime.InferenceSession(
                str(model), sess_options=session_options(threads=1), providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime's errors have no base of their own
            raise headers.corrupt(model, ENGINE, str(error)) from error
        if {node.name for node in session.get_inputs()} != {INPUT}:
            raise headers.corrupt(model, ENGINE, "it is an ONNX model, but not Smart Turn v3")
        self._name = f"smart-turn {model.stem}"
        self._session = StoppableSession(session)
        self._spectrogram: Any = FeatureExtractor(chunk_length=WINDOW_S)

    @property
    def name(self) -> str:
        return self._name

    def warm(self) -> None:
        self.probability(np.zeros(0, np.float32), CancelToken())

    def probability(self, pcm: Pcm, token: CancelToken) -> float:
        token.raise_if_cancelled()
        features = self.features(pcm)
        token.raise_if_cancelled()
        self._session.token = token
        probability = float(np.ravel(self._session.run(None, {INPUT: features})[0])[0])
        if not 0 <= probability <= 1:
            raise EngineFailed(
                f"the turn model gave {probability}, which is no probability", hint="Smart Turn v3 is wanted."
            )
        return probability

    def features(self, pcm: Pcm) -> npt.NDArray[np.float32]:
        """What the network is given: shape ``(1, 80, 800)``, a frame for each 10 ms."""
        mel = self._spectrogram(normalised(window(pcm)), padding=0)
        return np.ascontiguousarray(mel[np.newaxis], np.float32)

    def close(self) -> None:
        del self._session, self._spectrogram


def window(pcm: Pcm) -> Pcm:
    """The last 8 s, silence in front of what is shorter; shape ``(128000,)``."""
    last = pcm[-WINDOW_SAMPLES:]
    return np.pad(last, (WINDOW_SAMPLES - last.size, 0))


def normalised(pcm: Pcm) -> Pcm:
    """The same with zero mean and unit variance; silence stays silence."""
    unit: Pcm = ((pcm - pcm.mean()) / np.sqrt(pcm.var() + VARIANCE_FLOOR)).astype(np.float32)
    return unit

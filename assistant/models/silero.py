"""Silero VAD v6 through onnxruntime, from the model file that the faster-whisper wheel carries (MIT)."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from assistant.errors import EngineUnavailable
from assistant.models import headers
from assistant.models.protocols import FRAME_SAMPLES, Pcm

ENGINE = "silero"
MODEL_IN_WHEEL = Path("assets", "silero_vad_v6.onnx")
CONTEXT_SAMPLES = 64
"""The end of the last frame, which the model wants before the new one (silero-vad, ``utils_vad.OnnxWrapper``)."""

STATE_SHAPE = (1, 1, 128)
INPUTS = {"input", "h", "c"}
SILENT = 4  # onnxruntime's log severity: only what is fatal


class SileroVad:
    """One session's voice activity detector: a small recurrent network that hears 32 ms at a time. Not thread-safe.

    A frame takes about 0.1 ms on one thread, so there is nothing to cancel.
    """

    def __init__(self, model: Path | None = None) -> None:
        """Load ``model``, or the wheel's file. Raises EngineUnavailable, ModelMissing, ModelCorrupt."""
        self._session = _open(model if model is not None else _in_wheel())
        self._input = np.zeros((1, CONTEXT_SAMPLES + FRAME_SAMPLES), np.float32)
        self._h = self._c = np.zeros(STATE_SHAPE, np.float32)

    @property
    def name(self) -> str:
        return "silero v6"

    def probability(self, frame: Pcm) -> float:
        if frame.shape != (FRAME_SAMPLES,):
            raise ValueError(f"a frame has shape ({FRAME_SAMPLES},), not {frame.shape}")
        self._input[0, :CONTEXT_SAMPLES] = self._input[0, -CONTEXT_SAMPLES:]
        self._input[0, CONTEXT_SAMPLES:] = frame
        feed = {"input": self._input, "h": self._h, "c": self._c}
        speech, self._h, self._c = self._session.run(None, feed)
        return float(np.ravel(speech)[0])

    def reset(self) -> None:
        self._input.fill(0)
        self._h = self._c = np.zeros(STATE_SHAPE, np.float32)


def _in_wheel() -> Path:
    """The model in the wheel, found without importing faster-whisper, which takes seconds."""
    package = find_spec("faster_whisper")
    if package is None or package.origin is None:
        raise EngineUnavailable(
            "faster-whisper, whose package carries the voice activity model, is not installed",
            hint="Install it: pip install faster-whisper",
        )
    return Path(package.origin).parent / MODEL_IN_WHEEL


def _open(model: Path) -> Any:
    headers.check(model, ENGINE)
    try:
        import onnxruntime
    except ImportError as error:
        raise EngineUnavailable(
            f"onnxruntime cannot be imported: {error}", hint="Install it: pip install onnxruntime"
        ) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = SILENT
    try:
        session = onnxruntime.InferenceSession(str(model), sess_options=options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors have no base of their own
        raise headers.corrupt(model, ENGINE, str(error)) from error
    if {node.name for node in session.get_inputs()} != INPUTS:
        raise headers.corrupt(model, ENGINE, "it is an ONNX model, but not Silero VAD v6")
    return session

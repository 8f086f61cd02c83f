"""Wake words with microWakeWord's streaming networks, through pymicro-wakeword (Apache-2.0, as the models it carries).

The notice in esphome/micro-wake-word-models puts the weights under Apache-2.0, too.
"""

import difflib
import math
from pathlib import Path
from typing import Any

import numpy as np

from assistant.errors import EngineUnavailable, ModelMissing
from assistant.models import headers
from assistant.models.protocols import FRAME_SAMPLES, Pcm

ENGINE = "microwakeword"
FEATURES = 40  # energies of one window, in the models' last dimension (micro_speech's frontend)
LATENCY_S = 0.16  # of five steps of 30 ms, whose mean decides; docs/listening.md has what other cuts lose
STEEPNESS = 4.0
"""How far the ends of the sensitivity move the threshold, in log-odds: 0.85 becomes 0.98 at 0 and 0.43 at 1."""
REST_FRAMES = 10  # below the threshold for 0.3 s, until the next time counts
HIGHEST = 0.995  # an 8-bit probability gets no higher than 255/256


class MicroWakeWord:
    """One session's wake word detector. Not thread-safe.

    A frame takes about 0.1 ms, so there is nothing to cancel.
    """

    def __init__(self, word: str = "okay_nabu", sensitivity: float = 0.5) -> None:
        """Load the model ``word``, or the .json of another. ``sensitivity`` 0.5 is the model's own threshold.

        Raises EngineUnavailable, ModelMissing, ModelCorrupt.
        """
        library = _library()
        bundled = {model.value: model for model in library.Model}
        name = word.strip().lower().replace(" ", "_")
        if name in bundled:
            self._model = library.MicroWakeWord.from_builtin(bundled[name])
        else:
            path = _own(word, list(bundled))
            _prove(path, library)
            self._model = library.MicroWakeWord.from_config(path)
        self._features = library.MicroWakeWordFeatures()
        self._threshold = threshold(self._model.probability_cutoff, sensitivity)
        self._resting = 0

    @property
    def name(self) -> str:
        return f"microWakeWord {self.phrase}"

    @property
    def phrase(self) -> str:
        return str(self._model.wake_word).lower()

    @property
    def latency_s(self) -> float:
        return LATENCY_S

    def heard(self, frame: Pcm) -> bool:
        if frame.shape != (FRAME_SAMPLES,):
            raise ValueError(f"a frame has shape ({FRAME_SAMPLES},), not {frame.shape}")
        sound = (np.clip(frame, -1, 1) * 32767).astype(np.int16).tobytes()
        highest = max(map(self._model.process_streaming_prob, self._features.process_streaming(sound)), default=0.0)
        sounds, rests = highest > self._threshold, self._resting > 0
        self._resting = REST_FRAMES if sounds else self._resting - rests
        return sounds and not rests

    def reset(self) -> None:
        self._model.reset()
        self._features.reset()


def threshold(cutoff: float, sensitivity: float) -> float:
    """The probability that counts as the wake word, from the model's own and the user's wish; both 0…1."""
    own = min(max(cutoff, 1 - HIGHEST), HIGHEST)
    odds = math.log(own / (1 - own)) + STEEPNESS * (0.5 - sensitivity)
    return min(1 / (1 + math.exp(-odds)), HIGHEST)


def _library() -> Any:
    try:
        import pymicro_wakeword
    except (ImportError, OSError) as error:  # the native library inside may want a newer system
        raise EngineUnavailable(
            f"pymicro-wakeword, which hears wake words, cannot be imported: {error}",
            hint="Install it: pip install 'pymicro-wakeword>=2.5' (Linux with glibc 2.35, macOS 15 on Apple chips); "
            "or hold a key instead: assistant config set listen.mode push",
        ) from error
    return pymicro_wakeword


def _own(word: str, bundled: list[str]) -> Path:
    """The manifest of the user's model. Raises ModelMissing, with a near name where it was probably one of ours."""
    path = Path(word).expanduser()
    if path.suffix == ".tflite":
        path = path.with_suffix(".json")
    if path.is_file():
        return path
    if path.suffix == ".json" or len(path.parts) > 1:
        raise ModelMissing(f"the wake word model {path} is not there", hint=headers.FORMS[ENGINE])
    near = difflib.get_close_matches(word.lower().replace(" ", "_"), bundled, n=1, cutoff=0.5)
    known = f"Those that are known: {', '.join(bundled)}; or the .json of a model of your own."
    raise ModelMissing(f"there is no wake word {word!r}", hint=f"Did you mean {near[0]}? {known}" if near else known)


def _prove(manifest: Path, library: Any) -> None:
    """Raise unless TensorFlow Lite can run the model: pymicro-wakeword looks at none of its answers, and crashes."""
    headers.check(manifest, ENGINE)
    model = manifest.parent / headers.read_json(manifest, ENGINE)["model"]
    lib = library.MicroWakeWord.from_builtin(next(iter(library.Model))).lib
    if not (loaded := lib.TfLiteModelCreateFromFile(str(model.resolve()).encode())):
        raise headers.corrupt(model, ENGINE, "TensorFlow Lite cannot read it")
    try:
        if (problem := _problem(lib, lib.TfLiteInterpreterCreate(loaded, None))) is not None:
            raise headers.corrupt(model, ENGINE, problem)
    finally:
        lib.TfLiteModelDelete(loaded)


def _problem(lib: Any, interpreter: Any) -> str | None:
    """What keeps the network from working; None where nothing does."""
    if not interpreter:
        return "TensorFlow Lite cannot run it"
    try:
        if lib.TfLiteInterpreterAllocateTensors(interpreter):
            return "its tensors do not fit together"
        sound = lib.TfLiteInterpreterGetInputTensor(interpreter, 0)
        dimensions = [lib.TfLiteTensorDim(sound, axis) for axis in range(lib.TfLiteTensorNumDims(sound))]
        # Quantised to 8 bits, so that there are as many bytes as values.
        if dimensions[::2] != [1, FEATURES] or lib.TfLiteTensorByteSize(sound) != math.prod(dimensions):
            return "it is a TensorFlow Lite model, but not of microWakeWord"
        if lib.TfLiteInterpreterInvoke(interpreter):
            return "it does not run"
        return None
    finally:
        lib.TfLiteInterpreterDelete(interpreter)

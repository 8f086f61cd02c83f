"""Whisper on the CPU, through faster-whisper's features and tokenizer and CTranslate2's encoder and decoder.

``WhisperModel.transcribe`` pads every utterance to 30 s. The encoder takes any shorter window, at a fraction of the
cost, so the adapter calls the parts itself with a window that fits.
"""

import math
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assistant.errors import EngineUnavailable
from assistant.models import headers
from assistant.models.protocols import SAMPLE_RATE_HZ, Pcm, Transcript
from assistant.models.windows import WINDOW_S, windows
from assistant.session.turn import CancelToken

ENGINE = "faster-whisper"
MARGIN_S = 2
"""Silence after the words. Whisper learned on 30 s windows; one too tight can loop (whisper.cpp issue 1117)."""

MIN_WINDOW_S = 4
TOKENS_PER_S = 8
"""Twice as many as fast speech has: about four words a second, at 1.3 tokens each."""

MAX_TOKENS = 224
SILENCE_PEAK = 1e-4
"""−80 dBFS: digital silence, for which Whisper likes to invent words."""

# The thresholds of OpenAI's own transcribe().
MAX_COMPRESSION_RATIO = 2.4
MIN_LOG_PROBABILITY = -1.0
MAX_NO_SPEECH = 0.6


@dataclass(frozen=True, slots=True)
class Heard:
    """What one window gave. ``log_probability`` is the mean a token, natural logarithm."""

    text: str
    log_probability: float
    no_speech: float

    @property
    def loops(self) -> bool:
        return compression_ratio(self.text) > MAX_COMPRESSION_RATIO

    @property
    def doubtful(self) -> bool:
        return self.loops or self.log_probability < MIN_LOG_PROBABILITY

    @property
    def silent(self) -> bool:
        return self.loops or (self.no_speech > MAX_NO_SPEECH and self.log_probability < MIN_LOG_PROBABILITY)


class WhisperStt:
    """Whisper as CTranslate2 int8: greedy, no timestamps, no memory of earlier speech, never any network.

    A final transcript that looks wrong in the fitted window is heard again in the full one; a partial is not. Silence
    and loops give empty text. ``confidence`` is the mean probability of a token.

    Cancel point: between the encoder and the decoder, and between windows; neither can be stopped inside. Worst delay
    with a model of the size of tiny.en on one thread: 40 ms for an utterance of 3 s, 350 ms in a full window of 30 s,
    and 900 ms there on a machine with twice as much work as cores.
    """

    def __init__(self, model: Path, language: str = "en", threads: int = 1, *, fitted: bool = True) -> None:
        """Load the CTranslate2 folder ``model``. Raises EngineUnavailable, ModelMissing, ModelCorrupt.

        Not ``fitted``, it hears everything in the full window: what fitted ones are measured against.
        """
        headers.check(model, ENGINE)
        try:
            from faster_whisper import WhisperModel
            from faster_whisper.tokenizer import Tokenizer
            from faster_whisper.transcribe import get_suppressed_tokens
        except ImportError as error:
            raise EngineUnavailable(
                f"faster-whisper cannot be imported: {error}", hint="Install it: pip install faster-whisper"
            ) from error
        try:
            self._whisper: Any = WhisperModel(
                str(model), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True
            )
        except Exception as error:  # CTranslate2 and tokenizers raise plain RuntimeError, ValueError and Exception
            raise headers.corrupt(model, ENGINE, str(error)) from error
        self._fitted = fitted
        self._name = "faster-whisper " + model.name.removeprefix("faster-whisper-")
        self._tokenizer = Tokenizer(
            self._whisper.hf_tokenizer,
            self._whisper.model.is_multilingual,
            task="transcribe",
            language=self._checked_language(language),
        )
        self._suppressed = list(get_suppressed_tokens(self._tokenizer, [-1]))
        self._prompt = [*self._tokenizer.sot_sequence, self._tokenizer.no_timestamps]

    @property
    def name(self) -> str:
        return self._name

    def warm(self) -> None:
        noise = np.random.default_rng(0).normal(0, 0.01, SAMPLE_RATE_HZ).astype(np.float32)
        self._hear(noise, MIN_WINDOW_S, CancelToken())

    def transcribe(self, pcm: Pcm, token: CancelToken, *, final: bool = True) -> Transcript:
        heard = []
        for window in windows(pcm):
            token.raise_if_cancelled()
            one = self._hear_window(window, token, again=final)
            if not one.silent and one.text:
                heard.append(one)
        if not heard:
            return Transcript("")
        confidence = math.exp(min(0.0, sum(one.log_probability for one in heard) / len(heard)))
        return Transcript(" ".join(one.text for one in heard), confidence)

    def close(self) -> None:
        self._whisper.model.unload_model()
        del self._whisper, self._tokenizer

    def _hear_window(self, pcm: Pcm, token: CancelToken, *, again: bool) -> Heard:
        if pcm.size == 0 or float(np.abs(pcm).max()) < SILENCE_PEAK:
            return Heard("", 0.0, 1.0)
        window_s = fitted_window_s(pcm.size / SAMPLE_RATE_HZ) if self._fitted else WINDOW_S
        heard = self._hear(pcm, window_s, token)
        if again and heard.doubtful and window_s < WINDOW_S:
            heard = self._hear(pcm, WINDOW_S, token)
        return heard

    def _hear(self, pcm: Pcm, window_s: int, token: CancelToken) -> Heard:
        from ctranslate2 import StorageView

        padded = np.zeros(window_s * SAMPLE_RATE_HZ, np.float32)
        padded[: pcm.size] = pcm
        features = self._whisper.feature_extractor(padded, padding=0)
        encoded = self._whisper.model.encode(StorageView.from_array(np.ascontiguousarray(features[None])))
        token.raise_if_cancelled()
        result = self._whisper.model.generate(
            encoded,
            [self._prompt],
            beam_size=1,
            max_length=2 * token_limit(pcm.size / SAMPLE_RATE_HZ),  # CTranslate2 generates half of it at most
            return_scores=True,
            return_no_speech_prob=True,
            suppress_tokens=self._suppressed,
        )[0]
        token.raise_if_cancelled()
        # CTranslate2 divides the score by the length without the end token, which Whisper counts.
        ids = result.sequences_ids[0]
        log_probability = result.scores[0] * len(ids) / (len(ids) + 1)
        return Heard(self._tokenizer.decode(ids).strip(), log_probability, result.no_speech_prob)

    def _checked_language(self, language: str) -> str:
        if language in self._whisper.supported_languages:
            return language
        raise EngineUnavailable(
            f"{self._name} does not understand the language {language!r}",
            hint="Set stt.language to one that it knows, or install a multilingual model (its name has no .en).",
        )


def fitted_window_s(speech_s: float) -> int:
    """Whole seconds of window for an utterance, margin included."""
    return min(WINDOW_S, max(MIN_WINDOW_S, math.ceil(speech_s + MARGIN_S)))


def token_limit(speech_s: float) -> int:
    """How many tokens so much speech can have at most: a loop ends here."""
    return min(MAX_TOKENS, 8 + math.ceil(speech_s * TOKENS_PER_S))


def compression_ratio(text: str) -> float:
    """Bytes of the text over bytes when deflated: high where it repeats itself."""
    data = text.encode()
    return len(data) / len(zlib.compress(data))

"""What windows that fit the utterance cost in words, and gain in time: Whisper against itself."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from assistant.bench.clips import Clip
from assistant.bench.spread import edit_distance, spread
from assistant.brain.text import tokenize
from assistant.config import Settings
from assistant.models import registry
from assistant.models.protocols import SttEngine
from assistant.session.turn import CancelToken

HEADERS = ("recording", "window that fits", "full window", "fits", "full")


@dataclass(frozen=True, slots=True)
class Heard:
    """One recording in both windows: the words, and the seconds that they took."""

    clip: str
    expected: str
    fitted: str
    full: str
    fitted_s: float
    full_s: float


def compare(
    settings: Settings, clips: Sequence[Clip], on_step: Callable[[int], object] = lambda _: None
) -> list[Heard]:
    """Every recording by both. Raises EngineError where there is no Whisper."""
    fitted, full = registry.whisper_windows(settings)
    try:
        for engine in (fitted, full):
            engine.warm()
        compared = []
        for number, clip in enumerate(clips, 1):
            compared.append(_heard(clip, fitted, full))
            on_step(number)
        return compared
    finally:
        fitted.close()
        full.close()


def lines(compared: Sequence[Heard]) -> Iterator[tuple[str, str, str, str, str]]:
    """Rows under ``HEADERS``: each recording, then the share of words that are wrong and the median time."""
    for one in compared:
        yield one.clip, one.fitted, one.full, _ms(one.fitted_s), _ms(one.full_s)
    fitted = word_error_share([(one.expected, one.fitted) for one in compared])
    full = word_error_share([(one.expected, one.full) for one in compared])
    if fitted is not None and full is not None:
        yield "words heard wrong", f"{fitted:.1%}", f"{full:.1%}", "", ""
    differing = sum(words(one.fitted) != words(one.full) for one in compared)
    yield "different words", f"{differing} of {len(compared)}", "", "", ""
    fitted_s, full_s = (spread(one.fitted_s for one in compared), spread(one.full_s for one in compared))
    if fitted_s is not None and full_s is not None:
        yield "median", f"{full_s.p50 / fitted_s.p50:.1f} times faster", "", _ms(fitted_s.p50), _ms(full_s.p50)


def word_error_share(pairs: Iterable[tuple[str, str]]) -> float | None:
    """Of the words expected, the share that was heard wrong, missed or added; None where nobody wrote them down."""
    known = [(words(expected), words(heard)) for expected, heard in pairs if expected]
    total = sum(len(expected) for expected, _ in known)
    return sum(edit_distance(expected, heard) for expected, heard in known) / total if total else None


def words(text: str) -> list[str]:
    """Lower-case words; numbers in words and in digits are the same."""
    return " ".join(str(token) for token in tokenize(text)).split()


def _heard(clip: Clip, fitted: SttEngine, full: SttEngine) -> Heard:
    token = CancelToken()
    began_s = time.perf_counter()
    in_fitted = fitted.transcribe(clip.pcm, token).text
    between_s = time.perf_counter()
    in_full = full.transcribe(clip.pcm, token).text
    ended_s = time.perf_counter()
    return Heard(clip.name, clip.text, in_fitted, in_full, between_s - began_s, ended_s - between_s)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"

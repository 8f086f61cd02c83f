"""Reading a text aloud, clause by clause, into a loudspeaker or a file."""

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol

from assistant.audio.resample import Resampler
from assistant.audio.speaker import LATENCY_S, SpeakerSink
from assistant.audio.wavwriter import STDOUT, WavWriter
from assistant.commands.outcome import report
from assistant.commands.stage import EngineStage
from assistant.errors import AssistantError, AudioError, InputError
from assistant.models import registry
from assistant.models.protocols import FRAME_S, Pcm, TtsEngine
from assistant.session.clauses import Clause, ClauseSplitter
from assistant.session.turn import CancelToken

if TYPE_CHECKING:
    from assistant.config import Settings

DELTA_CHARACTERS = 2_000
Chunk = tuple[str, int, Pcm]
"""Engine, sample rate in Hz, sound."""


class Voice(Protocol):
    def open(self) -> None:
        """Raises AudioError, OutputError."""

    def play(self, pcm: Pcm, sample_rate_hz: int) -> None:
        """Take sound, waiting while there is no room."""

    def close(self, *, complete: bool) -> None:
        """Let everything be heard, or, when not ``complete``, end at once."""


class SpeakerVoice:
    """The loudspeaker of that name; None for the default."""

    def __init__(self, device_name: str | None) -> None:
        self._sink = SpeakerSink(device_name, on_trouble=_report)

    def open(self) -> None:
        """Raises AudioError."""
        try:
            self._sink.start()
        except AudioError as error:
            error.hint += " Or write a file: assistant say TEXT -o out.wav"
            raise

    def play(self, pcm: Pcm, sample_rate_hz: int) -> None:
        while not self._sink.write(0, pcm, sample_rate_hz):
            self._pass_time()

    def close(self, *, complete: bool) -> None:
        while complete and self._sink.buffered_s > 0:
            self._pass_time()
        if complete:
            time.sleep(LATENCY_S)  # what the device itself still holds
        self._sink.close()

    def _pass_time(self) -> None:
        time.sleep(FRAME_S)
        self._sink.tick(FRAME_S)


class FileVoice:
    """A WAV file at the engine's own rate, or standard output as ``-``."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._writer: WavWriter | None = None
        self._rate_hz = 0

    def open(self) -> None:
        """The file is made with the first sound, whose rate its header needs."""

    def play(self, pcm: Pcm, sample_rate_hz: int) -> None:
        """Raises OutputError."""
        if self._writer is None:
            self._writer, self._rate_hz = WavWriter(self._path, sample_rate_hz), sample_rate_hz
        if sample_rate_hz == self._rate_hz:
            self._writer.write(pcm)
            return
        # Another engine took over in the middle.
        resampler = Resampler(sample_rate_hz, self._rate_hz)
        for part in (resampler.push(pcm), resampler.flush()):
            self._writer.write(part)

    def close(self, *, complete: bool) -> None:
        """A reading that was cut short keeps what was said, unless it was for a pipe. Raises OutputError."""
        if self._writer is not None and (complete or self._path != STDOUT):
            self._writer.close()


def read_aloud(text: str, settings: "Settings", voice: Voice) -> dict[str, object]:
    """Say ``text``; what was said, by whom and for how long, as JSON-ready data. Raises AssistantError."""
    said_by, seconds, complete = "", 0.0, False
    with EngineStage("tts", registry.tts_candidates(settings)) as stage:
        voice.open()
        try:
            for engine, rate_hz, pcm in _chunks(text, settings.stt.language, stage):
                voice.play(pcm, rate_hz)
                said_by, seconds = engine, seconds + len(pcm) / rate_hz
            complete = True
        finally:
            voice.close(complete=complete)
    if not said_by:
        raise InputError("there is nothing in the text that can be said", hint="Give it some words.")
    return {"engine": said_by, "seconds": round(seconds, 3), "characters": len(text)}


def _chunks(text: str, language: str, stage: EngineStage[TtsEngine]) -> Iterator[Chunk]:
    for clause in _clauses(text, language):
        if clause.spoken:
            yield from stage.run(_synthesis(clause.spoken))


def _clauses(text: str, language: str) -> Iterator[Clause]:
    splitter = ClauseSplitter(language)
    for at in range(0, len(text), DELTA_CHARACTERS):
        yield from splitter.feed(text[at : at + DELTA_CHARACTERS])
    yield from splitter.flush()


def _synthesis(spoken: str) -> Callable[[TtsEngine, CancelToken], Iterator[Chunk]]:
    def work(engine: TtsEngine, token: CancelToken) -> Iterator[Chunk]:
        for pcm in engine.synthesize(spoken, token):
            yield engine.name, engine.sample_rate_hz, pcm

    return work


def _report(error: AssistantError | None) -> None:
    if error is not None:
        report(error)

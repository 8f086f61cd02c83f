"""Writing down recordings of any length, utterance by utterance."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from assistant.audio.soundfiles import read_frames
from assistant.brain.grammar import intent_grammar
from assistant.commands.segments import split
from assistant.commands.stage import EngineStage
from assistant.config import Settings
from assistant.models import registry
from assistant.models.protocols import Pcm, SttEngine, Transcript
from assistant.session.turn import CancelToken

THRESHOLD = 0.35
"""Lower than in conversation: nobody is interrupted by mistake here, and a soft word missed is lost."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """What was said from ``start_s`` to ``end_s`` of the recording; the text may be empty."""

    start_s: float
    end_s: float
    text: str
    confidence: float | None
    engine: str


class Dictation:
    """A recogniser for recordings. As a context manager it loads the engine and stops it."""

    def __init__(self, settings: Settings) -> None:
        self._stage = EngineStage("stt", registry.stt_candidates(settings, intent_grammar))
        self._vad = registry.make_vad()

    def __enter__(self) -> "Dictation":
        self._stage.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._stage.__exit__(kind, error, tb)

    def utterances(self, path: Path) -> Iterator[Utterance]:
        """What is said in the file, as it is recognised; memory does not grow with its length.

        Raises AudioFileError, EngineError, at once or, for damage further on, in between.
        """
        self._vad.reset()
        for segment in split(read_frames(path), self._vad.probability, THRESHOLD):
            for engine, transcript in self._stage.run(_recognition(segment.pcm)):
                yield Utterance(
                    round(segment.start_s, 3), round(segment.end_s, 3), transcript.text, transcript.confidence, engine
                )


def _recognition(pcm: Pcm) -> Callable[[SttEngine, CancelToken], Iterator[tuple[str, Transcript]]]:
    def work(engine: SttEngine, token: CancelToken) -> Iterator[tuple[str, Transcript]]:
        yield engine.name, engine.transcribe(pcm, token)

    return work

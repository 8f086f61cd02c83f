"""Ears for what voices say, loaded once."""

from collections.abc import Callable, Iterator

import pytest

from assistant.models.faster_whisper import WhisperStt
from assistant.models.protocols import Pcm, SttEngine
from assistant.models.sphinx import PocketSphinxStt
from assistant.session.turn import CancelToken
from tests.contracts.engines import GRAMMAR, NANO_WHISPER

EARS: dict[str, Callable[[], SttEngine]] = {
    "nano-whisper": lambda: WhisperStt(NANO_WHISPER),
    "pocketsphinx": lambda: PocketSphinxStt(lambda _: GRAMMAR),
}


@pytest.fixture(scope="session", params=EARS.values(), ids=list(EARS))
def ear(request: pytest.FixtureRequest) -> Iterator[Callable[[Pcm], str]]:
    """The words of sound at 16 kHz."""
    engine: SttEngine = request.param()
    yield lambda pcm: engine.transcribe(pcm, CancelToken()).text
    engine.close()

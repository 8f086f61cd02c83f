"""Makes the tape of a conversation out of what that is put together from."""

from collections.abc import Callable
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from assistant.audio.frontend import CleanSource
from assistant.audio.protocols import Sink, Source
from assistant.audio.speaker import RingSink
from assistant.bus import Bus
from assistant.config import Settings
from assistant.errors import RecordingError
from assistant.events import RecordingChanged
from assistant.models.protocols import FRAME_SAMPLES, SAMPLE_RATE_HZ, Pcm
from assistant.recording.folder import REPLY, SOUNDS, About, folder_of
from assistant.recording.repeatable import repeatable
from assistant.recording.tape import Tape

EVENTS = 10_000
ONSET_S = 0.4
"""So long after its first sound a voice is taken for one, at worst."""


def make_tape(
    session_id: str,
    seed: int,
    settings: Settings,
    *,
    source: Source,
    sink: Sink,
    bus: Bus,
    patient: bool,
    on_trouble: Callable[[RecordingError], object],
) -> Tape:
    """For the folder of that session; ``patient`` where time counts sound. Nothing is written before it starts."""
    folder = folder_of(session_id)

    def changed(recording: bool) -> None:
        bus.publish(RecordingChanged(at_s=source.clock(), recording=recording, folder=str(folder)))

    return Tape(
        folder,
        About(
            session_id=session_id,
            started_at=datetime.now().astimezone(),
            assistant=_version(),
            seed=seed,
            settings=repeatable(settings),
            lead_s=settings.turn.pre_roll_ms / 1000 + ONSET_S,
        ),
        bus.subscribe(EVENTS),
        sounded=sink.sounded if isinstance(sink, RingSink) else _nothing,
        masked=isinstance(source, CleanSource),
        patient=patient,
        on_change=changed,
        on_trouble=on_trouble,
    )


def _version() -> str:
    try:
        return version("assistant")
    except PackageNotFoundError:  # a source tree
        return "unknown"


def _nothing(_: float) -> Pcm:
    return np.zeros(FRAME_SAMPLES * SOUNDS[REPLY] // SAMPLE_RATE_HZ, np.float32)

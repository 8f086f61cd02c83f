"""What it costs to listen while the assistant speaks: all that looks at each frame, in a simulated room."""

import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from assistant.audio.echo import KalmanCanceller
from assistant.audio.frontend import FrontEnd
from assistant.audio.protocols import Frame
from assistant.audio.reference import PlaybackTap
from assistant.bench.acoustics import Echo, Room, calibrated_gain
from assistant.config import Settings
from assistant.models import registry
from assistant.models.protocols import FRAME_S, Pcm
from assistant.session.listen import Listener

SECONDS = 20.0
BLOCK_S = 0.01


def share_of_core(room: Room, settings: Settings, voice: Pcm, voice_hz: int) -> float:
    """Processor time of echo, gain, voice activity and wake word a second of sound, while ``voice`` is played.

    ``voice`` has shape ``(n,)``. Raises EngineError.
    """
    tap = PlaybackTap(voice_hz)
    front = FrontEnd(KalmanCanceller(), tap, unless_headset=False)
    listener = Listener(
        registry.make_vad(), threshold=settings.turn.vad_threshold, pre_roll_ms=settings.turn.pre_roll_ms
    )
    waking = settings.model_copy(update={"listen": settings.listen.model_copy(update={"mode": "wake"})})
    detector = registry.make_wake(waking)
    assert detector is not None
    cpu_s = heard_s = 0.0
    for frame in _frames(room, voice, voice_hz, tap):
        began_s = time.thread_time()
        cleaned = front.clean(frame)
        listener.feed(cleaned)
        detector.heard(cleaned.pcm)
        cpu_s += time.thread_time() - began_s
        heard_s += FRAME_S
    return cpu_s / heard_s


def _frames(room: Room, voice: Pcm, voice_hz: int, tap: PlaybackTap) -> Iterator[Frame]:
    """What the microphone hears of the voice, over and over; by then the tap knows what was played."""
    room = replace(room, drift_ppm=0.0)
    echo = Echo(room, voice_hz, calibrated_gain(room, voice, voice_hz))
    count = round(BLOCK_S * voice_hz)
    looped = np.tile(voice, round(SECONDS * voice_hz) // voice.size + 2)
    played = 0
    for number in range(round(SECONDS / FRAME_S)):
        while played / voice_hz < (number + 2) * FRAME_S:
            block = looped[played : played + count]
            tap.write(block, played / voice_hz)
            echo.push(block)
            played += count
        yield Frame(echo.frame(), (number + 1) * FRAME_S)

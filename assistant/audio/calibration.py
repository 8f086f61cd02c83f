"""Measure the way from the loudspeaker to the microphone: play a chirp, and look for it."""

import queue
from typing import NamedTuple, Protocol

import numpy as np

from assistant.audio.delay import DelayFinder
from assistant.audio.protocols import Frame, Sink, Source
from assistant.audio.reference import Reference
from assistant.errors import DeviceRefused
from assistant.models.protocols import FRAME_S, FRAME_SAMPLES, SAMPLE_RATE_HZ, Pcm

CHIRP_S, CHIRP_HZ, CHIRP_LEVEL = 1.5, (150.0, 6000.0), 0.25
SETTLE_FRAMES, RECORD_FRAMES = 16, 96  # half a second for the stamps of both devices, 3 s in all
PATIENCE_S = 5.0


class Loudspeaker(Sink, Reference, Protocol):
    """A sink that knows what it plays."""


class EchoPath(NamedTuple):
    """``delay_s`` from the loudspeaker's stamps to the microphone's, ``loss_db`` from full scale to full scale."""

    delay_s: float
    loss_db: float


def chirp() -> Pcm:
    """A logarithmic sweep at 16 kHz (Farina, "Simultaneous measurement of impulse response and distortion with a
    swept-sine technique", 2000), faded in and out."""
    low, high = CHIRP_HZ
    share = np.arange(round(CHIRP_S * SAMPLE_RATE_HZ)) / (CHIRP_S * SAMPLE_RATE_HZ)
    octaves = np.log(high / low)
    phase = 2 * np.pi * low * CHIRP_S / octaves * (np.exp(share * octaves) - 1)
    sweep: Pcm = (CHIRP_LEVEL * np.sin(phase) * np.minimum(1, 20 * np.minimum(share, 1 - share))).astype(np.float32)
    return sweep


def record(source: Source, sink: Loudspeaker) -> tuple[Pcm, Pcm]:
    """Play the chirp; give what was played and what was heard, shape ``(n,)`` each. Takes 3 s. Raises AudioError."""
    frames: queue.SimpleQueue[tuple[Pcm, Pcm]] = queue.SimpleQueue()  # holds three seconds at most

    def deliver(frame: Frame) -> None:
        frames.put((sink.played(frame.at_s, FRAME_SAMPLES), frame.pcm))

    sink.start()
    try:
        source.start(deliver)
        heard = [_next(frames, sink, number) for number in range(RECORD_FRAMES)]
    finally:
        source.stop()
        sink.close()
    return np.concatenate([far for far, _ in heard]), np.concatenate([mic for _, mic in heard])


def _next(frames: "queue.SimpleQueue[tuple[Pcm, Pcm]]", sink: Sink, number: int) -> tuple[Pcm, Pcm]:
    if number == SETTLE_FRAMES:
        sink.write(1, chirp(), SAMPLE_RATE_HZ)
    sink.tick(FRAME_S)
    try:
        return frames.get(timeout=PATIENCE_S)
    except queue.Empty:
        raise DeviceRefused(
            "nothing comes from the microphone", hint="Choose another: `assistant devices` lists them."
        ) from None


def echo_path(far: Pcm, mic: Pcm) -> EchoPath | None:
    """What a recording of anything tells of the way; None where nothing of ``far`` is found in ``mic``."""
    finder, delay = DelayFinder(), None
    for begin in range(0, far.size - FRAME_SAMPLES + 1, FRAME_SAMPLES):
        finder.push(far[begin : begin + FRAME_SAMPLES], mic[begin : begin + FRAME_SAMPLES])
        found = finder.look()
        delay = delay if found is None else found
    if delay is None:
        return None
    played, heard = far[: far.size - delay], mic[delay:]
    loud = np.abs(played) > np.abs(played).max() / 10
    noise = float(np.mean(np.square(mic[: SETTLE_FRAMES * FRAME_SAMPLES // 2])))
    echo = max(float(np.mean(np.square(heard[loud]))) - noise, 1e-12)
    return EchoPath(delay / SAMPLE_RATE_HZ, 10 * float(np.log10(np.mean(np.square(played[loud])) / echo)))

"""Frames from the microphone, cleaned before a session hears them."""

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from assistant.audio.echo import Canceller, Heard
from assistant.audio.gain import AutoGain
from assistant.audio.highpass import HighPass
from assistant.audio.protocols import Frame, Source
from assistant.audio.reference import Reference
from assistant.audio.suppressor import NoiseSuppressor
from assistant.models.protocols import Pcm

HEADSET = re.compile(r"head ?-?(set|phone)|ear ?-?(phone|bud|piece)|airpods|hands ?-?free|\bbuds\b", re.IGNORECASE)
"""How devices are called whose sound reaches no microphone, by ALSA, PipeWire, Core Audio and Bluetooth."""


class FrontEnd:
    """Rumble out, the echo of what ``reference`` plays, noise; then quiet speech up. For the capture thread.

    ``canceller`` is None where nothing that is played can be heard. With ``unless_headset`` nothing is taken out while
    the reference is called like a headset. ``high_pass``, ``suppressor`` and ``gain`` are for real microphones; with a
    ``suppressor``, what a frame holds was heard 16 ms before its stamp.
    """

    def __init__(
        self,
        canceller: Canceller | None,
        reference: Reference,
        *,
        unless_headset: bool,
        high_pass: bool = True,
        suppressor: NoiseSuppressor | None = None,
        gain: bool = True,
    ) -> None:
        self._canceller = canceller
        self._reference = reference
        self._breaks = reference.breaks
        self._unless_headset = unless_headset
        self._high_pass = HighPass() if high_pass else None
        self._suppressor = suppressor
        self._gain = AutoGain() if gain else None

    def describe(self) -> str:
        """What it does, in a few words."""
        echo = "off" if self._canceller is None else self._canceller.describe()
        if self._worn:
            echo = f"off, {self._reference.name} is a headset"
        return f"echo: {echo}; gain: {self._gain.gain_db if self._gain else 0:.0f} dB"

    def clean(self, frame: Frame) -> Frame:
        """The frame, cleaned. What is no number in it is taken for silence."""
        mic = np.nan_to_num(frame.pcm, posinf=0.0, neginf=0.0)
        mic = self._high_pass.process(mic) if self._high_pass else mic
        far = np.nan_to_num(self._reference.played(frame.at_s, mic.size))
        off = self._canceller is None or self._worn
        heard = Heard(mic, mic) if off or self._canceller is None else self._cancel(self._canceller, mic, far)
        heard = self._suppressor.process(heard) if self._suppressor else heard
        alone = heard.for_vad is heard.pcm  # nothing of ours is in it
        factor = self._gain.process(heard.pcm, learn=alone) if self._gain else 1.0
        return replace(
            frame,
            pcm=_times(heard.pcm, factor),
            for_vad=None if alone else _times(heard.for_vad, factor),
            stands_out=alone and self._gain is not None and self._gain.stands_out,
        )

    def _cancel(self, canceller: Canceller, mic: Pcm, far: Pcm) -> Heard:
        if self._breaks != self._reference.breaks:
            self._breaks = self._reference.breaks
            canceller.begin_anew()
        return canceller.process(mic, far)

    @property
    def _worn(self) -> bool:
        return self._unless_headset and HEADSET.search(self._reference.name) is not None


def _times(pcm: Pcm, factor: float) -> Pcm:
    return pcm if factor == 1 else pcm * np.float32(factor)


class CleanSource:
    """A source whose frames go through a front end, on the source's own thread."""

    def __init__(self, source: Source, front: FrontEnd) -> None:
        self._source = source
        self._front = front

    @property
    def name(self) -> str:
        return self._source.name

    @property
    def overruns(self) -> int:
        """Those of the source."""
        return self._source.overruns

    def clock(self) -> float:
        """That of the source."""
        return self._source.clock()

    def start(self, deliver: Callable[[Frame], object]) -> None:
        """Begin to deliver. Raises AudioError."""
        self._source.start(lambda frame: deliver(self._front.clean(frame)))

    def stop(self) -> None:
        """Stop and join the source's thread."""
        self._source.stop()

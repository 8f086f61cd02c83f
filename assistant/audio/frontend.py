"""Frames from the microphone, cleaned before a session hears them."""

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from assistant.audio.echo import Canceller
from assistant.audio.protocols import Frame, Source
from assistant.audio.reference import Reference

HEADSET = re.compile(r"head ?-?(set|phone)|ear ?-?(phone|bud|piece)|airpods|hands ?-?free|\bbuds\b", re.IGNORECASE)
"""How devices are called whose sound reaches no microphone, by ALSA, PipeWire, Core Audio and Bluetooth."""


class FrontEnd:
    """Takes the echo of what ``reference`` plays out of frames. Belongs to the thread that delivers them.

    With ``unless_headset`` nothing is taken out while the reference is called like a headset.
    """

    def __init__(self, canceller: Canceller, reference: Reference, *, unless_headset: bool) -> None:
        self._canceller = canceller
        self._reference = reference
        self._unless_headset = unless_headset

    def describe(self) -> str:
        """What it does, in a few words."""
        return f"off, {self._reference.name} is a headset" if self._idle else self._canceller.describe()

    def clean(self, frame: Frame) -> Frame:
        """The frame without the echo; untouched while nothing is played."""
        far = self._reference.played(frame.at_s, frame.pcm.size)
        if self._idle:
            return frame
        heard = self._canceller.process(np.nan_to_num(frame.pcm, posinf=1.0, neginf=-1.0), np.nan_to_num(far))
        return replace(frame, pcm=heard.pcm, for_vad=None if heard.for_vad is heard.pcm else heard.for_vad)

    @property
    def _idle(self) -> bool:
        return self._unless_headset and HEADSET.search(self._reference.name) is not None


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

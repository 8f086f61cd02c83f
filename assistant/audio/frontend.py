"""Frames from the microphone, cleaned before a session hears them."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

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
GAIN_STEP_DB = 6
"""What is told of the gain are steps, and only once it has moved by one: it never stands quite still."""


@dataclass(frozen=True, slots=True)
class FrontEndState:
    """What is done to the sound now, as ``events.FrontEndChanged`` tells it."""

    echo: Literal["on", "unheard", "headset", "off"]
    canceller: str
    noise_suppressor: bool
    gain_db: int | None


class FrontEnd:
    """Rumble out, the echo of what ``reference`` plays, noise; then quiet speech up. For the capture thread.

    ``canceller`` is None where nothing that is played can be heard. With ``unless_headset`` nothing is taken out while
    the reference is called like a headset. ``high_pass``, ``suppressor`` and ``gain`` are for real microphones.
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
        self._told_gain_db = 0 if gain else None

    @property
    def state(self) -> FrontEndState:
        """What was done to the last frame."""
        canceller = "" if self._canceller is None or self._worn else self._canceller.name
        return FrontEndState(self._echo, canceller, self._suppressor is not None, self._told_gain_db)

    @property
    def _echo(self) -> Literal["on", "unheard", "headset", "off"]:
        if self._canceller is None:
            return "off"
        if self._worn:
            return "headset"
        return "unheard" if self._canceller.unheard else "on"

    def clean(self, frame: Frame) -> Frame:
        """The frame, cleaned. What is no number in it is taken for silence. A suppressor's delay is in its stamp."""
        mic = np.nan_to_num(frame.pcm, posinf=0.0, neginf=0.0)
        mic = self._high_pass.process(mic) if self._high_pass else mic
        far = np.nan_to_num(self._reference.played(frame.at_s, mic.size))
        off = self._canceller is None or self._worn
        heard = Heard(mic, mic) if off or self._canceller is None else self._cancel(self._canceller, mic, far)
        heard = self._suppressor.process(heard) if self._suppressor else heard
        alone = heard.for_vad is heard.pcm  # nothing of ours is in it
        factor = self._amplify(self._gain, heard.pcm, learn=alone) if self._gain else 1.0
        return replace(
            frame,
            at_s=frame.at_s - (self._suppressor.delay_s if self._suppressor else 0.0),
            pcm=_times(heard.pcm, factor),
            for_vad=None if alone else _times(heard.for_vad, factor),
            stands_out=alone and self._gain is not None and self._gain.stands_out,
        )

    def _cancel(self, canceller: Canceller, mic: Pcm, far: Pcm) -> Heard:
        if self._breaks != self._reference.breaks:
            self._breaks = self._reference.breaks
            canceller.begin_anew()
        return canceller.process(mic, far)

    def _amplify(self, gain: AutoGain, pcm: Pcm, *, learn: bool) -> float:
        factor = gain.process(pcm, learn=learn)
        if self._told_gain_db is None or abs(gain.gain_db - self._told_gain_db) >= GAIN_STEP_DB:
            self._told_gain_db = round(gain.gain_db // GAIN_STEP_DB) * GAIN_STEP_DB
        return factor

    @property
    def _worn(self) -> bool:
        return self._unless_headset and HEADSET.search(self._reference.name) is not None


def _times(pcm: Pcm, factor: float) -> Pcm:
    return pcm if factor == 1 else pcm * np.float32(factor)


OnState = Callable[[FrontEndState], object]
"""Told of a new state, on the capture thread: it is not to wait for anything."""


class CleanSource:
    """A source whose frames go through a front end, on the source's own thread.

    ``on_state`` hears what the front end does with the first frame, and whenever that has changed.
    """

    def __init__(self, source: Source, front: FrontEnd, on_state: OnState) -> None:
        self._source = source
        self._front = front
        self._on_state = on_state
        self._told: FrontEndState | None = None

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
        self._source.start(lambda frame: deliver(self._clean(frame)))

    def stop(self) -> None:
        """Stop and join the source's thread."""
        self._source.stop()

    def _clean(self, frame: Frame) -> Frame:
        cleaned = self._front.clean(frame)
        if (state := self._front.state) != self._told:
            self._told = state
            self._on_state(state)
        return cleaned

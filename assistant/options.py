"""What one run of the assistant is to do, as far as it is not a setting."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from assistant.audio.pace import Pacer
from assistant.audio.protocols import Sink, Source
from assistant.brain.skill import SkillFunction
from assistant.models.protocols import Pcm


@dataclass(frozen=True, slots=True)
class Again:
    """What makes a conversation repeat a recorded one. It touches nothing of the user's, and no skill but our own."""

    now: Callable[[float], datetime]
    """What the clock on the wall said at a time of the session's clock."""
    seed: int
    memory: Path
    """A history of its own."""


@dataclass(frozen=True, slots=True)
class TalkOptions:
    """What this run is to do, as far as it is not a setting."""

    input_path: Path | None = None
    """A sound file as the microphone."""
    output_path: Path | None = None
    """A WAV file as the loudspeaker."""
    fast: bool = False
    """Run the file as fast as the engines allow, instead of in real time."""
    listen: bool = True
    """False takes typed text only: no microphone, no recogniser."""
    speak: bool = True
    """False only shows the answer: no loudspeaker, no voice."""
    can_wait: bool = True
    """False for a single question: nobody will be there when a timer ends."""
    microphone: Callable[[float], Pcm] | None = None
    """In the place of a device: gives the frame of sound that ends at that time of the session's clock."""
    loudspeaker: Sink | None = None
    """In the place of a device."""
    tools: Sequence[SkillFunction] = ()
    """What the language model may call."""
    resume: str | None = None
    """Go on with this session of the history: its number, its id or ``last``."""
    records: bool = False
    """Record, where the settings want it."""
    source: Callable[[Pacer], Source] | None = None
    """In the place of a microphone; it is to keep the pacer's time."""
    again: Again | None = None
    """The conversation repeats another."""
    offers_models: bool = False
    """Tell which models would suit this machine, and fetch them if the user asks for it."""

    @property
    def in_audio_time(self) -> bool:
        """Nobody listens as it happens, so the conversation may run as fast as the engines allow."""
        return self.fast or (not self.listen and (not self.speak or self.output_path is not None))

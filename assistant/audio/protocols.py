"""Where a session's sound comes from and goes to."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from assistant.models.protocols import Pcm

SUPPRESSED_LATER_SAMPLES = 128
"""How much later ``Frame.for_vad`` has the same sound than ``Frame.pcm``."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame of microphone sound: ``pcm`` has shape ``(512,)``, float32, 16 kHz.

    ``at_s`` is when its last sample was heard, on the session's clock. Frames never stop coming while a session lives
    (silence stands in for a missing or unplugged microphone): they are the session's only clock tick.
    """

    pcm: Pcm
    at_s: float
    end_of_input: bool = False  # the file has ended; silence follows
    stands_out: bool = False
    """It is clearly louder than the room, and not our own sound: speech may be assumed from less."""
    for_vad: Pcm | None = None
    """What voice activity is judged by, where that is not ``pcm`` itself: the same sound with the last of an echo
    suppressed, which costs words and 8 ms."""


@dataclass(frozen=True, slots=True)
class ClauseProgress:
    """How much of one clause was played, in samples at the rate of the sink."""

    clause_id: int
    played: int
    queued: int  # accepted so far, played ones included


class Source(Protocol):
    """Microphone, file or silence. Owns one thread, named ``capture``, which calls ``deliver`` once a frame."""

    @property
    def name(self) -> str: ...

    def clock(self) -> float:
        """Seconds, on the clock that stamps the frames: monotonic, or a file's own time when it runs faster."""

    @property
    def overruns(self) -> int:
        """Frames' worth of samples lost because nobody read the ring in time."""

    def start(self, deliver: Callable[[Frame], object]) -> None:
        """Begin to deliver. Raises AudioError."""

    def stop(self) -> None:
        """Stop and join the thread; no frame is delivered after this returns. Idempotent, callable from any thread."""


class Sink(Protocol):
    """Loudspeaker or file. All but ``start`` belongs to the session's thread."""

    @property
    def name(self) -> str: ...

    def start(self) -> None:
        """Open the device. Raises AudioError."""

    def write(self, clause_id: int, pcm: Pcm, sample_rate_hz: int) -> bool:
        """Queue sound of a clause. False, and nothing taken, when there is no room: offer it again after a tick."""

    def progress(self) -> tuple[ClauseProgress, ...]:
        """Every clause since the last ``discard``, in the order written; running dry in between forgets nothing."""

    @property
    def buffered_s(self) -> float:
        """Seconds queued and not yet played; 0 when drained."""

    @property
    def level_dbfs(self) -> float:
        """Loudness of what is being played now; -120 for silence."""

    def duck(self) -> None:
        """Play on 18 dB softer, from the next device block on."""

    def pause(self) -> None:
        """Fade out within one device block, and stand still. What is queued stays queued."""

    def resume(self) -> None:
        """Go on at full volume from the very sample where ``pause`` stood still: none is repeated, none left out."""

    def discard(self) -> tuple[ClauseProgress, ...]:
        """Drop what is queued, within one device block, and say how far each clause came. Undoes duck and pause."""

    def tick(self, elapsed_s: float) -> None:
        """Time passed: a file sink "plays" that much; a device has its own clock and ignores it."""

    def close(self) -> None:
        """Discard, release the device, finish the file. Idempotent."""


class Ears(Enum):
    """Who looks at a frame."""

    OPEN = "open"
    WAITING = "waiting"  # the detector of the wake word alone; during an answer voice activity, unasked
    CLOSED = "closed"  # nobody: it is muted, or no key is held


class Tape(Protocol):
    """Keeps what is heard and played."""

    def add(self, frame: Frame, ears: Ears) -> None:
        """Take a frame, and what the sink played meanwhile: once a frame, behind the sink's ``tick``, on the session's
        thread. Never waits, but where time counts sound."""

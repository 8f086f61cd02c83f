"""Every event there is: frozen, typed, tagged with its turn, stamped with the session's monotonic clock in seconds.

Imports nothing of ours. ``as_dict`` is the one form in which an event leaves the process (headless JSON lines).
"""

import dataclasses
import re
from dataclasses import dataclass, field
from typing import Any, Literal

Stage = Literal["vad", "turn", "stt", "llm", "tts"]
Level = Literal["info", "warning", "error"]
CallStatus = Literal["completed", "cancelled", "failed"]
Outcome = Literal["answered", "interrupted", "continued", "nothing", "failed", "stopped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    at_s: float
    turn_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStarted(Event):
    session_id: str
    source: str
    sink: str
    started_at: str  # wall clock, ISO 8601 with offset
    resumes: str | None = None  # the session that this one goes on with


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded(Event):
    session_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineLoading(Event):
    stage: Stage
    engine: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineReady(Event):
    stage: Stage
    engine: str
    load_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineCall(Event):
    """One job an engine ran for a turn. ``items`` counts what it gave: transcripts, text deltas or chunks of sound."""

    stage: Stage
    engine: str
    status: CallStatus
    duration_s: float
    items: int
    speculative: bool = False  # it was begun before its turn committed
    reading: bool = False  # it gave nothing but a warm cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(Event):
    """Something the user should know: an error with its remedy, or a fall-back that was taken."""

    level: Level
    code: str
    stage: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured(Event):
    """A count or size worth keeping, such as frames lost by the microphone. The history keeps it as telemetry."""

    name: str
    value: float
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradeOffered(Event):
    """Models that suit this machine are not installed yet: ``size`` bytes, which ``command`` fetches."""

    profile: str
    models: tuple[str, ...]
    size: int
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradeProgress(Event):
    """Bytes of the offered models that are here; ``left_s`` is None while nobody can tell."""

    received: int
    size: int
    left_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradeEnded(Event):
    """The offered models answer from the next turn on; or they could not be had, and a notice says why."""

    installed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnStarted(Event):
    origin: Literal["voice", "text", "timer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChanged(Event):
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialTranscript(Event):
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnCommitted(Event):
    """The user has finished: ``silence_s`` since the last voiced frame, of which ``wait_s`` were asked for by ``cues``.

    The first cue led. It is ``complete command``, ``finished sentence``, ``open end``, ``dangling words``, ``adaptive
    wait``, ``no words yet``, ``unsure words P``, ``too short for a word``, ``turn model P``, ``longest utterance`` or
    ``released``.
    """

    silence_s: float
    wait_s: float
    cues: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalTranscript(Event):
    """The words that the turn committed to. ``replaces`` is the turn whose words they continue or correct."""

    text: str
    engine: str
    replaces: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyClause(Event):
    """A clause of the answer, as shown on the screen; ``index`` counts from 0 in its turn."""

    index: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyStarted(Event):
    """The first sample of the answer was handed to the loudspeaker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyDucked(Event):
    """Somebody may be speaking over the answer: it goes on 18 dB softer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyPaused(Event):
    """Somebody does speak over the answer: it stands still until it is clear what that was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyResumed(Event):
    """It was nothing that stops an answer, which goes on at full volume with the very next sample.

    ``reason`` is ``backchannel``, ``noise``, ``echo`` or ``muted``; ``cues`` say what led to it. ``paused_s`` is how
    long the answer stood still; 0 if it was only ducked.
    """

    reason: str
    cues: tuple[str, ...] = ()
    paused_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyInterrupted(Event):
    """What is said over the answer is meant to end it: a turn of its own begins, with the words already spoken.

    ``reason`` is ``stop word``, ``command``, ``new words``, ``answer`` or ``speech``; ``cues`` say what led to it.
    """

    reason: str
    cues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerFired(Event):
    label: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MutedChanged(Event):
    muted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EarChanged(Event):
    """Whether speech is heard now, unless the microphone is muted; ``phrase`` is the wake word that opens the ear."""

    mode: Literal["open", "wake", "push"]
    open: bool
    phrase: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontEndChanged(Event):
    """What is done to a microphone's sound before it is listened to: with its first frame, and on every change.

    ``echo`` is ``on`` where the echo of the answers is removed, by ``canceller``; ``unheard`` where it would be, but
    the microphone was found not to hear the loudspeaker; ``headset`` where that is called like one; else ``off``.
    ``gain_db``, a multiple of 6, is how much louder a quiet microphone is made; None where that is switched off.
    """

    echo: Literal["on", "unheard", "headset", "off"]
    canceller: str
    noise_suppressor: bool
    gain_db: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyChanged(Event):
    """From here on nothing of what is said is kept, or it is again."""

    private: bool
    for_good: bool = False  # nothing of the whole conversation is kept


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingChanged(Event):
    """From here on the microphone and the answers are kept as sound in ``folder``, or they are no more."""

    recording: bool
    folder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnsForgotten(Event):
    """The user wants nothing kept of these earlier turns of the session."""

    turns: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels(Event):
    """Loudness for meters, about ten times a second. Never written to disk or to the headless output."""

    microphone_dbfs: float
    speaker_dbfs: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """Seconds from the end of the user's speech (or from the typed line) to each step; None where it never came."""

    transcript_s: float | None = None
    commit_s: float | None = None
    first_token_s: float | None = None
    first_clause_s: float | None = None
    first_sample_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wasted:
    """Work that was done ahead of a commit and thrown away: of all engines, deltas of text, clauses of sound."""

    engine_s: float = 0.0
    tokens: int = 0
    clauses: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnEnded(Event):
    """Exactly one closes each turn. ``reply`` is what was generated, ``heard`` the part that was really played.

    ``speculated``: the answer had been begun before the commit, and stood. Jobs that were still running for what was
    thrown away when the turn ended are not in ``wasted``, but in the session's sums.
    """

    origin: Literal["voice", "text", "timer"]
    outcome: Outcome
    transcript: str
    reply: str
    heard: str
    states: tuple[tuple[str, float], ...]
    timings: Timings = field(default_factory=Timings)
    dropped_results: int = 0
    speculated: bool = False
    wasted: Wasted = field(default_factory=Wasted)
    error_code: str | None = None


def name_of(event: Event) -> str:
    """``TurnEnded`` → ``turn_ended``."""
    return kind_name(type(event))


def kind_name(kind: type[Event]) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


def as_dict(event: Event) -> dict[str, Any]:
    """The event as JSON-ready data, its name first."""
    return {"event": name_of(event), **dataclasses.asdict(event)}

"""A recorded conversation, ready to be repeated: what was heard, what was done, and by which engines."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from assistant.audio.soundfiles import read_sound
from assistant.errors import RecordingError
from assistant.events import (
    EarChanged,
    EngineReady,
    Event,
    FinalTranscript,
    MutedChanged,
    ReplyInterrupted,
    SessionEnded,
    SessionStarted,
    TurnEnded,
    TurnStarted,
)
from assistant.models import registry
from assistant.models.protocols import FRAME_S
from assistant.recording import journal
from assistant.recording.folder import EVENTS, MASKED, MICROPHONE, SOUNDS, About, read_about
from assistant.recording.repeatable import taken
from assistant.recording.timeline import Timeline
from assistant.recording.track import form_of
from assistant.session.controls import Push

LONGEST_S = 24 * 3600
AT_ONCE_S = FRAME_S
INPUT_ENDED = "end of input"


class Controls(Protocol):
    """What a user can do besides speaking."""

    def submit_text(self, text: str) -> object: ...
    def interrupt(self) -> object: ...
    def set_muted(self, muted: bool) -> object: ...
    def push(self, push: Push) -> object: ...
    def stop(self, reason: str) -> object: ...


@dataclass(frozen=True, slots=True)
class Action:
    """Something that was done after that frame."""

    after: int
    do: Callable[[], object]


@dataclass(frozen=True, slots=True)
class RecordedSession:
    folder: Path
    about: About
    timeline: Timeline
    events: Sequence[Event]

    @property
    def microphone(self) -> Path:
        return self.folder / MICROPHONE

    @property
    def masked(self) -> Path | None:
        """What voice activity was not judged by, where that was recorded."""
        path = self.folder / MASKED
        return path if path.is_file() else None

    @property
    def origin_s(self) -> float:
        """When the first frame began, on the session's clock."""
        return self.timeline.time_of(0) - FRAME_S

    @property
    def engines(self) -> Mapping[str, str]:
        """By stage, the last that was in use."""
        return {event.stage: event.engine for event in self.events if isinstance(event, EngineReady)}

    @property
    def goes_on(self) -> bool:
        """It went on with another conversation, which is not in the recording."""
        return any(isinstance(event, SessionStarted) and event.resumes for event in self.events)

    def now(self, at_s: float) -> datetime:
        """What the clock on the wall said ``at_s`` after the first frame began."""
        began_s = next((each.at_s for each in self.events if isinstance(each, SessionStarted)), self.origin_s)
        return self.about.started_at + timedelta(seconds=self.origin_s + at_s - began_s)

    def settings(self) -> Mapping[str, Any]:
        """By dotted key: how turns were taken, and the engines of then that are known here."""
        chosen = {f"{stage}.engine": _engine(stage, self.engines.get(stage)) for stage in ("stt", "llm", "tts", "turn")}
        known = {key: name for key, name in chosen.items() if name in registry.names(key.split(".")[0])}  # type: ignore[arg-type]
        return {**taken(self.about.settings), **(known if self.engines else {})}

    def actions(self, controls: Controls) -> list[Action]:
        """What was typed, pressed and muted, in order."""
        return [
            Action(self.timeline.ended_by(event.at_s), do)
            for event in self.events
            if (do := self._action(event, controls)) is not None
        ]

    def _action(self, event: Event, controls: Controls) -> Callable[[], object] | None:
        match event:
            case TurnStarted(origin="text"):
                words = [each for each in self._of(event) if isinstance(each, FinalTranscript)]
                return (lambda: controls.submit_text(words[0].text)) if words else None
            case MutedChanged():
                return lambda: controls.set_muted(event.muted)
            case EarChanged(mode="push") if event.at_s > self.origin_s + FRAME_S:
                return lambda: controls.push(Push.START if event.open else Push.STOP)
            case SessionEnded() if event.reason != INPUT_ENDED:
                return lambda: controls.stop(event.reason)
            case TurnEnded(outcome="interrupted") if not self._explained(event):
                return controls.interrupt
        return None

    def _of(self, turn: Event) -> list[Event]:
        return [event for event in self.events if event.turn_id == turn.turn_id]

    def _explained(self, ended: TurnEnded) -> bool:
        """Something else that is known of has interrupted it, and not a key."""
        if any(isinstance(event, ReplyInterrupted) for event in self._of(ended)):
            return True
        others = (TurnStarted, MutedChanged, EarChanged)
        return any(isinstance(each, others) and abs(each.at_s - ended.at_s) <= AT_ONCE_S for each in self.events)


def load(folder: Path) -> RecordedSession:
    """Read a recording and look through its sound. Raises RecordingError, AudioFileError."""
    about = read_about(folder)
    timeline, events = journal.read(folder / EVENTS)
    if not timeline.marks or timeline.marks[0].frame != 0:
        raise RecordingError(f"{folder} holds no sound", hint="It ended before the microphone was heard.")
    session = RecordedSession(folder, about, timeline, events)
    for path in (session.microphone, session.masked):
        if path is not None:
            _check(path)
    return session


def _check(path: Path) -> None:
    sound = read_sound(path)
    form = form_of(path)
    rate_hz = SOUNDS[path.name]
    if (form.format, form.sample_rate_hz, form.channels) != ("FLAC", rate_hz, 1):
        raise RecordingError(
            f"{path} is {form.format} of {form.sample_rate_hz} Hz with {form.channels} channels, not FLAC of {rate_hz} "
            "Hz with one",
            hint="Get the recording again: it was changed.",
        )
    if form.samples > LONGEST_S * rate_hz:
        raise RecordingError(f"{path} is longer than a day", hint="No conversation is; it is not replayed.")
    for _ in sound:
        pass


def _engine(stage: str, recorded: str | None) -> str:
    """``pocketsphinx en-us`` → ``pocketsphinx``; of a brain, that of its language model."""
    if recorded is None or recorded == "intents":
        return registry.NONE
    name = recorded.removeprefix("intents + ") if stage == "llm" else recorded
    return name.split(" ")[0]

"""The files of one recording while they grow: tracks of equal length, and the journal beside them."""

from contextlib import ExitStack
from pathlib import Path

import numpy as np

from assistant.audio.protocols import Frame
from assistant.events import Event
from assistant.models.protocols import FRAME_S, FRAME_SAMPLES, Pcm
from assistant.recording.folder import EVENTS, MASKED, MICROPHONE, REPLY, SOUNDS, About, spans
from assistant.recording.journal import PLAIN, Journal
from assistant.recording.secrets import Secrets
from assistant.recording.timeline import Loud, Timeline
from assistant.recording.track import Track, to_int16

CHECKPOINT_FRAMES = 8


class Reel:
    """Belongs to one thread. Every method raises RecordingError."""

    def __init__(self, folder: Path, about: About, *, masked: bool) -> None:
        about.write(folder)
        names = [MICROPHONE, REPLY, *([MASKED] if masked else [])]
        self._tracks = {name: Track(folder / name, SOUNDS[name]) for name in names}
        self._journal = Journal(folder / EVENTS)
        self._timeline = Timeline()
        self._secrets = Secrets(about.lead_s)
        self._frames = 0
        self._checked = 0
        self._stands_out = False
        self.leaks = False
        """Something is in the files that should not be."""

    def event(self, event: Event) -> None:
        """Write an event down, unless it is private; take out of the files what should not have been kept."""
        stretches, turns = self._secrets.add(event)
        if isinstance(event, PLAIN) or not (self._secrets.private or event.turn_id in self._secrets.private_turns):
            self._journal.event(event)
        if stretches or turns:
            self.leaks = True
            frames = [self._timeline.frames_of(stretch) for stretch in stretches]
            for name, track in self._tracks.items():
                track.silence(spans(name, frames))
            self._journal.forget(turns)
            self.leaks = False

    def frame(self, frame: Frame, microphone: Pcm, played: Pcm, masked: Pcm) -> None:
        """Append a frame to every track; silence for what was lost before it."""
        at_s = frame.at_s
        for _ in range(self._timeline.missing_before(self._frames, at_s)):
            self._append({})
        if mark := self._timeline.note(self._frames, at_s):
            self._journal.mark(mark)
        if frame.stands_out is not self._stands_out:
            self._stands_out = frame.stands_out
            self._journal.stands_out(Loud(self._frames, frame.stands_out))
        private = any(begin_s <= at_s and at_s - FRAME_S < end_s for begin_s, end_s in self._secrets.silent)
        self._append({} if private else {MICROPHONE: microphone, REPLY: played, MASKED: masked})

    def checkpoint(self) -> None:
        """Now and then, so that little is lost in a crash."""
        if self._frames - self._checked >= CHECKPOINT_FRAMES:
            self._checked = self._frames
            for track in self._tracks.values():
                track.checkpoint()

    def close(self) -> None:
        """Finish every file, also where one cannot be."""
        with ExitStack() as closing:
            closing.callback(self._journal.close)
            for track in self._tracks.values():
                closing.callback(track.close)

    def _append(self, sound: dict[str, Pcm]) -> None:
        for name, track in self._tracks.items():
            size = FRAME_SAMPLES * SOUNDS[name] // SOUNDS[MICROPHONE]
            track.write(to_int16(sound[name]) if name in sound else np.zeros(size, np.int16))
        self._frames += 1

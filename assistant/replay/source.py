"""The microphone of a recorded conversation, with the hands of its user."""

import itertools
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from assistant.audio.pace import Pacer
from assistant.audio.paced import PacedSource
from assistant.audio.protocols import Frame
from assistant.audio.soundfiles import read_frames
from assistant.models.protocols import FRAME_S, FRAME_SAMPLES, Pcm
from assistant.recording.timeline import Loud
from assistant.replay.recorded import Action, RecordedSession


class RecordedSource(PacedSource):
    """Frames as they were heard, each followed by what was done then; silence behind the last."""

    def __init__(self, recorded: RecordedSession, pacer: Pacer) -> None:
        super().__init__(f"recording of {recorded.about.session_id[:8]}", pacer)
        self._recorded = recorded
        self._actions: Sequence[Action] = ()

    def perform(self, actions: Sequence[Action]) -> None:
        """Do these in their time. Before ``start``."""
        self._actions = actions

    def start(self, deliver: Callable[[Frame], object]) -> None:
        """Begin to deliver. Raises AudioFileError."""
        self._thread = threading.Thread(target=self._play, args=(deliver,), name="capture", daemon=True)
        self._thread.start()

    def _play(self, deliver: Callable[[Frame], object]) -> None:
        began_s = self._pacer.clock()
        actions, loud = deque(self._actions), deque(self._recorded.timeline.loud)
        for number, (pcm, masked, ended) in enumerate(self._sound()):
            before_s, at_s = (began_s + count * FRAME_S for count in (number, number + 1))
            if not (self._act(number - 1, actions, before_s) and self._pacer.wait_until(at_s)):
                return
            for_vad = pcm - masked if masked is not None and masked.any() else None
            deliver(Frame(pcm, at_s, ended, stands_out=self._stands_out(number, loud), for_vad=for_vad))

    def _act(self, number: int, actions: deque[Action], now_s: float) -> bool:
        """What was done behind that frame, each when all before it has had its effect. False once it was stopped."""
        while actions and actions[0].after <= number:
            if not self._pacer.wait_until(now_s):
                return False
            actions.popleft().do()
        return True

    def _stands_out(self, number: int, loud: deque[Loud]) -> bool:
        while len(loud) > 1 and loud[1].frame <= number:
            loud.popleft()
        return bool(loud) and loud[0].frame <= number and loud[0].on

    def _sound(self) -> Iterator[tuple[Pcm, Pcm | None, bool]]:
        masked = read_frames(self._recorded.masked) if self._recorded.masked else ()
        for pcm, beneath in itertools.zip_longest(read_frames(self._recorded.microphone), masked):
            if pcm is None:
                break
            yield pcm, beneath, False
        yield from itertools.repeat((np.zeros(FRAME_SAMPLES, np.float32), None, True))

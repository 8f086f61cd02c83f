"""Frames → voice activity → speech started, paused, resumed; and the sound of the utterance itself."""

from collections import deque
from enum import Enum, auto

import numpy as np

from assistant.audio.protocols import Frame
from assistant.models.protocols import FRAME_S, Pcm, Vad
from assistant.session.prominence import Prominence

ONSET_FRAMES = 2  # 64 ms: Silero's own default asks for one window; two ignore a click
PAUSE_FRAMES = 3  # 96 ms: longer than the closure of a stop consonant
SUSPICION_MARGIN = 0.2  # below the threshold: enough to play more softly, not to begin anything
CERTAIN = 0.9
LASTING_FRAMES = 4  # 0.13 s of what stands out of an echo: less is asked of voice then, as there is of a soft one
BRIEF_FRAMES = 47  # 1.5 s with the pre-roll: what it would be a pity to hear in two halves
JOINED_FRAMES = 16  # half a second: "stop" and "please" may lie so far apart
RELEASE_MARGIN = 0.15  # Silero's own hysteresis between the speech and the silence threshold
SOFT_MARGIN = 0.2
"""Less is asked of what is clearly louder than the room: 6 recordings of 180 are missed, not 10 (docs/echo.md)."""


class Edge(Enum):
    STARTED = auto()
    PAUSED = auto()
    RESUMED = auto()


class SpeechDetector:
    """Turns probabilities into edges. Pure: its only time is the number of frames."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self.reset()

    def reset(self) -> None:
        self._speaking = False
        self._in_utterance = False
        self._run = 0

    def feed(self, probability: float, *, stands_out: bool = False) -> tuple[bool, Edge | None]:
        """Whether this frame is voiced, and the edge that it completes."""
        threshold = self._threshold - SOFT_MARGIN if stands_out else self._threshold
        threshold -= RELEASE_MARGIN if self._speaking else 0
        voiced = probability >= threshold
        self._run = self._run + 1 if voiced != self._speaking else 0
        if self._run < (PAUSE_FRAMES if self._speaking else ONSET_FRAMES):
            return voiced, None
        self._speaking, self._run = voiced, 0
        if not voiced:
            return voiced, Edge.PAUSED
        edge = Edge.RESUMED if self._in_utterance else Edge.STARTED
        self._in_utterance = True
        return voiced, edge


class Listener:
    """One session's ear: voice activity, pre-roll, and the utterance so far."""

    def __init__(self, vad: Vad, *, threshold: float, pre_roll_ms: int) -> None:
        self._vad = vad
        self._threshold = threshold
        self._detector = SpeechDetector(threshold)
        self._pre_roll: deque[Pcm] = deque(maxlen=ONSET_FRAMES + int(np.ceil(pre_roll_ms / 1000 / FRAME_S)))
        self._utterance: list[Pcm] = []
        self._with_echo, self._alone = Prominence(), Prominence()  # while something is played, and else
        self._silent_frames = 0  # since the last voiced one
        self._lasting_frames = 0  # how many have stood out of an echo
        self._aside: list[Pcm] = []  # an utterance that the next one may go on with, and all since
        self._joinable = 0
        self.voiced = False  # the last frame was
        self.suspected_s = 0.0  # how long it may have been voice, up to the last frame
        self.certain_s = 0.0  # how long it has certainly been voice
        self.loud_s = 0.0  # how long it may have been voice by its level alone, which takes in consonants
        self.calm_s = 0.0  # how long it has been neither
        self.last_voice_s = 0.0
        self.voiced_s = 0.0
        self.lead_s = 0.0  # of the utterance: how long it was loud before the first voiced frame
        self.longest_pause_s = 0.0

    def feed(self, frame: Frame) -> Edge | None:
        pcm = frame.pcm if frame.for_vad is None else frame.for_vad
        probability = self._vad.probability(pcm)
        suspected = probability >= self._threshold - SUSPICION_MARGIN
        loud = self._stands_out(frame, suspected=suspected)
        beside_echo = loud and frame.for_vad is not None
        self._lasting_frames = self._lasting_frames + 1 if beside_echo else 0
        stands_out = frame.stands_out or self._lasting_frames >= LASTING_FRAMES
        voiced, edge = self._detector.feed(probability, stands_out=stands_out)
        self.voiced = voiced
        suspected |= voiced
        self.suspected_s = self.suspected_s + FRAME_S if suspected else 0.0
        self.certain_s = self.certain_s + FRAME_S if probability >= CERTAIN else 0.0
        self.loud_s = self.loud_s + FRAME_S if loud or suspected else 0.0
        self.calm_s = 0.0 if loud or suspected else self.calm_s + FRAME_S
        if self._utterance:
            self._utterance.append(frame.pcm)
        else:
            self._pre_roll.append(frame.pcm)
            self._remember(frame.pcm)
        if voiced and self.utterance_s:
            self.longest_pause_s = max(self.longest_pause_s, self._silent_frames * FRAME_S)
        self._silent_frames = 0 if voiced else self._silent_frames + 1
        if voiced:
            self.last_voice_s = frame.at_s
            self.voiced_s += FRAME_S
        elif not self._utterance:
            self.voiced_s = 0.0
        if edge is Edge.STARTED:
            self._start()
        return edge

    def _start(self) -> None:
        self.lead_s = max(self.loud_s - self.voiced_s, 0.0)
        self._utterance.extend(self._aside or self._pre_roll)
        self._pre_roll.clear()
        self._aside = []

    def _remember(self, pcm: Pcm) -> None:
        self._joinable = max(self._joinable - 1, 0)
        self._aside = [*self._aside, pcm] if self._aside and self._joinable else []

    def _stands_out(self, frame: Frame, *, suspected: bool) -> bool:
        if frame.for_vad is None:
            return self._alone.feed(frame.pcm, voiced=suspected)
        return self._with_echo.feed(frame.for_vad, voiced=suspected, unsuppressed=frame.pcm)

    @property
    def utterance_s(self) -> float:
        return len(self._utterance) * FRAME_S

    def utterance(self) -> Pcm:
        """Everything since the speech started, pre-roll included; shape ``(n,)``, 16 kHz, a copy."""
        return np.concatenate(self._utterance) if self._utterance else np.zeros(0, np.float32)

    def end_utterance(self, *, may_go_on: bool = False) -> None:
        """The next speech starts a new utterance, whose first sound may lie in the silence at the end of this one.

        If it was brief and ``may_go_on``, what is said within the next half second belongs to it.
        """
        self._detector.reset()
        brief = len(self._utterance) <= BRIEF_FRAMES
        self._aside = list(self._utterance) if may_go_on and brief else []
        self._joinable = JOINED_FRAMES
        self._pre_roll.extend(self._utterance[max(len(self._utterance) - self._silent_frames, 0) :])
        self._utterance.clear()
        self.voiced_s = self.longest_pause_s = self.lead_s = 0.0

    def deafen(self) -> None:
        """Forget everything, as when the microphone is muted."""
        self.end_utterance()
        self._pre_roll.clear()
        self._vad.reset()

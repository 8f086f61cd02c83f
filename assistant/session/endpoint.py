"""When is the turn over? Pure: time and evidence in, decision out; no clock, thread or model."""

from collections import deque
from dataclasses import dataclass
from enum import Enum, auto

RECENT_TURNS = 10
STEP_UP_MS, STEP_DOWN_MS = 100, 50
OFTEN, SELDOM = 0.30, 0.15
MIN_VOICED_S = 0.12  # the shortest English word that means something ("no") has more voice than this


class Decision(Enum):
    WAIT = auto()
    COMMIT = auto()
    ABANDON = auto()


class AdaptiveHangover:
    """The silence to wait for, learned from how often the user was cut off."""

    def __init__(self, start_ms: int = 400, min_ms: int = 300, max_ms: int = 1200) -> None:
        self.ms = min(max(start_ms, min_ms), max_ms)
        self._min_ms, self._max_ms = min_ms, max_ms
        self._cut_off: deque[bool] = deque(maxlen=RECENT_TURNS)

    def record(self, *, cut_off: bool) -> None:
        """A turn is over: did the user go on after we thought they had finished?"""
        self._cut_off.append(cut_off)
        share = sum(self._cut_off) / len(self._cut_off)
        if share > OFTEN:
            self.ms = min(self.ms + STEP_UP_MS, self._max_ms)
        elif share < SELDOM:
            self.ms = max(self.ms - STEP_DOWN_MS, self._min_ms)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about the utterance at ``at_s``; times on the session's clock."""

    at_s: float
    last_voice_s: float
    voiced_s: float
    utterance_s: float
    paused: bool


class Endpointer:
    """Decides, frame by frame, whether to wait, commit the turn, or abandon it as noise."""

    def __init__(self, hangover: AdaptiveHangover, *, max_utterance_s: float) -> None:
        self.hangover = hangover
        self._max_utterance_s = max_utterance_s

    def decide(self, evidence: Evidence) -> Decision:
        if evidence.utterance_s >= self._max_utterance_s:
            return Decision.COMMIT
        silence_ms = (evidence.at_s - evidence.last_voice_s) * 1000
        if not evidence.paused or silence_ms < self.hangover.ms:
            return Decision.WAIT
        return Decision.COMMIT if evidence.voiced_s >= MIN_VOICED_S else Decision.ABANDON

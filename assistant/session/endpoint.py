"""When is the turn over? Pure: time and evidence in, decision out; no clock, thread or model."""

from collections import deque
from dataclasses import dataclass
from enum import Enum, auto

from assistant.brain.protocols import Completeness

RECENT_TURNS = 10
STEP_UP_MS, STEP_DOWN_MS = 100, 50
OFTEN, SELDOM = 0.30, 0.15
TURN_PROBABILITY = 0.5  # Smart Turn's own threshold
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
    judging: bool = False
    """The words of this pause are still to come, or what they say about their end."""
    completeness: Completeness | None = None
    turn_probability: float | None = None
    """That the speaker has finished, by a model that listens to how it was said; None where there is none."""
    turn_pending: bool = False
    """That model has been asked, and has not answered."""


@dataclass(frozen=True, slots=True)
class Verdict:
    decision: Decision
    wait_ms: float
    cues: tuple[str, ...]
    """Why the wait is as long as it is, the leading reason first."""


class Endpointer:
    """Decides, frame by frame, whether to wait, commit the turn, or abandon it as noise.

    The silence is waited for as long as the evidence asks: ``complete_ms`` (or half the adaptive wait, if that is
    longer) behind a complete command or a finished sentence, ``dangling_ms`` where more must come, the adaptive wait
    between them. Where a model listens, its verdict chooses between the first two, whatever the words say; the wait is
    cut below the adaptive one only once it has come. Nothing can be answered before there are words, so those are
    waited for up to ``dangling_ms``.
    """

    def __init__(
        self, hangover: AdaptiveHangover, *, max_utterance_s: float, complete_ms: int = 200, dangling_ms: int = 1200
    ) -> None:
        self.hangover = hangover
        self._max_utterance_s = max_utterance_s
        self._complete_ms, self._dangling_ms = complete_ms, dangling_ms

    def decide(self, evidence: Evidence) -> Verdict:
        wait_ms, cues = self._wait(evidence)
        if evidence.utterance_s >= self._max_utterance_s:
            return Verdict(Decision.COMMIT, wait_ms, ("longest utterance",))
        silence_ms = (evidence.at_s - evidence.last_voice_s) * 1000
        if not evidence.paused or silence_ms < wait_ms:
            return Verdict(Decision.WAIT, wait_ms, cues)
        spoke = evidence.voiced_s >= MIN_VOICED_S
        return Verdict(Decision.COMMIT if spoke else Decision.ABANDON, wait_ms, cues)

    def _wait(self, evidence: Evidence) -> tuple[float, tuple[str, ...]]:
        adaptive_ms = self.hangover.ms
        quick_ms = min(adaptive_ms, max(self._complete_ms, adaptive_ms / 2))
        slow_ms = max(adaptive_ms, self._dangling_ms)
        words = () if evidence.completeness is None else (evidence.completeness.value,)
        if evidence.voiced_s < MIN_VOICED_S:
            return adaptive_ms, ("too short for a word",)
        if (probability := evidence.turn_probability) is not None:
            wait_ms = quick_ms if probability >= TURN_PROBABILITY else slow_ms
            return wait_ms, (f"turn model {probability:.2f}", *words)
        if evidence.judging:
            return slow_ms, ("no words yet",)
        match evidence.completeness:
            case Completeness.COMMAND | Completeness.FINISHED:
                return adaptive_ms if evidence.turn_pending else quick_ms, words
            case Completeness.DANGLING:
                return slow_ms, words
        return adaptive_ms, (*words, "adaptive wait")

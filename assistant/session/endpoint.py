"""When is the turn over? Pure: time and evidence in, decision out; no clock, thread or model."""

from dataclasses import dataclass
from enum import Enum, auto

from assistant.brain.protocols import Completeness

STEP_UP_MS, STEP_DOWN_MS = 190, 10
"""A weighted up-down staircase: the wait settles where one turn in twenty is cut off, the ratio of its steps
(Kaernbach, Simple adaptive testing with the weighted up-down method, Perception & Psychophysics 1991)."""

TURN_PROBABILITY = 0.5  # Smart Turn's own threshold

WHOLE = (Completeness.COMMAND, Completeness.FINISHED)

SURE = 0.3
"""Words of less confidence than this are trusted less. Whisper takes its own for a failure below a mean probability of
exp(−1) (``logprob_threshold``); for the embedded recogniser docs/benchmarks.md says what it does."""

MEDIUM_PAUSE_MS = 1000
"""Longer pauses come in spontaneous speech alone (Campione and Véronis, A large-scale multilingual study of silent
pause duration, Speech Prosody 2002)."""

PAUSE_GROWTH, LONGEST_PAUSE_MS = 2.0, 2000
"""Of the pauses in one utterance 52 in 55 are no longer than twice the longest one before (docs/design.md); after two
seconds the end of a turn is no longer taken for a pause in it (``interrupt.GOING_ON_S``)."""

MIN_VOICED_S = 0.12  # the shortest English word that means something ("no") has more voice than this


class Decision(Enum):
    WAIT = auto()
    COMMIT = auto()
    ABANDON = auto()


class AdaptiveHangover:
    """The silence to wait for, learned from whether the user was cut off: much longer if so, else a little shorter."""

    def __init__(self, start_ms: int = 400, min_ms: int = 300, max_ms: int = 1200) -> None:
        self.ms = min(max(start_ms, min_ms), max_ms)
        self._min_ms, self._max_ms = min_ms, max_ms

    def record(self, *, cut_off: bool) -> None:
        """A turn is over: did the user go on after we thought they had finished?"""
        step_ms = STEP_UP_MS if cut_off else -STEP_DOWN_MS
        self.ms = min(max(self.ms + step_ms, self._min_ms), self._max_ms)


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
    confidence: float | None = None
    """0…1: how far the recogniser trusts the words; None where it does not say."""
    longest_pause_s: float = 0.0
    """Of those in this utterance that are over."""
    went_on: bool = False
    """Earlier in this utterance the speaker seemed to have finished, and had not."""
    hushed: bool = False
    """All that is said is a stop, and it has been obeyed."""

    @property
    def seems_over(self) -> bool:
        """By the sound where a model listens, else by the words."""
        if self.turn_probability is not None:
            return self.turn_probability >= TURN_PROBABILITY
        return self.completeness in WHOLE


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
    between them. The less the words can be trusted, the nearer that comes to ``unsure_ms``, or to ``MEDIUM_PAUSE_MS``
    behind a whole sentence; nothing can be answered before there are words, so those are waited for up to
    ``unsure_ms``, too. Who has paused for long in this utterance is given twice as long wherever more may come, and a
    turn that once seemed to be over the adaptive wait at least. A stop that has been obeyed has no answer to be quick
    with, and may have a "please" to come.

    Where a model listens, its verdict chooses between the first two, whatever the words say; the wait is cut below the
    adaptive one only once it has come.
    """

    def __init__(
        self,
        hangover: AdaptiveHangover,
        *,
        max_utterance_s: float,
        complete_ms: int = 200,
        dangling_ms: int = 1200,
        unsure_ms: int = 1500,
    ) -> None:
        self.hangover = hangover
        self._max_utterance_s = max_utterance_s
        self._complete_ms, self._dangling_ms, self._unsure_ms = complete_ms, dangling_ms, unsure_ms

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
        slow_ms = max(adaptive_ms, self._dangling_ms, _next_pause_ms(evidence.longest_pause_s))
        words = () if evidence.completeness is None else (evidence.completeness.value,)
        if evidence.voiced_s < MIN_VOICED_S:
            return adaptive_ms, ("too short for a word",)
        if evidence.hushed:
            return max(adaptive_ms, MEDIUM_PAUSE_MS), ("a stop is obeyed",)
        if (probability := evidence.turn_probability) is not None:
            wait_ms = quick_ms if probability >= TURN_PROBABILITY else slow_ms
            return wait_ms, (f"turn model {probability:.2f}", *words)
        if evidence.judging:
            return max(slow_ms, self._unsure_ms), ("no words yet",)
        if evidence.completeness is Completeness.DANGLING:
            return slow_ms, words
        return self._doubting(evidence, self._trusting(evidence, words, quick_ms), slow_ms)

    def _doubting(
        self, evidence: Evidence, trusting: tuple[float, tuple[str, ...]], slow_ms: float
    ) -> tuple[float, tuple[str, ...]]:
        """The wait behind words that do not dangle, the longer the less they are trusted."""
        wait_ms, cues = trusting
        if (confidence := evidence.confidence) is None or confidence >= SURE:
            return trusting
        doubt = 1 - confidence / SURE
        whole = evidence.completeness in WHOLE
        unsure_ms = max(wait_ms, MEDIUM_PAUSE_MS) if whole else max(slow_ms, self._unsure_ms)
        return wait_ms + doubt * (unsure_ms - wait_ms), (f"unsure words {confidence:.2f}", *cues)

    def _trusting(self, evidence: Evidence, words: tuple[str, ...], quick_ms: float) -> tuple[float, tuple[str, ...]]:
        """The wait behind words that do not dangle, if they are what was said."""
        if evidence.completeness not in WHOLE:
            return self.hangover.ms, (*words, "adaptive wait")
        if evidence.went_on:
            return self.hangover.ms, (*words, "went on before")
        return self.hangover.ms if evidence.turn_pending else quick_ms, words


def _next_pause_ms(longest_s: float) -> float:
    """How long the next pause of this speaker may well be."""
    return min(PAUSE_GROWTH * longest_s * 1000, LONGEST_PAUSE_MS)

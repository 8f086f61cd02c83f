"""Somebody speaks over the answer: is it meant to stop it? Pure: evidence in, verdict and cues out; no clock or model.

By the time this is asked the answer is paused, so to wait costs silence, and to be wrong costs the answer. A stop word
is obeyed at once, but for one among words in mid-sentence that are not trusted; speech that lasts is a new turn; what
ends soon is judged by its words.
"""

from dataclasses import dataclass, field
from enum import Enum, auto

from assistant.brain.protocols import Completeness
from assistant.session.interjections import Kind, Reading

PAUSE_S = 0.096  # voiced: three frames; a click or a door has fewer, and the answer is only ducked for them
CERTAIN_PAUSE_S = 0.064  # of what is certainly voice
LASTING_S = 0.128  # since it is ducked, of what may be voice or is loud: it stands still, voice or not
CALM_S = 0.128  # without voice or anything loud: it is not ducked any longer
ALARMS = 3  # pauses in one answer for which there were no words: more is asked of the next
WARY_S, WARIEST_S = 0.096, 0.384  # so much for each, and at most
SHORTEST_S = 0.16  # with less voice there is no word: the shortest "no" or "hm" has more
LONG_S = 1.2  # voiced: a backchannel is over by then
ENDLESS_S = 3.0  # voiced: too long, whatever its words are so far
LATEST_S = 2.0  # of silence: a recogniser that has not answered by then is not waited for
JUDGED_S = 0.4  # of silence: nor is a brain that is busy
TELLING_S = 0.8  # voiced: longer than a hum or a cough that is written down as words
CONTINUED_S = 0.5  # voiced: the same for who had not finished, and longer than the echo of an answer that stands still
BRIEF_S = 0.6  # voiced: less is a backchannel, a stop or a cough, unless its words are beyond doubt
SURE = 0.4  # confidence from which a word counts as recognised
SURE_IF_BRIEF = 0.6
STOP_WORD = "stop word"  # the reason of a stop
NEW_WORDS = 3  # in a partial transcript: more than any backchannel
MANY_WORDS = 4  # a hum, a laugh or a cough is written down as three at most


class Decision(Enum):
    WAIT = auto()
    STOP = auto()
    """The answer ends, and the new turn has the words already spoken."""
    RESUME = auto()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of the speech over the answer, seconds of it, and of the silence since its last voiced frame."""

    voiced_s: float
    silence_s: float
    ended: bool
    """The speaker pauses, and has not gone on."""
    reading: Reading = field(default_factory=lambda: Reading(Kind.NOTHING))
    final: bool = False
    """These are the words of the pause: no better ones will come."""
    confidence: float | None = None
    completeness: Completeness | None = None
    """What the brain makes of the words; None as long as it has not been asked, or has not answered."""
    judging: bool = False
    """It has been asked, and has not answered."""
    unfinished: bool = False
    """It began so early that the speaker may be going on with what is being answered."""
    asked: bool = False
    """The answer had just asked something: "yes" is an answer to that, and no backchannel."""

    @property
    def doubtful(self) -> bool:
        """The recogniser hardly trusts the words."""
        return self.confidence is not None and self.confidence < SURE


@dataclass(frozen=True, slots=True)
class Verdict:
    """``reason`` is one word or two for the screen, ``cues`` say what led to it, the leading one first."""

    decision: Decision
    reason: str = ""
    cues: tuple[str, ...] = ()


WAIT = Verdict(Decision.WAIT)


def pause_s(alarms: int, *, certain: bool) -> float:
    """How much voice it takes to pause an answer that has been paused ``alarms`` times for nothing."""
    if alarms < ALARMS:
        return CERTAIN_PAUSE_S if certain else PAUSE_S
    return min(PAUSE_S + WARY_S * (alarms - ALARMS + 1), WARIEST_S)


def decide(evidence: Evidence) -> Verdict:
    """Wait, stop the answer, or resume it."""
    reading = evidence.reading
    if reading.kind is Kind.STOP and (reading.bare or evidence.final or not evidence.doubtful):
        return Verdict(Decision.STOP, STOP_WORD, (f"“{reading.words}”",))
    if not evidence.ended:
        return _decide_while_speaking(evidence)
    if evidence.voiced_s < SHORTEST_S:
        return Verdict(Decision.RESUME, "noise", ("too short for a word",))
    if not evidence.final:
        return _decide_without_words(evidence)
    return _decide_by_words(evidence)


def _decide_while_speaking(evidence: Evidence) -> Verdict:
    """Speech that goes on: it is a turn once its words say so, or once it is too long for anything else."""
    kind = evidence.reading.kind
    if evidence.unfinished and kind in (Kind.NOTHING, Kind.REQUEST) and evidence.voiced_s >= CONTINUED_S:
        return Verdict(Decision.STOP, "goes on", (f"{evidence.voiced_s:.1f} s of speech",))
    many = len(evidence.reading.words.split()) >= NEW_WORDS
    if kind is Kind.REQUEST and many and evidence.voiced_s >= BRIEF_S and not evidence.doubtful:
        return Verdict(Decision.STOP, "new words", (f"“{evidence.reading.words}”",))
    long_s = LONG_S if kind in (Kind.NOTHING, Kind.REQUEST) else ENDLESS_S
    if evidence.voiced_s >= long_s:
        return Verdict(Decision.STOP, "speech", (f"{evidence.voiced_s:.1f} s of speech",))
    return WAIT


def _decide_without_words(evidence: Evidence) -> Verdict:
    """The recogniser is late, or there is none: length alone."""
    if evidence.silence_s < LATEST_S:
        return WAIT
    length = f"{evidence.voiced_s:.1f} s of speech"
    if evidence.voiced_s >= TELLING_S:
        return Verdict(Decision.STOP, "speech", (length, "no words in time"))
    return Verdict(Decision.RESUME, "noise", (length, "no words in time"))


def _decide_by_words(evidence: Evidence) -> Verdict:
    kind, quoted = evidence.reading.kind, f"“{evidence.reading.words}”"
    match kind:
        case Kind.NOTHING:
            return Verdict(Decision.RESUME, "noise", (kind.value,))
        case Kind.ECHO:
            return Verdict(Decision.RESUME, "echo", (quoted,))
        case Kind.BACKCHANNEL if evidence.asked:
            return Verdict(Decision.STOP, "answer", (quoted, "it had been asked"))
        case Kind.BACKCHANNEL:
            return Verdict(Decision.RESUME, "backchannel", (quoted,))
    return _decide_by_trust(evidence, quoted)


def _decide_by_trust(evidence: Evidence, quoted: str) -> Verdict:
    """Words that may be a request, or what a recogniser makes of a cough."""
    confidence = evidence.confidence
    brief = evidence.voiced_s < BRIEF_S
    if evidence.completeness is Completeness.COMMAND and not (brief and evidence.doubtful):
        return Verdict(Decision.STOP, "command", (quoted, evidence.completeness.value))
    if confidence is not None and confidence >= (SURE_IF_BRIEF if brief else SURE):
        return Verdict(Decision.STOP, "new words", (quoted, f"confidence {confidence:.2f}"))
    if evidence.judging and evidence.silence_s < JUDGED_S:
        return WAIT
    if evidence.voiced_s >= _telling_s(evidence):
        return Verdict(Decision.STOP, "new words", (quoted, f"{evidence.voiced_s:.1f} s of speech"))
    return Verdict(Decision.RESUME, "noise", (quoted, "doubtful words"))


def _telling_s(evidence: Evidence) -> float:
    """How much voice makes a request of words that are not trusted; of one word more: it is a drawn-out "um"."""
    if evidence.unfinished:
        return CONTINUED_S
    count = len(evidence.reading.words.split())
    if count >= MANY_WORDS:
        return BRIEF_S
    return LONG_S if evidence.doubtful and count == 1 else TELLING_S

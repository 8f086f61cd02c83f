"""How well words fit the sound, judged against a free sequence of phones over the same frames; pure.

The idea is that of filler models (Rose and Paul, A hidden Markov model based keyword recognition system, ICASSP 1990):
a recogniser always finds a best sentence, but phones that may follow each other freely beat a wrong one by far.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

WORST_WORD_NATS, WHOLE_NATS, COVERED = -5.75, -3.5, 0.8
"""Limits for a command: likelihood against the phones', a frame, of its worst word and of the whole; share of the
speech that its words cover. Chosen on half of the recordings in docs/recognition.md."""
PHRASE_WHOLE_NATS, PHRASE_COVERED = -4.1, 0.73
"""Limits for one of a few words, of which another was possible: looser, since a stop that is missed is worse."""
CLEAR_WORST_NATS, CLEAR_WHOLE_NATS, CLEAR_COVERED = -0.9, -0.8, 0.6
"""The same for a word that fits so well that the rest is noise."""
PHRASES_WHOLE_NATS = -2.6
"""The same for several words, which have more sound to fit: an "um" is no "hang on"."""
ALONE_WORST_NATS, ALONE_WHOLE_NATS, ALONE_COVERED = -1.7, -0.4, 0.84
"""Limits for a word that is looked for alone, whose prior is 1: strict, since nothing else was possible."""
LONGEST_WORD_FRAMES = 70
"""0.7 s: a "stop" lasts 0.3 to 0.5 s, an "okay" up to 0.6. A "stop" of a whole second is a drawn-out "uh", and such a
"really" a sentence."""
DICTATION_WHOLE_NATS, DICTATION_COVERED = -6.0, 0.6
"""Limits for dictation, only to tell speech from noise."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A word or a phone over frames of 10 ms, ``first`` to ``last``; ``score`` is its acoustic log likelihood."""

    text: str
    first: int
    last: int
    score: float

    @property
    def is_filler(self) -> bool:
        return self.text == "SIL" or self.text[0] in "<[(+"

    @property
    def frames(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Decoding:
    """The best path of one search; ``score`` counts its words' prior, too."""

    text: str = ""
    score: float = 0.0
    segments: tuple[Segment, ...] = ()

    @property
    def words(self) -> list[Segment]:
        """Its words or phones, without silences and noises."""
        return [segment for segment in self.segments if not segment.is_filler]


def is_command(
    sentence: Decoding,
    phones: Decoding,
    *,
    covered: float = COVERED,
    whole_nats: float = WHOLE_NATS,
    worst_word_nats: float = WORST_WORD_NATS,
) -> bool:
    """Whether the sentence explains the sound: each word, the whole, and nearly all of the speech."""
    return bool(
        sentence.words
        and _covered(sentence, phones) >= covered
        and _whole_nats(sentence, phones) > whole_nats
        and _worst_word_nats(sentence, phones) > worst_word_nats
    )


def is_phrase(phrase: Decoding, phones: Decoding) -> bool:
    """The same for one of a few phrases. Of one word alone less is asked, since it has less sound to fit."""
    if len(phrase.words) > 1:
        return is_command(phrase, phones, whole_nats=PHRASES_WHOLE_NATS)
    clear = {"covered": CLEAR_COVERED, "whole_nats": CLEAR_WHOLE_NATS, "worst_word_nats": CLEAR_WORST_NATS}
    return is_command(phrase, phones, covered=PHRASE_COVERED, whole_nats=PHRASE_WHOLE_NATS) or is_command(
        phrase, phones, **clear
    )


def is_word(word: Decoding, phones: Decoding) -> bool:
    """The same for one that is looked for alone."""
    limits = {"covered": ALONE_COVERED, "whole_nats": ALONE_WHOLE_NATS, "worst_word_nats": ALONE_WORST_NATS}
    return is_command(word, phones, **limits)


def called(phrase: Decoding) -> Decoding:
    """The phrase, if each of its words is as short as words that are called out, else nothing."""
    return phrase if all(word.frames <= LONGEST_WORD_FRAMES for word in phrase.words) else Decoding()


def confidence(sentence: Decoding, phones: Decoding) -> float:
    """How far from the limits a command fits, 0…1: 1 as well as free phones do, over all of the speech.

    Its worst word is left out: in commands that were understood it lies anywhere above its limit.
    """
    whole = 1 - _whole_nats(sentence, phones) / WHOLE_NATS
    covered = (_covered(sentence, phones) - COVERED) / (1 - COVERED)
    return min(max(min(whole, covered), 0.0), 1.0)


def is_speech(dictation: Decoding, phones: Decoding) -> bool:
    """Whether the sound is speech at all, for all that dictation makes of it."""
    return bool(
        dictation.words
        and _covered(dictation, phones) >= DICTATION_COVERED
        and _whole_nats(dictation, phones) > DICTATION_WHOLE_NATS
    )


def _covered(decoding: Decoding, phones: Decoding) -> float:
    length = 1 + max(segment.last for segment in (*decoding.segments, *phones.segments))
    spoken = _mask(phones.words, length)
    return float(np.mean(_mask(decoding.words, length)[spoken])) if spoken.any() else 0.0


def _whole_nats(decoding: Decoding, phones: Decoding) -> float:
    return (decoding.score - phones.score) / max(1, sum(phone.frames for phone in phones.words))


def _worst_word_nats(decoding: Decoding, phones: Decoding) -> float:
    free = np.zeros(1 + max(segment.last for segment in (*decoding.segments, *phones.segments)))
    for phone in phones.segments:
        free[phone.first : phone.last + 1] = phone.score / phone.frames
    return min((word.score - float(free[word.first : word.last + 1].sum())) / word.frames for word in decoding.words)


def _mask(segments: Iterable[Segment], length: int) -> npt.NDArray[np.bool_]:
    mask = np.zeros(length, np.bool_)
    for segment in segments:
        mask[segment.first : segment.last + 1] = True
    return mask

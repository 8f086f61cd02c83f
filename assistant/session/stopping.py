"""A stop word has ended the answer: what else was said in the same breath, and whether it is to be answered. Pure."""

from dataclasses import dataclass

from assistant.models.protocols import Transcript
from assistant.session.endpoint import MIN_VOICED_S
from assistant.session.interjections import Interjections
from assistant.session.overlap import NEW_WORDS, SURE

FURTHER_S = 1.0  # voiced: "please" and "talking now" are shorter


@dataclass(frozen=True, slots=True)
class Stop:
    """``words`` ended the answer, heard in the first ``voiced_s`` of the voice; ``alone``, if no others were."""

    words: str
    voiced_s: float
    alone: bool = True

    def utterance(self, heard: Transcript | None, voiced_s: float, interjections: Interjections) -> str:
        """What the utterance, ``voiced_s`` long in the end, comes to: the stop alone, or all of ``heard``.

        The stop is final: a recogniser that makes something else of the same sound is not believed, unless it goes on.
        One that finds more behind a stop that was alone is believed if there was time to say it.
        """
        text = heard.text.strip() if heard else ""
        further_s = voiced_s - self.voiced_s
        if interjections.is_bare_stop(text) or (text and further_s >= FURTHER_S):
            return text
        more, with_stop = interjections.beyond_stop(text), interjections.has_stop(text)
        if with_stop and self.alone and further_s < MIN_VOICED_S:
            return self.words
        sure = heard is not None and (heard.confidence is None or heard.confidence >= SURE)
        least = 1 if with_stop and sure else NEW_WORDS
        return text if len(more) >= least and (with_stop or sure) else self.words

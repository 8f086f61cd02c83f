"""How a text ends: as a finished sentence, or as one that hangs in the air. Pure.

A wrong "it dangles" costs the listener's wait, a wrong "it is finished" cuts the speaker off; a word that can end a
sentence of its kind is therefore counted as dangling only where it seldom does.
"""

import re
from dataclasses import dataclass

from assistant.brain import corrections
from assistant.brain.protocols import Completeness

CLOSERS = "\"'”’»›)]"
LIST_ITEM_WORDS = 3
FEWEST_WORDS = 2


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


@dataclass(frozen=True, slots=True)
class Words:
    """What a language's words say at the end of a text."""

    always: frozenset[str]
    """More comes, whatever went before."""
    unless_asked: frozenset[str]
    """More comes, but for a question, which may well end so: ``where are you from?``"""
    before_number: frozenset[str]
    """Between these and a bare number at the end, a unit or a name is missing: ``a timer for ten``."""
    alone: frozenset[str]
    """Only the beginning of something, if nothing else was said."""
    joins: frozenset[str]
    """Ends a list: ``eggs and milk``."""
    numbers: frozenset[str]
    """The commonest of them, in words."""


WORDS = {
    "en": Words(
        always=_words(
            "a an the and or but because my your our their every um uh er erm hmm uhm than whose plus minus times set"
        ),
        unless_asked=_words(
            "to for from of with without in into at by about between as if that's whether while since until is are was "
            "were the i'm it's i'd i'll you're we're let's what's who's where's called named both either"
        ),
        before_number=_words("for of to at in plus minus times by"),
        alone=_words(
            "so well okay ok hey please then now like i can could would will you me tell what how when where who why "
            "which is are do does did we they set give and also yes yeah right alright computer assistant listen"
        ),
        joins=_words("and or"),
        numbers=_words(
            "one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty "
            "hundred"
        ),
    ),
    "de": Words(
        always=_words(
            "ein eine einen einem einer eines der das dem den des und oder aber weil dass mein meine meinen meinem "
            "unser dein äh ähm öh hm also plus minus mal sondern jeden jede bis zum zur vom beim im am"
        ),
        unless_asked=_words(
            "für von mit ohne zwischen als ob wenn während seit ist sind war waren durch namens stelle setze die in "
            "auf über"
        ),
        before_number=_words("für von auf um in bis plus minus mal durch zum am"),
        alone=_words(
            "so okay ok hey bitte dann jetzt ich kannst könntest würdest du mir sag was wie wann wo wer warum welche "
            "welcher welches ist sind stell stelle gib und auch ja genau computer hör"
        ),
        joins=_words("und oder"),
        numbers=_words(
            "eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf fünfzehn zwanzig dreissig vierzig fünfzig "
            "sechzig hundert"
        ),
    ),
    "fr": Words(
        always=_words(
            "un une le la les des du et ou mais parce que mon ma mes ton ta notre votre leur euh heu hum plus moins "
            "fois chaque dont au aux ce cette"
        ),
        unless_asked=_words(
            "de pour avec sans dans sur à par entre comme si est sont était appelé en mets lance règle"
        ),
        before_number=_words("pour de à dans plus moins fois par sur"),
        alone=_words(
            "alors bon ok okay hé maintenant je peux pourrais tu me dis quoi comment quand où qui pourquoi quel quelle "
            "est mets donne et aussi oui ordinateur écoute"
        ),
        joins=_words("et ou"),
        numbers=_words(
            "un deux trois quatre cinq six sept huit neuf dix onze douze quinze vingt trente quarante cinquante "
            "soixante cent"
        ),
    ),
    "es": Words(
        always=_words(
            "un una el la los las y o pero porque mi mis tu nuestro su cada eh em mmm más menos cuyo del al que "
            "este esta"
        ),
        unless_asked=_words("de para con sin en por entre como si es son era llamado a pon sobre hasta desde"),
        before_number=_words("para de a en por más menos entre"),
        alone=_words(
            "bueno vale ok oye ahora yo puedes podrías me dime qué cómo cuándo dónde quién por cuál es son pon dame y "
            "también sí ordenador escucha"
        ),
        joins=_words("y o"),
        numbers=_words(
            "uno dos tres cuatro cinco seis siete ocho nueve diez once doce quince veinte treinta cuarenta cincuenta "
            "sesenta cien"
        ),
    ),
}
"""By ISO 639-1 code. A language without words is judged by its punctuation alone."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_TRAILS = re.compile(r"(?:\.\.+|…|[,:;—–-])$")
_ENDS = re.compile(r"[.!?。！？]$")


def hangs(text: str, language: str = "en") -> bool:
    """Whether the last words ask for more, even behind a complete command: "… and", "… um", "no wait"."""
    spoken = _WORD.findall(text.casefold())
    words = WORDS.get(language)
    if not spoken or words is None:
        return False
    return _is_half_corrected(text, language, words) or spoken[-1] in words.always


def judge(text: str, language: str = "en") -> Completeness:
    """What a text that is no command says about its end."""
    bare = text.rstrip().rstrip(CLOSERS)
    spoken = [word.replace("’", "'") for word in _WORD.findall(bare.casefold())]
    words = WORDS.get(language)
    asked = bare.endswith(("?", "？"))
    if not spoken:
        return Completeness.OPEN
    if _TRAILS.search(bare) or (words is not None and _dangles(bare, spoken, words, asked)):
        return Completeness.DANGLING
    long_enough = len(spoken) >= FEWEST_WORDS or not bare.isascii()
    return Completeness.FINISHED if _ENDS.search(bare) and (asked or long_enough) else Completeness.OPEN


def _dangles(bare: str, spoken: list[str], words: Words, asked: bool) -> bool:
    if spoken[-1] in words.always:
        return True
    if not asked and (spoken[-1] in words.unless_asked or words.alone.issuperset(spoken)):
        return True
    if _is_number(spoken[-1], words) and len(spoken) > 1 and spoken[-2] in words.before_number:
        return True
    return not asked and _is_rising_list(bare, words)


def _is_rising_list(bare: str, words: Words) -> bool:
    """``milk, eggs, bread``: short items and no "and" before the last one."""
    items = [_WORD.findall(item.casefold()) for item in bare.split(",")]
    if len(items) < 3 or not all(items):
        return False
    return all(len(item) <= LIST_ITEM_WORDS for item in items[1:]) and words.joins.isdisjoint(items[-1])


def _is_half_corrected(text: str, language: str, words: Words) -> bool:
    """``no wait``, or ``no wait, ten``: what it is corrected to has not been said yet, or its unit has not."""
    correction = corrections.behind(text, language)
    return correction is not None and all(_is_number(word, words) for word in _WORD.findall(correction.casefold()))


def _is_number(word: str, words: Words) -> bool:
    return word.isdecimal() or word in words.numbers

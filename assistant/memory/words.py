"""Which words of a question are worth looking for. Pure."""

import re

MAX_WORDS = 12
"""Longer questions are looked for by their first words that say something: each costs a look into the index."""

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

_SAYING_NOTHING = (
    "a about after again all also am an and any are as at be because been before being but by can could did do does "
    "doing don't down ever every few for from had has have having he he's her here hers him his how i i'd i'll i'm "
    "i've if in into is isn't it it's its just know last let let's like may me might more most much my myself no nor "
    "not now of off okay on once only or other our out over own please really remember remind said same say says she "
    "she's should so some still such tell than thank thanks that that's the their them then there there's these they "
    "they're this those to told too under until up us very was wasn't we we're were what what's when where which "
    "while who who's why will with would yes you you're your yours hello hi hey "
)
STOP_WORDS = frozenset(_SAYING_NOTHING.split())
"""English function words, and what is said to an assistant around the matter itself."""


def content_words(text: str) -> list[str]:
    """The words that say what ``text`` is about, lower-case, each once, in order; at most ``MAX_WORDS``."""
    words = (word.replace("’", "'") for word in WORD.findall(text.casefold()))
    kept = (word.removesuffix("'s") for word in words if word not in STOP_WORDS)
    return list(dict.fromkeys(word for word in kept if len(word) > 1 or word.isdigit()))[:MAX_WORDS]


def all_words(text: str) -> list[str]:
    """Every word that was typed into a search, lower-case, each once, in order."""
    return list(dict.fromkeys(WORD.findall(text.casefold())))


def quoted(word: str) -> str:
    """A word as FTS5 takes it literally."""
    doubled = word.replace('"', '""')
    return f'"{doubled}"'


ABOUT_MEMORY = re.compile(
    r"\W*(?:(?:please|can you|could you) )*(?:remember|keep in mind|don'?t forget|never forget|memori[sz]e|forget|"
    r"delete|what (?:do|can) you remember)\b",
    re.IGNORECASE,
)
"""Turns that only say what to remember or forget: facts tell the first, and of the second nothing should be told."""

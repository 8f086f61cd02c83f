"""What words mean."""

from assistant.brain.dictionary import NoDictionary, look_up
from assistant.brain.skill import Context, Reply, skill

MAX_SENSES = 2
ARTICLES = {"noun": "a noun", "verb": "a verb", "adjective": "an adjective", "adverb": "an adverb"}


@skill
def define_word(context: Context, word: str) -> Reply:
    """Look up what an English word means in the dictionary of this computer."""
    try:
        senses = look_up(word, context.root)
    except NoDictionary:
        return Reply("No dictionary is installed. On Debian, the package wordnet-base has one.", fallback=True)
    if not senses:
        return Reply(f"{word} is not in the dictionary.", fallback=True)
    return Reply(" ".join(f"As {ARTICLES[kind]}: {meaning}." for kind, meaning in senses[:MAX_SENSES]))

"""Facts to remember and to forget, and what is to be kept at all."""

import re
from collections.abc import Sequence
from functools import partial

from assistant.brain import corrections
from assistant.brain.durations import listed
from assistant.brain.memory import Fact
from assistant.brain.persons import turned
from assistant.brain.skill import SILENCE, Context, Reply, Undo, kept, skill
from assistant.brain.text import tokenize

MAX_TOLD = 5
NOT_KEPT = "I can't: nothing of this conversation is kept. Start me without --no-history for that."
PRIVATE = "This is private, so I don't keep it. Say: you can remember again."

LEAD_IN = re.compile(r".*?\b(?:remember|keep in mind|don'?t forget|never forget|memori[sz]e)\b(?: that)?[,:]?\s+", re.I)
EMPTY = frozenset("a an the my is are was about that what i you your of to me".split())  # noqa: SIM905


@skill
def remember(context: Context, fact: str) -> str | Reply:
    """Keep a fact for later conversations, when the user asks you to. Say it as the user does: my sister is Anna."""
    if not context.memory.keeps:
        return NOT_KEPT
    if context.memory.private:
        return PRIVATE
    text = as_said(context.text, fact)
    return Reply(f"Okay, I'll remember: {turned(text)}.", do=partial(_remember, context, text))


@skill(offered=False)
def remember_what() -> str:
    return "What shall I remember? Say, for example: remember that my sister's name is Anna."


@skill(offered=False)
def tell_facts(context: Context, about: str = "") -> str:
    """``You told me: your sister's name is Anna.``"""
    facts = context.memory.facts()
    found = matching(facts, about) if about else facts
    if not found:
        return f"I remember nothing about {turned(about)}." if about else "You have not asked me to remember anything."
    return f"You told me: {_told(found)}."


@skill(offered=False)
def forget(context: Context, about: str) -> str | Reply:
    """``I have forgotten: your sister's name is Anna.``"""
    found = matching(context.memory.facts(), about)
    if not found:
        return f"I remember nothing about {turned(about)}."
    if len(found) > 1:
        return f"Which one? You told me: {_told(found)}."
    return Reply(f"I have forgotten: {_told(found)}.", do=partial(_forget, context, found))


@skill(offered=False)
def forget_that(context: Context) -> str | Reply:
    """The fact of the turn before; after anything else it only means: never mind."""
    last = context.history[-1].user if context.history else ""
    said = LEAD_IN.match(last)
    facts = context.memory.facts()
    if said is None or not facts or not same_words(facts[-1].text, last[said.end() :]):
        return SILENCE
    return Reply(f"I have forgotten: {_told(facts[-1:])}.", do=partial(_forget, context, facts[-1:]))


@skill(offered=False)
def forget_turn(context: Context) -> str | Reply:
    if not context.history:
        return "You have not said anything before that."
    return Reply("It's deleted: what you said before that, and my answer.", do=partial(_forget_turn, context))


@skill(offered=False)
def be_private(context: Context) -> str | Reply:
    if not context.memory.keeps or context.memory.private:
        return "Nothing of what you say is kept."
    return Reply(
        "From now on I keep nothing. Say: you can remember again, when that is over.",
        do=partial(_set_private, context, True),
    )


@skill(offered=False)
def keep_again(context: Context) -> str | Reply:
    if not context.memory.keeps:
        return NOT_KEPT
    if not context.memory.private:
        return "I keep what is said."
    return Reply("Okay, from now on I keep what is said again.", do=partial(_set_private, context, False))


def as_said(text: str, fact: str) -> str:
    """The fact with its names and numbers as they were written down, where the words are found in ``text``."""
    if corrections.split(text) is None and (said := LEAD_IN.match(text)):
        return text[said.end() :].strip(" .!") or fact
    return fact


def matching(facts: Sequence[Fact], about: str) -> list[Fact]:
    """The facts that have every word of ``about`` that says something."""
    wanted = _words(about) - EMPTY
    return [fact for fact in facts if wanted and wanted <= _words(fact.text)]


def same_words(one: str, other: str) -> bool:
    return _words(one) == _words(other)


def _words(text: str) -> set[str]:
    return {str(token).removesuffix("'s") for token in tokenize(text)}


def _told(facts: Sequence[Fact]) -> str:
    told = [turned(fact.text) for fact in facts[-MAX_TOLD:]]
    more = [f"{len(facts) - MAX_TOLD} more things"] if len(facts) > MAX_TOLD else []
    return listed(told + more)


def _remember(context: Context, text: str) -> Undo:
    fact = kept(lambda: context.memory.remember(text))
    return partial(context.memory.forget, [fact])


def _forget(context: Context, facts: Sequence[Fact]) -> Undo:
    kept(lambda: context.memory.forget(facts))
    return partial(context.memory.restore, facts)


def _forget_turn(context: Context) -> Undo:
    kept(context.memory.forget_last_turn)
    return lambda: None


def _set_private(context: Context, private: bool) -> Undo:
    context.memory.set_private(private)
    return partial(context.memory.set_private, not private)

"""The sentences files and the skills fit each other."""

import inspect
from collections.abc import Iterator

import pytest
from hassil import Intents

from assistant.brain.grammar import intent_grammar
from assistant.brain.intents import Matcher, languages, load_sentences
from assistant.brain.loading import shipped_skills
from assistant.brain.question import YES
from assistant.brain.text import tokenize
from tests.brain.jsgf import Sampler

SKILLS = {skill.intent: skill.function for skill in shipped_skills()}
INTENTS = Intents.from_dict(load_sentences("en"))


def slots(intent: str) -> Iterator[tuple[set[str], set[str]]]:
    """For each sentence of an intent: the slots that it may fill."""
    for data in INTENTS.intents[intent].data:
        rules = {**INTENTS.expansion_rules, **data.expansion_rules}
        for sentence in data.sentences:
            yield {reference.slot_name for reference in sentence.expression.list_references(rules)}, set(data.slots)


def test_every_intent_has_a_skill_and_every_skill_an_intent() -> None:
    assert {*SKILLS, YES} == set(INTENTS.intents)


@pytest.mark.parametrize("intent", sorted(SKILLS))
def test_every_slot_is_a_parameter(intent: str) -> None:
    parameters = inspect.signature(SKILLS[intent]).parameters
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        return
    for filled, fixed in slots(intent):
        assert filled | fixed <= set(parameters) - {"context"}


@pytest.mark.parametrize("intent", sorted(SKILLS))
def test_every_skill_says_what_it_is_given(intent: str) -> None:
    """No parameter without a default is left out by a sentence."""
    needed = {
        name
        for name, parameter in inspect.signature(SKILLS[intent]).parameters.items()
        if parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD and name != "context"
    }
    for filled, fixed in slots(intent):
        assert needed <= filled | fixed


def test_whatever_a_recogniser_can_hear_is_understood() -> None:
    matcher = Matcher("en")
    sampler = Sampler(intent_grammar(lambda word: True), seed=3)
    missed = [
        text for text in (sampler.sentence("sentence") for _ in range(400)) if matcher.match(tokenize(text)) is None
    ]
    assert missed == []


def test_only_languages_with_sentences_can_be_loaded() -> None:
    assert "en" in languages()
    with pytest.raises(LookupError):
        load_sentences("xx")
    with pytest.raises(LookupError):
        load_sentences("../en")

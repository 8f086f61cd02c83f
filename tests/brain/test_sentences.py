"""The sentences files and the skills fit each other."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import chain, product
from typing import Any

import pytest
from hassil import Intents
from hassil import expression as hassil

from assistant.brain.grammar import intent_grammar
from assistant.brain.intents import Matcher, languages, load_sentences
from assistant.brain.loading import shipped_skills
from assistant.brain.question import YES
from assistant.brain.skill import Context, Skill
from assistant.brain.text import tokenize
from assistant.session.turn import CancelToken
from tests.brain.jsgf import Sampler

SKILLS = {skill.intent: skill for skill in shipped_skills()}
DOCUMENT = load_sentences("en")
INTENTS = Intents.from_dict(DOCUMENT)


Lists = Mapping[str, str]
"""Slot to list."""


def examples(intent: str) -> Iterator[Mapping[str, Any]]:
    """What each template catches when all is said that may be, and when no more is than must be."""
    for data in INTENTS.intents[intent].data:
        rules = {**INTENTS.expansion_rules, **data.expansion_rules}
        for sentence in data.sentences:
            most = {each.slot_name: each.list_name for each in sentence.expression.list_references(rules)}
            for lists in (most, *least(sentence.expression, rules)):
                yield {**{slot: example(of) for slot, of in lists.items()}, **data.slots}


def least(expression: Any, rules: Mapping[str, Any]) -> list[Lists]:
    """What each way to say no more than one must fills."""
    if isinstance(expression, hassil.ListReference):
        return [{expression.slot_name: expression.list_name}]
    if isinstance(expression, hassil.RuleReference):
        return least(rules[expression.rule_name].expression, rules)
    if isinstance(expression, hassil.TextChunk):
        return [{}]
    parts = [least(item, rules) for item in expression.items]
    if isinstance(expression, hassil.Alternative):
        return [{}] if any({} in part for part in parts) else [lists for part in parts for lists in part]
    return [dict(chain.from_iterable(lists.items() for lists in chosen)) for chosen in product(*parts)]


def example(list_name: str) -> Any:
    described = DOCUMENT["lists"][list_name]
    if "range" in described:
        return Fraction(3)
    first = described["values"][0] if "values" in described else "pasta"
    return first if isinstance(first, str) else first["out"]


def test_every_intent_has_a_skill_and_every_skill_an_intent() -> None:
    assert {*SKILLS, YES} == set(INTENTS.intents)


@pytest.mark.parametrize("intent", sorted(SKILLS))
def test_what_a_sentence_catches_are_the_arguments_of_its_skill(intent: str) -> None:
    skill = SKILLS[intent]
    for slots in examples(intent):
        skill.bind(skill.slots(slots), Context(), CancelToken())


@pytest.mark.parametrize("skill", [skill for skill in SKILLS.values() if skill.offered], ids=lambda skill: skill.name)
def test_a_model_is_told_what_a_skill_is_for_in_few_words(skill: Skill) -> None:
    assert 10 < len(skill.definition.description.partition("\n")[0]) < 120


def test_whatever_a_recogniser_can_hear_is_understood() -> None:
    matcher = Matcher("en")
    sampler = Sampler(intent_grammar(lambda word: True), seed=3)
    missed = [
        text for text in (sampler.sentence("sentence") for _ in range(400)) if matcher.match(tokenize(text)) is None
    ]
    assert missed == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("set a timer called soft boiled breakfast eggs for 5 minutes", "soft boiled breakfast eggs"),
        ("set a timer called very soft boiled breakfast eggs for 5 minutes", None),
        ("pause timer for 1 hour", None),
    ],
)
def test_a_name_has_four_words_at_most_and_none_of_a_command(text: str, name: str | None) -> None:
    match = Matcher("en").match(tokenize(text))
    assert (match and match.slots["name"]) == name


def test_only_languages_with_sentences_can_be_loaded() -> None:
    assert "en" in languages()
    with pytest.raises(LookupError):
        load_sentences("xx")
    with pytest.raises(LookupError):
        load_sentences("../en")

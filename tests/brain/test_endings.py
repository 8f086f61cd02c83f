"""What a pause behind some words means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.brain.brain import AssistantBrain
from assistant.brain.endings import hangs, judge
from assistant.brain.grammar import intent_grammar
from assistant.brain.intents import Matcher
from assistant.brain.protocols import Completeness, Request
from assistant.brain.text import tokenize
from tests.brain.jsgf import Sampler

COMMAND, FINISHED, OPEN, DANGLING = (
    Completeness.COMMAND,
    Completeness.FINISHED,
    Completeness.OPEN,
    Completeness.DANGLING,
)


@pytest.mark.parametrize(
    ("text", "completeness"),
    [
        ("set a timer for ten minutes", COMMAND),
        ("Set a timer for 10 minutes.", COMMAND),
        ("what time is it", COMMAND),
        ("stop", COMMAND),
        ("set a timer for five minutes, no wait ten minutes", COMMAND),
        ("set a timer", OPEN),
        ("set a timer for", DANGLING),
        ("set a timer for ten", DANGLING),
        ("Set a timer for 10.", DANGLING),
        ("set a timer for five minutes and", DANGLING),
        ("set a timer for five minutes um", DANGLING),
        ("set a timer for five minutes, no wait", DANGLING),
        ("set a timer for five minutes, no wait eight", DANGLING),
        ("no wait ten", DANGLING),
        ("no", DANGLING),
        ("Wait.", DANGLING),
        ("sorry", DANGLING),
        ("hey computer", DANGLING),
        ("what's the time in", DANGLING),
        ("I was thinking...", DANGLING),
        ("Well, the thing is,", DANGLING),
        ("add milk, eggs, bread", DANGLING),
        ("Add milk, eggs, and bread.", FINISHED),
        ("Where are you from?", FINISHED),
        ("Why?", FINISHED),
        ("It rained all day.", FINISHED),
        ("it rained all day", OPEN),
        ("Paris.", OPEN),
        ("", OPEN),
    ],
)
def test_what_a_pause_means(brain: AssistantBrain, text: str, completeness: Completeness) -> None:
    assert brain.judge(Request(1, text)) is completeness


def test_words_are_judged_with_those_that_they_continue(brain: AssistantBrain) -> None:
    assert brain.judge(Request(2, "set a timer for five minutes, no wait ten minutes", replaces=1)) is COMMAND


def test_no_command_that_can_be_heard_seems_to_dangle(brain: AssistantBrain) -> None:
    sampler = Sampler(intent_grammar(lambda word: True), seed=5)
    matcher = Matcher("en")
    texts = {sampler.sentence("sentence") for _ in range(300)}
    whole = [text for text in texts if (match := matcher.match(tokenize(text))) and not match.open]
    assert len(whole) > 100
    wrong = [text for text in whole if brain.judge(Request(1, text)) is not COMMAND]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "completeness"),
    [("Quelle heure est-il ?", FINISHED), ("今何時ですか。", FINISHED), ("Ich möchte ...", DANGLING), ("et", OPEN)],
)
def test_languages_without_words_go_by_punctuation(text: str, completeness: Completeness) -> None:
    assert not hangs(text, "xx")
    assert judge(text, "xx") is completeness


@given(st.text())
def test_any_text_has_an_ending(text: str) -> None:
    assert isinstance(judge(text), Completeness)
    assert isinstance(hangs(text), bool)


@pytest.mark.parametrize(
    ("language", "text", "dangles"),
    [
        ("de", "Stell einen Timer auf fünf Minuten und", True),
        ("de", "Stell einen Timer auf zehn", True),
        ("de", "Stell einen Timer auf fünf Minuten, nein warte", True),
        ("de", "Ich habe gestern mit meiner Schwester gesprochen", False),
        ("fr", "mets un minuteur de cinq", True),
        ("fr", "ajoute du lait et", True),
        ("fr", "je voudrais parler à ma sœur", False),
        ("es", "pon un temporizador de diez", True),
        ("es", "añade leche y", True),
        ("es", "ayer hablé con mi hermana", False),
    ],
)
def test_endings_of_other_languages(language: str, text: str, dangles: bool) -> None:
    assert (hangs(text, language) or judge(text, language) is Completeness.DANGLING) == dangles

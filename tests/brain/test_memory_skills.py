"""Facts that are to be remembered, and what is not to be kept: through the intents, as they are said."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.brain.brain import AssistantBrain
from assistant.brain.memory import CannotKeep, Notebook
from assistant.brain.protocols import Exchange, Pending, Request
from assistant.brain.skill import Context
from assistant.brain.skills.memory import NOT_KEPT, PRIVATE, as_said, matching, turned
from assistant.session.turn import CancelToken
from tests.brain.conftest import Ask


@pytest.fixture
def notebook(context: Context) -> Notebook:
    assert isinstance(context.memory, Notebook)
    return context.memory


def texts(notebook: Notebook) -> list[str]:
    return [fact.text for fact in notebook.facts()]


def test_a_fact_is_remembered_as_it_was_said_and_told_turned_round(ask: Ask, notebook: Notebook) -> None:
    assert ask("Remember that my sister's name is Anna.") == "Okay, I'll remember: your sister's name is Anna."
    assert texts(notebook) == ["my sister's name is Anna"]
    assert ask("please remember I'm allergic to nuts") == "Okay, I'll remember: you're allergic to nuts."
    assert ask("what do you remember") == "You told me: your sister's name is Anna and you're allergic to nuts."
    assert ask("what do you remember about my sister") == "You told me: your sister's name is Anna."
    assert ask("what do you remember about my brother") == "I remember nothing about your brother."


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("remember my locker code is 0471", "my locker code is 0471"),
        ("Hey Computer, don't forget: the Wi-Fi is blue sky 77!", "the Wi-Fi is blue sky 77"),
        ("keep in mind that we moved to Bonn", "we moved to Bonn"),
    ],
)
def test_names_and_numbers_stay_as_they_were_written(ask: Ask, notebook: Notebook, said: str, kept: str) -> None:
    ask(said)
    assert texts(notebook) == [kept]


def test_a_fact_that_is_corrected_replaces_itself(ask: Ask, notebook: Notebook) -> None:
    ask("remember that my sister's name is Anna")
    ask("remember that my sister's name is Anna, no, remember that my sister's name is Eva", replaces=1)
    assert [text.casefold() for text in texts(notebook)] == ["my sister's name is eva"]


def test_nothing_is_remembered_before_the_turn_commits(brain: AssistantBrain, notebook: Notebook) -> None:
    parts = list(brain.rehearse(Request(1, "remember that I like tea"), CancelToken()))
    assert [type(part) for part in parts] == [Pending]
    assert texts(notebook) == []


def test_forgetting_one_fact_and_taking_that_back(ask: Ask, notebook: Notebook) -> None:
    ask("remember that my sister's name is Anna")
    ask("remember that my sister lives in Bonn")
    assert ask("forget my brother") == "I remember nothing about your brother."
    assert ask("forget my sister").startswith("Which one? You told me: your sister's name is Anna and")
    assert len(texts(notebook)) == 2
    assert ask("forget my sister's name") == "I have forgotten: your sister's name is Anna."
    assert texts(notebook) == ["my sister lives in Bonn"]
    ask("forget my sister's name, no wait, what time is it", replaces=5)
    assert texts(notebook) == ["my sister's name is Anna", "my sister lives in Bonn"]


def test_forget_that_means_the_fact_of_the_turn_before_and_else_never_mind(ask: Ask, notebook: Notebook) -> None:
    ask("remember that I like tea")
    assert ask("forget that", [Exchange("what time is it", "Noon.")]) == ""
    assert texts(notebook) == ["I like tea"]
    assert ask("forget that", [Exchange("remember that I like tea", "Okay.")]) == "I have forgotten: you like tea."
    assert texts(notebook) == []


def test_without_anything_to_remember_it_asks_or_says_so(ask: Ask) -> None:
    assert ask("remember") == "What shall I remember? Say, for example: remember that my sister's name is Anna."
    assert ask("what do you remember") == "You have not asked me to remember anything."


def test_what_is_private_is_not_remembered_until_it_is_over(ask: Ask, notebook: Notebook) -> None:
    assert ask("you can remember again") == "I keep what is said."
    assert ask("this is private").startswith("From now on I keep nothing.")
    assert notebook.private
    assert ask("remember that I like tea") == PRIVATE
    assert ask("this is private") == "Nothing of what you say is kept."
    assert ask("you can remember again") == "Okay, from now on I keep what is said again."
    assert not notebook.private
    ask("you can remember again no wait what time is it", replaces=5)
    assert notebook.private


def test_a_conversation_without_a_history_remembers_nothing(context: Context) -> None:
    notebook = Notebook(keeps=False)
    brain = AssistantBrain(replace(context, memory=notebook))
    said = ["remember that I like tea", "you can remember again", "this is private"]
    answers = ["".join(brain.respond(Request(n, text), CancelToken())) for n, text in enumerate(said)]
    assert answers == [NOT_KEPT, NOT_KEPT, "Nothing of what you say is kept."]
    assert texts(notebook) == []


def test_what_was_just_said_is_deleted_once(ask: Ask, notebook: Notebook) -> None:
    assert ask("delete what I just said") == "You have not said anything before that."
    assert ask("delete what I just said", [Exchange("my pin is 1234", "I see.")]).startswith("It's deleted")
    assert notebook.forgotten_turns == 1


def test_what_cannot_be_written_is_said(context: Context) -> None:
    class Full(Notebook):
        def remember(self, text: str) -> object:  # type: ignore[override]
            raise CannotKeep(f"The disk is full, so {text!r} is not kept.")

    brain = AssistantBrain(replace(context, memory=Full()))
    assert "The disk is full" in "".join(brain.respond(Request(1, "remember that I like tea"), CancelToken()))


def test_turning_round() -> None:
    assert turned("I'm sure my aunt told me I am like Mia") == "you're sure your aunt told you you are like Mia"


@given(st.text())
def test_any_text_can_be_turned_and_cut(text: str) -> None:
    turned(text)
    assert as_said(f"remember that {text}", "x")
    assert matching([], text) == []

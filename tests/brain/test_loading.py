"""Skills from elsewhere: a file in the user's folder, a package's entry point, and what goes wrong with them."""

import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from textwrap import dedent

import pytest

from assistant.brain import loading
from assistant.brain.brain import AssistantBrain
from assistant.brain.loading import all_skills, shipped_skills
from assistant.brain.protocols import Request
from assistant.brain.skill import Context
from assistant.brain.tools import Toolbox
from assistant.session.turn import CancelToken

PLANTS = '''
from assistant.brain.skill import Context, Reply, skill

watered: list[str] = []

@skill
def water_plants(context: Context, room: str = "living room") -> Reply:
    """Water the plants in a room."""
    return Reply(f"I water the plants in the {room}.", do=lambda: watered.append(room))
'''
SENTENCES = """
intents:
  WaterPlants:
    data:
      - sentences: ["water the plants [in the {room}]"]
lists:
  room: {values: [kitchen, living room]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "plants.py").write_text(PLANTS)
    (tmp_path / "plants.en.yaml").write_text(SENTENCES)
    return tmp_path


def test_a_file_in_the_users_folder_is_a_skill_for_sentences_and_for_the_model(folder: Path) -> None:
    skills = all_skills(folder, "en")
    assert skills.troubles == []
    brain = AssistantBrain(Context(), skills=skills)
    answer = brain.respond(Request(1, "Please water the plants in the kitchen."), CancelToken())
    assert "".join(answer) == "I water the plants in the kitchen."
    plants = skills.skills[-1]
    assert sys.modules[plants.function.__module__].watered == ["kitchen"]
    assert Toolbox([plants.function]).definitions[0].description == "Water the plants in a room."


def test_a_skill_without_sentences_in_the_language_is_left_to_the_model(folder: Path) -> None:
    skills = all_skills(folder, "de")
    assert (skills.skills[-1].name, skills.sentences, skills.troubles) == ("water_plants", [], [])


@pytest.mark.parametrize(
    ("code", "sentences", "says"),
    [
        ("def oops(:", None, "SyntaxError"),
        ("import no_such_package", None, "no_such_package"),
        ("raise SystemError('no')", None, "SystemError: no"),
        ("raise SystemExit(3)", None, "SystemExit: 3"),
        (
            PLANTS.replace("water_plants", "roll_dice"),
            None,
            "a skill roll_dice with the intent RollDice is there already",
        ),
        (PLANTS.replace('"""Water the plants in a room."""', "pass"), None, "no docstring"),
        (PLANTS, "intents: [", "the sentences cannot be read"),
        (PLANTS, "just text", "no intents"),
        (PLANTS, "intents: {WaterPlants: {data: [{sentences: ['water (the']}]}}", "the sentences cannot be read"),
        (PLANTS, "intents: {Other: {data: []}}", "no skill is called so"),
        (PLANTS, SENTENCES.replace("room: {", "rooms: {"), "names the list {room}, and there is none"),
        (PLANTS, SENTENCES.replace("[in", "[<inside>"), "names the rule <inside>, and there is none"),
        (PLANTS, SENTENCES + "expansion_rules: {never: '<nothing>'}", "names the rule <nothing>, and there is none"),
        (PLANTS, SENTENCES.replace("{room}", "{1..9:room}"), "names the list {1..9}, and there is none"),
        (PLANTS, SENTENCES.replace("{values: [kitchen, living room]}", "{range: {from: 1, to: 9}}"), "{number:room}"),
        (PLANTS, SENTENCES.replace("room", "list_name"), "another name is needed for list_name"),
    ],
)
def test_what_is_broken_is_told_and_hurts_nothing_else(
    tmp_path: Path, code: str, sentences: str | None, says: str
) -> None:
    (tmp_path / "broken.py").write_text(code)
    if sentences:
        (tmp_path / "broken.en.yaml").write_text(sentences)
    (tmp_path / "works.py").write_text(PLANTS)
    skills = all_skills(tmp_path, "en")
    assert [(trouble.code, says in trouble.message) for trouble in skills.troubles] == [("skill-broken", True)]
    assert "broken.py" in skills.troubles[0].message
    assert [skill.name for skill in skills.skills[len(shipped_skills()) :]] == ["water_plants"]


def test_sentences_may_use_our_lists_and_rules_and_bring_rules_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "plants.py").write_text(PLANTS.replace('room: str = "living room"', "room: int"))
    (tmp_path / "plants.en.yaml").write_text("""
        intents: {WaterPlants: {data: [{
            sentences: ["<drench> the <green> in room {number:room} <soon>"],
            expansion_rules: {soon: "[now|within <duration>]"}}]}}
        expansion_rules: {drench: "(water|drench)", green: plants}""")
    skills = all_skills(tmp_path, "en")
    assert skills.troubles == []
    brain = AssistantBrain(Context(), skills=skills)
    answer = brain.respond(Request(1, "Drench the plants in room seventy, now."), CancelToken())
    assert "".join(answer) == "I water the plants in the 70."


BAD = {
    "Huge": ('return "word " * 2_000_000', "That is far too long to read out."),
    "Binary": ("return bytes(range(256))", "Sorry, that went wrong."),
    "Nested": ("return {'picture': b'..'}", "Sorry, that went wrong."),
    "Raises": ("raise ValueError('no')", "Sorry, that went wrong."),
    "Leaves": ("raise SystemExit(3)", "Sorry, that went wrong."),
    "Nothing": ("pass", ""),
    "Number": ("return 3", "3"),
}


@pytest.mark.parametrize("intent", BAD)
def test_whatever_a_skill_does_the_turn_ends_with_an_answer(tmp_path: Path, intent: str) -> None:
    body, answer = BAD[intent]
    code = f'from assistant.brain.skill import skill\n\n@skill\ndef {intent.lower()}():\n    """Bad."""\n    {body}\n'
    (tmp_path / "bad.py").write_text(code)
    (tmp_path / "bad.en.yaml").write_text(f"intents: {{{intent}: {{data: [{{sentences: ['do it now']}}]}}}}")
    skills = all_skills(tmp_path, "en")
    assert skills.troubles == []
    brain = AssistantBrain(Context(), skills=skills)
    assert "".join(brain.respond(Request(1, "do it now"), CancelToken())) == answer
    assert "".join(brain.respond(Request(2, "12 + 30"), CancelToken())) == "12 plus 30 is 42."


def test_a_package_offers_skills_by_an_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "garden_skills.py").write_text(dedent(PLANTS))
    (tmp_path / "garden_skills.en.yaml").write_text(SENTENCES)
    monkeypatch.syspath_prepend(tmp_path)
    points = [
        EntryPoint("garden", "garden_skills", "assistant.skills"),
        EntryPoint("gone", "not_there", "assistant.skills"),
    ]
    monkeypatch.setattr(loading, "entry_points", lambda group: points if group == "assistant.skills" else [])
    skills = all_skills(tmp_path / "none", "en")
    assert skills.skills[-1].name == "water_plants"
    assert len(skills.sentences) == 1
    assert [trouble.message.startswith("the skill gone (not_there) cannot be used") for trouble in skills.troubles] == [
        True
    ]

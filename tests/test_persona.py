from assistant.config import PersonaSettings
from assistant.persona import LENGTHS, instructions


def test_name_and_length_are_filled_in() -> None:
    persona = PersonaSettings(name="Ada", system_prompt="I am {name}. Say {length}.", verbosity="short")
    assert instructions(persona, "en") == "I am Ada. Say one short spoken sentence."


def test_each_verbosity_is_told() -> None:
    told = {instructions(PersonaSettings.model_validate({"verbosity": each}), "en") for each in LENGTHS}
    assert len(told) == len(LENGTHS)


def test_a_language_other_than_english_is_asked_for() -> None:
    assert instructions(PersonaSettings(), "de").endswith("Answer in German.")
    assert instructions(PersonaSettings(language="fr"), "en").endswith("Answer in French.")
    assert instructions(PersonaSettings(language="xx"), "en").endswith("Answer in xx.")
    assert "Answer in English" not in instructions(PersonaSettings(), "en")

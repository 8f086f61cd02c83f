"""What ``models pull`` takes its arguments for."""

from assistant.commands.fetch import chosen
from assistant.store.catalogue import catalogue


def test_a_profile_means_what_a_conversation_uses_of_it() -> None:
    entries = chosen([], catalogue().profile("pi4"))
    assert [entry.stage for entry in entries] == ["stt", "llm", "tts", "turn"]


def test_named_models_come_behind_the_profile_and_none_twice() -> None:
    profile = catalogue().profile("pi4")
    ids = [entry.id for entry in chosen([], profile)]
    assert [entry.id for entry in chosen([ids[0], "bge-small-en-v1.5-q8_0"], profile)] == [
        *ids,
        "bge-small-en-v1.5-q8_0",
    ]

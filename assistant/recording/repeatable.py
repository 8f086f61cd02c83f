"""The settings that decide how a conversation goes: what a recording keeps of them, and a replay takes from it."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from assistant.config import Settings

REPEATED = (
    "audio.echo",
    "listen.mode",
    "listen.wake_word",
    "listen.sensitivity",
    "listen.follow_up_s",
    "listen.chime",
    "turn.hangover_ms",
    "turn.hangover_min_ms",
    "turn.hangover_max_ms",
    "turn.complete_ms",
    "turn.dangling_ms",
    "turn.unsure_ms",
    "turn.speculate",
    "turn.speculate_tries",
    "turn.speculate_max_s",
    "turn.pre_roll_ms",
    "turn.max_utterance_s",
    "turn.barge_in",
    "turn.vad_threshold",
    "stt.language",
    "stt.bias",
    "llm.max_tokens",
    "llm.history_tokens",
    "llm.temperature",
    "tools.skills",
    "tts.voice",
    "tts.speed",
    "persona.name",
)
"""No paths, no addresses, nothing about the user: a recording may be given away. Engines are in its events."""


def repeatable(settings: Settings) -> Mapping[str, Any]:
    """By dotted key. A wake word of the user's own is a path, and left out."""
    values = {key: getattr(getattr(settings, key.split(".")[0]), key.split(".")[1]) for key in REPEATED}
    return {key: value for key, value in values.items() if key != "listen.wake_word" or is_name(value)}


def taken(recorded: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of settings that somebody recorded, those that a replay takes over; their values are still to be checked."""
    return {
        key: value
        for key, value in recorded.items()
        if key in REPEATED and isinstance(value, str | int | float) and (key != "listen.wake_word" or is_name(value))
    }


def is_name(word: object) -> bool:
    """Not a path, to wherever."""
    return isinstance(word, str) and PurePath(word).name == word and not word.endswith(".json") and "\\" not in word

"""Profiles: models and settings that suit a kind of machine together."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, get_args

from pydantic import Field

from assistant.store.entries import Entry, ModelStage, Table

ENGLISH = "en"
ESSENTIAL: tuple[ModelStage, ...] = ("stt", "llm", "tts")
"""What a conversation is made of; the other stages make it better."""
USED: tuple[ModelStage, ...] = (*ESSENTIAL, "turn")
"""What a conversation has a use for: fetched with a profile."""
ESPEAK_NAMES = {"zh": "cmn"}
"""Languages that eSpeak NG knows by another code."""

Names = Annotated[list[str], Field(default_factory=list)]


class Needs(Table):
    """What a machine must have.

    ``boards``: parts of names of boards that bear no larger profile. ``cores`` are physical ones. ``fast_math``: AVX2,
    or dot products on Arm. ``mains``: no battery.
    """

    boards: Names
    cores: Annotated[int, Field(ge=1)] = 1
    memory_gb: Annotated[float, Field(gt=0)]
    fast_math: bool = False
    mains: bool = False


class ProfileTable(Table):
    """A profile as models.toml has it: ids in order of preference by stage, and ``why`` by stage."""

    reason: str
    needs: Needs
    stt: Names
    llm: Names
    tts: Names
    turn: Names
    embed: Names
    wake: Names
    why: Annotated[dict[ModelStage, str], Field(default_factory=dict)]
    settings: Annotated[dict[str, Any], Field(default_factory=dict)]

    def ids(self) -> dict[ModelStage, list[str]]:
        return {stage: getattr(self, stage) for stage in get_args(ModelStage)}


@dataclass(frozen=True, slots=True)
class Profile:
    """Models that suit a kind of machine together, in one language.

    ``choices`` are a stage's models in order of preference: the first that speaks the language is taken. ``why`` gives
    the reason of each stage's choice, ``settings`` what to override in the configuration, by dotted key.
    """

    name: str
    reason: str
    needs: Needs
    choices: Mapping[ModelStage, tuple[Entry, ...]]
    why: Mapping[ModelStage, str]
    settings: Mapping[str, Any]
    language: str = ENGLISH

    def for_language(self, language: str) -> "Profile":
        """The same with models and settings for another language, named as in ISO 639-1 or with a region: ``de-AT``."""
        code = language.replace("_", "-").partition("-")[0].lower()
        spoken = {} if code == ENGLISH else {"stt.language": code, "tts.voice": ESPEAK_NAMES.get(code, code)}
        kept = {key: value for key, value in self.settings.items() if key not in ("stt.language", "tts.voice")}
        return replace(self, language=code, settings={**kept, **spoken})

    def for_cores(self, cores: int) -> "Profile":
        """The same with no more threads than fit: one core stays free, and llm and tts work at the same time."""
        spare = max(1, cores - 1)
        voice = min(self.settings.get("tts.threads", 1), spare)
        most = {"stt.threads": spare, "llm.threads": max(1, spare - voice), "tts.threads": voice}
        fitted = {key: min(value, most[key]) if key in most else value for key, value in self.settings.items()}
        return replace(self, settings=fitted)

    def entry(self, stage: ModelStage) -> Entry | None:
        """The stage's model; None where no choice speaks the language."""
        return next((entry for entry in self.choices.get(stage, ()) if entry.speaks(self.language)), None)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """A model a stage, where there is one."""
        return tuple(entry for stage in get_args(ModelStage) if (entry := self.entry(stage)) is not None)

    @property
    def models(self) -> list[str]:
        """The ids of its entries."""
        return [entry.id for entry in self.entries]

    @property
    def missing(self) -> tuple[ModelStage, ...]:
        """The essential stages for which no model speaks the language."""
        return tuple(stage for stage in ESSENTIAL if self.entry(stage) is None)

    @property
    def size(self) -> int:
        """Bytes of all its models."""
        return sum(entry.size for entry in self.entries)

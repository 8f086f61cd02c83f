"""The catalogue: which models there are, and which suit a machine together. Read from models.toml."""

import difflib
import os
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from assistant import config
from assistant.errors import ConfigError
from assistant.store.entries import Entry, File, ModelStage, Table
from assistant.store.lines import Place, line_of
from assistant.store.profiles import Profile, ProfileTable

__all__ = ["FILE_NAME", "Catalogue", "Entry", "File", "ModelStage", "Profile", "catalogue", "parse"]

FILE_NAME = "models.toml"
PATH_VARIABLE = "ASSISTANT_CATALOGUE"
MEND = "Mend or restore the catalogue."


class _Document(Table):
    model: Annotated[list[Entry], Field(default_factory=list)]
    profile: Annotated[dict[str, ProfileTable], Field(default_factory=dict)]


class Catalogue:
    """Entries in order of preference within their stage, and the profiles from the smallest machine to the largest."""

    def __init__(self, entries: list[Entry], profiles: Mapping[str, Profile]) -> None:
        self.entries = entries
        self.profiles = profiles

    def entry(self, entry_id: str) -> Entry:
        """Raises ConfigError for an id that is not in the catalogue."""
        for entry in self.entries:
            if entry.id == entry_id:
                return entry
        near = difflib.get_close_matches(entry_id, [entry.id for entry in self.entries], n=3)
        meant = f"Did you mean {' or '.join(near)}? " if near else ""
        raise ConfigError(
            f"there is no model {entry_id!r} in the catalogue", hint=f"{meant}See every model: assistant models"
        )

    def profile(self, name: str, language: str = "en") -> Profile:
        """The profile in a language. Raises ConfigError for one that is not in the catalogue."""
        if name in self.profiles:
            return self.profiles[name].for_language(language)
        raise ConfigError(f"there is no profile {name!r}", hint=f"Known: {', '.join(self.profiles)}.")


def parse(text: str, where: str = FILE_NAME) -> Catalogue:
    """Read a catalogue. Raises ConfigError, with the line, for broken TOML, an unknown key, a wrong type, a doubled id,
    and a profile that names an unknown model or setting, or a model of another stage.
    """
    try:
        document = _Document.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where} is not valid TOML: {error}", hint=MEND) from error
    except ValidationError as error:
        first = error.errors()[0]
        raise _mistake(text, where, first["loc"], first["msg"]) from error
    entries: dict[str, Entry] = {}
    for index, entry in enumerate(document.model):
        if entry.id in entries:
            raise _mistake(text, where, ("model", index, "id"), f"{entry.id!r} appears twice")
        entries[entry.id] = entry
    profiles = {name: _profile(name, table, entries, text, where) for name, table in document.profile.items()}
    return Catalogue(document.model, profiles)


def _profile(name: str, table: ProfileTable, entries: Mapping[str, Entry], text: str, where: str) -> Profile:
    """The profile with its models found. Raises ConfigError."""
    for stage, ids in table.ids().items():
        for index, entry_id in enumerate(ids):
            place = ("profile", name, stage, index)
            if entry_id not in entries:
                raise _mistake(text, where, place, f"{entry_id!r} is no model of the catalogue")
            if entries[entry_id].stage != stage:
                raise _mistake(text, where, place, f"{entry_id!r} is of the stage {entries[entry_id].stage}")
        if ids and stage not in table.why:
            raise _mistake(text, where, ("profile", name, "why"), f"it gives no reason for {stage}")
    for key, value in table.settings.items():
        origin = config.Origin("file", _line(text, where, ("profile", name, "settings", key)))
        config.checked(key, value, origin)
    # A voice costs the same in every language, so profiles need not name all of them.
    voices = [entry.id for entry in entries.values() if entry.stage == "tts"]
    ranked = {stage: [*ids, *voices] if stage == "tts" else ids for stage, ids in table.ids().items()}
    choices = {stage: tuple(entries[entry_id] for entry_id in ids) for stage, ids in ranked.items()}
    return Profile(name, table.reason, table.needs, choices, table.why, table.settings)


def _mistake(text: str, where: str, place: Place, what: str) -> ConfigError:
    name = ".".join(str(part) for part in place[-2:] if not isinstance(part, int))
    return ConfigError(f"{_line(text, where, place)}: {name}: {what}", hint=MEND)


def _line(text: str, where: str, place: Place) -> str:
    return f"{where} line {line_of(text, place)}"


@cache
def catalogue() -> Catalogue:
    """The shipped catalogue: at the top level of a checkout, inside the package when installed.

    ``ASSISTANT_CATALOGUE`` names another, for those who keep models of their own on a hub. Raises ConfigError.
    """
    if override := os.environ.get(PATH_VARIABLE):
        try:
            return parse(Path(override).read_text(encoding="utf-8"), override)
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"${PATH_VARIABLE}: {override} cannot be read", hint="Name a models.toml.") from error
    package = Path(__file__).parents[1]
    for path in (package / FILE_NAME, package.parent / FILE_NAME):
        if path.is_file():
            return parse(path.read_text(encoding="utf-8"), str(path))
    raise ConfigError(f"the catalogue {FILE_NAME} is not installed", hint="Install the assistant again.")

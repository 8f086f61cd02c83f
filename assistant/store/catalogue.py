"""The catalogue: which models there are, where they come from and what their bytes must be. Read from models.toml."""

import tomllib
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from assistant.errors import ConfigError

ModelStage = Literal["stt", "llm", "tts"]
FILE_NAME = "models.toml"
ID = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"  # an id names a folder


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class File(_Table):
    """A file of a repository: ``size`` in bytes, ``sha256`` in lower-case hexadecimal."""

    path: Annotated[str, StringConstraints(min_length=1)]
    size: Annotated[int, Field(gt=0)]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]

    @property
    def name(self) -> str:
        """What it is called once installed: repositories keep some voices deep in folders."""
        return PurePosixPath(self.path).name


class Entry(_Table):
    """A model that can be downloaded. ``verified``: somebody downloaded it and found the digests true."""

    id: Annotated[str, StringConstraints(pattern=ID)]
    stage: ModelStage
    engine: str
    repo: str
    revision: Annotated[str, StringConstraints(min_length=1)]
    files: Annotated[list[File], Field(min_length=1)]
    licence: str
    languages: list[str]
    note: str = ""
    verified: bool = False

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(file.size for file in self.files)

    def speaks(self, language: str) -> bool:
        """Whether it knows an ISO 639-1 language."""
        return any(known == "multilingual" or known.split("_")[0] == language for known in self.languages)


class Profile(_Table):
    """Models that suit a kind of machine together."""

    models: Annotated[list[str], Field(min_length=1)]
    reason: str


class _Document(_Table):
    model: list[Entry] = []
    profile: dict[str, Profile] = {}


class Catalogue:
    """Entries in order of preference within their stage, and the profiles."""

    def __init__(self, entries: list[Entry], profiles: dict[str, Profile]) -> None:
        self.entries = entries
        self.profiles = profiles

    def entry(self, entry_id: str) -> Entry:
        """Raises ConfigError for an id that is not in the catalogue."""
        for entry in self.entries:
            if entry.id == entry_id:
                return entry
        known = ", ".join(entry.id for entry in self.entries)
        raise ConfigError(f"there is no model {entry_id!r} in the catalogue", hint=f"Known: {known}.")

    def profile(self, name: str) -> Profile:
        """Raises ConfigError for a profile that is not in the catalogue."""
        if name in self.profiles:
            return self.profiles[name]
        raise ConfigError(f"there is no profile {name!r}", hint=f"Known: {', '.join(self.profiles)}.")


def parse(text: str, where: str = FILE_NAME) -> Catalogue:
    """Raises ConfigError for TOML that is broken, an unknown key, a wrong type, or an id that is doubled or unknown."""
    try:
        document = _Document.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where} is not valid TOML: {error}", hint="Mend or restore the catalogue.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{where}: {place}: {first['msg']}", hint="Mend or restore the catalogue.") from error
    seen: set[str] = set()
    for entry in document.model:
        if entry.id in seen:
            raise ConfigError(f"{where}: the id {entry.id!r} appears twice", hint="Every model needs its own id.")
        seen.add(entry.id)
    for name, profile in document.profile.items():
        if unknown := set(profile.models) - seen:
            raise ConfigError(
                f"{where}: the profile {name!r} names {', '.join(sorted(unknown))}, which is no model of the catalogue",
                hint="Mend or restore the catalogue.",
            )
    return Catalogue(document.model, document.profile)


@cache
def catalogue() -> Catalogue:
    """The shipped catalogue: at the top level of a checkout, inside the package when installed. Raises ConfigError."""
    package = Path(__file__).parents[1]
    for path in (package / FILE_NAME, package.parent / FILE_NAME):
        if path.is_file():
            return parse(path.read_text(encoding="utf-8"), str(path))
    raise ConfigError(f"the catalogue {FILE_NAME} is not installed", hint="Install the assistant again.")

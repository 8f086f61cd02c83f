"""What the catalogue says of a model: where it comes from, what its bytes must be, and on what terms it may be used."""

from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

ModelStage = Literal["stt", "llm", "tts", "turn", "embed", "wake"]
Terms = Literal["free", "restricted", "noncommercial", "unclear"]
Speed = Literal["fast", "medium", "slow"]
ID = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"  # an id names a folder
MULTILINGUAL = "multilingual"
MOVING = "main"
"""The revision of files for which none was published: they may be replaced at their source, and are refused then."""
UNKNOWN = "unknown"
"""Written for a digest that nobody published, so that none can be forgotten."""

SPEED_BELOW: dict[ModelStage, tuple[int, int]] = {
    "stt": (200_000_000, 600_000_000),
    "llm": (600_000_000, 1_400_000_000),
    "tts": (90_000_000, 200_000_000),
    "turn": (50_000_000, 500_000_000),
    "embed": (100_000_000, 400_000_000),
    "wake": (10_000_000, 100_000_000),
}
"""Bytes below which a model of the stage is fast, and medium: by the work of one step, which grows with the size."""


class Table(BaseModel):
    """A table of models.toml: no unknown key, no wrong type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class File(Table):
    """A file of a repository: ``size`` in bytes, ``sha256`` in lower-case hexadecimal, or None where it is unknown."""

    path: Annotated[str, StringConstraints(min_length=1)]
    size: Annotated[int, Field(gt=0)]
    sha256: Annotated[Sha256 | None, BeforeValidator(lambda digest: None if digest == UNKNOWN else digest)]

    @property
    def name(self) -> str:
        """What it is called once installed: repositories keep some voices deep in folders."""
        return PurePosixPath(self.path).name


class Entry(Table):
    """A model that can be downloaded.

    ``licence`` is what was read; ``terms`` its sense: ``free`` for any use, ``restricted`` by conditions beyond
    attribution and share-alike, ``noncommercial``, or ``unclear`` where no source states the terms or they conflict.
    ``verified``: somebody downloaded it and found the digests true. ``measured`` figures are this project's own,
    ``published`` ones are others', each with its source.
    """

    id: Annotated[str, StringConstraints(pattern=ID)]
    stage: ModelStage
    engine: str
    repo: str
    revision: Annotated[str, StringConstraints(min_length=1)]
    files: Annotated[list[File], Field(min_length=1)]
    licence: str
    terms: Terms = "unclear"
    languages: list[str]
    note: str = ""
    verified: bool = False
    measured: list[str] = []
    published: list[str] = []

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(file.size for file in self.files)

    @property
    def pinned(self) -> bool:
        """Whether its files come from a revision that cannot change."""
        return self.revision != MOVING

    @property
    def speed(self) -> Speed:
        """Its speed class within its stage, judged by size alone; see SPEED_BELOW."""
        fast, medium = SPEED_BELOW[self.stage]
        return "fast" if self.size < fast else "medium" if self.size < medium else "slow"

    def speaks(self, language: str) -> bool:
        """Whether it knows an ISO 639-1 language."""
        return any(known == MULTILINGUAL or known.split("_")[0] == language for known in self.languages)

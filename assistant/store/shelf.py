"""Every model there is to know of: those of the catalogue, and those that are installed beside them."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.store.catalogue import catalogue
from assistant.store.entries import MULTILINGUAL, Entry
from assistant.store.folder import Installed, installed_models, stages_using

if TYPE_CHECKING:
    from assistant.config import Settings

MOST_LANGUAGES = 4


@dataclass(frozen=True, slots=True)
class Known:
    """A model as the table shows it. ``state``: in use, installed, damaged (incomplete), or no. ``size`` in bytes."""

    id: str
    stage: str
    size: int
    languages: tuple[str, ...]
    licence: str
    terms: str
    speed: str
    state: str
    path: Path | None
    note: str

    @property
    def spoken(self) -> str:
        """Its languages in short."""
        if MULTILINGUAL in self.languages:
            return "many"
        codes = list(dict.fromkeys(language.partition("_")[0] for language in self.languages))
        return ", ".join(codes[:MOST_LANGUAGES]) + ("…" if len(codes) > MOST_LANGUAGES else "")

    @property
    def short_licence(self) -> str:
        """Its name, without what there is to say about it."""
        return re.split(r"[(;:,]", self.licence)[0].strip()

    def described(self) -> Mapping[str, object]:
        """For JSON."""
        return asdict(self) | {"path": None if self.path is None else str(self.path)}


def shelf(root: Path, settings: "Settings") -> list[Known]:
    """Models of the catalogue in its order, then the user's own. Raises ConfigError for a broken catalogue."""
    here = {(model.stage, model.id): model for model in installed_models(root)}
    entries = catalogue().entries
    known = [_of_catalogue(entry, here.pop((entry.stage, entry.id), None), settings) for entry in entries]
    return [*known, *(_own(model, settings) for model in here.values())]


def _of_catalogue(entry: Entry, model: Installed | None, settings: "Settings") -> Known:
    return Known(
        id=entry.id,
        stage=entry.stage,
        size=entry.size,
        languages=tuple(entry.languages),
        licence=entry.licence,
        terms=entry.terms,
        speed=entry.speed,
        state=_state(model, settings),
        path=None if model is None else model.path,
        note=entry.note,
    )


def _own(model: Installed, settings: "Settings") -> Known:
    manifest = model.manifest
    return Known(
        id=model.id,
        stage=model.stage,
        size=model.size,
        languages=tuple(manifest.languages) if manifest else (),
        licence=manifest.licence if manifest else "",
        terms="",
        speed="",
        state=_state(model, settings),
        path=model.path,
        note="your own",
    )


def _state(model: Installed | None, settings: "Settings") -> str:
    if model is None:
        return "no"
    if not model.complete:
        return "damaged"
    return "in use" if stages_using(model, settings) else "installed"

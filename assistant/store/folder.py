"""The folder of models: what is in it, and what a stage's engine should load.

``<models>/<stage>/<id>/`` holds one model. A model that somebody drops into ``<models>/<stage>/`` by hand is found too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import InputError
from assistant.session.turn import CancelToken
from assistant.store import manifest, staging
from assistant.store.catalogue import catalogue
from assistant.store.entries import ID, Entry, ModelStage
from assistant.store.manifest import Manifest

if TYPE_CHECKING:
    from assistant.config import Settings

SINGLE_FILE = {
    "llm": (".gguf",),
    "tts": (".onnx",),
    "turn": (".onnx",),
    "embed": (".gguf",),
    "wake": (".onnx", ".tflite"),
}
"""Stages whose engines are given a file, and what it is called; the others are given the folder."""
ONE_FILE = (".gguf", ".onnx")
"""A model of another stage that is nothing but such a file is given as the file."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A model in the folder. ``manifest`` is None where it was put there by hand, or its manifest is broken.

    ``size``: bytes of its files, linked ones too. ``path``: what an engine is given. ``complete``: its files are there
    in the sizes that its manifest or the catalogue says; whether their bytes are true is for ``verify`` to tell.
    """

    id: str
    stage: str
    folder: Path
    path: Path
    size: int
    complete: bool
    manifest: Manifest | None


def models_dir(settings: "Settings") -> Path:
    """The folder of all models; it need not exist."""
    if settings.models.dir is not None:
        return settings.models.dir
    from platformdirs import user_data_path

    return user_data_path("assistant") / "models"


def find(stage: ModelStage, settings: "Settings") -> Path | None:
    """What the stage's neural engine should load: the setting, else an installed entry, else anything usable.

    The setting is a path, or the id of a model. It is answered even where nothing is, so that the engine says what is
    wrong with it. Of installed entries the first in the catalogue wins that speaks the language; a voice of another
    language is better than none.
    """
    root = models_dir(settings)
    if (chosen := getattr(getattr(settings, stage, None), "model", None)) is not None:
        return _named(stage, Path(chosen), root) or Path(chosen)
    language = settings.stt.language
    entries = [entry for entry in catalogue().entries if entry.stage == stage and usable(entry, root)]
    speaking = [entry for entry in entries if entry.speaks(language)] if stage in ("stt", "tts") else entries
    for entry in speaking if stage == "stt" else [*speaking, *entries]:
        return model_path(entry, root)
    return next(_dropped_in(stage, root, language), None)


def installed(entry: Entry, root: Path) -> bool:
    """Whether exactly this entry is there: all its files in their right sizes, of the catalogue's revision."""
    known = manifest.peek(root / entry.stage / entry.id)
    return usable(entry, root) and (known is None or known.revision == entry.revision)


def usable(entry: Entry, root: Path) -> bool:
    """Whether some revision of the entry is there with all its files in their right sizes."""
    return _complete(root / entry.stage / entry.id, entry)


def model_path(entry: Entry, root: Path) -> Path:
    """What an engine is given of a model of the catalogue, installed or not."""
    return given(entry.stage, root / entry.stage / entry.id, [file.name for file in entry.files])


def given(stage: str, folder: Path, names: list[str]) -> Path:
    """What an engine is given of a model's files: the one that matters (the first of several), else the folder."""
    suffixes = SINGLE_FILE.get(stage, ONE_FILE if len(names) == 1 else ())
    return next((folder / name for name in names if name.endswith(suffixes)), folder) if suffixes else folder


def installed_models(root: Path) -> list[Installed]:
    """Every model that has a folder of its own, by stage and id. Raises OSError where one cannot be looked at."""
    known = {entry.id: entry for entry in catalogue().entries}
    found = []
    for folder in sorted(root.glob("[!.]*/[!.]*/")):
        names = [path.name for path in sorted(folder.iterdir()) if path.is_file() and path.name != manifest.FILE_NAME]
        if not names:
            continue
        found.append(
            Installed(
                id=folder.name,
                stage=folder.parent.name,
                folder=folder,
                path=given(folder.parent.name, folder, names),
                size=sum(_size(folder / name) or 0 for name in names),
                complete=_complete(folder, known.get(folder.name)),
                manifest=manifest.peek(folder),
            )
        )
    return found


def get(model_id: str, root: Path) -> Installed:
    """An installed model. Raises InputError where there is none of that id."""
    for model in installed_models(root):
        if model.id == model_id:
            return model
    raise InputError(f"no model {model_id!r} is installed", hint="See what is: assistant models")


def in_use(settings: "Settings") -> dict[str, Path]:
    """What each stage with a model would load, by stage; stages that load none are left out."""
    stages = [name for name in type(settings).model_fields if hasattr(getattr(settings, name), "model")]
    found = {
        stage: find(stage, settings)  # type: ignore[arg-type]  # a section with a model is a stage
        for stage in stages
        if getattr(getattr(settings, stage), "engine", "auto") != "none"
    }
    return {stage: path for stage, path in found.items() if path is not None}


def stages_using(model: Installed, settings: "Settings") -> list[str]:
    """The stages that would load the model."""
    return [stage for stage, path in in_use(settings).items() if model.folder in (path, *path.parents)]


def remove(model_id: str, root: Path, token: CancelToken | None = None) -> Path:
    """Delete a model, whole at once for everybody who looks. Return the folder that it had. A link's target stays.

    Waits for a download of the same model. Raises InputError where none is installed, OutputError.
    """
    model = get(model_id, root)
    try:
        with staging.locked([model_id], root, token or CancelToken()):
            staging.discard(model.folder, root)
        staging.clean(root)
    except OSError as error:
        raise staging.cannot_write(root, error) from error
    return model.folder


def _named(stage: str, chosen: Path, root: Path) -> Path | None:
    """The model that a setting names by its id, installed or only known; None where it is a path."""
    if chosen.is_absolute() or len(chosen.parts) != 1 or not re.match(ID, chosen.name):
        return None
    folder = root / stage / chosen.name
    if folder.is_dir():
        return given(stage, folder, sorted(path.name for path in folder.iterdir()))
    entry = next((entry for entry in catalogue().entries if (entry.stage, entry.id) == (stage, chosen.name)), None)
    return model_path(entry, root) if entry is not None and not chosen.exists() else None


def _complete(folder: Path, entry: Entry | None) -> bool:
    if (known := manifest.peek(folder)) is not None:
        return all(_size(folder / file.name) == file.size for file in known.files)
    if entry is not None:
        return all(file.size and _size(folder / file.name) == file.size for file in entry.files)
    return folder.is_dir()


def _dropped_in(stage: ModelStage, root: Path, language: str) -> Iterator[Path]:
    """Usable models in the folder or one below it, in the order of their names; links are followed."""
    known = {entry.id: entry for entry in catalogue().entries if entry.stage == stage}
    folder = root / stage
    if stage == "stt":
        found = [path.parent for path in folder.glob("*/model.bin") if (path.parent / "tokenizer.json").is_file()]
        found = [path for path in found if language == "en" or not path.name.endswith(".en")]
        yield from sorted(path for path in found if _complete(path, known.get(path.name)))
        return
    for suffix in SINGLE_FILE.get(stage, ONE_FILE):
        for path in sorted([*folder.glob(f"*{suffix}"), *folder.glob(f"*/*{suffix}")]):
            if path.parent != folder and not _complete(path.parent, known.get(path.parent.name)):
                continue
            if stage != "tts" or path.with_name(path.name + ".json").is_file():
                yield path


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None

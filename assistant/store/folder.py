"""The folder of models: what is in it, and what a stage's engine should load.

``<models>/<stage>/<id>/`` holds one model. A model that somebody drops into ``<models>/<stage>/`` by hand is found too.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.store.catalogue import Entry, ModelStage, catalogue

if TYPE_CHECKING:
    from assistant.config import Settings

MODEL_SUFFIX = {"llm": ".gguf", "tts": ".onnx"}


def models_dir(settings: "Settings") -> Path:
    """The folder of all models; it need not exist."""
    if settings.models.dir is not None:
        return settings.models.dir
    from platformdirs import user_data_path

    return user_data_path("assistant") / "models"


def find(stage: ModelStage, settings: "Settings") -> Path | None:
    """What the stage's neural engine should load: the setting, else an installed entry, else anything usable.

    A setting is returned as it is, so that the engine says what is wrong with it.
    """
    if (chosen := getattr(settings, stage).model) is not None:
        return Path(chosen)
    language = settings.stt.language if stage == "stt" else None
    root = models_dir(settings)
    for entry in catalogue().entries:
        if entry.stage == stage and (language is None or entry.speaks(language)) and installed(entry, root):
            return model_path(entry, root)
    return next(_dropped_in(stage, root / stage, language), None)


def installed(entry: Entry, root: Path) -> bool:
    """Whether all its files are there in their right sizes."""
    folder = root / entry.stage / entry.id
    return all(_size(folder / file.name) == file.size for file in entry.files)


def model_path(entry: Entry, root: Path) -> Path:
    """What an engine is given: the folder of a speech model, else the one file of the model."""
    folder = root / entry.stage / entry.id
    suffix = MODEL_SUFFIX.get(entry.stage)
    return folder if suffix is None else next(folder / file.name for file in entry.files if file.name.endswith(suffix))


def _dropped_in(stage: ModelStage, folder: Path, language: str | None) -> Iterator[Path]:
    """Usable models in the folder or one below it, in the order of their names; links are followed."""
    suffix = MODEL_SUFFIX.get(stage)
    if suffix is None:
        found = [path.parent for path in folder.glob("*/model.bin") if (path.parent / "tokenizer.json").is_file()]
        yield from sorted(path for path in found if language == "en" or not path.name.endswith(".en"))
        return
    for path in sorted([*folder.glob(f"*{suffix}"), *folder.glob(f"*/*{suffix}")]):
        if stage == "llm" or path.with_name(path.name + ".json").is_file():
            yield path


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None

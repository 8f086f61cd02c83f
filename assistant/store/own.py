"""A user's own model: taken into the folder of models once it has been seen to load."""

import json
import re
from collections.abc import Callable
from pathlib import Path

from assistant.errors import InputError
from assistant.session.turn import CancelToken
from assistant.store import manifest, staging
from assistant.store.catalogue import catalogue
from assistant.store.copying import Checked, copy
from assistant.store.entries import ID, ModelStage
from assistant.store.folder import ONE_FILE, SINGLE_FILE, given, installed_models
from assistant.store.manifest import Manifest
from assistant.store.progress import Listener, silent

Check = Callable[[Path], object]
"""Given what an engine would load, raises an AssistantError unless it loads."""

ENGINES = {"stt": "faster-whisper", "llm": "llama.cpp", "tts": "piper", "turn": "smart-turn", "embed": "llama.cpp"}
FORMS = {
    "stt": "a CTranslate2 folder with model.bin, config.json and tokenizer.json",
    "llm": "a .gguf file",
    "tts": "a Piper voice: an .onnx file with its .onnx.json beside it",
    "turn": "the .onnx file of Smart Turn v3",
    "embed": "a .gguf file",
}
SPEECH_FILES = {"model.bin", "config.json", "tokenizer.json"}
SPLIT = re.compile(r"(?P<stem>.+)-00001-of-(?P<count>\d{5})\.gguf")
"""The first of several files of one language model, as llama.cpp's gguf-split names them."""


def add(
    path: Path,
    stage: ModelStage,
    root: Path,
    *,
    check: Check,
    name: str | None = None,
    link: bool = False,
    progress: Listener = silent,
    token: CancelToken | None = None,
) -> Manifest:
    """Copy a model into the folder, or with ``link`` only point to it; say what was taken, and under which id.

    ``check`` sees it where it lies, before anything is copied. The id is ``name``, or made of the file's name.
    Cancelled between two blocks of a megabyte. Raises InputError, what ``check`` raises, OutputError, Cancelled.
    """
    token = token or CancelToken()
    files = _files(path.expanduser().absolute(), stage)
    folder = files[0].parent
    model_id = _free_id(name or (folder.name if stage == "stt" else files[0].stem), root)
    check(given(stage, folder, [file.name for file in files]))
    try:
        root.mkdir(parents=True, exist_ok=True)
        staging.check_room(0 if link else sum(file.stat().st_size for file in files), root, model_id)
        records = [manifest.record(file, token) for file in files]
        known = manifest.own(model_id, stage, records, ENGINES.get(stage, ""), _languages(files))
        with staging.workshop(root) as bench, staging.locked([model_id], root, token):
            ready = bench / "ready"
            ready.mkdir()
            for record in records:
                if link:
                    (ready / record.name).symlink_to((folder / record.name).resolve())
                else:
                    with (folder / record.name).open("rb") as file:
                        copy(Checked(file, model_id, record, progress, token), ready / record.name)
            manifest.write(known, ready)
            staging.place(ready, model_id, stage, root)
    except OSError as error:
        raise staging.cannot_write(root, error) from error
    return known


def _files(path: Path, stage: ModelStage) -> list[Path]:
    """The files that make the model up, the one that its engine is given first. Raises InputError."""
    files = _speech_folder(path) if stage == "stt" else _main_file(path, SINGLE_FILE.get(stage, ONE_FILE))
    if stage == "tts":
        files += [file.with_name(file.name + ".json") for file in files]
    if not files or not all(file.is_file() for file in files):
        form = FORMS.get(stage, "one .onnx or .gguf file")
        raise InputError(f"{path} is no {stage} model that can be loaded", hint=f"It should be {form}.")
    for file in files:
        if not re.fullmatch(manifest.SAFE_NAME, file.name):
            raise InputError(f"{file.name!r} is no name for a model's file", hint="Rename it to plain letters.")
    return files


def _speech_folder(path: Path) -> list[Path]:
    """Everything in the folder, if the files are there without which it is no CTranslate2 model."""
    files = sorted(file for file in path.glob("[!.]*") if file.is_file() and file.name != manifest.FILE_NAME)
    return files if {file.name for file in files} >= SPEECH_FILES else []


def _main_file(path: Path, suffixes: tuple[str, ...]) -> list[Path]:
    """The file, or the only such file of a folder; with its sequels where it is split."""
    files = [path] if path.is_file() else sorted(path.glob("[!.]*"))
    files = [file for file in files if file.name.endswith(suffixes)]
    if files and (split := SPLIT.fullmatch(files[0].name)):
        count = int(split["count"])
        names = [f"{split['stem']}-{number:05}-of-{count:05}.gguf" for number in range(1, count + 1)]
        return [files[0].with_name(name) for name in names]
    return files if len(files) == 1 else []


def _free_id(name: str, root: Path) -> str:
    """An id that no other model has, made of what the user says or the file is called. Raises InputError."""
    model_id = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._")
    another = "Give it another name: --name"
    if not re.match(ID, model_id):
        raise InputError(f"{name!r} is no name for a model", hint=another)
    if any(entry.id == model_id for entry in catalogue().entries):
        raise InputError(f"{model_id} is the name of a model of the catalogue", hint=another)
    if any(model.id == model_id for model in installed_models(root)):
        raise InputError(
            f"{model_id} is installed", hint=f"{another}, or remove it first: assistant models rm {model_id}"
        )
    return model_id


def _languages(files: list[Path]) -> list[str]:
    """What a Piper voice says of itself; nothing for the others, whose files do not tell."""
    if not files[-1].name.endswith(".onnx.json"):
        return []
    try:
        code = json.loads(files[-1].read_bytes())["language"]["code"]
    except (ValueError, KeyError, TypeError):
        return []
    return [code] if isinstance(code, str) else []

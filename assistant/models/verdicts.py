"""What is remembered of a native library that was tried with a model: a small file for each pair, in the user's cache.

A verdict holds for exactly the library, the model, the processor and the options that it was found with: when any of
them changes, it is as if there were none. So is a file that is damaged. Deleting the folder forgets everything.
"""

import hashlib
import json
import os
import platform
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from assistant.doctor_llama import cpu_flags

LIBRARIES = {".so", ".dylib", ".pyd"}
Key = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """``message`` and ``hint`` say why the pair does not work; both are empty where it does."""

    engine: str
    model: Path
    message: str = ""
    hint: str = ""

    @property
    def good(self) -> bool:
        return not self.message


def default_folder() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("assistant") / "trials"


def key_of(packages: Iterable[str], model: Path, options: Mapping[str, object]) -> Key:
    """All that a verdict depends on, ready for JSON: native files by size and time, model files likewise, processor."""
    return {
        "libraries": [_stamp(path) for package in packages for path in native_files(package)],
        "model": [_stamp(path) for path in _files(model)],
        "processor": [platform.machine(), *sorted(cpu_flags())],
        "options": dict(options),
    }


def recall(folder: Path, engine: str, model: Path, key: Key) -> Verdict | None:
    """The verdict on the pair under this key, or None."""
    verdict, known = _read(_place(folder, engine, model)) or (None, None)
    return verdict if known == key else None


def remember(folder: Path, verdict: Verdict, key: Key) -> None:
    """Keep it in the place of an older one; where nothing can be written it is found again at the next start."""
    place = _place(folder, verdict.engine, verdict.model)
    fresh = place.with_suffix(f".{os.getpid()}")
    content = {
        "engine": verdict.engine,
        "model": str(verdict.model),
        "message": verdict.message,
        "hint": verdict.hint,
        "key": key,
    }
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        fresh.write_text(json.dumps(content, indent=1), encoding="utf-8")
        fresh.replace(place)


def failures(folder: Path) -> Iterator[Verdict]:
    """Every pair that is remembered not to work, whether its key still holds or not."""
    for place in sorted(folder.glob("*.json")):
        read = _read(place)
        if read is not None and not read[0].good:
            yield read[0]


def forget_failures(folder: Path) -> None:
    """Let everything that failed be tried once more."""
    for verdict in list(failures(folder)):
        with suppress(OSError):
            _place(folder, verdict.engine, verdict.model).unlink(missing_ok=True)


def native_files(package: str) -> list[Path]:
    """The shared libraries of an installed package, found without importing it; auditwheel's folder included."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return []
    folder = Path(spec.origin).parent
    found = [path for root in (folder, folder.with_name(f"{package}.libs")) for path in root.rglob("*")]
    return sorted(path for path in found if LIBRARIES & set(path.suffixes) and not path.is_symlink())


def _files(model: Path) -> list[Path]:
    """The model's own file or files, and the JSON beside a voice."""
    if model.is_dir():
        return sorted(path for path in model.iterdir() if path.is_file())
    beside = model.with_name(model.name + ".json")
    return [path for path in (model, beside) if path.is_file()]


def _stamp(path: Path) -> list[Any]:
    with suppress(OSError):
        seen = path.stat()
        return [str(path), seen.st_size, seen.st_mtime_ns]
    return [str(path)]


def _place(folder: Path, engine: str, model: Path) -> Path:
    name = hashlib.sha256(f"{engine}\n{model.absolute()}".encode(errors="replace")).hexdigest()
    return folder / f"{name[:32]}.json"


def _read(place: Path) -> tuple[Verdict, Key] | None:
    try:
        content = json.loads(place.read_bytes())
        engine, model, message, hint = (content[name] for name in ("engine", "model", "message", "hint"))
        key = content["key"]
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None
    if not all(isinstance(value, str) for value in (engine, model, message, hint)):
        return None
    return Verdict(engine, Path(model), message, hint), key

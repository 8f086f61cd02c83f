"""Entries of a catalogue, and models in a folder, made up for the tests."""

import hashlib
from pathlib import Path

import pytest

from assistant.config import Settings
from assistant.store import folder as models
from assistant.store import manifest, own, transfer, verify
from assistant.store.catalogue import Catalogue, Entry, File
from tests.store.fake_hub import COMMIT, REPO

FILES = {"deep/down/voice.onnx": b"weights " * 5000, "deep/down/voice.onnx.json": b"{}"}


def file_of(path: str, data: bytes) -> File:
    return File(path=path, size=len(data), sha256=hashlib.sha256(data).hexdigest())


def entry_of(contents: dict[str, bytes], **changes: object) -> Entry:
    fields = {
        "id": "a-voice",
        "stage": "tts",
        "engine": "piper",
        "repo": REPO,
        "revision": COMMIT,
        "files": [file_of(path, data) for path, data in contents.items()],
        "licence": "CC0-1.0",
        "languages": ["en_US"],
    }
    return Entry(**(fields | changes))


def install(entry: Entry, root: Path, contents: dict[str, bytes] | None = None) -> Path:
    """Put a model there by hand, without a manifest; made-up bytes of the right size where none are given."""
    folder = root / entry.stage / entry.id
    folder.mkdir(parents=True)
    by_name = {Path(path).name: data for path, data in (contents or {}).items()}
    for file in entry.files:
        (folder / file.name).write_bytes(by_name.get(file.name, b"x" * file.size))
    return folder


def install_whole(entry: Entry, root: Path, contents: dict[str, bytes] | None = None) -> Path:
    """Put a model there as a download leaves it."""
    folder = install(entry, root, contents or FILES)
    records = [manifest.FileRecord(name=file.name, size=file.size, sha256=file.sha256) for file in entry.files]
    manifest.write(manifest.manifest_of(entry, records), folder)
    return folder


def ship(monkeypatch: pytest.MonkeyPatch, *entries: Entry) -> None:
    """Make these the whole catalogue."""
    for module in (models, own, transfer, verify):
        monkeypatch.setattr(module, "catalogue", lambda: Catalogue(list(entries), {}))


def settings_for(root: Path, **sections: dict[str, object]) -> Settings:
    return Settings.model_validate({"models": {"dir": root}, **sections})


def visible(root: Path) -> list[str]:
    """Every file that an engine could find, below the folder of models."""
    return sorted(
        str(path.relative_to(root))
        for path in root.glob("[!.]*/**/*")
        if not path.is_dir() and path.name != manifest.FILE_NAME
    )

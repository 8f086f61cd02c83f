"""The configuration file as text: read, parsed, searched for a line, replaced."""

import os
from pathlib import Path
from typing import Any

from assistant.errors import ConfigError, OutputError

PATH_VARIABLE = "ASSISTANT_CONFIG"


def read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text", hint="Save it as UTF-8, or move it away.") from error
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read: {error.strerror}", hint=f"Mend its permissions, or set {PATH_VARIABLE}."
        ) from error


def parsed(path: Path, text: str, parse: Any) -> Any:
    """``parse(text)``; tomllib and tomlkit both raise a ValueError that names the line."""
    try:
        return parse(text)
    except ValueError as error:
        raise ConfigError(
            f"{path} is not valid TOML: {error}", hint="Mend that line, or move the file away."
        ) from error


def line_of(text: str, section: str, name: str | None = None) -> str:
    """``", line 3"`` for a section's header or one of its keys; empty where it is written in an unusual way."""
    inside = False
    for number, line in enumerate(text.splitlines(), start=1):
        bare = line.split("#")[0].strip()
        if bare.startswith("["):
            inside = bare.strip("[] ").strip("\"'") == section
            if inside and name is None:
                return f", line {number}"
        key = bare.split("=")[0].strip().strip("\"'")
        if "=" in bare and (key == (name or section) if inside or name is None else key == f"{section}.{name}"):
            return f", line {number}"
    return ""


def replace(path: Path, text: str) -> None:
    """Write beside the file (the real one, behind links), then move over it: the old file is never half gone."""
    target = path.resolve()
    fresh = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        mode = target.stat().st_mode if target.exists() else 0o644
        with fresh.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.chmod(mode & 0o777)
        fresh.replace(target)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise OutputError(
            f"{target} cannot be written: {error.strerror}",
            hint=f"Make its folder writable, or set {PATH_VARIABLE} to a file elsewhere.",
        ) from error

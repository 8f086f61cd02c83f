"""``docs/configuration.md``, generated: ``python -m assistant.config_reference > docs/configuration.md``."""

from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from assistant.config import Settings, Threads, fields, variable_of

INTRODUCTION = """# Configuration

Generated from the settings by `python -m assistant.config_reference`; edit `assistant/config.py`, not this page.

A setting is taken from the first of these that has it: a flag of the command, an environment variable, the
configuration file, the default. `assistant config show` lists every value and where it came from,
`assistant config path` names the file (`ASSISTANT_CONFIG` names another), and `assistant config set KEY VALUE` writes
to it, keeping its comments:

```toml
[stt]
engine = "pocketsphinx"
```
"""
BOUNDS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}


def markdown() -> str:
    """The whole page, a table a section."""
    return INTRODUCTION + "".join(_section(section) for section in Settings.model_fields)


def _section(section: str) -> str:
    rows = [_row(key, info) for key, info in fields().items() if key.startswith(f"{section}.")]
    return "\n".join(
        [f"\n## [{section}]\n", "| key | variable | type | default | |", "|---|---|---|---|---|", *rows, ""]
    )


def _row(key: str, info: FieldInfo) -> str:
    default = "empty" if info.default is None or info.default_factory else f"`{_toml(info.default)}`"
    return f"| `{key}` | `{variable_of(key)}` | {_type(info)} | {default} | {info.description} |"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def _type(info: FieldInfo) -> str:
    bounds = [
        f"{sign} {getattr(item, name)}"
        for item in info.metadata
        for name, sign in BOUNDS.items()
        if hasattr(item, name)
    ]
    return ", ".join([_name(info.annotation), *bounds])


def _name(annotation: Any) -> str:
    if get_origin(annotation) is Literal:
        return " or ".join(f"`{choice}`" for choice in get_args(annotation))
    kinds = [annotation, *get_args(annotation)]
    if annotation == Threads:
        return "integer ≥ 1, ≤ 64, or `auto`"
    if any(kind is Path or Path in get_args(kind) for kind in kinds):
        return "path"
    if get_origin(annotation) is dict:
        return "tables"
    return {bool: "true or false", int: "integer", float: "number"}.get(annotation, "text")


if __name__ == "__main__":
    print(markdown(), end="")

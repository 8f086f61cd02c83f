"""``config``: every setting, its value and where it came from."""

import json as jsonlib
from typing import Annotated, Any

import typer

from assistant.commands import given
from assistant.commands.outcome import Guarded, notice

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Show and change settings.")
ORIGIN_STYLES = {"default": "dim"}


@app.command(cls=Guarded)
def show(*, json: given.Json = False) -> None:
    """Show every setting with its value and where it came from."""
    from assistant import config

    loaded = config.load()
    values = {key: loaded.value(key) for key in config.fields()}
    if json:
        described = {key: {"value": value, "origin": str(loaded.origin[key])} for key, value in values.items()}
        print(jsonlib.dumps(described, ensure_ascii=False, indent=2, default=str))
        return
    from assistant.commands.tables import show as show_table

    rows = [(key, str(loaded.origin[key]), _text(value)) for key, value in values.items()]
    show_table(("setting", "from", "value"), rows, ORIGIN_STYLES)


@app.command(cls=Guarded)
def path() -> None:
    """Print the path of the configuration file, whether it exists or not."""
    from assistant.config import config_path

    print(config_path())


@app.command("set", cls=Guarded)
def set_(
    key: Annotated[str, typer.Argument(help="The setting, such as tts.speed.")],
    value: Annotated[str, typer.Argument(help="Its new value; empty for none.")],
) -> None:
    """Write a setting to the configuration file, keeping its comments."""
    from assistant.config import load, set_value

    file = set_value(key, value)
    loaded = load()
    print(f"{key} = {_text(loaded.value(key))}")
    if loaded.origin[key].source != "file":
        notice(f"{loaded.origin[key]} outranks what was written to {file}", "warning")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)

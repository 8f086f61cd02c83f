"""What the user gives a command: settings by flag, text by argument or pipe, sound by file or pipe."""

import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.errors import InputError

if TYPE_CHECKING:
    from assistant.config import Settings

LONGEST_QUESTION = 10_000
"""Characters: some 2,500 tokens, which still leave room for an answer in the default context."""
LONGEST_READING = 1_000_000
"""Characters that `say` takes: a long novel, about a day of speech."""
PIPE = "-"

Stt = Annotated[str | None, typer.Option(help="Speech recogniser (stt.engine).", metavar="NAME")]
Llm = Annotated[str | None, typer.Option(help="Language model engine (llm.engine).", metavar="NAME")]
Tts = Annotated[str | None, typer.Option(help="Voice engine (tts.engine).", metavar="NAME")]
InputDevice = Annotated[str | None, typer.Option(help="Microphone, by name or part of it.", metavar="NAME")]
OutputDevice = Annotated[str | None, typer.Option(help="Loudspeaker, by name or part of it.", metavar="NAME")]
Echo = Annotated[str | None, typer.Option(help="Echo canceller (audio.echo): auto, off, kalman.", metavar="NAME")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Agree beforehand to whatever would be asked.")]
Profile = Annotated[str | None, typer.Option(help="Models and settings for a kind of machine.", metavar="NAME")]
Listen = Annotated[
    str | None, typer.Option(help="When to listen: open, wake (after a wake word) or push.", metavar="MODE")
]
NoHistory = Annotated[bool, typer.Option("--no-history", help="Keep nothing of this conversation.")]
Record = Annotated[
    bool, typer.Option("--record", help="Record the microphone and the answers (assistant replay plays them again).")
]
NoSpeculate = Annotated[bool, typer.Option("--no-speculate", help="Begin no answer before you have finished.")]


def settings(
    *,
    profile: str | None = None,
    stt: str | None = None,
    llm: str | None = None,
    tts: str | None = None,
    input_device: str | None = None,
    output_device: str | None = None,
    echo: str | None = None,
    no_history: bool = False,
    record: bool = False,
    no_bias: bool = False,
    no_speculate: bool = False,
    listen: str | None = None,
    beneath: Mapping[str, object] | None = None,
) -> "Settings":
    """The settings, with ``beneath`` on top of them, the profile on top of that, and then these flags.

    Raises ConfigError; InputError for flags that contradict each other.
    """
    if record and no_history:
        raise InputError("--record and --no-history contradict each other", hint="Leave out one of them.")
    from assistant.config import load

    flags = {
        "stt.engine": stt,
        "llm.engine": llm,
        "tts.engine": tts,
        "audio.input_device": input_device,
        "audio.output_device": output_device,
        "audio.echo": echo,
        "history.enabled": False if no_history else None,
        "history.record": True if record else None,
        "stt.bias": False if no_bias else None,
        "listen.mode": listen,
        "turn.speculate": "off" if no_speculate else None,
    }
    wanted = {} if profile is None else _profile_settings(profile)
    return load(
        {**(beneath or {}), **wanted, **{key: value for key, value in flags.items() if value is not None}}
    ).settings


def _profile_settings(name: str) -> Mapping[str, object]:
    from assistant.development import NANO, nano_settings

    if name == NANO:
        return nano_settings()
    from assistant.config import load
    from assistant.store.catalogue import catalogue
    from assistant.store.folder import models_dir
    from assistant.store.machine import this_machine
    from assistant.store.profiles import USED

    settings = load().settings
    cores = this_machine(models_dir(settings)).cores
    profile = catalogue().profile(name, settings.stt.language).for_cores(cores)
    models = {f"{entry.stage}.model": entry.id for entry in profile.entries if entry.stage in USED}
    return {**profile.settings, **models}


def text(argument: str, longest: int) -> str:
    """The argument, or standard input for ``-``; never empty. Raises InputError."""
    given = _piped_text(longest) if argument == PIPE else argument
    given = given.encode("utf-8", errors="replace").decode("utf-8").replace("\0", "").strip()
    if not given:
        raise InputError("there is no text", hint="Give it in quotes, or pipe it in and name it -.")
    if len(given) > longest:
        raise InputError(
            f"the text is longer than {longest:,} characters", hint="Give it in parts, or only the part that matters."
        )
    return given


def _piped_text(longest: int) -> str:
    # A character takes four bytes at most: what is longer than that is not read to its end.
    content = sys.stdin.buffer.read(4 * longest + 4) if sys.stdin is not None else b""
    return content.decode("utf-8-sig", errors="replace")


@contextmanager
def sound_file(name: str) -> Iterator[Path]:
    """The file of that name; for ``-``, standard input kept in a temporary file, since sound files need seeking."""
    if name != PIPE:
        yield Path(name)
        return
    with tempfile.NamedTemporaryFile(prefix="assistant-stdin-") as kept:
        shutil.copyfileobj(sys.stdin.buffer, kept)
        kept.flush()
        yield Path(kept.name)

"""``talk``, ``daemon`` and ``ask``: a whole conversation."""

import shutil
import sys
from collections.abc import Callable
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.commands import given, logs
from assistant.commands.outcome import exit_code_of, notice
from assistant.errors import AudioError, InputError

if TYPE_CHECKING:
    from assistant.config import Settings
    from assistant.events import Notice
    from assistant.options import TalkOptions
    from assistant.session.controls import Push
    from assistant.trigger import Trigger

Input = Annotated[
    Path | None, typer.Option("--input", help="A sound file as the microphone.", metavar="FILE", show_default=False)
]
Output = Annotated[
    Path | None, typer.Option("--output", help="A WAV file for the answers.", metavar="FILE", show_default=False)
]


def talk(
    *,
    input_path: Input = None,
    output_path: Output = None,
    fast: Annotated[bool, typer.Option("--fast", help="Do not play --input in real time.")] = False,
    headless: Annotated[bool, typer.Option("--headless", help="No screen: print events as JSON lines.")] = False,
    input_device: given.InputDevice = None,
    output_device: given.OutputDevice = None,
    echo: given.Echo = None,
    profile: given.Profile = None,
    stt: given.Stt = None,
    llm: given.Llm = None,
    tts: given.Tts = None,
    no_history: given.NoHistory = False,
    record: given.Record = False,
    no_speculate: given.NoSpeculate = False,
    goes_on: Annotated[bool, typer.Option("--continue", help="Go on with the last conversation.")] = False,
    session: Annotated[str | None, typer.Option(help="Go on with this one of the history.", metavar="ID")] = None,
    listen: given.Listen = None,
) -> None:
    """Talk, by voice, by keyboard or with a sound file."""
    if fast and input_path is None:
        raise InputError("--fast is for a sound file", hint="Name one with --input.")
    if input_path is not None and output_path is not None and _is_same_file(input_path, output_path):
        raise InputError(f"the answers would replace {input_path}", hint="Name another file with --output.")
    settings = given.settings(
        profile=profile,
        stt=stt,
        llm=llm,
        tts=tts,
        input_device=input_device,
        output_device=output_device,
        echo=echo,
        no_history=no_history,
        record=record,
        no_speculate=no_speculate,
        listen=listen,
    )
    from assistant.options import TalkOptions

    options = TalkOptions(
        input_path=input_path,
        output_path=output_path,
        fast=fast,
        resume=session or ("last" if goes_on else None),
        offers_models=input_path is None,
        records=True,
    )
    if not headless and _is_terminal():
        _show(settings, options)
    elif headless or input_path is not None or (missing := _missing_microphone(settings)) is None:
        _print_events(settings, options)
    else:
        _answer_sample(settings, output_path, missing)


def daemon(
    *,
    input_device: given.InputDevice = None,
    output_device: given.OutputDevice = None,
    echo: given.Echo = None,
    profile: given.Profile = None,
    stt: given.Stt = None,
    llm: given.Llm = None,
    tts: given.Tts = None,
    no_history: given.NoHistory = False,
    record: given.Record = False,
    no_speculate: given.NoSpeculate = False,
    listen: given.Listen = None,
) -> None:
    """Talk without a screen; events are printed as JSON."""
    settings = given.settings(
        profile=profile,
        stt=stt,
        llm=llm,
        tts=tts,
        input_device=input_device,
        output_device=output_device,
        echo=echo,
        no_history=no_history,
        record=record,
        no_speculate=no_speculate,
        listen=listen,
    )
    from assistant.options import TalkOptions

    _print_events(settings, TalkOptions(records=True, offers_models=True), triggered=True)


def ask(
    text: Annotated[str, typer.Argument(help="The question; - reads it from standard input.")],
    *,
    speak: Annotated[bool, typer.Option("--speak", help="Say the answer, too.")] = False,
    json: given.Json = False,
    output_device: given.OutputDevice = None,
    profile: given.Profile = None,
    llm: given.Llm = None,
    tts: given.Tts = None,
    no_history: given.NoHistory = False,
) -> None:
    """Ask one question in text."""
    question = given.text(text, given.LONGEST_QUESTION)
    settings = given.settings(profile=profile, llm=llm, tts=tts, output_device=output_device, no_history=no_history)
    from assistant.app import build
    from assistant.commands.asking import ask as put
    from assistant.headless import line_of
    from assistant.options import TalkOptions

    logs.to_file(settings)
    conversation = build(settings, TalkOptions(listen=False, speak=speak, can_wait=False))
    turn = put(conversation, question, _nothing if json else _print_clause, tell)
    if json and turn is not None:
        print(line_of(turn))
    elif not json:
        print()
    if turn is None or turn.outcome != "answered":
        raise typer.Exit(exit_code_of(turn.error_code if turn else None))


def tell(event: "Notice") -> None:
    """A notice of the session, as one line on stderr."""
    notice(f"{event.message} — {event.hint}", level=event.level)


def _show(settings: "Settings", options: "TalkOptions") -> None:
    from assistant.app import build
    from assistant.tui.app import run

    logs.to_file(settings)
    run(build(settings, options))


def _print_events(settings: "Settings", options: "TalkOptions", *, triggered: bool = False) -> None:
    """``triggered``: `assistant trigger` reaches it; the signal does in any case."""
    from assistant.app import build
    from assistant.headless import run
    from assistant.session.controls import Push

    logs.to_stderr(settings)
    conversation = build(settings, options)
    push = conversation.session.push
    with _trigger(settings, push) if triggered else nullcontext():
        run(conversation, sys.stdout, on_toggle=lambda: push(Push.TOGGLE))


def _trigger(settings: "Settings", push: "Callable[[Push], object]") -> "Trigger":
    from assistant.trigger import Trigger, default_path

    return Trigger(default_path(), push, listens_always=settings.listen.mode == "open")


def _answer_sample(settings: "Settings", output_path: Path | None, missing: AudioError) -> None:
    from assistant.commands.sample import run

    logs.to_file(settings)
    print("Nobody can speak or type here, so a recorded question is answered instead.\n", flush=True)
    exchange = run(settings, output_path, tell)
    if exchange is None:
        notice("nothing was understood in the recorded question — run `assistant doctor`", level="error")
        raise typer.Exit(exit_code_of(None))
    print(f"Question:   {exchange.turn.transcript}\nAnswer:     {exchange.turn.reply.strip()}")
    if exchange.reply_path is not None:
        print(f"As sound:   {exchange.reply_path}")
    print(
        f"\nTo go on{_place()}:\n"
        f"- speak with it: {missing.message}. {missing.hint}\n"
        f"- type to it: run `assistant talk` in a terminal, or `assistant ask TEXT` anywhere\n"
        f"- play it a recording: assistant talk --input FILE --output reply.wav\n"
        f"{_offer(settings)}"
        f"- see what is installed here, and what would make it better: assistant doctor"
    )


def _place() -> str:
    """Where the command is, to whom has not installed it but came by ``make``."""
    command = Path(sys.argv[0])
    if command.name != "assistant" or shutil.which("assistant"):
        return ""
    near = command.is_relative_to(Path.cwd())
    return f", with {command.relative_to(Path.cwd()) if near else command} for assistant"


def _offer(settings: "Settings") -> str:
    """A line about the models that suit this machine; none where they are installed."""
    from assistant.commands.advice import advice, command
    from assistant.commands.bars import bytes_in_words
    from assistant.store.folder import models_dir, usable

    root = models_dir(settings)
    found = advice(root, settings.stt.language)
    if found.profile is None or all(usable(entry, root) for entry in found.entries):
        return ""
    size = bytes_in_words(found.size)
    return f"- give it better ears, a mind and a voice ({found.profile.name}, {size}): {command(found)}\n"


def _missing_microphone(settings: "Settings") -> AudioError | None:
    """Why the default microphone cannot be used; None where it can. Raises AudioError for one asked for by name."""
    from assistant.audio.devices import find_device

    try:
        find_device(settings.audio.input_device, "input")
    except AudioError as error:
        if settings.audio.input_device is not None:
            raise
        return error
    return None


def _is_same_file(one: Path, other: Path) -> bool:
    with suppress(OSError, ValueError):  # one that is not there, or cannot be looked at, is another's trouble
        return one.samefile(other)
    return False


def _is_terminal() -> bool:
    """The screen is drawn on stderr, so that must be one, too."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))


def _print_clause(text: str) -> None:
    print(text, end="", flush=True)


def _nothing(_: str) -> None:
    pass

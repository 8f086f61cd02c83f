"""``say`` and ``transcribe``: one stage alone."""

import dataclasses
import json as jsonlib
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.commands import given, logs
from assistant.commands.outcome import notice, report
from assistant.errors import AssistantError, AudioFileError, EngineFailed, InputError

if TYPE_CHECKING:
    from assistant.commands.dictation import Dictation


def say(
    text: Annotated[str, typer.Argument(help="What to say; - reads it from standard input.")],
    *,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", help="A WAV file to write, or - for standard output.", metavar="FILE"),
    ] = None,
    json: given.Json = False,
    tts: given.Tts = None,
    output_device: given.OutputDevice = None,
) -> None:
    """Speak a text, or write it to a WAV file."""
    if json and output == given.PIPE:
        raise InputError("the sound and the JSON cannot both go to standard output", hint="Give -o a file name.")
    words = given.text(text, given.LONGEST_READING)
    settings = given.settings(tts=tts, output_device=output_device)
    from assistant.commands.voice import FileVoice, SpeakerVoice, read_aloud

    logs.to_file(settings)
    voice = SpeakerVoice(settings.audio.output_device) if output is None else FileVoice(output)
    spoken = read_aloud(words, settings, voice)
    if json:
        print(jsonlib.dumps({"output": output, **spoken}, ensure_ascii=False))


def transcribe(
    files: Annotated[list[str], typer.Argument(help="Sound files; - reads one from standard input.", metavar="FILE…")],
    *,
    json: given.Json = False,
    no_bias: Annotated[
        bool, typer.Option("--no-bias", help="Expect any words, not only the built-in commands (stt.bias).")
    ] = False,
    stt: given.Stt = None,
) -> None:
    """Write down what is said in sound files."""
    settings = given.settings(stt=stt, no_bias=no_bias)
    from assistant.commands.dictation import Dictation

    logs.to_file(settings)
    first: AssistantError | None = None
    with Dictation(settings) as dictation:
        for name in files:
            try:
                _print_transcript(name, dictation, json, named=len(files) > 1)
            except (AudioFileError, EngineFailed) as error:
                report(error)
                first = first or error
    if first is not None:
        raise typer.Exit(first.exit_code)


def _print_transcript(name: str, dictation: "Dictation", json: bool, *, named: bool) -> None:
    """One utterance a line, as each comes: its text, or an object that tells the file, too."""
    words = False
    with given.sound_file(name) as path:
        for utterance in dictation.utterances(path):
            words |= bool(utterance.text)
            if json:
                print(jsonlib.dumps({"file": name, **dataclasses.asdict(utterance)}, ensure_ascii=False), flush=True)
            elif utterance.text:
                print(f"{name}: {utterance.text}" if named else utterance.text, flush=True)
    if not words:
        notice(f"{name}: no words were recognised")

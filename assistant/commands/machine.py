"""``devices``, ``doctor`` and ``version``: what this machine and this program are."""

import dataclasses
import json as jsonlib
from typing import Annotated

import typer

from assistant.commands import given
from assistant.commands.outcome import notice

STATUS_STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}


def devices(json: given.Json = False) -> None:
    """List microphones and loudspeakers by name."""
    from assistant.audio.devices import list_devices

    found = list_devices()
    if json:
        print(jsonlib.dumps([dataclasses.asdict(device) for device in found], ensure_ascii=False, indent=2))
        return
    if not found:
        notice("there is no sound device — Plug one in, or start the sound server (PipeWire or PulseAudio).", "warning")
        return
    from assistant.commands.tables import show

    rows = [
        (device.name, device.host_api, _kind(kind, default), ", ".join(f"{rate_hz / 1000:g}" for rate_hz in rates))
        for device in found
        for kind, channels, default, rates in (
            ("input", device.max_input_channels, device.is_default_input, device.input_rates_hz),
            ("output", device.max_output_channels, device.is_default_output, device.output_rates_hz),
        )
        if channels
    ]
    show(("device", "host API", "is", "kHz"), rows)


def _kind(kind: str, default: bool) -> str:
    return f"{kind}, default" if default else kind


def doctor(
    json: given.Json = False,
    retry: Annotated[bool, typer.Option("--retry", help="Try engines again that crashed with a model.")] = False,
    echo: Annotated[bool, typer.Option("--echo", help="Play a chirp, and measure delay and loss of its echo.")] = False,
) -> None:
    """Check this machine, and say what to do.

    Exits with 1 where a conversation cannot work.
    """
    from assistant.doctor import can_run, examine

    if retry:
        from assistant.models import verdicts

        verdicts.forget_failures(verdicts.default_folder())
    findings = examine(with_echo=True) if echo else examine()
    if json:
        print(jsonlib.dumps([dataclasses.asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        from assistant.commands.tables import show

        rows = [(finding.subject, finding.status, finding.message, finding.hint) for finding in findings]
        show(("check", "", "finding", "what to do"), rows, STATUS_STYLES)
    if not can_run(findings):
        raise typer.Exit(1)


def version() -> None:
    """Print the version."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        print(installed("assistant"))
    except PackageNotFoundError:
        print("unknown: it runs from a source tree that is not installed")

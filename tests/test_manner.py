"""Louder and slower, through the whole pipeline: what the user asks of the voice is heard in it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile

from assistant.app import build
from assistant.config import Settings
from assistant.events import TurnEnded
from assistant.options import TalkOptions

SETTINGS = Settings.model_validate({"history": {"enabled": False}, "llm": {"engine": "none"}})
SUM = "what is twelve times twelve"


def spoken(path: Path, turns: Sequence[str]) -> tuple[np.ndarray, int]:
    """The sound of the answers, and its rate."""
    assistant = build(SETTINGS, TalkOptions(listen=False, output_path=path))
    mailbox = assistant.bus.subscribe(100_000)
    with assistant:
        assistant.wait_ready()
        events = iter(mailbox)
        for text in turns:
            assistant.session.submit_text(text)
            next(event for event in events if isinstance(event, TurnEnded))
    return soundfile.read(path, dtype="float32")


def test_the_volume_is_heard(tmp_path: Path) -> None:
    sound, rate_hz = spoken(tmp_path / "a.wav", [SUM, "set the volume to 50 percent", SUM])
    first, last = sound[:rate_hz], sound[-rate_hz:]
    assert np.abs(last).max() == pytest.approx(np.abs(first).max() / 4, rel=0.25)


def test_silence_is_heard_too(tmp_path: Path) -> None:
    sound, rate_hz = spoken(tmp_path / "a.wav", [SUM, "mute yourself", SUM])
    assert np.abs(sound[:rate_hz]).max() > 0.05
    assert np.abs(sound[-rate_hz:]).max() == 0


def test_a_slower_voice_takes_longer(tmp_path: Path) -> None:
    usual, _ = spoken(tmp_path / "usual.wav", ["what's your volume", SUM, SUM, SUM])
    slower, _ = spoken(tmp_path / "slower.wav", ["speak slower", SUM, SUM, SUM])
    assert slower.size > 1.05 * usual.size

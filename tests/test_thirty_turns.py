"""One conversation through every skill, typed into the real pipeline and spoken by the embedded voice."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.app import build
from assistant.config import Settings
from assistant.events import Event, TurnEnded
from assistant.options import TalkOptions

# What is said, and a pattern of the whole answer.
TURNS = (
    ("hello", r"Hello!"),
    ("what time is it", r"It's (noon|midnight|\d+(:\d\d)? [AP]M)\."),
    ("what time is it in tokyo", r"In Tokyo it's .*\."),
    ("what's the time difference between london and new york", r"London is \d hours ahead of New York\."),
    ("what's the date", r"It's \w+day, \w+ \d+(st|nd|rd|th), \d{4}\."),
    ("how many days until christmas", r"(\d+ days? until .*December 25th.*|That's today)\."),
    ("what day was july 4th 1976", r"That was Sunday, July 4th, 1976\."),
    ("what is twelve times twelve", r"12 times 12 is 144\."),
    ("what is the square root of 2", r"The square root of 2 is about 1\.41\."),
    ("how many ounces are in a kilogram", r"1 kilogram is about 35\.27 ounces\."),
    ("what is 5 dollars in euros", r"5 dollars is about 4 euros, by the rates in currencies\.toml of .*"),
    ("set a pasta timer for ten minutes, no wait, twelve minutes", r"Okay, 12 minutes for pasta\."),
    ("how long is left", r".*(11|12) minutes.*"),
    ("cancel all timers", r".*cancelled.*"),
    ("flip a coin", r"(Heads|Tails)\."),
    ("roll two dice", r"\d and \d: \d+ together\."),
    ("choose between tea and coffee", r"(Tea|Coffee)\."),
    ("rock paper scissors", r"(Rock|Paper|Scissors)\."),
    ("draw a card", r"The \w+ of \w+\."),
    ("remember that my bike is red", r".+"),
    ("define serendipity", r"(As a noun: .*|No dictionary is installed.*)"),
    ("how much disk space is left", r".* gigabytes of disk are free\."),
    ("tell me a joke", r".+"),
    ("set the volume to 50 percent", r"Volume 50 percent\."),
    ("what's your volume", r"My volume is 50 percent\."),
    ("speak slower", r"Slower now\."),
    ("repeat that", r"Slower now\."),
    ("what is the meaning of life in one word", r"I can't answer that yet.*"),
    ("stop", r""),
    ("goodbye", r"Goodbye!"),
)
RATES = 'base = "EUR"\ndate = 2026-11-18\n[rates]\nUSD = 1.25\n'


def test_thirty_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "currencies.toml").write_text(RATES)
    monkeypatch.setenv("ASSISTANT_CONFIG", str(tmp_path / "config.toml"))
    settings = Settings.model_validate({"history": {"enabled": False}, "llm": {"engine": "none"}})
    assistant = build(settings, TalkOptions(listen=False, output_path=tmp_path / "answers.wav"))
    mailbox = assistant.bus.subscribe(100_000)
    answers = list[str]()
    with assistant:
        events = iter(mailbox)
        for said, _ in TURNS:
            assistant.session.submit_text(said)
            answers.append(ended(events).reply)
    wrong = [
        (said, answer)
        for (said, pattern), answer in zip(TURNS, answers, strict=True)
        if not re.fullmatch(pattern, answer)
    ]
    assert wrong == []
    assert (tmp_path / "answers.wav").stat().st_size > 22_050


def ended(events: Iterator[Event]) -> TurnEnded:
    return next(event for event in events if isinstance(event, TurnEnded))

"""Conversations of thirty turns through all skills and the whole pipeline: one typed, one spoken."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant.app import build
from assistant.bench.clips import Clip
from assistant.bench.director import Director, Plan
from assistant.bench.loudspeaker import Loudspeaker
from assistant.brain.loading import shipped_skills
from assistant.brain.understanding import Understanding
from assistant.bus import Mailbox
from assistant.config import Settings
from assistant.events import Event, TurnEnded
from assistant.models.piper import PiperTts
from assistant.models.protocols import Pcm
from assistant.options import Again, TalkOptions
from tests.contracts.engines import NANO_VOICE, as_heard, joined

Script = Sequence[tuple[str, str]]
"""What is said, and a pattern of the whole answer."""

DICTIONARY = r"(As a noun: .*|No dictionary is installed.*)"
TYPED: Script = (
    ("hello", r"Hello!"),
    ("what time is it", r"It's (noon|midnight|\d+(:\d\d)? [AP]M)\."),
    ("what time is it in tokyo", r"In Tokyo it's .*\."),
    ("what's the time difference between london and new york", r"London is \d hours ahead of New York\."),
    ("what's the date", r"It's \w+day, \w+ \d+(st|nd|rd|th), \d{4}\."),
    ("how many days until christmas", r"(\d+ days? until .*December 25th.*|That's today)\."),
    ("what is twelve times twelve", r"12 times 12 is 144\."),
    ("how many ounces are in a kilogram", r"1 kilogram is about 35\.27 ounces\."),
    ("what is 5 dollars in euros", r"5 dollars is about 4 euros, by the rates in currencies\.toml of .*"),
    ("set a pasta timer for ten minutes, no wait, twelve minutes", r"Okay, 12 minutes for pasta\."),
    ("how long is left", r".*(11|12) minutes.*"),
    ("cancel all timers", r".*cancelled.*"),
    ("wake me up at half past six every weekday", r"Okay, an alarm for 6:30 AM every weekday\."),
    ("what alarms do i have", r"One alarm is set: for 6:30 AM every weekday\."),
    ("cancel my alarm", r"The alarm for 6:30 AM every weekday is cancelled\."),
    ("remind me tomorrow at six to call mum", r"Okay, 6 PM tomorrow: call mum\."),
    ("cancel the reminder about mum", r"The reminder is cancelled: call mum\."),
    ("add milk and eggs to my shopping list", r"Okay, milk and eggs on the shopping list\."),
    ("what's on my shopping list", r"On your shopping list: milk and eggs\."),
    ("remember that my bike is red", r"Okay, I'll remember: your bike is red\."),
    ("what do you remember about my bike", r"You told me: your bike is red\."),
    ("flip a coin", r"(Heads|Tails)\."),
    ("choose between tea and coffee", r"(Tea|Coffee)\."),
    ("define serendipity", DICTIONARY),
    ("how much disk space is left", r".* gigabytes of disk are free\."),
    ("set the volume to 50 percent", r"Volume 50 percent\."),
    ("repeat that", r"Volume 50 percent\."),
    ("what is the meaning of life in one word", r"I can't answer that yet.*"),
    ("stop", r""),
    ("goodbye", r"Goodbye!"),
)
SPOKEN: Script = (
    ("hello", r"Hello!"),
    ("what time is it", r"It's 3:20 PM\."),
    ("what time is it in tokyo", r"In Tokyo it's 12:20 AM on Saturday\."),
    ("what day is tomorrow", r"Tomorrow is Saturday\."),
    ("what is tomorrow's date", r"Tomorrow is Saturday, November 21st, 2026\."),
    ("how many weeks until christmas", r"5 weeks until Friday, December 25th\."),
    ("what is twelve times twelve", r"12 times 12 is 144\."),
    ("what is the square root of nine", r"The square root of 9 is 3\."),
    ("how many grams in a kilogram", r"1 kilogram is 1,000 grams\."),
    ("set a pasta timer for ten minutes", r"Okay, 10 minutes for pasta\."),
    ("set a pizza timer for twelve minutes", r"Okay, 12 minutes for pizza\."),
    ("what are my timers", r"2 are running: pasta and pizza\. The next one rings in 9 minutes and \d+ seconds\."),
    ("cancel the pasta timer", r"The pasta timer is cancelled\."),
    ("wake me up at six thirty", r"Okay, an alarm for 6:30 AM tomorrow\."),
    ("cancel my alarm", r"The alarm for 6:30 AM tomorrow is cancelled\."),
    ("add eggs and butter to my shopping list", r"Okay, eggs and butter on the shopping list\."),
    ("what's on my shopping list", r"On your shopping list: eggs and butter\."),
    ("flip a coin", r"(Heads|Tails)\."),
    ("roll two dice", r"[1-6] and [1-6]: \d+ together\."),
    ("system status", r".* of disk are free\. .*"),
    ("what do you remember", r"You have not asked me to remember anything\."),
    ("this is private", r"From now on I keep nothing\. .*"),
    ("you can remember again", r"Okay, from now on I keep what is said again\."),
    ("what does music mean", DICTIONARY),
    ("what's your volume", r"My volume is 100 percent\."),
    ("say that again", r"My volume is 100 percent\."),
    ("how are you", r"All is well, thank you\. .*"),
    ("never mind", r""),
    ("thank you", r"You're welcome\."),
    ("set a ten second timer", r"Okay, 10 seconds\."),
)
FREE_TEXT = {"money", "reminders"}
"""Skills whose sentences the embedded recogniser does not listen for."""

RATES = 'base = "EUR"\ndate = 2026-11-18\n[rates]\nUSD = 1.25\n'
NOW = datetime(2026, 11, 20, 15, 20, tzinfo=UTC)
PACE = 0.9
"""Of the user's voice; the recogniser hears it better than at its own."""
PATIENCE_S = 120.0


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


def test_thirty_typed_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "currencies.toml").write_text(RATES)
    monkeypatch.setenv("ASSISTANT_CONFIG", str(tmp_path / "config.toml"))
    settings = Settings.model_validate({"llm": {"engine": "none"}})
    assistant = build(settings, TalkOptions(listen=False, output_path=tmp_path / "answers.wav"))
    mailbox = assistant.bus.subscribe(100_000)
    answers = list[str]()
    with assistant:
        events = iter(mailbox)
        for said, _ in TYPED:
            assistant.session.submit_text(said)
            answers.append(next_end(events).reply)
    assert unexpected(TYPED, answers) == []
    assert (tmp_path / "answers.wav").stat().st_size > 22_050


def test_thirty_spoken_turns(tmp_path: Path) -> None:
    """On a clock that counts sound: the same on every machine, to the frame."""
    voice = PiperTts(NANO_VOICE, speed=PACE)
    clips = [Clip(said, said, as_heard(joined(voice, said), voice.sample_rate_hz)) for said, _ in SPOKEN]
    loudspeaker = Loudspeaker(realtime=False)

    def hear(at_s: float) -> Pcm:
        loudspeaker.now_is(at_s)
        return user.hear(at_s)

    settings = Settings.model_validate(
        {"stt": {"engine": "pocketsphinx"}, "llm": {"engine": "none"}, "tts": {"engine": "espeak-ng"}}
    )
    again = Again(lambda at_s: NOW + timedelta(seconds=at_s), seed=1, memory=tmp_path / "history.db")
    assistant = build(settings, TalkOptions(microphone=hear, loudspeaker=loudspeaker, fast=True, again=again))
    plan = Plan(clips, listen_s=PATIENCE_S)
    user = Director(plan, assistant.bus.subscribe(100_000), assistant.session, lambda _: None, realtime=False)
    mailbox = assistant.bus.subscribe(100_000)
    with assistant:
        assistant.wait_ready()
        user.begin()
        turns = list(until_a_timer_rings(mailbox))
    *asked, rung = turns
    assert [turn.transcript for turn in asked] == [said for said, _ in SPOKEN]
    assert unexpected(SPOKEN, [turn.reply for turn in asked]) == []
    assert rung.reply == "Your 10 second timer is done."
    assert [turn.heard for turn in turns] == [turn.reply for turn in turns]
    sounded = [
        any(each.audible_s and exchange.start_s < each.audible_s < exchange.end_s for each in loudspeaker.soundings)
        for exchange in user.exchanges
    ]
    assert sounded == [bool(turn.reply) for turn in asked]


@pytest.mark.parametrize(("script", "without"), [(TYPED, set()), (SPOKEN, FREE_TEXT)])
def test_they_are_thirty_and_reach_every_skill(script: Script, without: set[str]) -> None:
    understanding = Understanding("en", "Assistant")
    rooms = {skill.intent: skill.function.__module__.rpartition(".")[2] for skill in shipped_skills()}
    matches = [understanding.find(said, corrected=False) for said, _ in script]
    assert len(script) == 30
    assert {rooms[match.intent] for match in matches if match} == set(rooms.values()) - without


def next_end(events: Iterator[Event]) -> TurnEnded:
    return next(event for event in events if isinstance(event, TurnEnded))


def until_a_timer_rings(mailbox: Mailbox) -> Iterator[TurnEnded]:
    while (event := mailbox.get(PATIENCE_S)) is not None:
        if isinstance(event, TurnEnded):
            yield event
            if event.origin == "timer":
                return
    pytest.fail("no timer has rung")


def unexpected(script: Script, answers: Sequence[str]) -> list[tuple[str, str]]:
    return [
        (said, answer)
        for (said, pattern), answer in zip(script, answers, strict=True)
        if not re.fullmatch(pattern, answer)
    ]

"""How the assistant bears its own voice, and people who speak over it, in simulated rooms.

    python -m benchmarks.interruptions [--minutes 60] [--rooms 12] [--halls] [--wake] [--seed 1] [--json FILE] [--set …]
    python -m benchmarks.interruptions … --part 1/2 --json one.json    (and 2/2, at the same time)
    python -m benchmarks.interruptions --merge one.json two.json

The whole assistant with its embedded engines, on a clock that counts sound: engines take no time, all else is as in a
conversation. Times are those at which the loudspeaker is handed the sound; a device adds its own latency. Levels are
those of active speech at the microphone. Prints the table as Markdown. The same seed gives the same rooms and talkers;
eSpeak NG says a sentence a little differently each time.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np

from assistant.bench.clips import Clip
from assistant.bench.report import processor
from assistant.commands import logs
from assistant.config import Settings, load
from assistant.errors import AssistantError
from assistant.models.protocols import SAMPLE_RATE_HZ
from benchmarks.interruptions import people, stage, trials, wakewords
from benchmarks.interruptions.arguments import parsed
from benchmarks.interruptions.cost import share_of_core
from benchmarks.interruptions.figures import Figures
from benchmarks.interruptions.trials import Scene
from benchmarks.interruptions.verdicts import Selves, Verdict, judge
from benchmarks.interruptions.wakewords import WakeFigures

ANSWERS = 5
"""In each room where nobody else speaks: about a minute of speech."""
MINUTES_A_ROOM = 1.1
WAKE_WORD, WAKE_ROOMS = "alexa", 4
"""Of the words that people say in recordings, the one with the most of them."""
FOLLOWED = 3
"""Answers in each of those rooms after which the ear is open, and nobody speaks."""
PAUSE = np.zeros(SAMPLE_RATE_HZ // 2, np.float32)
QUESTION, ASKER = "tell me a story", "en-gb+f2"
SENTENCE = "The old lighthouse stands on a small rock, two miles from the harbour."


def main() -> None:
    options = parsed(__doc__)
    began_s = time.process_time()
    try:
        figures = merged(options.merge) if options.merge else measured(options)
    except AssistantError as error:
        sys.exit(f"{error.message}\n{error.hint}")
    show(figures, time.process_time() - began_s)
    if options.json:
        options.json.write_text(json.dumps(figures.as_dict(), indent=1, default=str) + "\n", encoding="utf-8")


def merged(files: Sequence[Path]) -> Figures:
    try:
        return Figures.merged([json.loads(file.read_text("utf-8")) for file in files])
    except (ValueError, KeyError, TypeError):
        sys.exit(f"What --json writes is not in one of {', '.join(map(str, files))}.")


def measured(options: argparse.Namespace) -> Figures:
    settings = settings_for(options.set)
    logs.to_stderr(settings)
    selves: list[Selves] = []
    verdicts: list[Verdict] = []
    voice = people.say(SENTENCE, settings.tts.voice)
    number, count = options.part
    for scene, listening, question in islice(scenes(options, settings), number - 1, None, count):
        own, over = judge(stage.play(scene, listening, question, voice, SAMPLE_RATE_HZ))
        called = listening is not settings and bool(over)
        if not called:  # what an ear hears that was called and then told nothing is another question
            selves.append(own)
        verdicts.extend(over)
        print(f"{scene.name}: {own.speaking_s:.0f} s, by itself {own.interruptions}", file=sys.stderr)
    wake, cost = list[WakeFigures](), None
    if number == 1:
        [room] = trials.rooms(options.seed, 1, options.speech)
        cost = share_of_core(room, settings, voice, SAMPLE_RATE_HZ)
        wake = [wakewords.measure(word, settings, options.speech) for word in wakewords.WORDS if options.wake]
    return Figures(selves, verdicts, cost, wake)


def settings_for(chosen: Iterable[tuple[str, str]]) -> Settings:
    """The embedded engines, and a teller of stories, with the settings that were ``chosen``. Raises ConfigError."""
    fixed = {"stt.engine": "pocketsphinx", "llm.engine": "story", "tts.engine": "espeak-ng", "turn.engine": "none"}
    return load({**fixed, **dict(chosen)}).settings


def scenes(options: argparse.Namespace, settings: Settings) -> Iterator[tuple[Scene, Settings, Clip]]:
    """Each with the settings of the assistant in it, and what it is asked."""
    question = Clip("question", QUESTION, people.say(QUESTION, ASKER))
    where = trials.halls if options.halls else trials.rooms
    for scene in trials.alone(options.seed, round(options.minutes / MINUTES_A_ROOM), ANSWERS, options.speech, where):
        yield scene, settings, question
    if not options.rooms:
        return
    cast = people.people(options.speech)
    for scene in trials.spoken_over(
        options.seed, options.rooms, options.speech, cast, levels_db=options.levels, each=options.each, where=where
    ):
        yield scene, settings, question
    words = wakewords.said(WAKE_WORD, options.speech)
    called = Clip("called", QUESTION, np.concatenate((words[0].pcm, PAUSE, question.pcm)))
    listening = wakewords.listening_for(WAKE_WORD, settings)
    for scene in trials.woken(
        options.seed, WAKE_ROOMS, options.speech, words, level_db=0.0, each=options.each, where=where
    ):
        yield scene, listening, called
    for scene in trials.alone(options.seed + 3, WAKE_ROOMS, FOLLOWED, options.speech, where):
        yield replace(scene, name=f"wake, {scene.name}"), listening, called


def show(figures: Figures, cpu_s: float) -> None:
    print(f"{time.strftime('%Y-%m-%d %H:%M')}, {processor()}, {os.cpu_count()} CPUs, {cpu_s:.0f} s of processor\n")
    print("| figure | measured | reach for |\n|---|---|---|")
    for row in figures.rows():
        print("|", " | ".join(row), "|")


if __name__ == "__main__":
    main()

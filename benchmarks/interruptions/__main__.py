"""How the assistant bears its own voice, and people who speak over it, in simulated rooms.

    python -m benchmarks.interruptions [--minutes 60] [--rooms 12] [--halls] [--wake] [--seed 1] [--json FILE] [--set …]
    python -m benchmarks.interruptions … --part 1/2 --json one.json    (and 2/2, at the same time)
    python -m benchmarks.interruptions --merge one.json two.json

The whole assistant with its embedded engines, on a clock that counts sound: engines take no time, all else is as in a
conversation. Times are those at which the loudspeaker is handed the sound; a device adds its own latency. Levels are
those of active speech at the microphone. Prints the table as Markdown; the same seed gives the same table.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np

from assistant.bench.clips import Clip
from assistant.bench.report import processor
from assistant.commands import logs
from assistant.config import Settings, load
from assistant.models.protocols import SAMPLE_RATE_HZ
from benchmarks import speech
from benchmarks.interruptions import people, stage, trials, wakewords
from benchmarks.interruptions.cost import share_of_core
from benchmarks.interruptions.figures import Figures
from benchmarks.interruptions.trials import Scene
from benchmarks.interruptions.verdicts import Selves, Verdict, judge
from benchmarks.interruptions.wakewords import WakeFigures

ANSWERS = 5
"""In each room where nobody else speaks: about a minute of speech."""
MINUTES_A_ROOM = 1.1
LEVELS_DB = "0,10"
WAKE_WORD, WAKE_ROOMS = "alexa", 4
"""Of the words that people say in recordings, the one with the most of them."""
FOLLOWED = 3
"""Answers in each of those rooms after which the ear is open, and nobody speaks."""
PAUSE = np.zeros(SAMPLE_RATE_HZ // 2, np.float32)
QUESTION, ASKER = "tell me a story", "en-gb+f2"
SENTENCE = "The old lighthouse stands on a small rock, two miles from the harbour."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0, help="of speaking with nobody else in the room")
    parser.add_argument("--rooms", type=int, default=12, help="in which somebody speaks over it")
    parser.add_argument("--halls", action="store_true", help="all of them reverberate for a second and a half")
    parser.add_argument("--each", type=int, default=2, help="requests, stop words, … in each room at each level")
    parser.add_argument("--levels", default=LEVELS_DB, help="of the talker, dB above the echo; inf for a headset")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speech", type=Path, default=speech.SPEECH, help="folder of recordings")
    parser.add_argument("--wake", action="store_true", help="say the wake words, too")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of the assistant")
    parser.add_argument("--json", type=Path, help="file for every trial")
    parser.add_argument("--part", type=part, default=(1, 1), metavar="K/N", help="every Nth scene alone, from the Kth")
    parser.add_argument("--merge", type=Path, nargs="+", metavar="FILE", help="the table of runs that wrote these")
    options = parser.parse_args()
    began_s = time.process_time()
    figures = merged(options.merge) if options.merge else measured(options)
    show(figures, time.process_time() - began_s)
    if options.json:
        options.json.write_text(json.dumps(figures.as_dict(), indent=1, default=str) + "\n", encoding="utf-8")


def part(text: str) -> tuple[int, int]:
    number, _, count = text.partition("/")
    if not 1 <= int(number) <= int(count):
        raise ValueError(text)
    return int(number), int(count)


def merged(files: Sequence[Path]) -> Figures:
    return Figures.merged([json.loads(file.read_text("utf-8")) for file in files])


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


def settings_for(assignments: list[str]) -> Settings:
    """The embedded engines, and a teller of stories; ``assignments`` are as in ``assistant config set``."""
    chosen = dict(assignment.split("=", 1) for assignment in assignments)
    fixed = {"stt.engine": "pocketsphinx", "llm.engine": "story", "tts.engine": "espeak-ng", "turn.engine": "none"}
    return load({**fixed, **chosen}).settings


def scenes(options: argparse.Namespace, settings: Settings) -> Iterator[tuple[Scene, Settings, Clip]]:
    """Each with the settings of the assistant in it, and what it is asked."""
    question = Clip("question", QUESTION, people.say(QUESTION, ASKER))
    where = trials.halls if options.halls else trials.rooms
    for scene in trials.alone(options.seed, round(options.minutes / MINUTES_A_ROOM), ANSWERS, options.speech, where):
        yield scene, settings, question
    if not options.rooms:
        return
    cast = people.people(options.speech)
    levels_db = [float(level) for level in options.levels.split(",")]
    for scene in trials.spoken_over(
        options.seed, options.rooms, options.speech, cast, levels_db=levels_db, each=options.each, where=where
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

"""How well the embedded recogniser hears, with and without its bias towards the intents.

    python benchmarks/recognition.py FOLDER

FOLDER has a ``manifest.tsv`` with a row a clip: id, file, language, kind, transcript (tab-separated; other columns are
ignored; sound is 16 kHz). Two sets of sentences spoken by eSpeak NG come on top. Prints a Markdown table; CPU time is
in seconds a second of sound.
"""

import argparse
import csv
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import numpy as np
import soundfile
import soxr

from assistant.bench.accuracy import words
from assistant.bench.spread import edit_distance
from assistant.brain.grammar import intent_grammar
from assistant.brain.intents import Match, Matcher
from assistant.brain.text import tokenize
from assistant.config import Settings
from assistant.models import registry
from assistant.models.protocols import SAMPLE_RATE_HZ, Pcm, SttEngine
from assistant.session.turn import CancelToken
from benchmarks.speech import VOICES

HERE = Path(__file__).parent
LONGEST_S = 12.0


@dataclass(frozen=True, slots=True)
class Clip:
    """``text`` is empty where nobody wrote down what is said."""

    id: str
    kind: str
    text: str
    pcm: Pcm

    @property
    def seconds(self) -> float:
        return self.pcm.size / SAMPLE_RATE_HZ


@dataclass(frozen=True, slots=True)
class Result:
    clip: Clip
    heard: str
    cpu_s: float


class Judge:
    """Compares what was heard with what was said, word by word and as intents."""

    def __init__(self) -> None:
        self._matcher = Matcher()

    def meaning(self, text: str) -> Match | None:
        return self._matcher.match(tokenize(text))

    def word_errors(self, result: Result) -> int:
        return edit_distance(words(result.clip.text), words(result.heard))

    def understood(self, result: Result) -> bool:
        return self.meaning(result.heard) == self.meaning(result.clip.text)


def recorded(folder: Path) -> Iterator[Clip]:
    with (folder / "manifest.tsv").open(encoding="utf-8") as table:
        for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["language"] == "en" and row["kind"] in {"command", "utterance", "wakeword"}:
                pcm, rate_hz = soundfile.read(folder / row["file"], dtype="float32")
                assert rate_hz == SAMPLE_RATE_HZ
                yield Clip(row["id"], row["kind"], row["transcript"], pcm)


def spoken(sentences: Path) -> Iterator[Clip]:
    """Each sentence by three of the voices, with 0.3 s of silence on either side."""
    voices = cycle(VOICES)
    pause = np.zeros(int(0.3 * SAMPLE_RATE_HZ), np.float32)
    for text in sentences.read_text("utf-8").splitlines():
        for _ in range(3):
            settings = Settings.model_validate({"tts": {"engine": "espeak-ng", "voice": next(voices)}})
            voice = registry.tts_candidates(settings)[0].load()
            said = np.concatenate(list(voice.synthesize(text, CancelToken())))
            sound = soxr.resample(said, voice.sample_rate_hz, SAMPLE_RATE_HZ).astype(np.float32)
            yield Clip(settings.tts.voice, sentences.stem, text, np.concatenate([pause, sound, pause]))


def recogniser(bias: bool) -> SttEngine:
    settings = Settings.model_validate({"stt": {"engine": "pocketsphinx", "bias": bias}})
    engine = registry.stt_candidates(settings, intent_grammar)[0].load()
    engine.warm()
    return engine


def hear(engine: SttEngine, clips: Sequence[Clip]) -> list[Result]:
    results = []
    for clip in clips:
        began = time.process_time()
        heard = engine.transcribe(clip.pcm, CancelToken()).text
        results.append(Result(clip, heard, time.process_time() - began))
    return results


def held_out(clip: Clip) -> bool:
    """The recordings that the rejection was not fitted on."""
    return zlib.crc32(clip.id.encode()) % 2 == 1


def report(judge: Judge, sets: Sequence[tuple[str, list[Clip], bool]], engines: Sequence[SttEngine]) -> None:
    print("| clips | | words wrong, biased | free | same intent, biased | free | CPU time, biased | free |")
    print("|---|---|---|---|---|---|---|---|")
    for name, clips, has_text in sets:
        if clips:
            columns = [summary(judge, hear(engine, clips), has_text) for engine in engines]
            print(f"| {name} | {len(clips)} |", *(f"{cell} |" for row in zip(*columns, strict=True) for cell in row))


def summary(judge: Judge, results: Sequence[Result], has_text: bool) -> tuple[str, str, str]:
    rate = "–"
    if has_text:
        errors = sum(judge.word_errors(result) for result in results)
        rate = f"{errors / sum(len(words(result.clip.text)) for result in results):.1%}"
    # What nobody wrote down is known not to be a sentence of the intents: its intent is none.
    right = sum(judge.understood(result) for result in results)
    factor = sum(result.cpu_s for result in results) / sum(result.clip.seconds for result in results)
    return rate, f"{right} ({right / len(results):.0%})", f"{factor:.2f}"


def chosen(clips: Sequence[Clip], wanted: Callable[[Clip], object]) -> list[Clip]:
    return [clip for clip in clips if wanted(clip)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--show", action="store_true", help="print every command as it was heard")
    options = parser.parse_args()
    judge = Judge()
    clips = list(recorded(options.folder))
    commands = chosen(clips, lambda clip: clip.kind == "command")
    with_text = chosen(commands, lambda clip: clip.text)
    rest = chosen(clips, lambda clip: not judge.meaning(clip.text) and clip.seconds <= LONGEST_S)
    covered, uncovered = (list(spoken(HERE / name)) for name in ("covered.txt", "uncovered.txt"))
    engines = [recogniser(bias) for bias in (True, False)]
    print(f"Sentences without an intent among the covered: {[c.text for c in covered if not judge.meaning(c.text)]}\n")
    report(
        judge,
        [
            ("people: commands with a transcript", with_text, True),
            ("… that the intents cover", chosen(with_text, lambda clip: judge.meaning(clip.text)), True),
            ("… all commands, most of them orders of coffee", commands, False),
            (
                "people: one word or sentence that an intent covers",
                chosen(clips, lambda c: judge.meaning(c.text)),
                True,
            ),
            ("people: anything else, held out", chosen(rest, held_out), False),
            ("people: anything else, fitted on", chosen(rest, lambda clip: not held_out(clip)), False),
            ("eSpeak NG: sentences of the intents", covered, True),
            ("eSpeak NG: other sentences", uncovered, True),
        ],
        engines,
    )
    if options.show:
        for clip in commands:
            heard = [engine.transcribe(clip.pcm, CancelToken()).text for engine in engines]
            print(f"{clip.id}: {clip.text!r} biased {heard[0]!r} free {heard[1]!r}")


if __name__ == "__main__":
    main()

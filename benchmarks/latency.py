"""How fast the assistant answers, against the same engines one after the other.

    python -m benchmarks.latency [--turns 30] [--out FOLDER] [--sets embedded,neural,pausing]

- ``embedded``: commands, with the engines that need no download.
- ``neural``: open questions, with models of the size of Whisper tiny.en, a llama of 360 million parameters and a
  "medium" Piper voice (``true_size``).
- ``pausing``: people who pause while they speak, with the embedded engines: who is cut off?

Prints Markdown tables; ``--out`` gets the reports as JSON and HTML and the timeline of a typical turn. Recordings come
from ``--speech``, a folder with a ``manifest.tsv``; without it the shipped sample is asked over and over. Leave the
machine alone meanwhile: half an hour for 30 turns.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from assistant.bench import page, rows
from assistant.bench.clips import Clip
from assistant.bench.director import Plan
from assistant.bench.report import Report, make, processor
from assistant.bench.run import run
from assistant.bench.spread import percentile
from assistant.brain.brain import AssistantBrain
from assistant.brain.grammar import intent_grammar
from assistant.brain.prompt import Prompt
from assistant.brain.protocols import Exchange, Request
from assistant.commands import logs
from assistant.config import Settings
from assistant.models import registry
from assistant.models.protocols import SAMPLE_RATE_HZ
from assistant.session.turn import CancelToken
from benchmarks import picture, serial, speech, true_size

QUIET_S = 20.0
INTERRUPTIONS = 6
REPEATS = 9
EARLY, LATE = slice(1, 4), slice(17, 20)
"""Turns 2 to 4, and 18 to 20."""
MODELS = Path(tempfile.gettempdir()) / "assistant-true-size"
SETS = ("embedded", "neural", "pausing")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=30)
    parser.add_argument("--sets", default=",".join(SETS), help="which of " + ", ".join(SETS))
    parser.add_argument("--speech", type=Path, default=speech.SPEECH, help="folder of recordings")
    parser.add_argument("--models", type=Path, default=MODELS, help="folder that keeps the models, 0.4 GB")
    parser.add_argument("--quantization", choices=("Q4_0", "Q8_0"), default="Q4_0")
    parser.add_argument("--out", type=Path, help="folder for the reports")
    options = parser.parse_args()
    load = ", ".join(f"{share:.1f}" for share in os.getloadavg())
    logs.to_stderr(Settings())
    print(f"{time.strftime('%Y-%m-%d %H:%M')}, {processor()}, {os.cpu_count()} CPUs, load before: {load}\n", flush=True)
    for name in options.sets.split(","):
        {"embedded": embedded, "neural": neural, "pausing": pausing}[name](options)


def embedded(options: argparse.Namespace) -> None:
    settings = settings_for(stt={"engine": "pocketsphinx"}, llm={"engine": "none"}, tts={"engine": "espeak-ng"})
    recogniser = registry.stt_candidates(settings, intent_grammar)[0].load()
    clips = speech.commands(options.speech, options.turns, recogniser)
    recogniser.close()
    converse("embedded", "Commands, embedded engines", settings, clips, options.out)


def neural(options: argparse.Namespace) -> None:
    models = true_size.make(options.models, options.quantization)
    settings = settings_for(
        stt={"engine": "faster-whisper", "model": models.whisper},
        llm={"engine": "llama.cpp", "model": models.llama},
        tts={"engine": "piper", "model": models.voice},
    )
    title = f"Open questions, sizes of tiny.en, 360M {options.quantization} and a medium voice"
    converse("neural", title, settings, speech.people(options.speech, options.turns), options.out)
    transcription(settings)
    first_tokens(settings)


def pausing(options: argparse.Namespace) -> None:
    settings = settings_for(stt={"engine": "pocketsphinx"}, llm={"engine": "none"}, tts={"engine": "espeak-ng"})
    clips = speech.pausing(options.speech)
    if not clips:
        print("No recordings with pauses: who is cut off was not measured.\n")
        return
    report = make(run(settings, Plan(clips)), settings, realtime=True)
    cut = [turn.clip for turn in report.turns if turn.cut_off]
    heading("People who pause, embedded engines")
    table(("", ""), [("recordings", str(len(clips))), ("cut off", f"{len(cut)}: {', '.join(cut)}")])
    keep("pausing", report, options.out)


def settings_for(**sections: object) -> Settings:
    return Settings.model_validate({"history": {"enabled": False}, **sections})


def converse(name: str, title: str, settings: Settings, clips: Sequence[Clip], out: Path | None) -> None:
    """The conversation, then the same recordings step by step, in this process."""
    report = make(run(settings, Plan(clips, INTERRUPTIONS, QUIET_S)), settings, realtime=True)
    steps = serial.measure(settings, clips)
    heading(title)
    table(rows.HEADERS, rows.figures(report))
    table(("", ""), rows.values(report))
    slow = [one.first_sound_s for one in steps]
    middle = serial.median(steps)
    parts = (("wait", middle.wait_s), ("hear", middle.hear_s), ("think", middle.think_s), ("speak", middle.speak_s))
    table(
        ("one after the other", "p50", "p95"),
        [("end of speech → first sound", ms(percentile(slow, 0.5)), ms(percentile(slow, 0.95)))]
        + [(f"… of it, {part}", ms(seconds), "") for part, seconds in parts],
    )
    if (fast := report.spreads["first_sound"]) is not None:
        print(f"Faster than one after the other at p50: {percentile(slow, 0.5) / fast.p50:.2f} times\n", flush=True)
    keep(name, report, out)


def transcription(settings: Settings) -> None:
    """A window that fits against the full one, 3 s of speech."""
    pcm = np.random.default_rng(0).normal(0, 0.05, 3 * SAMPLE_RATE_HZ).astype(np.float32)
    fitted = registry.stt_candidates(settings)[0].load()
    full = serial.whisper(settings)
    fitted_s = timed(lambda: fitted.transcribe(pcm, CancelToken()))
    full_s = timed(lambda: full(pcm))
    fitted.close()
    heading("Transcription of 3 s")
    table(
        ("fitted window", "WhisperModel.transcribe", "times"), [(ms(fitted_s), ms(full_s), f"{full_s / fitted_s:.1f}")]
    )


def first_tokens(settings: Settings) -> None:
    """The time to the first token as the conversation grows, by what was read before the question was known."""
    heading("First token, language model alone")
    table(
        ("read before the question was known", "turns 2 to 4", "turns 18 to 20", "times"),
        [
            growing(settings, "nothing new", behind=False, words=False),
            growing(settings, "the turn before, in the background", behind=True, words=False),
            growing(settings, "… and all but the last two words", behind=True, words=True),
        ],
    )


def growing(settings: Settings, name: str, *, behind: bool, words: bool) -> Sequence[str]:
    """A conversation of twenty turns with a brain, which reads what a session would let it read in time."""
    prompt = Prompt(settings.persona.system_prompt, history_tokens=settings.llm.history_tokens)
    brain = AssistantBrain(llm=registry.llm_candidates(settings)[0].load(), prompt=prompt)
    brain.warm()
    taken: list[float] = []
    history: list[Exchange] = []
    for number in range(1, LATE.stop + 1):
        asked = Request(number, f"{true_size.QUESTION} This is question {number}.", tuple(history))
        if behind:
            brain.prefill(replace(asked, text=""), CancelToken())
        if words:
            brain.prefill(replace(asked, text=" ".join(asked.text.split()[:-2])), CancelToken())
        began = time.perf_counter()
        deltas = brain.respond(asked, CancelToken())
        first = next(deltas)
        taken.append(time.perf_counter() - began)
        history.append(Exchange(asked.text, (first + "".join(deltas)).strip()))
    brain.close()
    early_s, late_s = (percentile(taken[turns], 0.5) for turns in (EARLY, LATE))
    return name, ms(early_s), ms(late_s), f"{late_s / early_s:.2f}"


def timed(work: Callable[[], object]) -> float:
    """Median of several runs, in seconds, after one that does not count."""
    work()
    taken = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return percentile(taken, 0.5)


def keep(name: str, report: Report, out: Path | None) -> None:
    if out is None:
        return
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{name}.json").write_text(report.to_json() + "\n", encoding="utf-8")
    (out / f"{name}.html").write_text(page.html(report), encoding="utf-8")
    if (typical := page.typical(report.turns)) is not None:
        (out / f"{name}.svg").write_text(picture.svg(typical), encoding="utf-8")


def heading(text: str) -> None:
    print(f"### {text}\n", flush=True)


def table(headers: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    print("|", " | ".join(headers), "|\n|", "---|" * len(headers), sep="")
    for line in lines:
        print("|", " | ".join(line), "|")
    print(flush=True)


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


if __name__ == "__main__":
    main()

"""Scores of nano-voice: python -m scripts.test_models.score_voice [model.onnx]

Words that PocketSphinx hears of what the voice says, with a grammar of all sentences and without; the voice's response
to length_scale; its speed.
"""

import difflib
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import soxr

from assistant.models.espeak import EspeakTts
from assistant.models.piper import PiperTts
from assistant.models.protocols import SAMPLE_RATE_HZ, Pcm, SttEngine, TtsEngine
from assistant.models.sphinx import PocketSphinxStt
from assistant.session.turn import CancelToken
from scripts.test_models.sentences import answers, as_spoken, questions, vocabulary

MODEL = Path(__file__).parents[2] / "tests/models/nano-voice/nano-voice.onnx"
SPEEDS = (0.5, 0.7, 0.85, 1.0, 1.2, 1.5, 2.0)
HELD_OUT = (
    "The weather will be nice tomorrow morning.",
    "Please remind me to call my mother at seven.",
    "The train leaves from the second platform.",
    "There are twenty people in the garden.",
    "I would like a cup of coffee with milk.",
    "My brother bought a new computer last week.",
    "The children are playing in the park.",
    "She opened the window because it was hot.",
    "We will meet at the station in half an hour.",
    "Nothing is better than a good book.",
    "The doctor said that he should drink more water.",
    "Could you show me the way to the museum?",
)
"""Ordinary sentences that the voice was not cut from."""


def report(model: Path) -> None:
    voice = PiperTts(model)
    print(f"{sum(file.stat().st_size for file in (model, Path(f'{model}.json'))):,} bytes")
    started = time.perf_counter()
    spoken_s = seconds(voice, answers())
    print(f"real-time factor {(time.perf_counter() - started) / spoken_s:.4f}, {spoken_s:.0f} s of speech")
    for speed in SPEEDS:
        ratio = seconds(PiperTts(model, speed=speed), answers()) * speed / spoken_s
        print(f"length_scale {1 / speed:4.2f}: {ratio:4.2f} × proportional")
    trained = PocketSphinxStt(grammar_of(vocabulary()))
    held_out = PocketSphinxStt(grammar_of([*vocabulary(), *map(as_spoken, HELD_OUT)]))
    open_ear = PocketSphinxStt()
    for name, tts, ear, sentences in (
        ("answers, grammar", voice, trained, answers()),
        ("questions, grammar", voice, trained, questions()),
        ("held out, grammar", voice, held_out, HELD_OUT),
        ("held out, dictation", voice, open_ear, HELD_OUT),
        ("answers at 1.5, grammar", PiperTts(model, speed=1.5), trained, answers()),
        ("answers at 0.7, grammar", PiperTts(model, speed=0.7), trained, answers()),
        ("answers, dictation", voice, open_ear, answers()),
        ("eSpeak NG: answers, grammar", EspeakTts(), trained, answers()),
        ("eSpeak NG: held out, grammar", EspeakTts(), held_out, HELD_OUT),
        ("eSpeak NG: held out, dictation", EspeakTts(), open_ear, HELD_OUT),
        ("eSpeak NG: answers, dictation", EspeakTts(), open_ear, answers()),
    ):
        print(f"{name:30} {words_right(tts, ear, sentences):6.1%} of words right", flush=True)


def main() -> None:
    report(Path(sys.argv[1]) if len(sys.argv) > 1 else MODEL)


def grammar_of(sentences: Sequence[str]) -> Callable[[Callable[[str], bool]], str]:
    """Any one of the sentences that PocketSphinx knows all words of."""

    def build(in_dictionary: Callable[[str], bool]) -> str:
        known = [sentence for sentence in dict.fromkeys(sentences) if all(map(in_dictionary, sentence.split()))]
        return f"#JSGF V1.0;\ngrammar all;\npublic <all> = {' | '.join(known)};\n"

    return build


def words_right(tts: TtsEngine, ear: SttEngine, sentences: Sequence[str]) -> float:
    """Words of the sentences found in what is heard, in order; words too many count as wrong."""
    right = total = 0
    for sentence in sentences:
        wanted, heard = as_spoken(sentence).split(), ear.transcribe(speech(tts, sentence), CancelToken()).text.split()
        blocks = difflib.SequenceMatcher(a=wanted, b=heard, autojunk=False).get_matching_blocks()
        right += sum(block.size for block in blocks) - max(0, len(heard) - len(wanted))
        total += len(wanted)
    return right / total


def speech(tts: TtsEngine, text: str) -> Pcm:
    """At 16 kHz, with silence around it as a listener hears it."""
    sound = np.concatenate(list(tts.synthesize(text, CancelToken())))
    if tts.sample_rate_hz != SAMPLE_RATE_HZ:
        sound = soxr.resample(sound, tts.sample_rate_hz, SAMPLE_RATE_HZ)
    return np.pad(sound, SAMPLE_RATE_HZ // 4).astype(np.float32)


def seconds(tts: TtsEngine, sentences: Sequence[str]) -> float:
    sizes = [chunk.size for sentence in sentences for chunk in tts.synthesize(sentence, CancelToken())]
    return sum(sizes) / tts.sample_rate_hz


if __name__ == "__main__":
    main()

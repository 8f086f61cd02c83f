import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from hassil.parse_expression import parse_sentence
from pocketsphinx import Decoder, get_model_path

from assistant.brain.grammar import alternatives, factored, glued, intent_grammar, optional, sequence
from assistant.brain.number_grammar import number_rules
from assistant.brain.text import tokenize
from tests.brain.jsgf import Sampler


def dictionary() -> set[str]:
    lines = Path(get_model_path("en-us/cmudict-en-us.dict")).read_text("utf-8").splitlines()
    return {line.split(maxsplit=1)[0] for line in lines}


WORDS = dictionary()


@pytest.fixture(scope="module")
def grammar() -> str:
    return intent_grammar(WORDS.__contains__)


def test_only_words_of_the_dictionary_are_left(grammar: str) -> None:
    bodies = [line.split(" = ", 1)[1] for line in grammar.splitlines() if " = " in line]
    words = set(re.findall(r"[^\s()\[\]|;]+", " ".join(re.sub(r"<\w+>", " ", body) for body in bodies)))
    assert words <= WORDS
    assert {"timer", "minutes", "what's", "twelve", "celsius"} <= words


def test_what_needs_an_unknown_word_is_left_out() -> None:
    small = intent_grammar(lambda word: word in WORDS - {"timer", "pasta", "coin"})
    assert "timer" not in re.findall(r"\w+", small)
    assert "flip" not in re.findall(r"\w+", small)
    assert "what time is it" in small


def test_every_rule_that_is_used_is_defined(grammar: str) -> None:
    defined = set(re.findall(r"^(?:public )?<(\w+)> =", grammar, re.M))
    assert set(re.findall(r"<(\w+)>", grammar)) == defined


def test_no_wildcard_or_digit_is_left(grammar: str) -> None:
    assert not re.search(r"[{}]", grammar)
    assert not re.search(r"\s\d+\s", grammar)


@pytest.mark.parametrize(("low", "high"), [(0, 9), (1, 12), (1, 24), (1, 60), (1, 99), (0, 100), (0, 999)])
def test_number_rules_say_every_number_and_no_other(low: int, high: int) -> None:
    name, rules = number_rules(low, high)
    said = Sampler("\n".join(f"<{rule}> = {body};" for rule, body in rules.items()), seed=1).every(name)
    heard = [tokenize(words) for words in said]
    assert all(len(tokens) == 1 for tokens in heard)
    # From a hundred on, a whole hundred is the finest limit.
    assert {tokens[0] for tokens in heard} == set(range(low, (high if high < 100 else high // 100 * 100 + 99) + 1))


@pytest.mark.parametrize(("low", "high"), [(2, 10), (5, 5), (0, 1000), (-1, 5)])
def test_other_ranges_are_refused(low: int, high: int) -> None:
    with pytest.raises(ValueError, match="no spoken numbers"):
        number_rules(low, high)


def test_pieces_of_grammar() -> None:
    assert sequence(["a", "", "b"]) == "a b"
    assert sequence(["a", None]) is None
    assert alternatives(["a", None, "b c", "a"]) == "(a | b c)"
    assert alternatives(["a", "", "b"]) == "[a | b]"
    assert alternatives([None, None]) is None
    assert alternatives(["", None]) == ""
    assert optional("(a | b) c") == "[(a | b) c]"
    assert optional(None) == ""


def test_common_beginnings_and_ends_are_written_once() -> None:
    assert factored([("what", "<n>", "plus"), ("what", "<n>", "minus"), ("what", "time")]) == (
        "what (<n> (plus | minus) | time)"
    )
    assert factored([("a", "timer"), ("my", "timer")]) == "(a | my) timer"
    assert factored([("stop",), ("stop", "it")]) == "stop [it]"


def test_parts_of_words_are_put_together() -> None:
    expression = parse_sentence("list [all] timer[s] now").expression
    assert [len(run) for run in glued(expression.items)] == [1, 1, 2, 1]


@pytest.fixture(scope="module")
def decoder(grammar: str, tmp_path_factory: pytest.TempPathFactory) -> Decoder:
    path = tmp_path_factory.mktemp("grammar") / "intents.jsgf"
    path.write_text(grammar, "utf-8")
    return Decoder(jsgf=str(path), lm=None, bestpath=False, beam=1e-80, wbeam=1e-60, pbeam=1e-80, loglevel="FATAL")


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="the espeak-ng command is not installed")
@pytest.mark.parametrize(
    "text",
    [
        "what time is it",
        "what is twelve plus thirty",
        "set a timer for five minutes",
        "how many ounces in a kilogram",
        "cancel all timers",
        "flip a coin",
        "never mind",
        "no wait ten minutes",
    ],
)
def test_spoken_sentences_are_decoded(decoder: Decoder, tmp_path: Path, text: str) -> None:
    wav = tmp_path / "speech.wav"
    subprocess.run(["espeak-ng", "-v", "en-us", "-w", str(wav), text], check=True)
    speech, rate = soundfile.read(wav, dtype="float32")
    speech = np.pad(soxr.resample(speech, rate, 16_000) * 0.5, (4800, 6400))
    speech += np.random.default_rng(0).standard_normal(len(speech)) * 10 ** (-50 / 20)
    decoder.start_utt()
    decoder.process_raw((np.clip(speech, -1, 1) * 32767).astype(np.int16).tobytes(), False, True)
    decoder.end_utt()
    assert re.sub(r"\(\d+\)", "", decoder.hyp().hypstr) == text

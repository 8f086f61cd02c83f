"""The embedded recogniser: commands, what is no command, quiet and loud sound, and files that are not its models."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pocketsphinx
import pytest

from assistant.brain.grammar import intent_grammar
from assistant.errors import EngineFailed, ModelCorrupt, ModelMissing
from assistant.models.protocols import SAMPLE_RATE_HZ, Pcm
from assistant.models.sphinx import PocketSphinxStt, prepared
from assistant.models.sphinx_fit import Decoding, Segment
from assistant.session.turn import Cancelled, CancelToken
from tests.contracts.engines import GRAMMAR, SPOKEN, noise, speech
from tests.contracts.tokens import CountingToken

MODELS = Path(pocketsphinx.get_model_path("en-us"))
NAMES = ["en-us", "en-us.lm.bin", "cmudict-en-us.dict", "en-us-phone.lm.bin"]


@pytest.fixture(scope="module")
def engine() -> PocketSphinxStt:
    return PocketSphinxStt(lambda _: GRAMMAR)


@pytest.fixture(scope="module")
def dictation() -> PocketSphinxStt:
    return PocketSphinxStt()


def hear(engine: PocketSphinxStt, pcm: Pcm, final: bool = True) -> str:
    return engine.transcribe(pcm, CancelToken(), final=final).text


@pytest.mark.parametrize("gain_db", [-40, -20, 0, 6])
def test_a_command_is_heard_at_any_level(engine: PocketSphinxStt, gain_db: int) -> None:
    assert hear(engine, speech() * np.float32(10 ** (gain_db / 20))) == SPOKEN


def test_the_first_command_of_a_fresh_engine_is_heard() -> None:
    assert hear(PocketSphinxStt(lambda _: GRAMMAR), speech()) == SPOKEN


def test_the_intents_are_heard() -> None:
    assert hear(PocketSphinxStt(intent_grammar), speech()) == SPOKEN


def test_a_partial_ends_in_mid_sentence(engine: PocketSphinxStt) -> None:
    cuts_s = (1.0, 1.1, 1.2, 1.3, 1.4)  # eSpeak NG's sound differs a little from call to call
    partials = {hear(engine, speech()[: int(cut_s * SAMPLE_RATE_HZ)], final=False) for cut_s in cuts_s}
    assert all(SPOKEN.startswith(partial) for partial in partials)
    assert partials - {"", SPOKEN}


def test_what_is_no_command_is_dictated(dictation: PocketSphinxStt) -> None:
    other = "#JSGF V1.0;\ngrammar other;\npublic <command> = goodbye | turn off the bedroom light;\n"
    heard = hear(PocketSphinxStt(lambda _: other), speech())
    assert heard
    assert heard == hear(dictation, speech())


def test_a_command_is_trusted_and_dictation_is_not(engine: PocketSphinxStt, dictation: PocketSphinxStt) -> None:
    assert (engine.transcribe(speech(), CancelToken()).confidence or 0) > 0.5
    assert dictation.transcribe(speech(), CancelToken()).confidence == 0.0


def test_what_is_no_command_has_no_partial() -> None:
    other = "#JSGF V1.0;\ngrammar other;\npublic <command> = zoology | aardvark;\n"
    assert hear(PocketSphinxStt(lambda _: other), speech(), final=False) == ""


def test_a_word_is_known_if_it_can_be_pronounced() -> None:
    known = {}

    def grammar(in_dictionary: object) -> str:
        assert callable(in_dictionary)
        known.update({word: in_dictionary(word) for word in ("timer", "o'clock", "xyzzyx")})
        return GRAMMAR

    PocketSphinxStt(grammar)
    assert known == {"timer": True, "o'clock": True, "xyzzyx": False}


@pytest.mark.parametrize("body", ["xyzzyx the timer", "(unclosed"])
def test_a_grammar_that_cannot_be_used(body: str) -> None:
    with pytest.raises(EngineFailed) as caught:
        PocketSphinxStt(lambda _: f"#JSGF V1.0;\ngrammar bad;\npublic <command> = {body};\n")
    assert "stt.bias" in caught.value.hint


def test_long_sound_is_heard_in_windows(engine: PocketSphinxStt) -> None:
    spoken = speech()
    pause = noise(33.0 - spoken.size / SAMPLE_RATE_HZ)
    heard = hear(engine, np.concatenate([spoken, pause, spoken]))
    assert heard.startswith(SPOKEN)
    assert heard.endswith(SPOKEN)


def test_a_cancel_is_noticed_within_32_ms_of_sound(engine: PocketSphinxStt) -> None:
    token = CountingToken(cancel_at=None)
    engine.transcribe(speech(), token)
    assert token.polls >= 2 * speech().size / 512


class Listening:
    """A decoder that keeps what it is given to search."""

    def __init__(self, decoder: Any) -> None:
        self._decoder = decoder
        self.searched = b""
        self.unsearched: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._decoder, name)

    def process_raw(self, sound: bytes, **options: bool) -> None:
        self.searched += b"" if options else sound
        self.unsearched += [self._decoder.current_search()] if options else []
        self._decoder.process_raw(sound, **options)


def test_every_search_hears_all_of_the_sound_once(engine: PocketSphinxStt, monkeypatch: pytest.MonkeyPatch) -> None:
    decoder = Listening(engine._decoder)
    monkeypatch.setattr(engine, "_decoder", decoder)
    assert hear(engine, speech()) == SPOKEN
    sound = prepared(speech())
    assert sound is not None
    assert decoder.searched == 2 * sound, "the phones', then the grammar's"
    assert decoder.unsearched == ["nothing"], "for the mean: the library would search it where no cancel is noticed"


def test_cancelled_dictation_leaves_no_open_utterance(dictation: PocketSphinxStt) -> None:
    whole = hear(dictation, speech())
    with pytest.raises(Cancelled):
        dictation.transcribe(speech(), CountingToken(cancel_at=100))
    assert hear(dictation, speech()) == whole


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_model(tmp_path: Path, name: str) -> None:
    models = Path(shutil.copytree(MODELS, tmp_path / "models"))
    path = models / name
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(ModelMissing) as caught:
        PocketSphinxStt(models=models)
    assert name in caught.value.message
    assert "pip install" in caught.value.hint


@pytest.mark.parametrize(
    "name", ["en-us/mdef", "en-us/means", "en-us.lm.bin", "en-us-phone.lm.bin", "cmudict-en-us.dict"]
)
def test_a_corrupt_model(tmp_path: Path, name: str) -> None:
    models = Path(shutil.copytree(MODELS, tmp_path / "models"))
    (models / name).write_bytes(b"not a model")
    with pytest.raises(ModelCorrupt) as caught:
        PocketSphinxStt(models=models)
    assert "pip install" in caught.value.hint


def test_a_language_model_that_cannot_be_loaded_is_corrupt_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the wheel's list of files is not there to compare with."""
    monkeypatch.setattr("importlib.metadata.files", lambda _: None)
    models = Path(shutil.copytree(MODELS, tmp_path / "models"))
    (models / "en-us.lm.bin").write_bytes(b"not a model")
    with pytest.raises(ModelCorrupt):
        PocketSphinxStt(models=models)


def test_preparation_brings_speech_to_one_level() -> None:
    quiet, loud = prepared(speech() * np.float32(0.02)), prepared(speech())
    assert quiet is not None
    assert loud is not None
    difference = np.frombuffer(quiet, "<i2").astype(float) - np.frombuffer(loud, "<i2")
    assert np.abs(difference).max() <= 2


def test_preparation_leaves_no_digital_silence() -> None:
    sound = prepared(speech())
    assert sound is not None
    assert np.count_nonzero(np.frombuffer(sound, "<i2")[:1000]) > 900


@pytest.mark.parametrize("pcm", [np.zeros(0, np.float32), np.zeros(16_000, np.float32), noise(1.0) * np.float32(0.01)])
def test_silence_is_not_worth_a_search(pcm: Pcm) -> None:
    assert prepared(pcm) is None


PHRASES = ("stop", "never mind", "okay", "uh huh", "i see", "xyzzy")


@pytest.mark.parametrize("said", ["never mind", "okay", "never mind, please"])
def test_a_few_phrases_are_spotted_without_any_grammar_or_dictation(dictation: PocketSphinxStt, said: str) -> None:
    heard = dictation.spot(speech(said), CancelToken(), PHRASES)
    assert heard.text == said.replace(",", "").lower()


def test_what_is_none_of_the_phrases_is_not_spotted(engine: PocketSphinxStt) -> None:
    assert engine.spot(speech(), CancelToken(), PHRASES).text == ""
    assert engine.spot(noise(1.0), CancelToken(), PHRASES).text == ""
    assert engine.spot(np.zeros(SAMPLE_RATE_HZ, np.float32), CancelToken(), PHRASES).text == ""
    assert engine.spot(speech(), CancelToken(), ["xyzzy"]).text == ""
    assert hear(engine, speech()) == SPOKEN


FREE = Decoding("AY", -10.0, (Segment("SIL", 0, 9, -5.0), Segment("AY", 10, 69, -5.0), Segment("SIL", 70, 99, 0.0)))
SEEN = Decoding("i see", -400.0, (Segment("i", 10, 39, -200.0), Segment("see", 40, 69, -200.0)))
POLITE = Decoding("stop please", -11.0, (Segment("stop", 10, 39, -3.0), Segment("please", 40, 69, -3.0)))


@pytest.mark.parametrize(
    ("alone", "among", "heard"),
    [
        (Decoding("stop", -11.0, (Segment("stop", 5, 74, -6.0),)), SEEN, "stop"),
        (Decoding("stop", -11.0, (Segment("stop", 5, 75, -6.0),)), SEEN, ""),  # a drawn-out "uh"
        (Decoding(), Decoding("really", -11.0, (Segment("really", 5, 74, -6.0),)), "really"),
        (Decoding(), Decoding("really", -11.0, (Segment("really", 5, 75, -6.0),)), ""),  # a sentence
        (POLITE, POLITE, "stop please"),
        (POLITE, SEEN, ""),
    ],
)
def test_what_is_called_out_is_brief_and_a_polite_stop_fits_best(
    engine: PocketSphinxStt, monkeypatch: pytest.MonkeyPatch, alone: Decoding, among: Decoding, heard: str
) -> None:
    found = {"phones": FREE, "stopped": alone, "spotted": among}
    monkeypatch.setattr(engine, "_decode", lambda search, *_: found.get(search, Decoding()))
    word = noise(1.0)
    word[:1600] = word[11_200:] = 0
    assert engine.spot(word, CancelToken(), PHRASES, ["stop"]).text == heard


def test_spotting_is_cancelled_between_blocks(engine: PocketSphinxStt) -> None:
    with pytest.raises(Cancelled):
        engine.spot(speech(), CountingToken(cancel_at=5), PHRASES)
    assert hear(engine, speech()) == SPOKEN

"""PocketSphinx with the English models of its wheel: small, quick, and good for the sentences of a grammar only."""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from assistant.errors import EngineFailed, EngineUnavailable, ModelCorrupt, ModelMissing
from assistant.models.jsgf import compile_jsgf
from assistant.models.protocols import SAMPLE_RATE_HZ, Pcm, Transcript
from assistant.models.sphinx_fit import Decoding, Segment, called, confidence, is_command, is_phrase, is_speech, is_word
from assistant.models.sphinx_loud import NO_FIT, fits_alone, fits_among, loud_fit
from assistant.models.windows import windows
from assistant.session.turn import CancelToken

BLOCK_BYTES = 2 * 512  # 32 ms: PocketSphinx holds the interpreter's lock while it works on a block
IN_WHEEL = "pocketsphinx/model/en-us"
MODEL_FILES = ("en-us", "en-us.lm.bin", "cmudict-en-us.dict", "en-us-phone.lm.bin")

LEVEL_BLOCK = SAMPLE_RATE_HZ // 50
SPEECH_LEVEL = 0.1
"""Loud blocks are brought to −20 dBFS, so that the noise floor fits quiet microphones, too."""
SILENCE_LEVEL = 10 ** (-70 / 20)
FLOOR_LEVEL = 10 ** (-55 / 20)
"""White noise mixed in, 35 dB below speech: digital silence misleads the acoustic model (docs/recognition.md)."""
FLOOR_SEED = 1

REINSTALL = "Reinstall it: pip install --force-reinstall pocketsphinx"

GRAMMAR, PHONES, DICTATION, NOTHING, SPOTTED, OTHERS = "grammar", "phones", "_default", "nothing", "spotted", "others"
STOP, STOPPED, PLEASE = "stop", "stopped", "please"
BRITISH_STOP = "S T AO P"
"""The wheel's dictionary is American, and takes the short o of others for that of "okay"."""
GRAMMAR_SEARCH: Mapping[str, float] = {"beam": 1e-60, "wbeam": 1e-40, "pbeam": 1e-60, "lw": 1.0, "bestpath": False}
PHONE_SEARCH: Mapping[str, float] = {"beam": 1e-20, "wbeam": 7e-29, "pbeam": 1e-20, "lw": 2.0, "bestpath": False}
DICTATION_SEARCH: Mapping[str, float] = {"lw": 6.5, "bestpath": True, "fwdflat": False, "maxhmmpf": 3000}
"""Without the second pass, which would hold up the process for a second after 30 s of speech and gains nothing."""

DICTATED = 0.0
"""The confidence in what is dictated: two words in three are wrong (docs/recognition.md)."""
NOTHING_HEARD = Transcript("", 0.0)

NATS = 1024  # PocketSphinx shifts log scores right by 10 bits (SENSCR_SHIFT)

Grammar = Callable[[Callable[[str], bool]], str]
"""Builds a JSGF grammar; it is told which lower-case words have a pronunciation."""


class PocketSphinxStt:
    """Hears a sentence of the grammar where one fits, else dictation; dictation alone without a grammar.

    Sound over 30 s is heard in windows cut at pauses. Where there is a grammar, partial transcripts are of it alone.
    The confidence of a command is how well it fits, PocketSphinx having none for a grammar; dictation has none at all.

    Cancel point: between blocks of 32 ms of sound. Worst delay 20 ms; 0.2 s at the end of 30 s of dictation.
    """

    def __init__(self, grammar: Grammar | None = None, models: Path | None = None) -> None:
        """Load ``models``, or the wheel's. Raises EngineUnavailable, ModelMissing, ModelCorrupt, EngineFailed."""
        self._decoder = _load(models)
        self._has_grammar = grammar is not None
        self._phrases: tuple[str, ...] = ()
        self._has_others = False
        if grammar is not None:
            self._add_grammar(GRAMMAR, grammar(self._knows))

    @property
    def name(self) -> str:
        return "pocketsphinx en-us"

    def warm(self) -> None:
        noise = np.random.default_rng(FLOOR_SEED).normal(0, SPEECH_LEVEL, SAMPLE_RATE_HZ // 2)
        self.transcribe(noise.astype(np.float32), CancelToken())

    def transcribe(self, pcm: Pcm, token: CancelToken, *, final: bool = True) -> Transcript:
        heard = []
        for window in windows(pcm):
            token.raise_if_cancelled()
            heard.append(self._hear(window, token, final))
        text = " ".join(one.text for one in heard if one.text)
        return Transcript(text, min((one.confidence or 0.0 for one in heard), default=0.0))

    def spot(self, pcm: Pcm, token: CancelToken, phrases: Sequence[str], urgent: Sequence[str] = ()) -> Transcript:
        """A grammar of these phrases alone, which takes a fraction of the time of dictation.

        "Stop" is looked for alone first: it is the one that matters most, and too short to stand against others.
        Cancel point and delay as in ``transcribe``; the first call with new phrases takes some milliseconds more.
        """
        sound = prepared(pcm)
        if sound is None or not self._listen_for(tuple(phrases), frozenset(urgent)):
            return NOTHING_HEARD
        mean = self._cepstral_mean(sound)
        phones = self._decode(PHONES, sound, mean, token)
        stop = called(self._decode(STOPPED, sound, mean, token)) if STOP in self._phrases else Decoding()
        if stop.text == STOP and is_word(stop, phones):
            return Transcript(stop.text, confidence(stop, phones))
        spotted = called(self._decode(SPOTTED, sound, mean, token))
        if is_phrase(spotted, phones):
            return Transcript(spotted.text, confidence(spotted, phones))
        if stop.text not in (STOP, spotted.text):  # alone, "stop please" fits "I see", too
            stop = Decoding()
        fit = loud_fit(spotted, phones, pcm)
        if spotted.text.removesuffix(f" {PLEASE}") not in urgent:
            is_stop = STOP in urgent and fits_alone(loud_fit(stop, phones, pcm), fit)
            return Transcript(stop.text, confidence(stop, phones)) if is_stop else NOTHING_HEARD
        rival = loud_fit(self._decode(OTHERS, sound, mean, token), phones, pcm) if self._has_others else NO_FIT
        if fits_among(fit, rival):
            return Transcript(spotted.text, confidence(spotted, phones))
        is_stop = STOP in urgent and fits_alone(loud_fit(stop, phones, pcm), rival)
        return Transcript(stop.text, confidence(stop, phones)) if is_stop else NOTHING_HEARD

    def close(self) -> None:
        del self._decoder

    def _hear(self, pcm: Pcm, token: CancelToken, final: bool) -> Transcript:
        sound = prepared(pcm)
        if sound is None:
            return NOTHING_HEARD
        mean = self._cepstral_mean(sound)
        phones = self._decode(PHONES, sound, mean, token)
        if self._has_grammar:
            command = self._decode(GRAMMAR, sound, mean, token, complete=final)
            if is_command(command, phones):
                return Transcript(command.text, confidence(command, phones))
            if not final:
                return NOTHING_HEARD
        dictation = self._decode(DICTATION, sound, mean, token)
        return Transcript(dictation.text, DICTATED) if is_speech(dictation, phones) else NOTHING_HEARD

    def _cepstral_mean(self, sound: bytes) -> str:
        """The utterance's own mean, known before it is searched: without it the first seconds are misheard."""
        self._decoder.activate_search(NOTHING)  # end_utt searches all that was not searched, and cannot be cancelled
        self._decoder.reinit_feat()  # decoding in blocks has switched the mean to a running one
        self._decoder.start_utt()
        self._decoder.process_raw(sound, no_search=True, full_utt=True)
        mean = str(self._decoder.get_cmn())
        self._decoder.end_utt()
        return mean

    def _decode(self, search: str, sound: bytes, mean: str, token: CancelToken, *, complete: bool = True) -> Decoding:
        """The best path; where not ``complete``, one that may end in the middle of a sentence. Raises Cancelled."""
        decoder = self._decoder
        decoder.activate_search(search)
        decoder.set_cmn(mean)
        decoder.start_utt()
        try:
            for start in range(0, len(sound), BLOCK_BYTES):
                token.raise_if_cancelled()
                decoder.process_raw(sound[start : start + BLOCK_BYTES])
            if not complete:
                return self._best()
        finally:
            decoder.end_utt()
        return self._best()

    def _best(self) -> Decoding:
        hypothesis = self._decoder.hyp()
        if hypothesis is None or not hypothesis.hypstr:
            return Decoding()
        segments = [
            Segment(one.word, one.start_frame, one.end_frame, _nats(one.ascore))
            for one in self._decoder.seg()
            if one.start_frame >= 0
        ]
        text = re.sub(r"\(\d+\)", "", hypothesis.hypstr)  # which of a word's pronunciations it was
        return Decoding(text, _nats(hypothesis.score), tuple(segments))

    def _knows(self, word: str) -> bool:
        return self._decoder.lookup_word(word) is not None

    def _listen_for(self, phrases: tuple[str, ...], urgent: frozenset[str]) -> bool:
        """Make ready the searches for those phrases that can be pronounced; False if there are none."""
        if phrases != self._phrases:
            known = [phrase for phrase in phrases if all(map(self._knows, phrase.split()))]
            others = [phrase for phrase in known if phrase not in urgent]
            self._phrases, self._has_others = phrases if known else (), bool(others)
            searches = ((SPOTTED, known), (OTHERS, others), (STOPPED, [STOP] if STOP in known else []))
            for name, wanted in searches:
                if wanted:
                    self._add_grammar(name, _politely(f"({' | '.join(wanted)})"))
        return bool(self._phrases)

    def _add_grammar(self, name: str, grammar: str) -> None:
        """Each word weighs what it does in the bundled language model: rare words are misheard less often."""
        model, logmath = self._decoder.get_lm(DICTATION), self._decoder.logmath
        try:
            automaton = compile_jsgf(grammar)
            end = len(automaton.arcs)
            arcs = [
                (state, following, logmath.exp(model.prob([word])), word)
                for state, leaving in enumerate(automaton.arcs)
                for word, following in leaving
            ]
            ends = [(state, end, 1.0) for state in automaton.final]
            network = self._decoder.create_fsg(name, automaton.start, end, arcs + ends)
            _configure(self._decoder, GRAMMAR_SEARCH)
            self._decoder.add_fsg(name, network)
        except (ValueError, RuntimeError) as error:
            raise EngineFailed(
                f"PocketSphinx cannot use the grammar: {error}",
                hint="Recognise without it: assistant config set stt.bias false",
            ) from error


def _politely(phrase: str) -> str:
    return f"#JSGF V1.0;\ngrammar spotted;\npublic <said> = {phrase} [{PLEASE}];\n"


def prepared(pcm: Pcm) -> bytes | None:
    """Sound at a level and with a noise floor that the model likes, as 16-bit samples; None for silence."""
    blocks = pcm[: pcm.size // LEVEL_BLOCK * LEVEL_BLOCK].reshape(-1, LEVEL_BLOCK)
    if not len(blocks):
        return None
    level = float(np.percentile(np.sqrt(np.mean(np.square(blocks, dtype=np.float64), axis=1)), 95))
    if level < SILENCE_LEVEL:
        return None
    floor = np.random.default_rng(FLOOR_SEED).normal(0, FLOOR_LEVEL, pcm.size)
    mixed = pcm * (SPEECH_LEVEL / level) + floor
    return np.rint(np.clip(mixed, -1, 1) * 32767).astype("<i2").tobytes()


def _nats(likelihood: float) -> float:
    return NATS * float(np.log(max(likelihood, 1e-300)))


def _load(models: Path | None) -> Any:
    try:
        import pocketsphinx
    except ImportError as error:
        raise EngineUnavailable(
            f"pocketsphinx cannot be imported: {error}", hint="Install it: pip install pocketsphinx"
        ) from error
    folder = models if models is not None else Path(pocketsphinx.get_model_path("en-us"))
    _check(folder)
    acoustic, language, dictionary, phones = (str(folder / name) for name in MODEL_FILES)
    try:
        decoder = pocketsphinx.Decoder(
            hmm=acoustic, lm=language, dict=dictionary, samprate=SAMPLE_RATE_HZ, loglevel="FATAL", **DICTATION_SEARCH
        )
        _configure(decoder, PHONE_SEARCH)
        decoder.add_allphone_file(PHONES, phones)
        if decoder.lookup_word(STOP) is not None:
            decoder.add_word(f"{STOP}(2)", BRITISH_STOP, False)
        decoder.add_fsg(NOTHING, decoder.create_fsg(NOTHING, 0, 1, [(0, 1, 1.0)]))
    except (ValueError, RuntimeError) as error:
        raise ModelCorrupt(f"the PocketSphinx models in {folder} cannot be loaded: {error}", hint=REINSTALL) from error
    return decoder


def _check(folder: Path) -> None:
    """Compare with what the wheel lists, where it does: PocketSphinx ends the process over a damaged acoustic model."""
    missing = [name for name in MODEL_FILES if not (folder / name).exists()]
    if missing:
        raise ModelMissing(f"PocketSphinx has no {missing[0]} in {folder}", hint=REINSTALL)
    for listed in _wheel_files():
        if not listed.is_relative_to(IN_WHEEL) or listed.hash is None:
            continue
        file = folder / listed.relative_to(IN_WHEEL)
        if not file.exists():
            raise ModelMissing(f"PocketSphinx has no {file.name} in {file.parent}", hint=REINSTALL)
        digest = base64.urlsafe_b64encode(hashlib.sha256(file.read_bytes()).digest()).decode().rstrip("=")
        if digest != listed.hash.value:
            raise ModelCorrupt(f"PocketSphinx's model {file} is damaged", hint=REINSTALL)


def _wheel_files() -> list[metadata.PackagePath]:
    try:
        return metadata.files("pocketsphinx") or []
    except metadata.PackageNotFoundError:
        return []  # not installed by pip


def _configure(decoder: Any, settings: Mapping[str, float]) -> None:
    """Settings that the next search to be added will keep."""
    for key, value in settings.items():
        decoder.config[key] = value

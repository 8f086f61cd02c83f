"""The table of built-in engines: the one place that knows every adapter. Each is imported only when it is loaded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant import doctor_llama, offline
from assistant.errors import EngineUnavailable, ModelMissing
from assistant.models import headers, trial
from assistant.models.protocols import Embedder, LlmEngine, SttEngine, TtsEngine, TurnDetector, Vad, WakeDetector
from assistant.models.worker import Candidate
from assistant.processor import this_processor
from assistant.session.turn import CancelToken
from assistant.store import folder
from assistant.store.catalogue import ModelStage
from assistant.threads import Budget, Wish, allot, sleep_while_waiting

if TYPE_CHECKING:
    from assistant.config import Settings

Grammar = Callable[[Callable[[str], bool]], str]
"""Builds the JSGF that the embedded recogniser should expect; it is told which words the recogniser knows."""

AUTO, NONE, FAKE = "auto", "none", "fake"
OTHER_CTRANSLATE2 = "Install another version of ctranslate2, or: assistant config set stt.engine pocketsphinx"
OTHER_ONNXRUNTIME = "Install another version of onnxruntime, or: assistant config set tts.engine espeak-ng"
NO_TURN_MODEL = "Install another version of onnxruntime, or: assistant config set turn.engine none"
GET_MODELS = "See what suits this machine: assistant models recommend"


@dataclass(frozen=True, slots=True)
class _Load:
    """What an engine is loaded with."""

    settings: "Settings"
    model: Path | None
    grammar: Grammar | None = None

    @property
    def threads(self) -> Budget:
        return thread_budget(self.settings)

    def model_for(self, stage: ModelStage) -> Path:
        if self.model is None:
            raise ModelMissing(f"no {LABELS[stage]} is installed", hint=GET_MODELS)
        return self.model


@dataclass(frozen=True, slots=True)
class Builtin:
    """An engine of the table. One that needs no ``model`` carries its own, and stands in when another fails.

    ``native`` are the packages whose native code reads the user's model, ``remedy`` what to do where that crashes.
    """

    stage: ModelStage
    name: str
    package: str
    needs_model: bool
    load: Callable[[_Load], Any]
    native: tuple[str, ...] = ()
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """What `assistant doctor` says of an engine. ``hint`` is empty where nothing needs doing."""

    stage: ModelStage
    name: str
    model_path: Path | None
    usable: bool
    note: str
    hint: str


LABELS: dict[ModelStage, str] = {
    "stt": "speech model",
    "llm": "language model",
    "tts": "voice",
    "turn": "turn model",
    "embed": "embedding model",
}


def _whisper(load: _Load, *, fitted: bool = True) -> SttEngine:
    from assistant.models.faster_whisper import WhisperStt

    return WhisperStt(load.model_for("stt"), load.settings.stt.language, load.threads.stt, fitted=fitted)


def _pocketsphinx(load: _Load) -> SttEngine:
    from assistant.models.sphinx import PocketSphinxStt

    return PocketSphinxStt(load.grammar if load.settings.stt.bias else None)


def _llama(load: _Load) -> LlmEngine:
    from assistant.models import llama_prefix
    from assistant.models.llama_cpp import LlamaLlm

    llm = load.settings.llm
    return LlamaLlm(
        load.model_for("llm"),
        load.threads.llm,
        llm.context_tokens,
        llm.max_tokens,
        llm.temperature,
        prefixes=llama_prefix.default_folder(),
    )


def _piper(load: _Load) -> TtsEngine:
    from assistant.models.piper import PiperTts

    return PiperTts(load.model_for("tts"), load.threads.tts, load.settings.tts.speed)


def _espeak(load: _Load) -> TtsEngine:
    from assistant.models.espeak import EspeakTts

    return EspeakTts(load.settings.tts.voice, load.settings.tts.speed)


def _smart_turn(load: _Load) -> TurnDetector:
    from assistant.models.smart_turn import SmartTurn

    return SmartTurn(load.model_for("turn"))


def _llama_embedder(load: _Load) -> Embedder:
    from assistant.models.llama_embed import LlamaEmbedder

    return LlamaEmbedder(load.model_for("embed"))


def _fake_stt(_: _Load) -> SttEngine:
    from assistant.models.fakes import FakeStt

    return FakeStt()


def _fake_llm(_: _Load) -> LlmEngine:
    from assistant.models.fakes import FakeLlm

    return FakeLlm()


def _story_llm(_: _Load) -> LlmEngine:
    from assistant.models.fakes import StoryLlm

    return StoryLlm()


def _fake_tts(_: _Load) -> TtsEngine:
    from assistant.models.fakes import FakeTts

    return FakeTts()


def _fake_embedder(_: _Load) -> Embedder:
    from assistant.models.fakes import FakeEmbedder

    return FakeEmbedder()


BUILTINS: tuple[Builtin, ...] = (
    Builtin("stt", "faster-whisper", "faster_whisper", True, _whisper, ("ctranslate2",), OTHER_CTRANSLATE2),
    Builtin("stt", "pocketsphinx", "pocketsphinx", False, _pocketsphinx),
    Builtin("llm", "llama.cpp", "llama_cpp", True, _llama, ("llama_cpp",), doctor_llama.REBUILD),
    Builtin("tts", "piper", "piper", True, _piper, ("onnxruntime", "piper"), OTHER_ONNXRUNTIME),
    Builtin("tts", "espeak-ng", "espeakng_loader", False, _espeak),
    Builtin("turn", "smart-turn", "onnxruntime", True, _smart_turn, ("onnxruntime", "ctranslate2"), NO_TURN_MODEL),
    Builtin("embed", "llama.cpp", "llama_cpp", True, _llama_embedder, ("llama_cpp",), doctor_llama.REBUILD),
)
"""In order of preference within each stage."""

FAKES: tuple[Builtin, ...] = (
    Builtin("stt", FAKE, "assistant", False, _fake_stt),
    Builtin("llm", FAKE, "assistant", False, _fake_llm),
    Builtin("llm", "story", "assistant", False, _story_llm),
    Builtin("tts", FAKE, "assistant", False, _fake_tts),
    Builtin("embed", FAKE, "assistant", False, _fake_embedder),
)
"""For tests and for trying the program out: never chosen by ``auto``, and nothing stands in for them."""


def stt_candidates(settings: "Settings", grammar: Grammar | None = None) -> list[Candidate[SttEngine]]:
    """Recognisers to try in turn. Raises EngineUnavailable for an unknown name."""
    return _candidates("stt", settings, grammar)


def llm_candidates(settings: "Settings") -> list[Candidate[LlmEngine]]:
    """Language models to try in turn; none where none is installed. Raises EngineUnavailable for an unknown name."""
    return _candidates("llm", settings)


def tts_candidates(settings: "Settings") -> list[Candidate[TtsEngine]]:
    """Voices to try in turn. Raises EngineUnavailable for an unknown name."""
    return _candidates("tts", settings)


def turn_candidates(settings: "Settings") -> list[Candidate[TurnDetector]]:
    """What hears whether a turn is over; none without a model. Raises EngineUnavailable for an unknown name."""
    return _candidates("turn", settings)


def embed_candidates(settings: "Settings") -> list[Candidate[Embedder]]:
    """What finds by meaning; none without a model. Raises EngineUnavailable for an unknown name."""
    return _candidates("embed", settings)


def make_vad() -> Vad:
    """A voice activity detector for one session. Raises EngineUnavailable, ModelMissing, ModelCorrupt."""
    _prepare_libraries()
    from assistant.models.silero import SileroVad

    return SileroVad()


def make_wake(settings: "Settings") -> WakeDetector | None:
    """A wake word detector for one session; None where none is asked for.

    Raises EngineUnavailable, ModelMissing, ModelCorrupt.
    """
    listen = settings.listen
    if listen.mode != "wake":
        return None
    if listen.wake_word == FAKE:
        from assistant.models.fakes import ToneWake

        return ToneWake()
    from assistant.models.microwakeword import MicroWakeWord

    return MicroWakeWord(listen.wake_word, listen.sensitivity)


def thread_budget(settings: "Settings") -> Budget:
    """How many threads the engines of these settings get here. Raises EngineUnavailable for an unknown name."""
    return allot(
        this_processor().usable,
        stt=_thread_wish("stt", settings),
        llm=_thread_wish("llm", settings),
        tts=_thread_wish("tts", settings),
    )


def _thread_wish(stage: ModelStage, settings: "Settings") -> Wish:
    """The setting counts for an engine that loads a model; the embedded ones have one thread."""
    section = getattr(settings, stage)
    chosen = _chosen(stage, section.engine, folder.find(stage, settings))
    if not chosen:
        return 0
    wish: Wish = section.threads if chosen[0].needs_model else 1
    return wish


def load_untried(stage: ModelStage, name: str, settings: "Settings", model: Path) -> Any:
    """The engine of that name with ``model``, in this process, whatever may come of it. Raises EngineError."""
    [builtin] = [one for one in BUILTINS if (one.stage, one.name) == (stage, name)]
    _prepare_libraries()
    return builtin.load(_Load(settings, model))


def check_model(stage: ModelStage, model: Path, settings: "Settings") -> None:
    """See whether the stage's engine works with ``model``: loaded and run once, tried in a child before. Takes seconds.

    Raises EngineError; EngineUnavailable for a stage without an engine for models.
    """
    builtin = next((one for one in BUILTINS if one.stage == stage and one.needs_model), None)
    if builtin is None:
        raise EngineUnavailable(f"no engine loads models for {stage}", hint=f"Stages are {', '.join(LABELS)}.")
    engine = _candidate(builtin, _Load(settings, model)).load()
    try:
        engine.warm()
    finally:
        engine.close()


def whisper_windows(settings: "Settings") -> tuple[SttEngine, SttEngine]:
    """Whisper with windows that fit the utterance, and with the full one for everything. Raises EngineError."""
    [builtin] = [one for one in BUILTINS if one.load is _whisper]
    load = _Load(settings, folder.find("stt", settings))
    return _candidate(builtin, load).load(), _whisper(load, fitted=False)


def engine_report(settings: "Settings") -> list[EngineStatus]:
    """Every built-in engine and what it lacks. Loads nothing."""
    return [_status(builtin, settings) for builtin in BUILTINS]


def names(stage: ModelStage) -> list[str]:
    """What the stage's engine setting may be."""
    return [AUTO, NONE, *(builtin.name for builtin in (*BUILTINS, *FAKES) if builtin.stage == stage)]


def _candidates(stage: ModelStage, settings: "Settings", grammar: Grammar | None = None) -> list[Candidate[Any]]:
    model = folder.find(stage, settings)
    load = _Load(settings, model, grammar)
    chosen = _chosen(stage, getattr(settings, stage).engine, model)
    return [_candidate(builtin, load) for builtin in chosen]


def _prepare_libraries() -> None:
    """What native libraries read when they are loaded. Idempotent; takes microseconds."""
    offline.enforce()
    sleep_while_waiting()


def _candidate(builtin: Builtin, load: _Load) -> Candidate[Any]:
    """The engine, its model looked at and tried before native code of this process sees it."""
    _prepare_libraries()
    if not builtin.native or load.model is None or find_spec(builtin.package) is None:
        return Candidate(builtin.name, partial(builtin.load, load))
    model, token = load.model, CancelToken()

    def tried() -> Any:
        headers.check(model, builtin.name)
        trial.prove(_subject(builtin, load.settings, model), token)
        return builtin.load(load)

    return Candidate(builtin.name, tried, lambda: token.cancel("stopping"))


def _subject(builtin: Builtin, settings: "Settings", model: Path) -> trial.Subject:
    """What the trial is told; of the settings, the size of the context decides about memory."""
    return trial.Subject(
        engine=builtin.name,
        model=model,
        packages=builtin.native,
        request={
            "stage": builtin.stage,
            "engine": builtin.name,
            "model": str(model.absolute()),
            "settings": settings.model_dump(mode="json"),
        },
        remedy=builtin.remedy,
        options={"context_tokens": settings.llm.context_tokens} if builtin.stage == "llm" else {},
    )


def _chosen(stage: ModelStage, name: str, model: Path | None) -> Sequence[Builtin]:
    """``auto``: what has its model; a name: that one, and what needs no model in its place should it fail."""
    builtins = [builtin for builtin in BUILTINS if builtin.stage == stage]
    if name == NONE:
        return []
    if name == AUTO:
        return [builtin for builtin in builtins if model is not None or not builtin.needs_model]
    pinned = [builtin for builtin in (*builtins, *FAKES) if builtin.stage == stage and builtin.name == name]
    if not pinned:
        raise EngineUnavailable(
            f"there is no {stage} engine {name!r}", hint=f"{stage}.engine may be {', '.join(names(stage))}."
        )
    stand_ins = [] if pinned[0] in FAKES else [b for b in builtins if not b.needs_model and b.name != name]
    return [*pinned, *stand_ins]


def _status(builtin: Builtin, settings: "Settings") -> EngineStatus:
    package = find_spec(builtin.package) is not None
    model = folder.find(builtin.stage, settings) if builtin.needs_model else None
    present = not builtin.needs_model or (model is not None and model.exists())
    note, hint = "ready", ""
    if not package:
        note, hint = "its package is not installed", "Run make install; the README says how where that is not possible."
    elif model is not None and not present:
        note, hint = f"there is nothing at {model}", f"Correct it: assistant config set {builtin.stage}.model PATH"
    elif not present:
        note, hint = f"no {LABELS[builtin.stage]} is installed", GET_MODELS
    return EngineStatus(builtin.stage, builtin.name, model, package and present, note, hint)

"""What works on this machine, what does not, and how to mend it. Loads no model."""

import importlib
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from assistant import doctor_llama
from assistant.config import Settings, load
from assistant.errors import AssistantError, EngineUnavailable
from assistant.power import Wish, on_battery

if TYPE_CHECKING:
    from assistant.models.worker import Candidate

Status = Literal["ok", "warn", "fail"]
PYTHON_MINORS = range(11, 14)
"""Minor versions of Python 3 that every dependency has wheels for."""
ROOMY_BYTES = 1_000_000_000
"""Less free than this does not hold a small set of models."""
RECOMMEND = "assistant models recommend"
NOTABLE = ("avx2", "avx512f", "asimddp", "i8mm", "amx_int8")
"""Processor features that decide how fast the engines are, or whether a build of one crashes."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. ``hint`` says how to mend it; empty where all is well. A ``fail`` stops the main job."""

    subject: str
    status: Status
    message: str
    hint: str = ""


Check = Callable[[Settings], Iterable[Finding]]


def examine(*, with_echo: bool = False) -> list[Finding]:
    """Every finding, in the order of the checks; ``with_echo`` plays a chirp. Raises nothing."""
    try:
        loaded = load()
    except AssistantError as error:
        settings, configuration = Settings(), Finding("configuration", "fail", error.message, error.hint)
    else:
        settings = loaded.settings
        where = str(loaded.path) if loaded.path.exists() else f"defaults; there is no {loaded.path}"
        configuration = Finding("configuration", "ok", where)
    checks = (*CHECKS, echo) if with_echo else CHECKS
    return [python(), configuration, *(finding for check in checks for finding in _guarded(check, settings))]


def can_run(findings: Iterable[Finding]) -> bool:
    """Something hears, something answers, and the answer can at least be shown."""
    return all(finding.status != "fail" for finding in findings)


def python(version: tuple[int, int] = (sys.version_info.major, sys.version_info.minor)) -> Finding:
    """Whether this Python is one that the engines support."""
    if version[0] == 3 and version[1] in PYTHON_MINORS:
        return Finding("python", "ok", f"{version[0]}.{version[1]} on {platform.system()} {platform.machine()}")
    wanted = f"3.{PYTHON_MINORS[0]} to 3.{PYTHON_MINORS[-1]}"
    return Finding("python", "warn", f"{version[0]}.{version[1]} is not supported", f"Install Python {wanted}.")


def processor(_: Settings) -> Iterator[Finding]:
    """The processor, and whether llama.cpp was built for it."""
    flags = doctor_llama.cpu_flags()
    features = " ".join(name for name in NOTABLE if name in flags)
    yield Finding("processor", "ok", f"{os.cpu_count()} cores, {platform.machine()} {features}".strip())
    if (problem := doctor_llama.problem()) is not None:
        yield Finding("llama.cpp build", "warn", problem, doctor_llama.REBUILD)


def threads(settings: Settings) -> Iterator[Finding]:
    """How the cores are shared."""
    from assistant.models import registry
    from assistant.processor import this_processor

    processor = this_processor()
    limit = "" if processor.quota is None else f", {processor.quota:g} of them allowed"
    cores = f"{processor.fast_cores} fast of {processor.cores} cores{limit}"
    yield Finding("threads", "ok", f"{registry.thread_budget(settings)} on {cores}")


def sound(settings: Settings) -> Iterator[Finding]:
    """PortAudio, and the two devices that a conversation would use."""
    from assistant.audio.devices import find_device, list_devices

    try:
        devices = list_devices(rates=False)
    except AssistantError as error:
        yield Finding("portaudio", "warn", error.message, error.hint)
        return
    yield Finding("portaudio", "ok", f"installed; it knows {len(devices)} devices")
    yield _try("microphone", lambda: find_device(settings.audio.input_device, "input").label)
    yield _try("loudspeaker", lambda: find_device(settings.audio.output_device, "output").label)


def engines(settings: Settings) -> Iterator[Finding]:
    """Every engine's package and model."""
    from assistant.models import registry

    packages = {builtin.name: builtin.package for builtin in registry.BUILTINS}
    for status in registry.engine_report(settings):
        subject = f"{status.stage} {status.name}"
        broken = _import_error(packages[status.name]) if status.usable else None
        if broken is not None:
            yield Finding(subject, "warn", f"installed, but broken: {broken}", "Run make install.")
        elif status.usable:
            yield Finding(subject, "ok", str(status.model_path or status.note))
        else:
            yield Finding(subject, "warn", status.note, status.hint)


def trials(_: Settings) -> Iterator[Finding]:
    """Engines that did not survive their first run with a model."""
    from assistant.models import verdicts

    for verdict in verdicts.failures(verdicts.default_folder()):
        yield Finding(f"{verdict.engine} with {verdict.model.name}", "warn", verdict.message, verdict.hint)


def stages(settings: Settings) -> Iterator[Finding]:
    """What will hear, answer and speak."""
    from assistant.models import registry

    yield _try("hearing", lambda: _choice(registry.stt_candidates(settings), settings.stt.engine), needed=True)
    if settings.stt.engine in ("auto", "pocketsphinx"):
        yield from _language(settings.stt.language, registry.stt_candidates(settings))
    yield _try("noticing speech", lambda: registry.make_vad().name, needed=True)
    yield _try("end of turn", lambda: _ends(registry.turn_candidates(settings)))
    yield Finding("working ahead", "ok", _ahead(settings.turn.speculate))
    yield _try("answering", lambda: _answers(registry.llm_candidates(settings)), needed=True)
    yield _built_in(settings)
    yield _try("speaking", lambda: _choice(registry.tts_candidates(settings), settings.tts.engine))


def skills(settings: Settings) -> Iterator[Finding]:
    """Skills from elsewhere: how many work, and what is wrong with the others. Runs their files."""
    from assistant.brain.loading import all_skills, shipped_skills
    from assistant.brains import skills_folder

    found = all_skills(skills_folder(), settings.stt.language)
    names = [skill.name for skill in found.skills[len(shipped_skills()) :]]
    if names:
        yield Finding("skills of your own", "ok", ", ".join(names))
    for trouble in found.troubles:
        yield Finding("skills of your own", "warn", trouble.message, trouble.hint)


def listening(settings: Settings) -> Iterator[Finding]:
    """What the microphone is cleaned of, and the wake word where it waits for one."""
    yield Finding("echo removal", "ok", _removal(settings))
    yield _try("noise suppressor", lambda: _suppression(settings))
    if settings.listen.mode == "wake":
        yield _try("wake word", lambda: _wake(settings), needed=True)


def storage(settings: Settings) -> Iterator[Finding]:
    """Room for models, and a history that can be written."""
    from assistant.memory.database import default_path
    from assistant.store.folder import models_dir

    folder = models_dir(settings)
    free = shutil.disk_usage(_existing(folder)).free
    text = f"{folder}: {free / 1e9:.1f} GB free"
    if free < ROOMY_BYTES:
        yield Finding("models folder", "warn", text, "Free some space, or: assistant config set models.dir FOLDER")
    else:
        yield Finding("models folder", "ok", text)
    yield history(default_path()) if settings.history.enabled else Finding("history", "ok", "switched off")


def history(path: Path) -> Finding:
    """Whether the history at ``path`` can be written, without touching it."""
    target = path if path.exists() else _existing(path.parent)
    if os.access(target, os.W_OK) and (target.is_dir() or target == path):
        return Finding("history", "ok", str(path))
    return Finding(
        "history", "warn", f"{path} cannot be written", "Mend its permissions; until then nothing is remembered."
    )


def echo(settings: Settings) -> Iterator[Finding]:
    """How much of the loudspeaker the microphone hears, and how much later: plays a chirp, so only when asked for."""
    from assistant.audio.calibration import echo_path, record
    from assistant.audio.capture import MicrophoneSource
    from assistant.audio.speaker import SpeakerSink

    audio = settings.audio
    try:
        path = echo_path(*record(MicrophoneSource(audio.input_device), SpeakerSink(audio.output_device)))
    except AssistantError as error:
        yield Finding("echo", "warn", f"not measured: {error.message}", error.hint)
        return
    if path is None:
        yield Finding("echo", "ok", "the microphone does not hear the loudspeaker")
    else:
        yield Finding("echo", "ok", f"{path.delay_s * 1000:.0f} ms after it was played, {path.loss_db:.0f} dB softer")


CHECKS: tuple[Check, ...] = (processor, threads, sound, engines, trials, stages, skills, listening, storage)


def _guarded(check: Check, settings: Settings) -> Iterator[Finding]:
    """A check that breaks is itself a finding; the others go on."""
    try:
        yield from check(settings)
    except Exception as error:  # whatever is broken here is what the user wants to know
        yield Finding(check.__name__, "fail", f"{type(error).__name__}: {error}", "Run make install.")


def _try(subject: str, find: Callable[[], object], *, needed: bool = False) -> Finding:
    try:
        return Finding(subject, "ok", str(find()))
    except AssistantError as error:
        return Finding(subject, "fail" if needed else "warn", error.message, error.hint)
    except Exception as error:  # a broken package may raise anything when it is imported
        return Finding(subject, "fail" if needed else "warn", f"{type(error).__name__}: {error}", "Run make install.")


def _choice(candidates: "Sequence[Candidate[Any]]", setting: str) -> str:
    """The engine that will be tried first. Raises EngineUnavailable."""
    if candidates:
        return f"{candidates[0].name} will be used"
    if setting == "none":
        return "switched off"
    raise EngineUnavailable("no engine is installed for it", hint="Run make install.")


def _language(language: str, hearing: "Sequence[Candidate[Any]]") -> Iterator[Finding]:
    """A word to whoever speaks another language than the embedded recogniser hears."""
    if language != "en" and hearing and hearing[0].name == "pocketsphinx":
        message = f"pocketsphinx hears English only, and stt.language is {language}: type, or get a speech model"
        yield Finding("language", "warn", message, hint=f"{RECOMMEND} --language {language}")


def _built_in(settings: Settings) -> Finding:
    """Whether the sentences can be matched; in a language that has none a language model answers, or nothing does."""
    from assistant.brain.intents import Matcher, languages
    from assistant.models import registry

    known, language = languages(), settings.stt.language
    if language in known:
        return _try("built-in answers", lambda: Matcher(language) and "ready", needed=True)
    message = f"none in {language}: they are in {', '.join(known)}"
    if registry.llm_candidates(settings):
        return Finding("built-in answers", "ok", f"{message}. The language model answers everything")
    return Finding("built-in answers", "warn", message, f"Get a language model: {RECOMMEND} --language {language}")


def _answers(models: "Sequence[Candidate[Any]]") -> str:
    return f"{models[0].name} will be used" if models else "only the built-in answers, without a language model"


def _ends(models: "Sequence[Candidate[Any]]") -> str:
    return f"{models[0].name} will be used" if models else "by the words and the silence, without a model that listens"


def _removal(settings: Settings) -> str:
    match settings.audio.echo:
        case "off":
            return "off (audio.echo)"
        case "auto":
            return "on, unless the loudspeaker is a headset (audio.echo is auto)"
    return "on (audio.echo)"


def _suppression(settings: Settings) -> str:
    """Raises AudioError where the library is missing."""
    from assistant.audio.suppressor import webrtc

    strength = settings.audio.noise_suppression
    if strength == "off":
        return "off (audio.noise_suppression)"
    webrtc(strength)
    return f"on, {strength} (audio.noise_suppression)"


def _wake(settings: Settings) -> str:
    """The word and its model. Raises EngineUnavailable, ModelMissing, ModelCorrupt."""
    from assistant.models import registry

    wake = registry.make_wake(settings)
    phrase = f"“{wake.phrase}”, " if wake else ""
    return f"{phrase}model {settings.listen.wake_word} found, sensitivity {settings.listen.sensitivity:g}"


def _ahead(wish: Wish) -> str:
    if wish == "auto":
        return (
            "off, on battery (turn.speculate is auto)"
            if on_battery()
            else "on; off on battery (turn.speculate is auto)"
        )
    return f"{wish} (turn.speculate)"


def _import_error(package: str) -> str | None:
    try:
        importlib.import_module(package)
    except Exception as error:  # a broken package may raise anything when it is imported
        return f"{type(error).__name__}: {error}"
    return None


def _existing(path: Path) -> Path:
    """The nearest folder above that exists."""
    return next(folder for folder in (path, *path.parents) if folder.exists())

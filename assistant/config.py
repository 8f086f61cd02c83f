"""Frozen, typed settings, and where each value came from: flag > environment > file > default.

The only reader of files and environment for settings. A key is ``section.name``; its environment variable is
``ASSISTANT_SECTION_NAME``. ``ASSISTANT_CONFIG`` names another file than the one in the user's configuration folder.
"""

import difflib
import json
import os
import reprlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic.fields import FieldInfo

from assistant import config_file
from assistant.errors import ConfigError


def _expand(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise ValueError("it names no known home folder") from error


def _switch(value: object) -> object:
    """What was written when there was no ``auto``: true is on, false is off."""
    return SWITCHED.get(str(value).lower(), value)


SWITCHED = {"true": "on", "yes": "on", "1": "on", "false": "off", "no": "off", "0": "off"}
Switch = Annotated[Literal["auto", "on", "off"], BeforeValidator(_switch)]
UserPath = Annotated[Path, AfterValidator(_expand)]
Threads = Annotated[int, Field(ge=1, le=64)] | Literal["auto"]


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AudioSettings(Section):
    input_device: str | None = Field(
        default=None, description="Microphone, by name or part of it; empty for the default."
    )
    output_device: str | None = Field(
        default=None, description="Loudspeaker, by name or part of it; empty for the default."
    )
    echo: Literal["auto", "off", "kalman"] = Field(
        default="auto",
        description="What takes the assistant's own voice out of the microphone: auto is kalman, unless the "
        "loudspeaker is a headset; off is for a sound system that does it already.",
    )
    noise_suppression: Literal["off", "low", "medium", "high", "highest"] = Field(
        default="off",
        description="Makes steady noise softer; the embedded recogniser hears worse with it, and it needs the extra "
        "`denoise`.",
    )
    gain: bool = Field(
        default=True,
        description="Make up for a quiet microphone, by 24 dB at most, and notice soft speech in a quiet room.",
    )


class TurnSettings(Section):
    engine: str = Field(
        default="auto", description="What hears whether you have finished: auto, none, or the name of one engine."
    )
    model: UserPath | None = Field(default=None, description="Smart Turn v3 (.onnx); empty finds an installed one.")
    hangover_ms: int = Field(
        default=400, ge=100, le=5000, description="Silence waited before a turn commits, at the start."
    )
    hangover_min_ms: int = Field(default=300, ge=100, le=5000, description="The wait never adapts below this.")
    hangover_max_ms: int = Field(default=1200, ge=100, le=10000, description="The wait never adapts above this.")
    complete_ms: int = Field(
        default=200, ge=100, le=5000, description="Silence waited after a complete command or a finished sentence."
    )
    dangling_ms: int = Field(
        default=1200, ge=100, le=10000, description="Silence waited after words that ask for more, such as “and”."
    )
    unsure_ms: int = Field(
        default=1500, ge=100, le=10000, description="Silence waited after words that were hardly understood."
    )
    speculate: Switch = Field(
        default="auto",
        description="Work out the answer while it is not yet certain that you have finished; auto: not on battery.",
    )
    speculate_tries: int = Field(default=3, ge=0, le=100, description="Answers worked out ahead in one turn, at most.")
    speculate_max_s: float = Field(
        default=10.0, gt=0, le=600, description="Nothing is worked out ahead for longer speech than this."
    )
    pre_roll_ms: int = Field(default=320, ge=300, le=2000, description="Sound kept from before speech was noticed.")
    max_utterance_s: float = Field(default=60.0, gt=1, le=600, description="A turn commits after this much speech.")
    barge_in: bool = Field(
        default=True, description="Speaking over the answer stops it. Turn off on loud open speakers."
    )
    vad_threshold: float = Field(
        default=0.5, gt=0, lt=1, description="Probability from which a frame counts as speech."
    )

    @model_validator(mode="after")
    def _ordered(self) -> "TurnSettings":
        if self.hangover_min_ms > self.hangover_max_ms:
            raise ValueError("hangover_min_ms must not be above hangover_max_ms")
        return self


class ListenSettings(Section):
    mode: Literal["open", "wake", "push"] = Field(
        default="open",
        description="When it listens: always, after the wake word, or while a key is held. "
        "Only wake and push keep a room private.",
    )
    wake_word: str = Field(
        default="okay_nabu",
        min_length=1,
        description="okay_nabu, alexa, hey_jarvis, hey_mycroft, or the .json of a microWakeWord model of your own.",
    )
    sensitivity: float = Field(
        default=0.5, ge=0, le=1, description="More hears the wake word more easily, also where nobody said it."
    )
    follow_up_s: float = Field(
        default=5.0, ge=0, le=60, description="How long after an answer no wake word is needed; 0 always asks for it."
    )
    chime: bool = Field(default=True, description="A short sound when the wake word is heard.")


class SttSettings(Section):
    engine: str = Field(default="auto", description="Speech recogniser: auto, or the name of one engine.")
    model: UserPath | None = Field(
        default=None, description="Folder of a CTranslate2 Whisper model; empty finds an installed one."
    )
    language: str = Field(
        default="en", pattern="^[a-z]{2,3}$", description="Language spoken, as an ISO 639-1 code such as en or de."
    )
    threads: Threads = Field(default="auto", description="CPU threads for speech recognition; auto shares the cores.")
    bias: bool = Field(default=True, description="Bias the embedded recogniser towards what the intents understand.")


class LlmSettings(Section):
    engine: str = Field(default="auto", description="Language model engine: auto, none, or the name of one engine.")
    model: UserPath | None = Field(default=None, description="GGUF file; empty finds an installed one.")
    threads: Threads = Field(default="auto", description="CPU threads for the language model; auto shares the cores.")
    context_tokens: int = Field(default=4096, ge=512, le=131072, description="Size of the language model's context.")
    max_tokens: int = Field(default=300, ge=1, le=8192, description="Longest answer of the language model.")
    history_tokens: int = Field(
        default=1000, ge=0, le=131072, description="How much of the conversation the model is shown; more is slower."
    )
    temperature: float = Field(default=0.7, ge=0, le=2, description="Randomness of the language model.")


class McpServerSettings(Section):
    command: str = Field(default="", description="Program to run; it talks over its standard input and output.")
    args: tuple[str, ...] = Field(default=(), description="Its arguments.")
    env: dict[str, str] = Field(default_factory=dict, description="Its environment variables.")
    url: str = Field(default="", description="Address of a server that runs already (streamable HTTP).")
    confirm: bool = Field(default=False, description="Its tools ask before they do anything.")
    timeout_s: float = Field(default=10.0, gt=0, le=600, description="Longest wait for one call.")

    @model_validator(mode="after")
    def _one_way(self) -> "McpServerSettings":
        if bool(self.command) == bool(self.url):
            raise ValueError("needs a command or a url, and not both")
        return self


class ToolsSettings(Section):
    skills: bool = Field(default=True, description="Let the language model call the assistant's skills.")
    mcp: dict[str, McpServerSettings] = Field(
        default_factory=dict,
        description="Model Context Protocol servers by name, each a table of its own: docs/mcp.md.",
    )


class TtsSettings(Section):
    engine: str = Field(default="auto", description="Voice engine: auto, none, or the name of one engine.")
    model: UserPath | None = Field(
        default=None, description="Piper voice (.onnx, with its .json beside); empty finds one."
    )
    voice: str = Field(default="en-us", description="Voice of the embedded eSpeak NG engine.")
    threads: Threads = Field(default="auto", description="CPU threads for the voice; auto shares the cores.")
    speed: float = Field(default=1.0, ge=0.5, le=2.0, description="Speaking rate; 1 is the voice's own.")


class EmbedSettings(Section):
    engine: str = Field(
        default="auto", description="What finds the past by its meaning: auto, none, or the name of one engine."
    )
    model: UserPath | None = Field(default=None, description="GGUF embedding model; empty finds an installed one.")


class ModelsSettings(Section):
    dir: UserPath | None = Field(default=None, description="Folder of the models; empty for the user's data directory.")


class PersonaSettings(Section):
    name: str = Field(default="Assistant", min_length=1, max_length=40, description="What the assistant calls itself.")
    system_prompt: str = Field(
        default="You are {name}, a voice assistant that runs on the user's own computer. "
        "Answer in {length}, without Markdown, lists or emoji.",
        description="Instructions for the language model; {name} and {length} are filled in.",
    )
    verbosity: Literal["short", "normal", "detailed"] = Field(
        default="normal", description="How much the language model says: one sentence, one or two, or a few."
    )
    language: str = Field(
        default="",
        pattern="^([a-z]{2,3})?$",
        description="Language of its answers, as an ISO 639-1 code; empty for the one spoken. The voice is set apart.",
    )


class HistorySettings(Section):
    enabled: bool = Field(default=True, description="Keep conversations in the history database.")
    record: bool = Field(
        default=False, description="Record the microphone and the answers beside each conversation that is kept."
    )
    recall_tokens: int = Field(
        default=200,
        ge=0,
        le=4096,
        description="The language model is told of the past what goes with your words, in so many tokens at most.",
    )


class LogSettings(Section):
    level: Literal["debug", "info", "warning", "error"] = Field(
        default="warning", description="Least serious line logged."
    )
    format: Literal["console", "json"] = Field(default="console", description="How log lines look.")


class Settings(Section):
    audio: AudioSettings = AudioSettings()
    listen: ListenSettings = ListenSettings()
    turn: TurnSettings = TurnSettings()
    stt: SttSettings = SttSettings()
    llm: LlmSettings = LlmSettings()
    tools: ToolsSettings = ToolsSettings()
    tts: TtsSettings = TtsSettings()
    embed: EmbedSettings = EmbedSettings()
    models: ModelsSettings = ModelsSettings()
    persona: PersonaSettings = PersonaSettings()
    history: HistorySettings = HistorySettings()
    log: LogSettings = LogSettings()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from; ``detail`` names the variable, or the file and line."""

    source: Literal["flag", "environment", "file", "default"]
    detail: str = ""

    def __str__(self) -> str:
        return self.detail or self.source


Layer = dict[str, tuple[Any, Origin]]
"""What one source gives: raw values by key, not checked yet."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings, where each key's value came from, and the file that was or would be read."""

    settings: Settings
    origin: Mapping[str, Origin]
    path: Path

    def value(self, key: str) -> Any:
        section, name = key.split(".")
        return getattr(getattr(self.settings, section), name)


def config_path() -> Path:
    """The configuration file, whether it exists or not. Raises ConfigError."""
    import platformdirs

    if override := os.environ.get(config_file.PATH_VARIABLE):
        try:
            return _expand(Path(override))
        except ValueError as error:
            raise ConfigError(f"${config_file.PATH_VARIABLE}: {error}", hint="Give the whole path.") from error
    return platformdirs.user_config_path("assistant") / "config.toml"


@cache
def fields() -> Mapping[str, FieldInfo]:
    """Every key there is, in the order of the sections."""
    return {
        f"{section}.{name}": info
        for section, outer in Settings.model_fields.items()
        for name, info in outer.annotation.model_fields.items()  # type: ignore[union-attr]
    }


def variable_of(key: str) -> str:
    """``stt.engine`` → ``ASSISTANT_STT_ENGINE``."""
    return f"ASSISTANT_{key.replace('.', '_').upper()}"


def load(overrides: Mapping[str, object] | None = None) -> Loaded:
    """Settings from every source. ``overrides`` are the flags, by key; None means that a flag was not given.

    Raises ConfigError.
    """
    path = config_path()
    values: dict[str, Any] = {}
    origin = dict.fromkeys(fields(), Origin("default"))
    flags: Layer = {key: (value, Origin("flag")) for key, value in (overrides or {}).items() if value is not None}
    for layer in (_from_file(path, config_file.read(path)), _from_environment(), flags):
        for key, (raw, where) in layer.items():
            values[key] = checked(key, raw, where)
            origin[key] = where
    return Loaded(_assemble(values), origin, path)


def set_value(key: str, text: str) -> Path:
    """Write one setting to the file, keeping its comments. Return the file's path.

    The new file is checked whole before the old one is replaced, atomically. Raises ConfigError, OutputError.
    """
    import tomlkit

    path = config_path()
    value = _lasting(key, checked(key, text, Origin("flag", "config set")))
    section, name = key.split(".")
    document = config_file.parsed(path, config_file.read(path), tomlkit.parse)
    table = document.setdefault(section, tomlkit.table())
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: {section} is a section, not a value", hint=f"Write it as [{section}].")
    table[name] = "" if value is None else TypeAdapter(Any).dump_python(value, mode="json")
    new_text = tomlkit.dumps(document)
    _assemble({key: checked(key, raw, where) for key, (raw, where) in _from_file(path, new_text).items()})
    config_file.replace(path, new_text)
    return path


def _lasting(key: str, value: object) -> object:
    """A path that holds wherever the assistant is started; a name that is nothing here may be that of a model."""
    return value.absolute() if isinstance(value, Path) and (key == "models.dir" or value.exists()) else value


def _from_file(path: Path, text: str) -> Layer:
    layer: Layer = {}
    for section, table in config_file.parsed(path, text, tomllib.loads).items():
        where = Origin("file", f"{path}{config_file.line_of(text, section)}")
        if section not in Settings.model_fields:
            raise _unknown(section, where, Settings.model_fields)
        if not isinstance(table, dict):
            raise ConfigError(f"{where}: {section} is a section, not a value", hint=f"Write it as [{section}].")
        for name, value in table.items():
            where = Origin("file", f"{path}{config_file.line_of(text, section, name)}")
            if f"{section}.{name}" not in fields():
                raise _unknown(f"{section}.{name}", where, fields())
            layer[f"{section}.{name}"] = (value, where)
    return layer


def _from_environment() -> Layer:
    """Variables of known keys. One that starts like a section's but names no key is a mistake; others are not ours."""
    by_variable = {variable_of(key): key for key in fields()}
    starts = tuple(f"ASSISTANT_{section.upper()}_" for section in Settings.model_fields)
    layer: Layer = {}
    for variable in sorted(os.environ):
        if variable in by_variable:
            layer[by_variable[variable]] = (os.environ[variable], Origin("environment", f"${variable}"))
        elif variable.startswith(starts):
            raise _unknown(variable, Origin("environment", "the environment"), by_variable)
    return layer


def checked(key: str, raw: object, where: Origin) -> Any:
    """The typed value of a setting: strictly from a file, leniently from text. Raises ConfigError."""
    info = fields().get(key)
    if info is None:
        raise _unknown(key, where, fields())
    if raw == "" and info.default is None:
        return None
    adapter: TypeAdapter[Any] = TypeAdapter(Annotated[info.annotation, info])  # type: ignore[arg-type]
    try:
        # Through JSON, so that strictness lets a string be a path and 1 be 1.0, but no string be a number.
        return adapter.validate_json(json.dumps(raw, default=str), strict=where.source == "file")
    except ValidationError as error:
        first = error.errors()[0]
        problem = first["msg"].removeprefix("Input ").removeprefix("Value error, ")
        default = "empty" if info.default is None or info.default_factory else info.default
        place = ".".join([key, *map(str, first["loc"])]) if info.default_factory else key  # tables have places inside
        raise ConfigError(
            f"{where}: {place} {problem}, not {reprlib.repr(first['input'])}",
            hint=f"{info.description} The default is {default}.",
        ) from error


def _assemble(values: Mapping[str, Any]) -> Settings:
    """Settings from checked values: what is left to check is how they fit together."""
    nested: dict[str, dict[str, Any]] = {}
    for key, value in values.items():
        section, name = key.split(".")
        nested.setdefault(section, {})[name] = value
    try:
        return Settings.model_validate(nested)
    except ValidationError as error:
        first = error.errors()[0]
        problem = first["msg"].removeprefix("Value error, ")
        raise ConfigError(
            f"settings in [{first['loc'][0]}] do not fit together: {problem}",
            hint="See `assistant config show` for every value and where it came from.",
        ) from error


def _unknown(name: str, where: Origin, known: Mapping[str, object]) -> ConfigError:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]}?" if near else "See `assistant config show` for every setting."
    return ConfigError(f"{where}: there is no setting {name}", hint=hint)

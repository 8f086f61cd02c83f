"""Every error the user can meet.

AssistantError
├── ConfigError            a setting is unknown, has the wrong type, or its file cannot be read
├── InputError             text or arguments that cannot be used
├── NotRunning             a command is for a running assistant, and there is none
├── AudioError
│   ├── PortAudioMissing   the system library is not installed
│   ├── DeviceNotFound     no device matches the name
│   ├── DeviceRefused      the device exists but will not open
│   └── AudioFileError     a sound file is missing, empty, truncated or not sound
├── EngineError
│   ├── EngineUnavailable  the engine's package is not installed, or its name is unknown
│   ├── ModelMissing       the engine is installed, its model is not
│   ├── ModelCorrupt       the model file is there but cannot be loaded
│   ├── EngineBusy         the engine's queue is full
│   ├── EngineFailed       the engine broke while working
│   └── DownloadFailed     a model could not be fetched, or is not what the catalogue promises
├── HistoryError           the history cannot be read
├── RecordingError         sound cannot be recorded, or a recording not be read
├── SkillBroken            somebody's skill cannot be loaded
└── OutputError            a file cannot be written

Each class has a machine-readable ``code``, the ``stage`` it belongs to and its own process ``exit_code`` (2 is the
command line parser's); each instance carries a sentence for the user and a ``hint`` that says what to do about it.
"""

from typing import ClassVar


class AssistantError(Exception):
    """Base of every error that is shown to the user."""

    code: ClassVar[str] = "error"
    stage: ClassVar[str] = "app"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigError(AssistantError):
    code, stage, exit_code = "config", "config", 3


class InputError(AssistantError):
    code, stage, exit_code = "input", "app", 4


class NotRunning(AssistantError):
    code, stage, exit_code = "not-running", "app", 5


class AudioError(AssistantError):
    code, stage, exit_code = "audio", "audio", 10


class PortAudioMissing(AudioError):
    code, exit_code = "portaudio-missing", 11


class DeviceNotFound(AudioError):
    code, exit_code = "device-not-found", 12


class DeviceRefused(AudioError):
    code, exit_code = "device-refused", 13


class AudioFileError(AudioError):
    code, exit_code = "audio-file", 14


class EngineError(AssistantError):
    code, stage, exit_code = "engine", "engine", 20


class EngineUnavailable(EngineError):
    code, exit_code = "engine-unavailable", 21


class ModelMissing(EngineError):
    code, exit_code = "model-missing", 22


class ModelCorrupt(EngineError):
    code, exit_code = "model-corrupt", 23


class EngineBusy(EngineError):
    code, exit_code = "engine-busy", 24


class EngineFailed(EngineError):
    code, exit_code = "engine-failed", 25


class DownloadFailed(EngineError):
    code, exit_code = "download-failed", 26


class HistoryError(AssistantError):
    code, stage, exit_code = "history", "memory", 30


class RecordingError(AssistantError):
    code, stage, exit_code = "recording", "recording", 33


class SkillBroken(AssistantError):
    code, stage, exit_code = "skill-broken", "llm", 32


class OutputError(AssistantError):
    code, stage, exit_code = "output", "app", 31

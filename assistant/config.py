"""Frozen, typed settings."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AudioSettings(Section):
    input_device: str | None = Field(
        default=None, description="Microphone, by name or part of it; empty for the default."
    )
    output_device: str | None = Field(
        default=None, description="Loudspeaker, by name or part of it; empty for the default."
    )


class TurnSettings(Section):
    hangover_ms: int = Field(
        default=400, ge=100, le=5000, description="Silence waited before a turn commits, at the start."
    )
    hangover_min_ms: int = Field(default=300, ge=100, le=5000, description="The wait never adapts below this.")
    hangover_max_ms: int = Field(default=1200, ge=100, le=10000, description="The wait never adapts above this.")
    pre_roll_ms: int = Field(default=320, ge=300, le=2000, description="Sound kept from before speech was noticed.")
    max_utterance_s: float = Field(default=60.0, gt=1, le=600, description="A turn commits after this much speech.")
    barge_in: bool = Field(
        default=True, description="Speaking over the answer stops it. Turn off on loud open speakers."
    )
    vad_threshold: float = Field(
        default=0.5, gt=0, lt=1, description="Probability from which a frame counts as speech."
    )


class SttSettings(Section):
    engine: str = Field(default="auto", description="Speech recogniser: auto, or the name of one engine.")
    model: Path | None = Field(
        default=None, description="Folder of a CTranslate2 Whisper model; empty finds an installed one."
    )
    language: str = Field(default="en", description="Language spoken, as an ISO 639-1 code.")
    threads: int = Field(default=1, ge=1, le=64, description="CPU threads for speech recognition.")
    bias: bool = Field(default=True, description="Bias the embedded recogniser towards what the intents understand.")


class LlmSettings(Section):
    engine: str = Field(default="auto", description="Language model engine: auto, none, or the name of one engine.")
    model: Path | None = Field(default=None, description="GGUF file; empty finds an installed one.")
    threads: int = Field(default=1, ge=1, le=64, description="CPU threads for the language model.")
    context_tokens: int = Field(default=4096, ge=512, le=131072, description="Size of the language model's context.")
    max_tokens: int = Field(default=300, ge=1, le=8192, description="Longest answer of the language model.")
    temperature: float = Field(default=0.7, ge=0, le=2, description="Randomness of the language model.")


class TtsSettings(Section):
    engine: str = Field(default="auto", description="Voice engine: auto, none, or the name of one engine.")
    model: Path | None = Field(default=None, description="Piper voice (.onnx, with its .json beside); empty finds one.")
    voice: str = Field(default="en-us", description="Voice of the embedded eSpeak NG engine.")
    threads: int = Field(default=1, ge=1, le=64, description="CPU threads for the voice.")
    speed: float = Field(default=1.0, ge=0.5, le=2.0, description="Speaking rate; 1 is the voice's own.")


class PersonaSettings(Section):
    name: str = Field(default="Assistant", min_length=1, max_length=40, description="What the assistant calls itself.")
    system_prompt: str = Field(
        default="You are {name}, a voice assistant that runs on the user's own computer. "
        "Answer in one or two short spoken sentences, without Markdown, lists or emoji.",
        description="Instructions for the language model; {name} is filled in.",
    )


class HistorySettings(Section):
    enabled: bool = Field(default=True, description="Keep conversations in the history database.")


class LogSettings(Section):
    level: Literal["debug", "info", "warning", "error"] = Field(
        default="warning", description="Least serious line logged."
    )
    format: Literal["console", "json"] = Field(default="console", description="How log lines look.")


class Settings(Section):
    audio: AudioSettings = AudioSettings()
    turn: TurnSettings = TurnSettings()
    stt: SttSettings = SttSettings()
    llm: LlmSettings = LlmSettings()
    tts: TtsSettings = TtsSettings()
    persona: PersonaSettings = PersonaSettings()
    history: HistorySettings = HistorySettings()
    log: LogSettings = LogSettings()

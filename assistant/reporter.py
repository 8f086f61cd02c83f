"""What happens to engines, devices and files, as events that everybody sees."""

import dataclasses
from collections.abc import Callable

from assistant.audio.frontend import FrontEndState
from assistant.bus import Bus
from assistant.errors import AssistantError
from assistant.events import EngineLoading, EngineReady, FrontEndChanged, Level, Notice, PrivacyChanged, Stage


class Reporter:
    """Turns what happens to engines, devices and files into events. Thread-safe."""

    def __init__(self, bus: Bus, clock: Callable[[], float]) -> None:
        self._bus = bus
        self._clock = clock

    def engine_loading(self, stage: Stage, engine: str) -> None:
        self._bus.publish(EngineLoading(at_s=self._clock(), stage=stage, engine=engine))

    def engine_ready(self, stage: Stage, engine: str, load_s: float) -> None:
        self._bus.publish(EngineReady(at_s=self._clock(), stage=stage, engine=engine, load_s=load_s))

    def engine_failed(self, stage: Stage, engine: str, error: AssistantError, fallback: str | None) -> None:
        level: Level = "warning" if fallback or stage == "turn" else "error"
        hint = f"{fallback} takes over from {engine}. {error.hint}" if fallback else error.hint
        self.notice(level, error.code, error.message, hint, stage=stage)

    def trouble(self, error: AssistantError | None) -> None:
        """A device or a file is in trouble; None when it is well again."""
        if error is not None:
            self.notice("warning", error.code, error.message, error.hint, stage=error.stage)

    def front_end(self, state: FrontEndState) -> None:
        self._bus.publish(FrontEndChanged(at_s=self._clock(), **dataclasses.asdict(state)))

    def unkept(self) -> None:
        """Nothing of this conversation is kept."""
        self._bus.publish(PrivacyChanged(at_s=self._clock(), private=True, for_good=True))

    def notice(self, level: Level, code: str, message: str, hint: str, *, stage: str) -> None:
        self._bus.publish(Notice(at_s=self._clock(), level=level, code=code, stage=stage, message=message, hint=hint))

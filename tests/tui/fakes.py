"""An assistant that does nothing but note what it is asked, and the events of a conversation."""

import asyncio
import threading
from collections.abc import Callable
from typing import Literal

from textual.pilot import Pilot

from assistant.bus import Bus
from assistant.errors import AssistantError
from assistant.events import (
    EarChanged,
    EngineLoading,
    EngineReady,
    Event,
    FinalTranscript,
    FrontEndChanged,
    Levels,
    MutedChanged,
    Notice,
    PartialTranscript,
    ReplyClause,
    ReplyStarted,
    SessionEnded,
    SessionStarted,
    StateChanged,
    TimerFired,
    Timings,
    TurnEnded,
    TurnStarted,
    UpgradeOffered,
    UpgradeProgress,
)
from assistant.session.controls import Push
from assistant.tui.app import TalkApp
from assistant.tui.panels.prompt import Prompt

ROUNDS = 5
"""An event sets a reactive, which mounts a widget, which is laid out, which scrolls: no chain is longer."""


class FakeAssistant:
    """Its own session. ``start`` blocks on ``loaded`` if given; a mute is confirmed, as the session does."""

    def __init__(self, loaded: threading.Event | None = None, failure: AssistantError | None = None) -> None:
        self.bus = Bus()
        self.asked: list[tuple[str, object]] = []
        self.stopped: list[str] = []
        self.started = threading.Event()
        self._loaded = loaded
        self._failure = failure

    @property
    def session(self) -> "FakeControls":
        return FakeControls(self)

    def start(self) -> None:
        self.started.set()
        if self._loaded is not None:
            self._loaded.wait()
        if self._failure is not None:
            raise self._failure

    def accept_upgrade(self) -> None:
        self.asked.append(("upgrade", None))

    def stop(self, reason: str) -> None:
        self.stopped.append(reason)


class FakeControls:
    def __init__(self, assistant: FakeAssistant) -> None:
        self._assistant = assistant

    def submit_text(self, text: str) -> None:
        self._assistant.asked.append(("text", text))

    def interrupt(self) -> None:
        self._assistant.asked.append(("interrupt", None))

    def set_muted(self, muted: bool) -> None:
        self._assistant.asked.append(("muted", muted))
        self._assistant.bus.publish(MutedChanged(at_s=0.0, muted=muted))

    def push(self, push: Push) -> None:
        self._assistant.asked.append(("push", push))

    def stop(self, reason: str) -> None:
        self._assistant.asked.append(("stop", reason))


class WatchedApp(TalkApp):
    """Notes what it shows; ``shown_all`` is set by the event ``last``."""

    def __init__(self, assistant: FakeAssistant, last: Event | None = None) -> None:
        super().__init__(assistant, clock=lambda: 0.0)
        self.shown: list[Event] = []
        self.shown_all = asyncio.Event()
        self._last_event = last

    def show(self, event: Event) -> None:
        super().show(event)
        self.shown.append(event)
        if event == self._last_event:
            self.shown_all.set()


def on_screen(
    act: Callable[[Pilot[None]], object],
    *,
    app: TalkApp | None = None,
    size: tuple[int, int] = (80, 24),
) -> TalkApp:
    """Run the app without a terminal, and ``act`` (a coroutine function) on it."""
    shown = app or TalkApp(FakeAssistant(), clock=lambda: 0.0)

    async def run() -> None:
        async with shown.run_test(size=size) as pilot:
            await settle(pilot)
            await act(pilot)  # type: ignore[misc]

    asyncio.run(run())
    return shown


async def show(pilot: Pilot[None], *events: Event) -> None:
    """Show ``events`` and let the screen settle, its cursor lit for good."""
    app = pilot.app
    assert isinstance(app, TalkApp)
    app.query_one(Prompt).cursor_blink = False
    for event in events:
        app.show(event)
    await settle(pilot)


async def settle(pilot: Pilot[None]) -> None:
    """Let every widget go through its messages, and through those that these led to. Waits for no other thread."""
    for _ in range(ROUNDS):
        await pilot.pause()


SESSION = SessionStarted(
    at_s=0.0, session_id="s", source="Built-in Audio", sink="Built-in Speakers", started_at="2026-01-01T00:00:00+00:00"
)
DEAF_SESSION = SessionStarted(
    at_s=0.0, session_id="s", source="silence", sink="none", started_at="2026-01-01T00:00:00+00:00"
)
SESSION_ENDED = SessionEnded(at_s=9.0, session_id="s", reason="goodbye")
LOADING = (
    EngineLoading(at_s=0.0, stage="stt", engine="faster-whisper"),
    EngineLoading(at_s=0.0, stage="llm", engine="llama.cpp"),
    EngineReady(at_s=0.1, stage="tts", engine="espeak-ng en-us", load_s=0.1),
)
READY = (
    EngineReady(at_s=0.1, stage="stt", engine="pocketsphinx en-us", load_s=0.1),
    EngineReady(at_s=0.1, stage="llm", engine="intents", load_s=0.1),
    EngineReady(at_s=0.1, stage="tts", engine="espeak-ng en-us", load_s=0.1),
)
NO_MICROPHONE = Notice(
    at_s=0.0,
    level="warning",
    code="device-not-found",
    stage="audio",
    message="there is no microphone, so only typing works",
    hint="Plug one in.",
)
OFFERED = UpgradeOffered(
    at_s=0.0,
    profile="laptop",
    models=("faster-whisper-base.en", "qwen2.5-1.5b-instruct-q4_k_m"),
    size=1_265_000_000,
    command="assistant models pull --profile laptop",
)
DOWNLOADING = UpgradeProgress(at_s=1.0, received=430_000_000, size=1_265_000_000, left_s=130.0)
DAMAGED = Notice(
    at_s=0.0,
    level="error",
    code="model-corrupt",
    stage="stt",
    message="the model file tiny.en/model.bin is damaged",
    hint="pocketsphinx takes over from faster-whisper. Download the model again.",
)


def began(turn_id: int, origin: str = "voice") -> tuple[Event, ...]:
    return (TurnStarted(at_s=1.0, turn_id=turn_id, origin=origin),)  # type: ignore[arg-type]


def entered(turn_id: int, old: str, new: str) -> Event:
    return StateChanged(at_s=1.0, turn_id=turn_id, old=old, new=new)


def partial(turn_id: int, text: str) -> Event:
    return PartialTranscript(at_s=1.0, turn_id=turn_id, text=text)


def final(turn_id: int, text: str, replaces: int | None = None) -> Event:
    return FinalTranscript(at_s=1.0, turn_id=turn_id, text=text, engine="fake", replaces=replaces)


def clause(turn_id: int, index: int, text: str) -> Event:
    return ReplyClause(at_s=1.0, turn_id=turn_id, index=index, text=text)


def fired(turn_id: int, label: str) -> Event:
    return TimerFired(at_s=1.0, turn_id=turn_id, label=label, text="Your timer is up.")


def levels(microphone_dbfs: float = -22.0, speaker_dbfs: float = -120.0) -> Event:
    return Levels(at_s=1.0, microphone_dbfs=microphone_dbfs, speaker_dbfs=speaker_dbfs)


def ended(
    turn_id: int,
    said: str,
    reply: str,
    *,
    outcome: str = "answered",
    heard: str | None = None,
    origin: str = "voice",
) -> Event:
    return TurnEnded(
        at_s=2.0,
        turn_id=turn_id,
        origin=origin,  # type: ignore[arg-type]
        outcome=outcome,  # type: ignore[arg-type]
        transcript=said,
        reply=reply,
        heard=reply if heard is None else heard,
        states=(),
        timings=Timings(first_sample_s=0.42),
    )


def turn(turn_id: int, said: str, reply: str, *, origin: str = "voice") -> tuple[Event, ...]:
    """A whole turn, answered."""
    return (
        *began(turn_id, origin),
        final(turn_id, said),
        clause(turn_id, 0, reply),
        ended(turn_id, said, reply, origin=origin),
    )


def reply_started(turn_id: int) -> Event:
    return ReplyStarted(at_s=1.0, turn_id=turn_id)


def ear(mode: str, *, is_open: bool) -> EarChanged:
    return EarChanged(at_s=0.0, mode=mode, open=is_open, phrase="okay nabu" if mode == "wake" else "")


def front_end(
    echo: Literal["on", "unheard", "headset", "off"] = "on", *, noise: bool = False, gain_db: int | None = 0
) -> FrontEndChanged:
    canceller = "kalman" if echo in ("on", "unheard") else ""
    return FrontEndChanged(at_s=0.0, echo=echo, canceller=canceller, noise_suppressor=noise, gain_db=gain_db)

"""Repeats a recorded conversation: today's pipeline, yesterday's sound, on a clock that counts it."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from assistant.app import build
from assistant.audio.pace import Pacer
from assistant.audio.speaker import NullSink
from assistant.config import Settings
from assistant.events import Event
from assistant.options import Again, TalkOptions
from assistant.replay.recorded import RecordedSession
from assistant.replay.source import RecordedSource

EVENTS = 1_000_000


def replay(recorded: RecordedSession, settings: Settings) -> Sequence[Event]:
    """Everything that happens. No history is kept, no device is opened, and nothing of the user's is changed: timers,
    memory and skills are the repetition's own, and no server of tools is started. Raises AssistantError.
    """
    sources: list[RecordedSource] = []

    def source(pacer: Pacer) -> RecordedSource:
        sources.append(RecordedSource(recorded, pacer))
        return sources[0]

    with tempfile.TemporaryDirectory(prefix="assistant-replay-") as own:
        again = Again(recorded.now, recorded.about.seed, Path(own) / "history.db")
        options = TalkOptions(source=source, loudspeaker=NullSink(), fast=True, again=again)
        assistant = build(_alone(settings), options)
        sources[0].perform(recorded.actions(assistant.session))
        mailbox = assistant.bus.subscribe(EVENTS)
        with assistant:
            assistant.wait()
        return list(mailbox)


def _alone(settings: Settings) -> Settings:
    """The same, but without anything that outlasts the conversation."""
    return settings.model_copy(
        update={
            "history": settings.history.model_copy(update={"enabled": False, "record": False}),
            "tools": settings.tools.model_copy(update={"mcp": {}}),
        }
    )

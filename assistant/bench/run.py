"""One bench: a conversation between the director and the whole assistant, and what was recorded of it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.app import build
from assistant.audio.capture import RING_S
from assistant.bench.director import Director, Exchange, Plan
from assistant.bench.loudspeaker import Loudspeaker, Sounding
from assistant.bench.usage import Usage, peak_memory_mb
from assistant.config import HistorySettings, Settings
from assistant.events import Event
from assistant.models.protocols import Pcm
from assistant.options import TalkOptions

EVENTS = 100_000
LOOK_S = 0.2  # the session may end by itself, after a bug


@dataclass(frozen=True, slots=True)
class Recording:
    """Everything that there is to measure. Times are seconds of the session's clock."""

    events: Sequence[Event]
    exchanges: Sequence[Exchange]
    soundings: Sequence[Sounding]
    spoken_s: float
    """Seconds of sound that the voice gave to the loudspeaker."""
    underruns: int
    latest_frame_s: float
    """How late the capture thread was at worst."""
    quiet: Usage
    talk: Usage
    peak_memory_mb: float | None
    overdue_frames: int = 0
    """Frames that came so late that a device's ring would have lost them."""


def run(
    settings: Settings, plan: Plan, on_step: Callable[[int], object] = lambda _: None, *, realtime: bool = True
) -> Recording:
    """Play the plan to an assistant with these settings, of which no history is kept.

    Without ``realtime`` time counts sound, so that engines take none: a test of everything but the speed.
    Raises AudioError, EngineError.
    """
    loudspeaker = Loudspeaker(realtime=realtime)
    latest_s, overdue = 0.0, 0

    def hear(at_s: float) -> Pcm:
        nonlocal latest_s, overdue
        if realtime and director.begun:
            late_s = time.monotonic() - at_s
            latest_s = max(latest_s, late_s)
            overdue += late_s > RING_S
        loudspeaker.now_is(at_s)
        return director.hear(at_s)

    quiet = settings.model_copy(update={"history": HistorySettings(enabled=False)})
    assistant = build(quiet, TalkOptions(microphone=hear, loudspeaker=loudspeaker, fast=not realtime))
    director = Director(plan, assistant.bus.subscribe(EVENTS), assistant.session, on_step, realtime=realtime)
    with assistant:
        try:
            assistant.wait_ready()
        finally:
            director.begin()
        while not director.finished.wait(LOOK_S) and not assistant.wait(0):
            pass
    director.read_rest()
    return Recording(
        events=director.events,
        exchanges=director.exchanges,
        soundings=loudspeaker.soundings,
        spoken_s=loudspeaker.given_s,
        underruns=loudspeaker.underruns,
        latest_frame_s=latest_s,
        quiet=director.quiet,
        talk=director.talk,
        peak_memory_mb=peak_memory_mb(),
        overdue_frames=overdue,
    )

"""What became of each turn, from its events. Pure."""

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from assistant.events import EngineCall, Event, TurnCommitted, TurnEnded, TurnStarted


@dataclass(frozen=True, slots=True)
class TurnView:
    """``at_s`` counts from the beginning of the sound, ``latency_s`` from the end of the speech; ``engine_s`` is what
    each stage worked for it."""

    number: int
    at_s: float
    origin: str
    transcript: str
    reply: str
    heard: str
    outcome: str
    error_code: str | None = None
    cues: tuple[str, ...] = ()
    latency_s: Mapping[str, float] = field(default_factory=dict)
    engine_s: Mapping[str, float] = field(default_factory=dict)


def turns_of(events: Iterable[Event], origin_s: float) -> list[TurnView]:
    """The turns that have ended, in the order in which they began."""
    began: dict[int, float] = {}
    committed: dict[int, TurnCommitted] = {}
    worked: defaultdict[int, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    ended: dict[int, TurnEnded] = {}
    for event in events:
        match event:
            case TurnStarted(turn_id=int(turn)):
                began[turn] = event.at_s
            case TurnCommitted(turn_id=int(turn)):
                committed[turn] = event
            case EngineCall(turn_id=int(turn)) if not event.reading:
                worked[turn][event.stage] += event.duration_s
            case TurnEnded(turn_id=int(turn)):
                ended[turn] = event
    return [
        _view(turn, began_s - origin_s, ended[turn], committed.get(turn), dict(worked[turn]))
        for turn, began_s in began.items()
        if turn in ended
    ]


def _view(
    number: int, at_s: float, ended: TurnEnded, committed: TurnCommitted | None, engine_s: Mapping[str, float]
) -> TurnView:
    steps = dataclasses.asdict(ended.timings)
    return TurnView(
        number=number,
        at_s=at_s,
        origin=ended.origin,
        transcript=ended.transcript,
        reply=" ".join(ended.reply.split()),
        heard=" ".join(ended.heard.split()),
        outcome=ended.outcome,
        error_code=ended.error_code,
        cues=committed.cues if committed else (),
        latency_s={name.removesuffix("_s"): value for name, value in steps.items() if value is not None},
        engine_s=engine_s,
    )

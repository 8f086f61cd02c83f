"""A recorded conversation beside its repetition, turn by turn. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from assistant.events import EngineReady, Event
from assistant.replay.turns import TurnView, turns_of

OUTCOME = ("origin", "transcript", "reply", "outcome", "error_code")
"""What has to be the same. When something was said, what was heard of it and how long it took may differ: the engines
take no time in a repetition."""
APART_S = 1.5
"""Turns that began this far apart are not the same one."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A turn of then and of now; one of them may be missing."""

    then: TurnView | None
    now: TurnView | None

    @property
    def differences(self) -> tuple[str, ...]:
        """The names of what is not the same, of ``OUTCOME``; ``missing`` or ``new`` for a turn that stands alone."""
        if self.then is None or self.now is None:
            return ("missing",) if self.now is None else ("new",)
        return tuple(name for name in OUTCOME if not _same(name, self.then, self.now))

    @property
    def ratios(self) -> Mapping[str, float]:
        """Now divided by then: latencies, where both are known and not nothing."""
        if self.then is None or self.now is None:
            return {}
        return _ratios(self.then.latency_s, self.now.latency_s)


@dataclass(frozen=True, slots=True)
class StandIn:
    """``now`` does in a stage what ``then`` did in the recording; either may be nobody."""

    stage: str
    then: str
    now: str


@dataclass(frozen=True, slots=True)
class Comparison:
    pairs: Sequence[Pair]
    stand_ins: Sequence[StandIn]

    @property
    def differing(self) -> Sequence[Pair]:
        return [pair for pair in self.pairs if pair.differences]

    @property
    def ratios(self) -> Mapping[str, float]:
        """The medians of the turns' ratios, and of each stage the whole of its work."""
        names = dict.fromkeys(name for pair in self.pairs for name in pair.ratios)
        latencies = {name: median(pair.ratios[name] for pair in self.pairs if name in pair.ratios) for name in names}
        both = [(pair.then, pair.now) for pair in self.pairs if pair.then and pair.now]
        return {**latencies, **_ratios(*(_total(views) for views in zip(*both, strict=True)))} if both else latencies


def compare(recorded: Sequence[Event], origin_s: float, replayed: Sequence[Event]) -> Comparison:
    """``origin_s`` is when the sound began in the recording; in the repetition it begins at 0."""
    return Comparison(
        list(pairs(turns_of(recorded, origin_s), turns_of(replayed, 0.0))),
        _stand_ins(_engines(recorded), _engines(replayed)),
    )


def pairs(then: Sequence[TurnView], now: Sequence[TurnView]) -> list[Pair]:
    """Turns that began at about the same time belong together; every other stands alone."""
    found: list[Pair] = []
    left, right = list(then), list(now)
    while left or right:
        if left and right and abs(left[0].at_s - right[0].at_s) <= APART_S:
            found.append(Pair(left.pop(0), right.pop(0)))
        elif left and (not right or left[0].at_s < right[0].at_s):
            found.append(Pair(left.pop(0), None))
        else:
            found.append(Pair(None, right.pop(0)))
    return found


def _same(name: str, then: TurnView, now: TurnView) -> bool:
    """An answer that was interrupted both times is as long as its engine was quick."""
    if name == "reply" and then.outcome == now.outcome != "answered":
        return then.reply.startswith(now.reply) or now.reply.startswith(then.reply)
    return bool(getattr(then, name) == getattr(now, name))


def _ratios(then: Mapping[str, float], now: Mapping[str, float]) -> dict[str, float]:
    return {name: now[name] / then[name] for name in then if name in now and then[name] > 0}


def _total(views: Sequence[TurnView]) -> Mapping[str, float]:
    stages = dict.fromkeys(stage for view in views for stage in view.engine_s)
    return {stage: sum(view.engine_s.get(stage, 0.0) for view in views) for stage in stages}


def _engines(events: Sequence[Event]) -> Mapping[str, str]:
    return {event.stage: event.engine for event in events if isinstance(event, EngineReady)}


def _stand_ins(then: Mapping[str, str], now: Mapping[str, str]) -> list[StandIn]:
    stages = dict.fromkeys((*then, *now))
    return [
        StandIn(stage, then.get(stage, "nothing"), now.get(stage, "nothing"))
        for stage in stages
        if then.get(stage) != now.get(stage)
    ]

"""What a recording says about each turn: when what happened, what ran meanwhile, and what came of it. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from assistant.bench.director import Exchange
from assistant.bench.loudspeaker import Sounding
from assistant.bench.run import Recording
from assistant.events import EngineCall, Event, Stage, TurnCommitted, TurnEnded, TurnStarted

Lane = Literal["you", "wait", "sound"] | Stage
Kind = Literal["speech", "wait", "committed", "speculative", "thrown away", "sound"]

GAP_S = 0.02
"""Silence inside an answer for so long, two blocks of a loudspeaker, is a gap."""

AFTER_COMMIT_S = 0.1
"""A speculation that the commit itself throws away is reported this much later at most."""

LATE_BLOCK_S = 0.1
"""On a busy machine a block is taken from the ring so much later than it was due, which is the time that is noted."""


@dataclass(frozen=True, slots=True)
class Bar:
    """What took place from ``start_s`` to ``end_s``, seconds from the end of the user's speech."""

    lane: Lane
    kind: Kind
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Turn:
    """One clip and its answer. Times are seconds from the end of the user's speech, None where it never came.

    ``interruption_s`` is the time from the first sound over the answer to its silence; ``gaps_s`` are the silences
    inside the answer; ``cues`` say why the turn committed when it did; ``speculated``: the answer was begun before, and
    stood.
    """

    clip: str
    expected: str
    transcript: str
    outcome: str
    speech_s: float | None = None
    endpoint_s: float | None = None
    transcript_s: float | None = None
    first_token_s: float | None = None
    first_clause_s: float | None = None
    first_sound_s: float | None = None
    added_s: float | None = None
    interruption_s: float | None = None
    gaps_s: tuple[float, ...] = ()
    cues: tuple[str, ...] = ()
    speculated: bool = False
    cut_off: bool = False
    spoken_over: bool = False
    bars: tuple[Bar, ...] = ()


@dataclass(frozen=True, slots=True)
class Voiced:
    """A turn of the user's voice, on the session's clock."""

    started_s: float
    ended: TurnEnded

    @property
    def committed_s(self) -> float | None:
        return next((at_s for state, at_s in self.ended.states if state == "committed"), None)

    @property
    def speech_end_s(self) -> float | None:
        wait_s = self.ended.timings.commit_s
        return None if self.committed_s is None or wait_s is None else self.committed_s - wait_s


def turns(recording: Recording) -> list[Turn]:
    """One for each exchange."""
    voiced = list(_voiced(recording.events))
    made = []
    for exchange in recording.exchanges:
        own = [one for one in voiced if exchange.start_s <= one.started_s < exchange.end_s]
        made.append(_turn(exchange, own, recording))
    return made


def fates(calls: Sequence[EngineCall], voiced: Voiced) -> Iterator[tuple[EngineCall, Kind]]:
    """What became of each of a turn's calls.

    An answer that was begun before the commit and stood is the last one that was begun; the voice worked for it from
    then on. All else that language model and voice did before the commit was in vain, and so was what was cancelled;
    not so what the language model read, which stays in its cache.
    """
    ahead = [_start_s(call) for call in calls if call.speculative and call.stage == "llm" and not call.reading]
    stood_s = ahead[-1] if ahead and voiced.ended.speculated else float("inf")
    for call in calls:
        late = voiced.committed_s is not None and call.at_s > voiced.committed_s + AFTER_COMMIT_S
        cancelled = call.status == "cancelled" and not late
        in_vain = call.stage not in ("stt", "turn") and _start_s(call) < stood_s
        if call.reading:
            yield call, "speculative"
        elif not call.speculative:
            yield call, "committed"
        else:
            yield call, "thrown away" if cancelled or in_vain else "speculative"


def thrown_away_s(events: Sequence[Event]) -> dict[Stage, float]:
    """Seconds of each engine that went into guesses that were wrong."""
    wasted: dict[Stage, float] = {"turn": 0.0, "stt": 0.0, "llm": 0.0, "tts": 0.0}
    for voiced in _voiced(events):
        for call, fate in fates(_calls(events, voiced), voiced):
            wasted[call.stage] += call.duration_s if fate == "thrown away" else 0.0
    return wasted


def _calls(events: Sequence[Event], voiced: Voiced) -> list[EngineCall]:
    return [event for event in events if isinstance(event, EngineCall) and event.turn_id == voiced.ended.turn_id]


def _start_s(call: EngineCall) -> float:
    return call.at_s - call.duration_s


def _voiced(events: Sequence[Event]) -> Iterator[Voiced]:
    started = {event.turn_id: event.at_s for event in events if isinstance(event, TurnStarted)}
    for event in events:
        if isinstance(event, TurnEnded) and event.origin == "voice" and event.turn_id in started:
            yield Voiced(started[event.turn_id], event)


def _turn(exchange: Exchange, voiced: Sequence[Voiced], recording: Recording) -> Turn:
    last_s = exchange.end_s if exchange.over_s is None else exchange.said_s  # words over an answer begin a turn late
    said = [one for one in voiced if one.started_s < last_s]
    answered = next((one for one in reversed(said) if one.committed_s is not None), None)
    common = Turn(
        clip=exchange.clip.name,
        expected=exchange.clip.text,
        transcript=_transcript(said),
        outcome=answered.ended.outcome if answered else "unheard",
        cut_off=any(one.committed_s is not None for one in said[:-1]),
        spoken_over=exchange.over_s is not None,
        interruption_s=_interruption_s(exchange, recording.soundings),
    )
    return _timed(common, answered, recording) if answered else common


def _transcript(said: Sequence[Voiced]) -> str:
    """What was heard of the clip: the words of a turn that was gone on with are in the next one's, too."""
    return " ".join(one.ended.transcript for one in said if one.ended.outcome != "continued").strip()


def _interruption_s(exchange: Exchange, soundings: Sequence[Sounding]) -> float | None:
    over_s = exchange.over_s
    if over_s is None:
        return None
    return next((one.end_s - over_s for one in soundings if one.start_s < over_s < one.end_s), None)


def _timed(turn: Turn, voiced: Voiced, recording: Recording) -> Turn:
    end_s, committed_s, timings = voiced.speech_end_s, voiced.committed_s, voiced.ended.timings
    if end_s is None or committed_s is None:
        return turn
    own = [one for one in recording.soundings if committed_s - LATE_BLOCK_S <= one.start_s <= voiced.ended.at_s]
    first_s = next((max(one.audible_s or one.start_s, committed_s) for one in own), None)
    calls = _calls(recording.events, voiced)
    commits = (event for event in recording.events if isinstance(event, TurnCommitted))
    return replace(
        turn,
        speech_s=end_s - voiced.started_s,
        endpoint_s=timings.commit_s,
        transcript_s=timings.transcript_s,
        first_token_s=timings.first_token_s,
        first_clause_s=timings.first_clause_s,
        first_sound_s=None if first_s is None else first_s - end_s,
        added_s=None if first_s is None else first_s - committed_s,
        cues=next((event.cues for event in commits if event.turn_id == voiced.ended.turn_id), ()),
        gaps_s=tuple(gap_s for one, other in pairwise(own) if (gap_s := other.start_s - one.end_s) >= GAP_S),
        speculated=voiced.ended.speculated,
        bars=tuple(_bars(voiced, end_s, committed_s, calls, own)),
    )


def _bars(
    voiced: Voiced, end_s: float, committed_s: float, calls: Sequence[EngineCall], own: Sequence[Sounding]
) -> Iterator[Bar]:
    yield Bar("you", "speech", voiced.started_s - end_s, 0.0)
    yield Bar("wait", "wait", 0.0, committed_s - end_s)
    for call, fate in fates(calls, voiced):
        if call.duration_s > 0:
            yield Bar(call.stage, fate, _start_s(call) - end_s, call.at_s - end_s)
    for one in own:
        yield Bar("sound", "sound", one.start_s - end_s, one.end_s - end_s)

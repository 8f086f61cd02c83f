"""What became of each trial, from what was recorded of it. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.brain.text import tokenize
from assistant.events import (
    FinalTranscript,
    ReplyInterrupted,
    ReplyResumed,
    ReplyStarted,
    TurnCommitted,
    TurnEnded,
    TurnStarted,
    name_of,
)
from benchmarks.interruptions.stage import Footage, Take
from benchmarks.interruptions.trace import Played, Trace, trace

REACTION_S = 1.5
"""What ends an answer later than this after the words over it was not they."""
LATE_S = 0.6
"""Speech is noticed so much after its end at most: a turn that starts later was not started by it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One trial. Seconds from the first sound of the talker, None for what did not happen."""

    scene: str
    kind: str
    clip: str
    talker_db: float
    asked: bool
    """There was an answer to speak over, and it went on until then."""
    killed: bool = False
    """The answer ended because of what was said over it."""
    ducked_s: float | None = None
    silent_s: float | None = None
    decided_s: float | None = None
    resumed_s: float | None = None
    """Where the answer goes on: when it does so at full volume, and how long after that was decided."""
    back_s: float | None = None
    why: str = ""
    """What the assistant took it for, in its own words."""
    words: str = ""
    words_right: float | None = None
    """Share of the words of a request that reached the new turn."""
    answered_over: bool = False
    """Something was answered after it: right for a request, wrong for anything else."""


@dataclass(frozen=True, slots=True)
class Selves:
    """What the assistant did to itself in one scene, with nobody speaking."""

    scene: str
    speaking_s: float
    interruptions: int
    replies: int
    starts: int
    """Turns that began, whether anything came of them or not."""
    ducks: int
    ducked_s: float
    unheard: int
    """Questions that were not answered."""
    repeated: int
    lost: int


def judge(footage: Footage) -> tuple[Selves, list[Verdict]]:
    traced = trace(footage.blocks, footage.tape, footage.rate_hz)
    verdicts = [_verdict(take, footage, traced) for take in footage.takes if take.trial.clip is not None]
    return _selves(footage, traced), verdicts


def _verdict(take: Take, footage: Footage, traced: Trace) -> Verdict:
    trial = take.trial
    assert trial.clip is not None
    common = (footage.scene.name, trial.kind, trial.clip.name, trial.talker_db)
    if take.spoken_s is None or take.spoken_end_s is None:
        return Verdict(*common, asked=False)
    own = [one for one in traced.played if take.spoken_s <= one.at_s < (take.cut_s or take.end_s)]
    ended = _ended(footage, take.turn_id)
    killed = ended is not None and ended.outcome != "answered" and _before(ended.at_s, take)
    resumes = [] if killed else list(_resumes(take, footage))
    back_at_s = next((one.at_s for one in own if resumes and one.at_s >= resumes[-1] and not one.soft), None)
    final = _final(take, footage)
    return Verdict(
        *common,
        asked=True,
        killed=killed,
        ducked_s=next((one.at_s - take.spoken_s for one in own if one.soft), None),
        silent_s=_silent_s(own, ended.at_s, take, footage.rate_hz) if killed and ended else None,
        decided_s=ended.at_s - take.spoken_s if killed and ended else None,
        resumed_s=back_at_s - take.spoken_s if back_at_s is not None else None,
        back_s=back_at_s - resumes[-1] if back_at_s is not None else None,
        why=_why(take, footage),
        words=final.text if final else "",
        words_right=_share_right(trial.clip.text, final.text if final else "") if trial.kind == "request" else None,
        answered_over=_answered(take, footage),
    )


def _before(at_s: float, take: Take) -> bool:
    assert take.spoken_s is not None
    assert take.spoken_end_s is not None
    return take.spoken_s <= at_s <= take.spoken_end_s + REACTION_S and (take.cut_s is None or at_s < take.cut_s)


def _ended(footage: Footage, turn_id: int | None) -> TurnEnded | None:
    return next((event for event in footage.events if isinstance(event, TurnEnded) and event.turn_id == turn_id), None)


def _silent_s(own: Sequence[Played], ended_s: float, take: Take, rate_hz: int) -> float | None:
    """The last sample of the answer that was ended."""
    assert take.spoken_s is not None
    last = [one for one in own if one.at_s <= ended_s + 0.05]
    return last[-1].at_s + last[-1].count / rate_hz - take.spoken_s if last else 0.0


def _final(take: Take, footage: Footage) -> FinalTranscript | None:
    """What the assistant took the words over the answer for."""
    assert take.spoken_s is not None
    until_s = take.cut_s if take.cut_s is not None else take.end_s
    for event in footage.events:
        if (
            isinstance(event, FinalTranscript)
            and take.spoken_s <= event.at_s <= until_s
            and event.turn_id != take.turn_id
        ):
            return event
    return None


def _answered(take: Take, footage: Footage) -> bool:
    """Another answer than the one that was spoken over sounded before the script moved on."""
    assert take.spoken_s is not None
    until_s = take.cut_s if take.cut_s is not None else take.end_s
    return any(
        isinstance(event, ReplyStarted) and take.spoken_s <= event.at_s <= until_s and event.turn_id != take.turn_id
        for event in footage.events
    )


def _resumes(take: Take, footage: Footage) -> Iterator[float]:
    """When it was decided that the answer goes on."""
    assert take.spoken_s is not None
    for event in footage.events:
        if isinstance(event, ReplyResumed) and event.turn_id == take.turn_id and event.at_s >= take.spoken_s:
            yield event.at_s


def _why(take: Take, footage: Footage) -> str:
    assert take.spoken_s is not None
    told = (
        f"{name_of(event).removeprefix('reply_')}: {event.reason}, {', '.join(event.cues)}"
        for event in footage.events
        if isinstance(event, ReplyResumed | ReplyInterrupted) and take.spoken_s <= event.at_s <= take.end_s
        if event.turn_id == take.turn_id
    )
    return "; ".join(told)


def _share_right(expected: str, heard: str) -> float | None:
    """Of the words that were said, how many were heard, in any order."""
    wanted, got = list(tokenize(expected)), list(tokenize(heard))
    if not wanted:
        return None
    return sum(min(wanted.count(word), got.count(word)) for word in set(wanted)) / len(wanted)


def _selves(footage: Footage, traced: Trace) -> Selves:
    talks = list(_talks(footage.takes))
    cuts = [take.cut_s for take in footage.takes if take.cut_s is not None]

    def by_itself(at_s: float) -> bool:
        return not any(begin_s <= at_s <= end_s for begin_s, end_s in talks)

    starts = [
        event
        for event in footage.events
        if isinstance(event, TurnStarted) and event.origin == "voice" and by_itself(event.at_s)
    ]
    own_turns = {event.turn_id for event in starts}
    kills = [
        event
        for event in footage.events
        if isinstance(event, TurnEnded)
        and event.outcome in ("interrupted", "continued")
        and by_itself(event.at_s)
        and not any(0 <= event.at_s - cut_s < 0.1 for cut_s in cuts)
    ]
    soft = [one for one in traced.played if one.soft and by_itself(one.at_s)]
    committed = [event for event in footage.events if isinstance(event, TurnCommitted) and event.turn_id in own_turns]
    return Selves(
        scene=footage.scene.name,
        speaking_s=sum(one.count for one in traced.played) / footage.rate_hz,
        interruptions=len(kills),
        replies=len(committed),
        starts=len(starts),
        ducks=_runs([one.at_s for one in soft]),
        ducked_s=sum(one.count for one in soft) / footage.rate_hz,
        unheard=sum(take.answered_s is None for take in footage.takes),
        repeated=traced.repeated,
        lost=traced.lost,
    )


def _talks(takes: Sequence[Take]) -> Iterator[tuple[float, float]]:
    """When somebody speaks, or has just spoken and may be answered."""
    for take in takes:
        yield take.begin_s, take.asked_s + LATE_S
        if take.spoken_s is not None and take.spoken_end_s is not None:
            yield take.spoken_s, take.spoken_end_s + REACTION_S


def _runs(times_s: Sequence[float]) -> int:
    """How many separate stretches, half a second apart."""
    return int((np.diff(times_s) > 0.5).sum()) + 1 if len(times_s) else 0

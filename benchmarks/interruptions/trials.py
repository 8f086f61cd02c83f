"""What happens in the simulated room: who says what over which answer, how loud, and what the room is like."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from math import inf
from pathlib import Path
from typing import Literal

import numpy as np

from assistant.audio.soundfiles import load_sound
from assistant.bench.acoustics import Room, at_level, pink_noise, response, trimmed
from assistant.bench.clips import Clip

Kind = Literal["nobody", "request", "stop", "backchannel", "noise", "wake"]

TALKER_DBFS = -26.0
"""Of the microphone's full scale: somebody at arm's length of a laptop. The echo is set against it."""
ECHO_ALONE_DB = (0.0, -3.0, -6.0, -10.0, -15.0, -20.0)
"""Echo against the talker's level, where nobody speaks over the answer."""
DELAYS_MS = (20, 40, 60, 90, 130, 180, 250, 320, 400)
DRIFTS_PPM = (0.0, 0.0, 20.0, -50.0, 100.0)
DISTORTIONS = (0.0, 1.0, 3.0)
NOISES_DBFS = (-70.0, -60.0, -50.0)
REVERBERATIONS_S = (0.15, 0.25, 0.4)
HALL_S = 1.5
HALL = "aud-stereo_ir"
"""A recorded one: it decays by 60 dB in 1.5 s."""

Rooms = Callable[[int, int, Path], Iterator[Room]]
"""From a seed so many, with what there is in a folder of recordings."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One question and its answer. ``clip`` is said at ``after_s`` of the answer; ``talker_db`` above its echo."""

    kind: Kind
    after_s: float = 0.0
    clip: Clip | None = None
    talker_db: float = 0.0


@dataclass(frozen=True, slots=True)
class Scene:
    """A room, and the trials in it, one after another in one conversation."""

    name: str
    room: Room
    trials: Sequence[Trial]


@dataclass(frozen=True, slots=True)
class People:
    """What is said over the answers."""

    requests: Sequence[Clip]
    stops: Sequence[Clip]
    backchannels: Sequence[Clip]
    noises: Sequence[Clip]


def rooms(seed: int, count: int, speech: Path) -> Iterator[Room]:
    """Rooms of every kind, with measured responses and recorded noises among them where there are any.

    All at 0 dB between echo and talker.
    """
    rng = np.random.default_rng(seed)
    measured = [trimmed(load_sound(path)) for path in sorted((speech / "rir").glob("*.wav"))]
    recorded = [load_sound(path) for path in (speech / "noise" / f"{name}.wav" for name in QUIET) if path.is_file()]
    for number in range(count):
        own = response(seed * 1000 + number, float(rng.choice(REVERBERATIONS_S)), float(rng.uniform(-3, 6)))
        noise = pink_noise(seed * 1000 + number)
        yield Room(
            response=measured[number // 2 % len(measured)] if measured and number % 2 else own,
            delay_ms=float(rng.choice(DELAYS_MS)),
            echo_dbfs=TALKER_DBFS,
            distortion=float(rng.choice(DISTORTIONS)),
            drift_ppm=float(rng.choice(DRIFTS_PPM)),
            noise=recorded[number // 3 % len(recorded)] if recorded and number % 3 == 2 else noise,
            noise_dbfs=float(rng.choice(NOISES_DBFS)),
        )


def halls(seed: int, count: int, speech: Path) -> Iterator[Room]:
    """The same, but what is said goes on sounding for a second and a half, every other time in the recorded hall."""
    path = speech / "rir" / f"{HALL}.wav"
    measured = trimmed(load_sound(path), HALL_S) if path.is_file() else None
    for number, room in enumerate(rooms(seed, count, speech)):
        direct_db = float(np.random.default_rng(seed * 1000 + number).uniform(-3, 6))
        own = response(seed * 1000 + number, HALL_S, direct_db, HALL_S)
        yield replace(room, response=measured if measured is not None and number % 2 else own)


QUIET = ("sti-kitchen_noise", "pcd-home_room_tone", "sb-noise2")
"""Recordings of rooms where nobody speaks."""


def alone(seed: int, count: int, answers: int, speech: Path, where: Rooms = rooms) -> Iterator[Scene]:
    """The assistant speaks and nobody else does."""
    levels = cycle(ECHO_ALONE_DB)
    for number, room in enumerate(where(seed, count, speech)):
        level_db = next(levels)
        yield Scene(
            f"alone {number}, echo {level_db:+.0f} dB, {described(room)}",
            replace(room, echo_dbfs=TALKER_DBFS + level_db),
            [Trial("nobody")] * answers,
        )


def spoken_over(
    seed: int,
    count: int,
    speech: Path,
    people: People,
    *,
    levels_db: Sequence[float],
    each: int,
    where: Rooms = rooms,
) -> Iterator[Scene]:
    """Somebody speaks over the answers: ``each`` of every kind in each of ``count`` rooms, at each of the levels.

    At an infinite level there is no echo: the assistant speaks into a headset.
    """
    rng = np.random.default_rng(seed + 1)
    clips = {
        kind: cycle(rng.permutation(np.array(list(range(len(said))))).tolist())
        for kind, said in _by_kind(people).items()
    }
    for number, room in enumerate(where(seed + 1, count, speech)):
        for level_db in levels_db:
            trials = [
                Trial(kind, float(rng.uniform(1.0, 6.0)), _by_kind(people)[kind][next(clips[kind])], level_db)
                for kind in clips
                for _ in range(each)
            ]
            yield Scene(
                f"over {number}, talker {level_db:+.0f} dB, {described(room)}",
                replace(room, echo_dbfs=None if level_db == inf else TALKER_DBFS - level_db),
                [trials[place] for place in rng.permutation(len(trials))],
            )


def woken(
    seed: int,
    count: int,
    speech: Path,
    words: Sequence[Clip],
    *,
    level_db: float,
    each: int,
    where: Rooms = rooms,
) -> Iterator[Scene]:
    """Somebody says the wake word over the answers: ``each`` time in each of ``count`` rooms."""
    rng = np.random.default_rng(seed + 2)
    said_next = cycle(rng.permutation(len(words)).tolist())
    for number, room in enumerate(where(seed + 2, count, speech)):
        yield Scene(
            f"wake {number}, talker {level_db:+.0f} dB, {described(room)}",
            replace(room, echo_dbfs=TALKER_DBFS - level_db),
            [Trial("wake", float(rng.uniform(1.0, 6.0)), words[next(said_next)], level_db) for _ in range(each)],
        )


def described(room: Room) -> str:
    """What sets this room apart."""
    length_ms = room.response.size * 1000 // 16_000
    return (
        f"{room.delay_ms:.0f} ms, {room.drift_ppm:+.0f} ppm, tanh {room.distortion:.0f}, "
        f"noise {room.noise_dbfs:.0f} dBFS, response {length_ms} ms"
    )


def _by_kind(people: People) -> dict[Kind, Sequence[Clip]]:
    return {
        "request": people.requests,
        "stop": people.stops,
        "backchannel": people.backchannels,
        "noise": people.noises,
    }


def said(trial: Trial) -> Clip:
    """The clip from its first sound on, at the talker's level."""
    assert trial.clip is not None
    clip = trial.clip.without_lead()
    return replace(clip, pcm=at_level(clip.pcm, TALKER_DBFS))

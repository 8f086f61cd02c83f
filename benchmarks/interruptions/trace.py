"""What the loudspeaker did with each sample that it was given. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assistant.audio.playback import FADE_S
from assistant.bench.soundcard import Block
from assistant.models.protocols import Pcm

SOFT = 0.9
"""Below this gain a sample counts as ducked; what is faded in or out comes to full volume within 5 ms."""
AUDIBLE = 1e-3
"""Softer samples say nothing about the gain."""
TOLERANCE = 1e-4


@dataclass(frozen=True, slots=True)
class Played:
    """A block: ``position`` of its first sample on the tape, how many were played, and the gain from … to."""

    at_s: float
    position: int
    count: int
    last_gain: float

    @property
    def soft(self) -> bool:
        return self.last_gain < SOFT


@dataclass(frozen=True, slots=True)
class Trace:
    """``repeated`` and ``lost`` are samples that were played twice, or never without having been discarded."""

    played: Sequence[Played]
    repeated: int
    lost: int


def trace(blocks: Sequence[Block], tape: Pcm, rate_hz: int) -> Trace:
    """Find every block on the tape, from the sound alone. ``tape`` has shape ``(n,)``."""
    played: list[Played] = []
    repeated, lost, position, discarded = 0, 0, 0, 0
    for block in blocks:
        sound = block.pcm[: block.sound]
        if block.discarded > discarded:
            faded = _faded(tape, position, sound, min(round(FADE_S * rate_hz), block.discarded - position))
            if faded:
                played.append(_played(block.at_s, tape, position, sound[:faded]))
            sound, position, discarded = sound[faded:], block.discarded, block.discarded
        if not sound.size:
            continue
        found = _find(tape, position, sound, rate_hz)
        if found is None:
            lost += sound.size
            continue
        repeated += max(position - found, 0)
        lost += max(found - position, 0)
        position = found + sound.size
        played.append(_played(block.at_s, tape, found, sound))
    return Trace(played, repeated, lost)


def _faded(tape: Pcm, position: int, sound: Pcm, count: int) -> int:
    """How many samples at the head of a block still fade out what was discarded."""
    return count if 0 < count <= sound.size and _fits(tape, position, sound[:count]) else 0


def _played(at_s: float, tape: Pcm, position: int, sound: Pcm) -> Played:
    return Played(at_s, position, sound.size, _last_gain(tape[position : position + sound.size], sound))


def _find(tape: Pcm, position: int, sound: Pcm, rate_hz: int) -> int | None:
    """Where it is: next in line, or else the nearest place within a second on either side."""
    if _fits(tape, position, sound):
        return position
    for offset in _outwards(rate_hz):
        if position + offset >= 0 and _fits(tape, position + offset, sound):
            return position + offset
    return None


def _outwards(count: int) -> Iterator[int]:
    for offset in range(1, count):
        yield offset
        yield -offset


def _fits(tape: Pcm, position: int, sound: Pcm) -> bool:
    """Whether each sample is that of the tape at some gain between nothing and full."""
    of_tape = tape[position : position + sound.size]
    if of_tape.size < sound.size:
        return False
    sign = np.sign(of_tape)
    softer = sound * sign
    bounded = bool(((softer >= -TOLERANCE) & (softer <= np.abs(of_tape) + TOLERANCE)).all())
    return bounded and _smooth(of_tape, sound)


def _smooth(of_tape: Pcm, sound: Pcm) -> bool:
    """The gain moves one way, if at all: up, or down, and not up and down as it would between unlike sounds."""
    gains = _gains_of_loud(of_tape, sound)
    steps = np.diff(gains)
    return gains.size < 2 or bool((steps >= -0.05).all() or (steps <= 0.05).all())


def _gains_of_loud(of_tape: Pcm, sound: Pcm) -> npt.NDArray[np.float32]:
    loud = np.abs(of_tape) > 10 * AUDIBLE
    return sound[loud] / of_tape[loud]


def _last_gain(of_tape: Pcm, sound: Pcm) -> float:
    loud = np.abs(of_tape) > AUDIBLE
    return float(sound[loud][-1] / of_tape[loud][-1]) if loud.any() else 1.0

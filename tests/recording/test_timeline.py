"""Frames and moments: where the clocks of a device and of a session part, and what lies between."""

import math

from assistant.models.protocols import FRAME_S
from assistant.recording.timeline import EXACT_S, LATEST, LOST_FRAMES, Mark, Timeline


def end_of(frame: int) -> float:
    """When it ended, of a recording that began at 100 s."""
    return 100 + (frame + 1) * FRAME_S


def timeline() -> Timeline:
    return Timeline([Mark(0, end_of(0))])


def test_a_moment_lies_in_the_frame_that_ends_behind_it() -> None:
    known = timeline()
    assert [known.frame_at(end_of(n)) for n in (-2, 0, 1, 10_000)] == [-2, 0, 1, 10_000]
    assert [known.frame_at(end_of(1) + part * FRAME_S) for part in (-0.9, -0.1, 0.1, 0.9)] == [1, 1, 2, 2]


def test_a_frame_has_ended_only_once_it_is_over() -> None:
    known = timeline()
    assert [known.ended_by(end_of(5) + late_s) for late_s in (-0.01, 0.0, 0.01)] == [4, 5, 5]
    assert known.ended_by(end_of(5) - EXACT_S / 2) == 5, "a millisecond is not told apart"
    assert known.ended_by(99.0) < 0
    assert Timeline().ended_by(3.0) == -1


def test_a_stretch_has_every_frame_that_it_touches() -> None:
    known = timeline()
    assert known.frames_of((end_of(2) - 0.01, end_of(4) + 0.01)) == (2, 6)
    assert known.frames_of((0.0, 1.0)) == (0, 0)
    assert known.frames_of((end_of(3), math.inf)) == (3, LATEST)


def test_frames_are_lost_from_three_on() -> None:
    known = timeline()
    gaps = [known.missing_before(1, end_of(1 + lost)) for lost in (0, 1, LOST_FRAMES - 1, LOST_FRAMES)]
    assert gaps == [0, 0, 0, LOST_FRAMES]
    assert Timeline().missing_before(0, 500.0) == 0


def test_a_mark_is_set_only_where_the_clocks_part() -> None:
    known = Timeline()
    moments = [end_of(0), end_of(1) + 0.019, end_of(2) - 0.019, end_of(3) + 0.03, end_of(4) + 0.03]
    assert [known.note(*each) is not None for each in enumerate(moments)] == [True, False, False, True, False]
    assert known.time_of(4) == moments[4]

"""Cutting at pauses: nothing spoken is lost, nothing is doubled, memory is bounded."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from assistant.commands.segments import LONGEST_S, MARGIN_S, PAUSE_S, Segment, split
from assistant.models.protocols import FRAME_S, FRAME_SAMPLES

PAUSE, LONGEST = round(PAUSE_S / FRAME_S), round(LONGEST_S / FRAME_S)


def cut(probabilities: list[float]) -> list[Segment]:
    """Frames numbered by their samples' value, so that a segment shows which frames it holds."""
    frames = [np.full(FRAME_SAMPLES, number, np.float32) for number in range(len(probabilities))]
    return list(split(frames, lambda frame: probabilities[int(frame[0])], 0.5))


def numbers(segments: list[Segment]) -> list[int]:
    return [int(number) for segment in segments for number in segment.pcm[::FRAME_SAMPLES]]


def test_nothing_gives_nothing() -> None:
    assert cut([]) == []


def test_a_short_recording_stays_whole() -> None:
    [segment] = cut([1.0] * 50)
    assert (segment.start_s, segment.end_s) == (0, 50 * FRAME_S)


def test_a_long_pause_divides_and_a_short_one_does_not() -> None:
    assert len(cut([1.0] * 20 + [0.0] * (PAUSE - 1) + [1.0] * 20)) == 1
    assert len(cut([1.0] * 20 + [0.0] * PAUSE + [1.0] * 20)) == 2


def test_silence_around_speech_is_left_out_up_to_the_margin() -> None:
    [segment] = cut([0.0] * 500 + [1.0] * 20 + [0.0] * 500)
    assert abs(segment.start_s - (500 * FRAME_S - MARGIN_S)) < FRAME_S
    assert abs(segment.end_s - (520 * FRAME_S + MARGIN_S)) < FRAME_S


def test_a_recording_without_speech_is_given_whole() -> None:
    assert numbers(cut([0.1] * 100)) == list(range(100))


def test_of_a_long_recording_without_speech_only_the_end_is_kept() -> None:
    [segment] = cut([0.1] * (LONGEST * 3))
    assert len(segment.pcm) == LONGEST * FRAME_SAMPLES


def test_endless_speech_is_cut_where_it_is_least_like_speech() -> None:
    speech = [1.0] * LONGEST * 2
    speech[LONGEST - 100] = 0.6
    segments = cut(speech)
    assert segments[0].end_s == (LONGEST - 99) * FRAME_S
    assert numbers(segments) == list(range(LONGEST * 2))


@given(
    st.lists(st.tuples(st.sampled_from([0.0, 0.4, 0.6, 1.0]), st.integers(1, 400)), max_size=20),
)
def test_every_frame_of_speech_is_given_once_in_order_and_bounded(runs: list[tuple[float, int]]) -> None:
    probabilities = [probability for probability, count in runs for _ in range(count)]
    segments = cut(probabilities)
    given_frames = numbers(segments)
    assert given_frames == sorted(set(given_frames))
    assert {i for i, p in enumerate(probabilities) if p >= 0.5} <= set(given_frames)
    assert all(len(segment.pcm) <= LONGEST * FRAME_SAMPLES for segment in segments)

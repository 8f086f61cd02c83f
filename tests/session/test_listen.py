"""Probabilities into edges, frames into utterances."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from assistant.audio.protocols import Frame
from assistant.models.protocols import FRAME_S, FRAME_SAMPLES
from assistant.session.listen import ONSET_FRAMES, Edge, Listener, SpeechDetector
from tests.session.harness import FrameVad


def edges(probabilities: list[float]) -> list[tuple[int, Edge]]:
    detector = SpeechDetector(0.5)
    found = ((index, detector.feed(value)[1]) for index, value in enumerate(probabilities))
    return [(index, edge) for index, edge in found if edge]


def test_two_voiced_frames_start_three_silent_ones_pause_two_more_resume():
    speech = [0.0, 0.9, 0.9, 0.9, 0.0, 0.0, 0.0, 0.9, 0.9, 0.0, 0.0, 0.0]
    assert edges(speech) == [(2, Edge.STARTED), (6, Edge.PAUSED), (8, Edge.RESUMED), (11, Edge.PAUSED)]


def test_one_frame_is_a_click():
    assert edges([0.0, 0.9, 0.0, 0.9, 0.0]) == []


def test_speech_holds_on_at_a_lower_threshold_than_it_starts():
    assert edges([0.4] * 5) == []
    assert edges([0.9, 0.9, 0.4, 0.4, 0.4, 0.4]) == [(1, Edge.STARTED)]


@given(st.lists(st.floats(0, 1), max_size=300))
def test_edges_alternate(probabilities):
    kinds = [edge for _, edge in edges(probabilities)]
    for first, second in itertools.pairwise(kinds):
        assert (first is Edge.PAUSED) == (second is Edge.RESUMED)
    assert kinds[:1] in ([], [Edge.STARTED])


def hear(listener: Listener, values: list[float]) -> list[Edge | None]:
    frames = (np.full(FRAME_SAMPLES, value, np.float32) for value in values)
    return [listener.feed(Frame(pcm, index * FRAME_S)) for index, pcm in enumerate(frames)]


@given(st.integers(0, 60), st.integers(2, 40))
def test_the_utterance_is_pre_roll_and_speech_without_a_gap(lead, voiced):
    listener = Listener(FrameVad(), threshold=0.5, pre_roll_ms=320)
    levels = [index / 1000 for index in range(lead)]
    hear(listener, levels + [1.0] * voiced)
    kept = levels[-10:] if lead else []
    assert listener.utterance()[::FRAME_SAMPLES].tolist() == np.array(kept + [1.0] * voiced, np.float32).tolist()


def test_speech_right_after_a_commit_finds_its_onset_in_the_last_utterance():
    listener = Listener(FrameVad(), threshold=0.5, pre_roll_ms=320)
    hear(listener, [1.0] * 20 + [0.3] * 5)
    listener.end_utterance()
    hear(listener, [1.0] * ONSET_FRAMES)
    assert listener.utterance()[::FRAME_SAMPLES].tolist()[-7:] == np.array([0.3] * 5 + [1.0] * 2, np.float32).tolist()


def test_what_may_go_on_is_joined_by_what_is_said_within_half_a_second():
    for gap, joined in ((0, True), (13, True), (14, False)):
        listener = Listener(FrameVad(), threshold=0.5, pre_roll_ms=320)
        hear(listener, [1.0] * 4 + [0.1] * 3)
        listener.end_utterance(may_go_on=True)
        hear(listener, [0.2] * gap + [0.9] * ONSET_FRAMES)
        levels = listener.utterance()[::FRAME_SAMPLES].tolist()
        assert levels[-2:] == np.array([0.9] * 2, np.float32).tolist()
        assert (levels.count(1.0) == 4) is joined
        assert listener.voiced_s == ONSET_FRAMES * FRAME_S


def test_what_was_long_or_is_over_is_not_joined():
    for voiced, may_go_on in ((50, True), (4, False)):
        listener = Listener(FrameVad(), threshold=0.5, pre_roll_ms=320)
        hear(listener, [1.0] * voiced + [0.1] * 3)
        listener.end_utterance(may_go_on=may_go_on)
        hear(listener, [0.2] * 8 + [0.9] * ONSET_FRAMES)
        assert 1.0 not in listener.utterance().tolist()


def test_deaf_ears_forget():
    listener = Listener(FrameVad(), threshold=0.5, pre_roll_ms=320)
    hear(listener, [1.0] * 20)
    listener.deafen()
    assert (listener.utterance().size, listener.voiced_s) == (0, 0.0)
    hear(listener, [1.0] * 2)
    assert listener.utterance().size == 2 * FRAME_SAMPLES


def test_the_longest_pause_is_one_that_is_over_and_lies_in_this_utterance():
    listener = Listener(FrameVad(), threshold=0.5, pre_roll_ms=320)
    hear(listener, [0.0] * 50 + [1.0] * 2)
    assert listener.longest_pause_s == 0.0
    hear(listener, [0.0] * 8 + [1.0] * 3 + [0.0] * 5 + [1.0])
    assert listener.longest_pause_s == 8 * FRAME_S
    hear(listener, [0.0] * 20)
    assert listener.longest_pause_s == 8 * FRAME_S
    listener.end_utterance()
    assert listener.longest_pause_s == 0.0


def test_less_is_asked_of_what_stands_out_of_the_room() -> None:
    soft = [0.35, 0.35]
    assert [SpeechDetector(0.5).feed(probability)[0] for probability in soft] == [False, False]
    detector = SpeechDetector(0.5)
    assert [detector.feed(probability, stands_out=True) for probability in soft] == [(True, None), (True, Edge.STARTED)]

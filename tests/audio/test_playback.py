from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.audio.playback import DUCKED, FADE_S, PlaybackRing
from assistant.audio.protocols import ClauseProgress

RATE_HZ = 1000
FADE = round(FADE_S * RATE_HZ)
CAPACITY = 50


def pull(ring: PlaybackRing, count: int) -> tuple[list[float], int]:
    out = np.full(count, np.nan, np.float32)
    sound = ring.read_into(out)
    return out.tolist(), sound


def block(start: int, count: int) -> np.ndarray:
    return np.arange(start, start + count, dtype=np.float32)


class Model:
    """What a playback ring should do, on plain lists of (clause, sample). Gains count in steps of the fade."""

    def __init__(self) -> None:
        self.queue: list[tuple[int, float]] = []
        self.discarded: list[float] = []  # and not skipped yet: they still take up room
        self.faded = 0
        self.sounding = False
        self.gain = self.wanted = FADE
        self.queued: Counter[int] = Counter()
        self.played: Counter[int] = Counter()

    def write(self, clause_id: int, pcm: list[float]) -> int:
        taken = pcm[: CAPACITY - len(self.queue) - len(self.discarded)]
        self.queue += [(clause_id, sample) for sample in taken]
        if taken:
            self.queued[clause_id] += len(taken)
        return len(taken)

    def play(self, count: int) -> list[float]:
        out = self._fade_out(count)
        if not self.discarded:
            if not self.sounding:
                self.gain = min(self.gain, self.wanted)
            while self.queue and len(out) < count and (self.gain or self.wanted):
                clause_id, sample = self.queue.pop(0)
                self.played[clause_id] += 1
                out.append(sample * self._next_gain())
        self.sounding = len(out) == count
        return out

    def _next_gain(self) -> float:
        """That of the next sample: on the way down it is the present one, on the way up the one after."""
        self.gain += (step := (self.wanted > self.gain) - (self.wanted < self.gain))
        return (self.gain if step >= 0 else self.gain + 1) / FADE

    def _fade_out(self, count: int) -> list[float]:
        if not self.discarded:
            return []
        if not self.sounding:
            self.discarded.clear()
        heard = self.discarded[: min(count, FADE - self.faded)]
        out = [sample * (1 - (self.faded + i) / FADE) * self.gain / FADE for i, sample in enumerate(heard)]
        self.faded += len(heard)
        del self.discarded[: len(heard)]
        if self.faded == FADE:
            self.discarded.clear()
        if not self.discarded:
            self.faded = 0
            self.gain = self.wanted
        return out

    def progress(self) -> tuple[ClauseProgress, ...]:
        return tuple(
            ClauseProgress(clause_id, self.played[clause_id], count) for clause_id, count in self.queued.items()
        )

    def discard(self) -> None:
        self.discarded += [sample for _, sample in self.queue]
        for part in (self.queue, self.queued, self.played):
            part.clear()
        self.wanted = FADE


operation = st.one_of(
    st.tuples(st.just("write"), st.integers(0, 3), st.integers(0, 70)),
    st.tuples(st.just("play"), st.just(0), st.integers(1, 30)),
    st.tuples(st.sampled_from(["discard", "duck", "pause", "resume"]), st.just(0), st.just(0)),
)
DUCKED_STEPS = 1  # of 5: the fade of a ring at 1 kHz is coarse


@given(st.lists(operation, max_size=80))
def test_any_interleaving_plays_every_sample_once_in_order_and_counts_it(steps: list[tuple[str, int, int]]) -> None:
    ring, model, sample = PlaybackRing(CAPACITY, RATE_HZ), Model(), 1
    for name, clause_id, count in steps:
        if name == "write":
            pcm = block(sample, count)
            assert ring.write(clause_id, pcm) == model.write(clause_id, pcm.tolist())
            sample += count
        elif name == "play":
            out, sound = pull(ring, count)
            expected = model.play(count)
            assert out[:sound] == pytest.approx(expected, rel=1e-5)
            assert out[sound:] == [0.0] * (count - sound)
        elif name == "discard":
            assert ring.discard() == model.progress()
            model.discard()
        else:
            getattr(ring, name)()
            model.wanted = {"duck": DUCKED_STEPS, "pause": 0, "resume": FADE}[name]
        assert ring.progress() == model.progress()
        assert ring.buffered == len(model.queue)


def test_progress_keeps_the_order_of_writing_and_joins_the_parts_of_a_clause() -> None:
    ring = PlaybackRing(CAPACITY, RATE_HZ)
    ring.write(7, block(1, 4))
    ring.write(3, block(5, 2))
    ring.write(7, block(7, 4))
    pull(ring, 8)
    assert ring.progress() == (ClauseProgress(7, 6, 8), ClauseProgress(3, 2, 2))


def test_discard_fades_out_what_was_sounding() -> None:
    ring = PlaybackRing(CAPACITY, RATE_HZ)
    ring.write(1, np.ones(40, np.float32))
    pull(ring, 10)
    assert ring.discard() == (ClauseProgress(1, 10, 40),)
    assert ring.buffered == 0
    out, sound = pull(ring, 10)
    assert sound == FADE
    assert out[:FADE] == pytest.approx([1.0, 0.8, 0.6, 0.4, 0.2])
    assert out[FADE:] == [0.0] * 5


def test_every_discard_fades_out() -> None:
    ring = PlaybackRing(CAPACITY, RATE_HZ)
    for _ in range(3):
        ring.write(1, np.ones(20, np.float32))
        pull(ring, 10)
        ring.discard()
        assert pull(ring, 10)[1] == FADE


def test_a_fade_goes_on_over_small_blocks() -> None:
    ring = PlaybackRing(CAPACITY, RATE_HZ)
    ring.write(1, np.ones(40, np.float32))
    pull(ring, 10)
    ring.discard()
    assert pull(ring, 2)[0] == pytest.approx([1.0, 0.8])
    assert pull(ring, 2)[0] == pytest.approx([0.6, 0.4])
    assert pull(ring, 2)[0] == pytest.approx([0.2, 0.0])


def test_discarding_what_never_sounded_makes_no_sound() -> None:
    ring = PlaybackRing(CAPACITY, RATE_HZ)
    ring.write(1, np.ones(40, np.float32))
    ring.discard()
    assert pull(ring, 10) == ([0.0] * 10, 0)


def test_new_sound_follows_a_discard_at_once() -> None:
    ring = PlaybackRing(CAPACITY, RATE_HZ)
    ring.write(1, np.ones(20, np.float32))
    pull(ring, 5)
    ring.discard()
    ring.write(2, block(100, 3))
    out, _ = pull(ring, 10)
    assert out[FADE : FADE + 3] == [100.0, 101.0, 102.0]
    assert ring.progress() == (ClauseProgress(2, 3, 3),)


def test_an_underrun_is_a_clause_that_ran_dry_in_the_middle() -> None:
    ring = PlaybackRing(CAPACITY, RATE_HZ)
    ring.write(1, block(1, 5))
    pull(ring, 10)
    ring.write(2, block(6, 5))
    assert ring.underruns == 0
    pull(ring, 10)
    ring.write(2, block(11, 5))
    assert ring.underruns == 1


def test_next_up_is_what_will_be_played() -> None:
    ring = PlaybackRing(8, RATE_HZ)
    ring.write(1, block(1, 6))
    pull(ring, 5)
    ring.write(1, block(7, 4))
    assert ring.next_up(3).tolist() == [6, 7, 8]
    assert ring.next_up(99).tolist() == [6, 7, 8, 9, 10]
    ring.discard()
    assert ring.next_up(3).size == 0


def test_a_pause_keeps_the_exact_sample() -> None:
    ring = PlaybackRing(CAPACITY, RATE_HZ)
    ring.write(1, np.ones(40, np.float32))
    pull(ring, 10)
    ring.pause()
    assert pull(ring, 10) == ([1.0, *[pytest.approx(gain) for gain in (0.8, 0.6, 0.4, 0.2)], *[0.0] * 5], 5)
    assert pull(ring, 10) == ([0.0] * 10, 0)
    assert (ring.buffered, ring.paused) == (25, True)
    ring.resume()
    out, sound = pull(ring, 30)
    assert sound == 25
    assert out[:6] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0, 1.0])
    assert ring.progress() == (ClauseProgress(1, 40, 40),)


@given(st.lists(st.tuples(st.sampled_from(["duck", "pause", "resume", ""]), st.integers(1, 40)), max_size=60))
def test_whatever_happens_to_the_volume_no_sample_is_repeated_or_left_out(steps: list[tuple[str, int]]) -> None:
    ring, heard = PlaybackRing(2000, 8000), list[float]()
    ring.write(1, block(1, 2000))
    for change, count in steps:
        if change:
            getattr(ring, change)()
        out, sound = pull(ring, count)
        heard += out[:sound]
        assert ring.progress()[0].played == len(heard)
    gains = np.array(heard) / np.arange(1, len(heard) + 1)
    assert np.all((gains > 0) & (gains <= 1.00001))
    ring.resume()
    quiet, full = pull(ring, 40)[0], pull(ring, 2000)[0]
    assert quiet[-1] == len(heard) + 40
    assert full[: 1960 - len(heard)] == list(range(len(heard) + 41, 2001))


def test_ducked_sound_is_18_db_softer() -> None:
    ring = PlaybackRing(1000, 8000)
    ring.write(1, np.ones(1000, np.float32))
    pull(ring, 100)
    ring.duck()
    assert pull(ring, 100)[0][-1] == pytest.approx(DUCKED, abs=0.01)


def test_what_is_paused_before_it_sounds_makes_no_sound() -> None:
    ring = PlaybackRing(CAPACITY, RATE_HZ)
    ring.pause()
    ring.write(1, np.ones(20, np.float32))
    assert pull(ring, 10) == ([0.0] * 10, 0)
    ring.resume()
    assert pull(ring, 30)[1] == 20

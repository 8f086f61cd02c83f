import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.audio.feed import ClauseFeed
from assistant.audio.playback import PlaybackRing
from assistant.audio.protocols import ClauseProgress
from assistant.audio.resample import Resampler


def make(rate_hz: int = 48_000, seconds: float = 1.0) -> tuple[PlaybackRing, ClauseFeed]:
    ring = PlaybackRing(round(rate_hz * seconds), rate_hz)
    return ring, ClauseFeed(ring)


def drain(ring: PlaybackRing, feed: ClauseFeed) -> np.ndarray:
    played = []
    while feed.buffered_s > 0:
        feed.tick()
        out = np.zeros(480, np.float32)
        played.append(out[: ring.read_into(out)])
    return np.concatenate(played) if played else np.zeros(0, np.float32)


def tone(count: int, rate_hz: int) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * 300 * np.arange(count) / rate_hz)).astype(np.float32)


def test_equal_rates_pass_through_untouched() -> None:
    ring, feed = make(16_000)
    pcm = tone(5000, 16_000)
    assert feed.write(1, pcm, 16_000)
    assert np.array_equal(drain(ring, feed), pcm)


def test_the_chunks_of_a_clause_are_resampled_as_one() -> None:
    ring, feed = make()
    pcm = tone(11_025, 22_050)
    for chunk in np.array_split(pcm, 9):
        assert feed.write(1, chunk, 22_050)
    whole = Resampler(22_050, 48_000)
    assert np.allclose(drain(ring, feed), np.concatenate((whole.push(pcm), whole.flush())), atol=1e-6)


def test_the_held_back_end_of_the_last_clause_is_played() -> None:
    ring, feed = make()
    feed.write(1, tone(8000, 16_000), 16_000)
    assert feed.buffered_s == 0.5
    assert drain(ring, feed).size == 24_000
    assert feed.progress() == (ClauseProgress(1, 24_000, 24_000),)


def test_a_short_first_chunk_is_not_cut_off_from_the_next() -> None:
    ring, feed = make()
    pcm = tone(1600, 16_000)
    feed.write(1, pcm[:160], 16_000)
    feed.tick()
    feed.write(1, pcm[160:], 16_000)
    whole = Resampler(16_000, 48_000)
    assert np.allclose(drain(ring, feed), np.concatenate((whole.push(pcm), whole.flush())), atol=1e-6)


def test_a_chunk_longer_than_the_ring_is_taken_and_the_next_waits() -> None:
    ring, feed = make(16_000, seconds=0.1)
    pcm = tone(8000, 16_000)
    assert feed.write(1, pcm, 16_000)
    assert not feed.write(1, pcm, 16_000)
    assert feed.buffered_s == 0.5
    assert feed.progress() == (ClauseProgress(1, 0, 8000),)
    assert np.array_equal(drain(ring, feed), pcm)
    assert feed.write(1, pcm, 16_000)


def test_discard_drops_what_waits_outside_the_ring_too() -> None:
    ring, feed = make(16_000, seconds=0.1)
    feed.write(1, tone(8000, 16_000), 16_000)
    ring.read_into(np.zeros(100, np.float32))
    assert feed.discard() == (ClauseProgress(1, 100, 8000),)
    assert feed.buffered_s == 0
    assert feed.progress() == ()


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(1, 3000), st.sampled_from((8000, 16_000, 22_050, 48_000))),
        min_size=1,
        max_size=12,
    )
)
def test_whatever_is_fed_every_accepted_sample_is_played(chunks: list[tuple[int, int, int]]) -> None:
    ring, feed = make(48_000, seconds=0.05)
    played = 0
    for clause_id, count, rate_hz in chunks:
        while not feed.write(clause_id, np.ones(count, np.float32), rate_hz):
            feed.tick()
            played += ring.read_into(np.zeros(700, np.float32))
    played += drain(ring, feed).size
    progress = feed.progress()
    assert sum(step.played for step in progress) == sum(step.queued for step in progress) == played
    assert {step.clause_id for step in progress} == {clause_id for clause_id, _, _ in chunks}
    expected = sum(count * 48_000 / rate_hz for _, count, rate_hz in chunks)
    assert abs(played - expected) <= len(chunks)

"""The arithmetic of the bench."""

import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.bench.spread import Spread, edit_distance, percentile, ratio, spread

numbers = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50)
words = st.lists(st.sampled_from("abc"), max_size=8)


@given(numbers, st.floats(0, 1))
def test_a_percentile_is_what_numpy_says(values: list[float], share: float) -> None:
    assert percentile(values, share) == pytest.approx(float(np.percentile(values, 100 * share)), rel=1e-9, abs=1e-6)


@given(numbers)
def test_half_of_the_values_lie_below_the_median(values: list[float]) -> None:
    assert percentile(values, 0.5) == pytest.approx(statistics.median(values))


@given(numbers, st.floats(0, 1), st.floats(0, 1))
def test_percentiles_are_ordered_and_within_the_values(values: list[float], one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert min(values) <= percentile(values, low) <= percentile(values, high) <= max(values)


def test_no_values_have_no_percentile() -> None:
    with pytest.raises(ValueError, match="no percentile"):
        percentile([], 0.5)


def test_a_spread_leaves_out_what_never_came() -> None:
    assert spread([0.3, None, 0.1]) == Spread(2, pytest.approx(0.2), pytest.approx(0.29))
    assert spread([None]) is None


@given(words, words, words)
def test_the_distance_of_words_is_a_metric(one: list[str], two: list[str], three: list[str]) -> None:
    assert (edit_distance(one, two) == 0) == (one == two)
    assert edit_distance(one, two) == edit_distance(two, one)
    assert edit_distance(one, three) <= edit_distance(one, two) + edit_distance(two, three)
    assert abs(len(one) - len(two)) <= edit_distance(one, two) <= max(len(one), len(two))


def test_a_wrong_a_missing_and_an_added_word_count_one_each() -> None:
    assert edit_distance(["turn", "on", "the", "light"], ["turn", "of", "light", "please"]) == 3


@pytest.mark.parametrize(
    ("before", "now", "expected"), [(3.0, 1.5, 2.0), (0.0, 1.0, 0.0), (1.0, 0.0, None), (None, 1.0, None)]
)
def test_a_ratio_says_how_much_more_it_was(before: float | None, now: float | None, expected: float | None) -> None:
    assert ratio(before, now) == expected

"""What was heard of a clause, to the word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.models.protocols import WordMark
from assistant.session.words_heard import characters_heard, word_ends, written_words

TEXT = "Seven times six is 42, e.g. today."
SPOKEN = "Seven times six is 42, for example today."
STARTS_S = (0.0, 0.4, 0.8, 1.1, 1.3, 2.0, 2.2, 2.7)
AUDIBLE_S = 3.2


def marks() -> list[WordMark]:
    starts = [0, *(index + 1 for index, sign in enumerate(SPOKEN) if sign == " ")]
    return [WordMark(start, at_s) for start, at_s in zip(starts, STARTS_S, strict=True)]


def heard(played_s: float, known: list[WordMark] | None = None) -> str:
    known = marks() if known is None else known
    return TEXT[: characters_heard(TEXT, SPOKEN, known, played_s=played_s, audible_s=AUDIBLE_S)]


@pytest.mark.parametrize(
    ("played_s", "words"),
    [
        (0.0, ""),
        (0.37, ""),
        (0.4, "Seven"),
        (1.29, "Seven times six is"),
        (1.99, "Seven times six is 42,"),
        (2.5, "Seven times six is 42,"),  # half of what "e.g." stands for
        (2.7, "Seven times six is 42, e.g."),
        (3.1, "Seven times six is 42, e.g."),
        (3.2, TEXT),
        (9.9, TEXT),  # the silence behind the last word is not waited for
    ],
)
def test_a_word_was_heard_when_the_next_one_begins(played_s, words):
    assert heard(played_s) == words


def test_two_marks_in_one_word_are_its_beginning():
    assert word_ends("9:30 am", [WordMark(0, 0.0), WordMark(2, 0.3), WordMark(5, 0.9)], 1.5) == [0.9, 1.5]


def test_without_marks_a_word_lasts_as_long_as_its_letters_and_digits_need():
    assert word_ends("a bbbbb", [], 8.0) == [2.0, 8.0]
    assert word_ends("a 1", [], 7.0) == [2.0, 7.0]
    assert word_ends("a, b", [], 8.0) == [6.0, 8.0]


def test_marks_are_fixed_points_between_which_the_rest_is_shared_out():
    assert word_ends("aaa bbb ccc", [WordMark(8, 5.0)], 6.0) == [2.5, 5.0, 6.0]


def test_marks_that_go_back_or_point_nowhere_do_no_harm():
    ends_s = word_ends("aaa bbb ccc", [WordMark(4, 5.0), WordMark(8, 1.0), WordMark(99, 2.0)], 6.0)
    assert ends_s == sorted(ends_s)


def test_marks_behind_the_last_sound_keep_no_word_back():
    known = [WordMark(4, 7.0)]
    assert characters_heard("aaa bbb", "aaa bbb", known, played_s=6.0, audible_s=6.0) == len("aaa bbb")


@pytest.mark.parametrize(
    ("written", "spoken", "expected"),
    [
        ("**two** words", "two words", [0, 1, 2]),
        ("Dr. No", "Dr No", [0, 1, 2]),
        ("see a.de/b now", "see a dot de now", [0, 1, 1, 1, 2, 3]),
        ("one - two", "one two", [0, 1, 3]),
        ("", "", [0]),
    ],
)
def test_what_was_spoken_is_counted_in_what_is_written(written, spoken, expected):
    counts = [written_words(written.split(), spoken.split(), heard) for heard in range(len(spoken.split()) + 1)]
    assert counts == expected


texts = st.text(st.sampled_from("ab 1,."), max_size=30)


@given(texts, texts, st.lists(st.builds(WordMark, st.integers(0, 30), st.floats(0, 5)), max_size=6), st.floats(0, 5))
def test_more_playing_never_takes_a_word_back(text, spoken, known, audible_s):
    counts = [characters_heard(text, spoken, known, played_s=step / 4, audible_s=audible_s) for step in range(22)]
    assert counts == sorted(counts)
    assert all(count == 0 or count == len(text) or text[count].isspace() for count in counts)

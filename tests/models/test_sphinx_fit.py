"""Words are believed where they explain the sound nearly as well as free phones do."""

import pytest

from assistant.models.sphinx_fit import Decoding, Segment, confidence, is_command, is_phrase, is_speech, is_word

PHONES = Decoding("S T", -10.0, (Segment("SIL", 0, 9, -5.0), Segment("S", 10, 14, -2.5), Segment("T", 15, 19, -2.5)))
QUIET = Decoding("SIL", -10.0, (Segment("SIL", 0, 19, -10.0),))

Words = list[tuple[str, int, int, float]]
GOOD: Words = [("<sil>", 0, 9, -5.0), ("stop", 10, 19, -6.0)]


def decoding(words: Words, score: float) -> Decoding:
    return Decoding("stop", score, tuple(Segment(*word) for word in words))


@pytest.mark.parametrize(
    ("words", "score", "command", "speech"),
    [
        (GOOD, -11.0, True, True),
        ([("<sil>", 0, 9, -5.0), ("stop", 10, 19, -5.0 - 70)], -11.0, False, True),  # a word fits badly
        (GOOD, -10.0 - 40, False, True),  # the whole does
        (GOOD, -10.0 - 70, False, False),
        ([("<sil>", 0, 12, -5.0), ("stop", 13, 19, -6.0)], -11.0, False, True),  # words for most of the speech only
        ([("<sil>", 0, 15, -5.0), ("stop", 16, 19, -6.0)], -11.0, False, False),
        ([("<sil>", 0, 19, -10.0)], -10.0, False, False),  # no word at all
        ([], 0.0, False, False),
    ],
)
def test_words_must_fit(words: Words, score: float, command: bool, speech: bool) -> None:
    assert is_command(decoding(words, score), PHONES) is command
    assert is_speech(decoding(words, score), PHONES) is speech


@pytest.mark.parametrize(
    ("words", "score", "expected"),
    [
        (GOOD, -10.0, 1.0),  # as well as free phones
        (GOOD, -9.0, 1.0),
        (GOOD, -10.0 - 17.5, 0.5),  # half-way to the limit of −3.5 a frame
        (GOOD, -10.0 - 35, 0.0),
        (GOOD, -10.0 - 70, 0.0),
        ([("<sil>", 0, 10, -5.0), ("stop", 11, 19, -6.0)], -10.0, 0.5),  # words for nine tenths of the speech
        ([("<sil>", 0, 11, -5.0), ("stop", 12, 19, -6.0)], -10.0, 0.0),
    ],
)
def test_the_nearer_a_command_is_to_its_limits_the_less_it_is_trusted(
    words: Words, score: float, expected: float
) -> None:
    assert confidence(decoding(words, score), PHONES) == pytest.approx(expected)


def test_words_without_a_phone_of_speech_are_imagined() -> None:
    assert not is_command(decoding(GOOD, -11.0), QUIET)
    assert not is_speech(decoding(GOOD, -11.0), QUIET)


def test_no_phones_at_all() -> None:
    assert not is_command(decoding(GOOD, -11.0), Decoding())


def test_one_of_a_few_phrases_may_fit_a_little_worse() -> None:
    loose = decoding(GOOD, -10.0 - 40)
    short = decoding([("<sil>", 0, 11, -5.0), ("stop", 12, 19, -6.0)], -11.0 - 20)
    assert is_phrase(loose, PHONES)
    assert is_phrase(short, PHONES)
    assert not is_phrase(decoding(GOOD, -10.0 - 42), PHONES)
    assert not is_phrase(decoding([("<sil>", 0, 12, -5.0), ("stop", 13, 19, -6.0)], -11.0 - 20), PHONES)
    assert not is_phrase(decoding([("<sil>", 0, 9, -5.0), ("stop", 10, 19, -5.0 - 70)], -11.0), PHONES)


def test_several_words_have_to_fit_as_a_command_does() -> None:
    words: Words = [("<sil>", 0, 9, -5.0), ("shut", 10, 14, -3.0), ("up", 15, 19, -3.0)]
    assert is_phrase(decoding(words, -10.0 - 25), PHONES)
    assert not is_phrase(decoding(words, -10.0 - 27), PHONES)


def test_a_clear_word_may_leave_some_noise_unexplained() -> None:
    words: Words = [("<sil>", 0, 12, -5.0), ("stop", 13, 19, -4.0)]
    assert is_phrase(decoding(words, -10.0 - 7), PHONES)
    assert not is_phrase(decoding(words, -10.0 - 9), PHONES)


def test_a_word_looked_for_alone_has_to_fit_well() -> None:
    assert is_word(decoding(GOOD, -10.0 - 3), PHONES)
    assert not is_word(decoding(GOOD, -10.0 - 5), PHONES)
    assert not is_word(decoding([("<sil>", 0, 11, -5.0), ("stop", 12, 19, -6.0)], -11.0), PHONES)
    assert not is_word(decoding([("<sil>", 0, 9, -5.0), ("stop", 10, 19, -5.0 - 18)], -11.0), PHONES)

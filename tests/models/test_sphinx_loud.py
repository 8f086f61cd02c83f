"""A stop word is believed where it explains what is loud, whatever lies softly around it."""

import numpy as np
import pytest

from assistant.models.protocols import Pcm
from assistant.models.sphinx_fit import Decoding, Segment, is_phrase
from assistant.models.sphinx_loud import NO_FIT, LoudFit, fits_alone, fits_among, loud_fit

FRAME = 160
PHONES = Decoding("L AO L", 0.0, (Segment("L", 0, 9, 0.0), Segment("AO", 10, 19, 0.0), Segment("L", 20, 39, 0.0)))


def sound(*, around_db: float) -> Pcm:
    """A word of 0.1 s between 0.1 and 0.2 s of an echo that is so much softer."""
    around = 10 ** (-around_db / 20)
    return np.repeat(np.array([around] * 10 + [1.0] * 10 + [around] * 20, np.float32), FRAME)


def word(nats: float, text: str = "stop") -> Decoding:
    """Over the loud part, fitting so much worse than free phones a frame."""
    return Decoding(text, 10 * nats, (Segment("<sil>", 0, 9, -99.0), Segment(text, 10, 19, 10 * nats)))


def test_what_lies_softly_around_a_word_is_no_part_of_it() -> None:
    fit = loud_fit(word(-1.5), PHONES, sound(around_db=25))
    assert (fit.nats, fit.covered, fit.count) == (pytest.approx(-1.5), pytest.approx(1.0), 1)
    assert not is_phrase(word(-1.5), PHONES), "the phones around it would have counted as much as its own"


def test_what_is_as_loud_as_the_word_has_to_be_explained() -> None:
    assert loud_fit(word(-1.5), PHONES, sound(around_db=0)).covered == pytest.approx(10 / 40)


def test_nothing_fits_nothing() -> None:
    assert loud_fit(Decoding(), PHONES, sound(around_db=0)) == NO_FIT
    assert loud_fit(word(-1.0), Decoding(), sound(around_db=0)) == NO_FIT
    assert not fits_alone(NO_FIT, NO_FIT)
    assert not fits_among(NO_FIT, NO_FIT)


@pytest.mark.parametrize(
    ("fit", "alone"),
    [
        (LoudFit(-2.3, 1.0, 1), True),
        (LoudFit(-2.5, 1.0, 1), False),
        (LoudFit(-1.7, 0.75, 1), True),
        (LoudFit(-1.9, 0.75, 1), False),  # the less it covers, the better it has to fit
        (LoudFit(0.0, 0.69, 1), False),
        (LoudFit(-1.2, 1.0, 2), True),
        (LoudFit(-1.4, 1.0, 2), False),  # with "please" there is more to fit
    ],
)
def test_limits_for_a_word_alone(fit: LoudFit, alone: bool) -> None:
    assert fits_alone(fit, NO_FIT) is alone


@pytest.mark.parametrize(
    ("rival", "stop"),
    [
        (LoudFit(-1.0, 1.0, 1), False),
        (LoudFit(-1.1, 1.0, 1), False),
        (LoudFit(-1.3, 1.0, 1), True),
        (LoudFit(-0.5, 0.7, 1), True),  # which leaves too much unexplained
    ],
)
def test_a_stop_must_fit_better_than_another_phrase(rival: LoudFit, stop: bool) -> None:
    assert fits_alone(LoudFit(-1.0, 1.0, 1), rival) is stop
    assert fits_among(LoudFit(-1.0, 1.0, 1), rival) is stop


@pytest.mark.parametrize(
    ("fit", "among"),
    [
        (LoudFit(-3.4, 1.0, 1), True),
        (LoudFit(-3.6, 1.0, 1), False),
        (LoudFit(-2.8, 0.76, 2), True),
        (LoudFit(-3.1, 0.76, 2), False),
        (LoudFit(0.0, 0.74, 1), False),
    ],
)
def test_limits_for_the_best_of_all_phrases(fit: LoudFit, among: bool) -> None:
    assert fits_among(fit, NO_FIT) is among

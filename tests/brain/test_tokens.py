"""What is said in German, French and Spanish, as words and exact numbers."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from num2words import num2words

from assistant.brain.language import language_of
from assistant.brain.tokens import tokenizer

LANGUAGES = ("de", "fr", "es")


@pytest.mark.parametrize(
    ("language", "text", "tokens"),
    [
        ("de", "Stelle einen Timer auf fünfundzwanzig Minuten", "stelle einen timer auf 25 minuten"),
        ("de", "zweitausendsechsundzwanzig mal drei Komma eins vier", "2026 mal 157/50"),
        ("de", "1.234,5 + 7", "2469/2 plus 7"),
        ("de", "eine Million dreihundert", "1000300"),
        ("de", "anderthalb Stunden, zweieinhalb Minuten", "3/2 stunden 5/2 minuten"),
        ("de", "minus fünf plus eins", "-5 plus 1"),
        ("de", "acht minus fünf", "8 minus 5"),
        ("de", "-3 * -4", "-3 mal -4"),
        ("de", "5 min", "5 minuten"),
        ("de", "20% von 80", "20 prozent von 80"),
        ("de", "tausendmal danke", "tausendmal danke"),
        ("fr", "Quelle heure est-il ?", "quelle heure est il"),
        ("fr", "un minuteur de quatre-vingt-dix-sept minutes", "un minuteur de 97 minutes"),
        ("fr", "un plus un", "1 plus 1"),
        ("fr", "deux mille vingt-six", "2026"),
        ("fr", "trois virgule quatorze", "157/50"),
        ("fr", "soixante et onze", "71"),
        ("fr", "1\u202f234,5", "2469/2"),
        ("fr", "Minuteur 02h16", "minuteur 2 heures 16"),
        ("fr", "cinq et demi", "11/2"),
        ("es", "treinta y cinco más un", "35 más 1"),
        ("es", "dos mil veintiséis", "2026"),
        ("es", "un temporizador de veintiún minutos", "un temporizador de 21 minutos"),
        ("es", "tres coma cero cinco", "61/20"),
        ("es", "un millón", "1000000"),
        ("xx", "What's 7 × 6?", "what's 7 times 6"),
    ],
)
def test_one_form_for_what_is_said(language: str, text: str, tokens: str) -> None:
    assert " ".join(map(str, tokenizer(language)(text))) == tokens


@given(st.sampled_from(LANGUAGES), st.integers(0, 999_999))
def test_a_number_in_words_is_understood(language: str, number: int) -> None:
    """``num2words`` is another's table, and knows nothing of the one that is understood by."""
    assert tokenizer(language)(num2words(number, lang=language)) == [number]


@given(
    st.sampled_from(LANGUAGES),
    st.fractions(min_value=-(10**9), max_value=10**9, max_denominator=1).flatmap(
        lambda whole: st.sampled_from([1, 2, 4, 10, 100]).map(lambda parts: whole / parts)
    ),
)
def test_a_number_that_is_spoken_is_understood(language: str, value: Fraction) -> None:
    assert tokenizer(language)(language_of(language).number(value)) == [value]


@given(st.sampled_from(LANGUAGES), st.text(max_size=60))
def test_any_text_has_tokens(language: str, text: str) -> None:
    for token in tokenizer(language)(text):
        assert isinstance(token, Fraction) or token == token.casefold()

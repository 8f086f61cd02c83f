from fractions import Fraction
from itertools import islice

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assistant.brain.corrections import readings, split, starts_with_correction
from assistant.brain.understanding import Understanding


@pytest.mark.parametrize(
    "text",
    [
        "actually what time is it",
        "Actually, what time is it?",
        "no wait ten minutes",
        "No, ten minutes.",
        "wait",
        "Sorry, I meant fifteen",
        "I mean tomorrow",
        "make that twenty",
        "  no — ten",
        "no, not that one",
    ],
)
def test_corrections_are_noticed(text: str) -> None:
    assert starts_with_correction(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no",
        "No.",
        "sorry",
        "no thanks",
        "No, thank you.",
        "nobody",
        "waiting for you",
        "what time is it",
        "know it",
    ],
)
def test_other_words_are_not_corrections(text: str) -> None:
    assert not starts_with_correction(text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("set a timer for five minutes, no wait ten minutes", ("set a timer for five minutes", "ten minutes")),
        ("set a timer for five minutes no wait ten minutes", ("set a timer for five minutes", "ten minutes")),
        ("Set a timer for five minutes, no, wait, ten minutes.", ("Set a timer for five minutes", "ten minutes.")),
        ("what's two plus two, actually what time is it", ("what's two plus two", "what time is it")),
        ("a five minute timer, no ten, no twenty", ("a five minute timer, no ten", "twenty")),
        ("set a timer for five minutes, wait", ("set a timer for five minutes", "")),
        ("there is no time", None),
        ("no wait ten minutes", None),
        ("what time is it", None),
        ("", None),
    ],
)
def test_the_text_is_split_at_the_last_correction(text: str, parts: tuple[str, str] | None) -> None:
    assert split(text) == parts


@pytest.mark.parametrize(
    ("text", "correction"),
    [
        ("remind me to say sorry to mum", None),
        ("remind me to wait for the bus", None),
        ("remind me at six, sorry, seven", "seven"),
        ("remind me at six no wait seven", "seven"),
        ("remind me at six no seven", None),
    ],
)
def test_in_free_text_a_correction_has_to_be_sure(text: str, correction: str | None) -> None:
    found = split(text, sure=True)
    assert (found and found[1]) == correction


def test_the_correction_alone_comes_first_then_the_longest_beginning_then_the_middle() -> None:
    assert list(readings(["for", 5, "minutes"], [10])) == [
        [10],
        ["for", 5, "minutes", 10],
        ["for", 5, 10],
        ["for", 10],
        ["for", 10, "minutes"],
        [10, 5, "minutes"],
    ]


def test_a_number_stands_in_the_place_of_one_and_not_beside_it() -> None:
    six, seven = Fraction(6), Fraction(7)
    assert next(islice(readings(["um", six, "uhr", "abends"], [seven]), 1, None)) == ["um", seven, "uhr", "abends"]
    pieced = list(readings(["for", six, "hours"], [seven, "minutes"]))
    assert pieced[:2] == [[seven, "minutes"], ["for", seven, "minutes"]]


def test_nothing_is_pieced_together_without_a_correction_or_with_a_long_text() -> None:
    assert list(readings(["stop"], [])) == [[]]
    assert list(readings(["word"] * 100, ["x"])) == [["x"]]


@given(st.text(max_size=100))
@example(".NO")
def test_any_text_can_be_split(text: str) -> None:
    parts = split(text)
    assert parts is None or parts[0]
    starts_with_correction(text)


@given(st.lists(st.integers(), max_size=24), st.lists(st.integers(), min_size=1, max_size=5))
def test_every_reading_contains_the_correction_in_one_piece(first: list[int], correction: list[int]) -> None:
    for reading in readings(first, correction):
        at = [reading[i : i + len(correction)] for i in range(len(reading))]
        assert correction in at


@pytest.mark.parametrize(
    ("language", "text", "parts"),
    [
        ("de", "Stell einen Timer auf fünf Minuten, nein warte, zehn Minuten", "zehn Minuten"),
        ("de", "Timer auf fünf Minuten, ich meine zehn", "zehn"),
        ("de", "Einen Moment bitte", None),
        ("de", "nein danke", None),
        ("fr", "mets un minuteur de cinq minutes, non attends, dix minutes", "dix minutes"),
        ("fr", "mets un minuteur de cinq minutes, pardon, dix", "dix"),
        ("fr", "non merci", None),
        ("es", "pon un temporizador de cinco minutos, no espera, diez minutos", "diez minutos"),
        ("es", "pon un temporizador de cinco minutos, mejor diez", "diez"),
        ("es", "no quiero un temporizador", None),
        ("xx", "five minutes, no wait, ten", "ten"),
    ],
)
def test_corrections_of_other_languages(language: str, text: str, parts: str | None) -> None:
    found = split(text, language)
    assert (found and found[1]) == parts


@pytest.mark.parametrize(
    ("language", "text", "corrects"),
    [
        ("de", "nein, zehn Minuten", True),
        ("de", "warte", True),
        ("de", "nein", False),
        ("de", "no wait ten minutes", False),
        ("fr", "non, dix minutes", True),
        ("fr", "non", False),
        ("es", "no, diez minutos", True),
        ("es", "no gracias", False),
    ],
)
def test_what_begins_a_correction_elsewhere(language: str, text: str, corrects: bool) -> None:
    assert starts_with_correction(text, language) == corrects


def test_the_same_words_in_two_breaths_are_understood_anew() -> None:
    understanding, text = Understanding("en", "rig"), "remind me to say sorry what time is it"
    found = [understanding.find(text, corrected) for corrected in (False, True)]
    assert [match and match.intent for match in found] == ["RemindMe", "TellTime"]

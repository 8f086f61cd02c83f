"""What people say into somebody else's speech."""

import tomllib
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.session.interjections import Kind, Reading, interjections, without_echo, words_of

DATA = tomllib.loads(resources.files("assistant.session").joinpath("interjections.toml").read_text("utf-8"))
LANGUAGES = ["en", "de", "fr", "es"]
REQUEST = {"en": "what time is it", "de": "wie spät ist es", "fr": "quelle heure est il", "es": "qué hora es"}


def test_there_are_words_for_every_language():
    assert list(DATA) == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_stop_is_one_wherever_it_stands(language):
    words = interjections(language)
    for stop in DATA[language]["stop"]:
        assert words.read(stop).kind is Kind.STOP
        assert words.read(f"{stop.upper()}!").kind is Kind.STOP
        assert words.read(f"Xyz, {stop}, abc.").kind is Kind.STOP
        assert words.is_bare_stop(stop)


@pytest.mark.parametrize("language", LANGUAGES)
def test_backchannels_are_heard_as_such_alone_and_together_but_not_before_a_request(language):
    words, phrases = interjections(language), DATA[language]["backchannel"]
    for phrase in phrases:
        assert words.read(phrase).kind is Kind.BACKCHANNEL
        assert words.read(f"{phrase}, {phrases[0]}.").kind is Kind.BACKCHANNEL
        assert words.read(f"{phrase} {REQUEST[language]}").kind is Kind.REQUEST
        assert not words.is_bare_stop(phrase)


@pytest.mark.parametrize("sound", ["Mm-hmm.", "Mhm", "Hmmm", "Uh-huh!", "Ha ha ha!", "Hahaha", "Hehe.", "Uh...", "Ooh"])
def test_sounds_are_backchannels_in_english(sound):
    assert interjections("en").read(sound).kind is Kind.BACKCHANNEL


@pytest.mark.parametrize("noise", ["", "...", "[Laughter]", "(coughing)", "*sighs*", "♪ la la ♪", "[BLANK_AUDIO]"])
def test_described_noises_are_no_words(noise):
    assert interjections("en").read(noise) == Reading(Kind.NOTHING)


def test_the_phrase_that_stops_is_named():
    assert interjections("en").read("Oh, never mind that").words == "never mind"


def test_a_fair_enough_is_no_enough():
    assert interjections("en").read("Fair enough.").kind is Kind.BACKCHANNEL


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("Stop!", True),
        ("Okay, please stop it now.", True),
        ("No, wait.", True),
        ("Wait a second", True),
        ("never mind, thanks", True),
        ("stop the timer", False),
        ("wait, what about Tuesday", False),
        ("please", False),
        ("", False),
    ],
)
def test_a_bare_stop_asks_for_nothing_else(text, bare):
    assert interjections("en").is_bare_stop(text) is bare


def test_a_language_without_words_has_the_english_ones():
    assert interjections("nl").read("stop").kind is Kind.STOP


@pytest.mark.parametrize(
    ("heard", "bare"), [("wait", True), ("okay, be quiet please", True), ("wait see", False), ("no wait what", False)]
)
def test_a_reading_says_whether_there_is_more_than_the_stop(heard, bare):
    reading = interjections("en").read(heard)
    assert (reading.kind, reading.bare) == (Kind.STOP, bare)


SAID = "The capital of France is Paris, and please do not stop the car there."


@pytest.mark.parametrize(
    ("heard", "kind"),
    [
        ("the capital of France", Kind.ECHO),
        ("capital of France is Paris and", Kind.ECHO),
        ("Paris", Kind.ECHO),
        ("please do not stop the car", Kind.ECHO),
        ("stop", Kind.STOP),  # one word of ours may be the user's
        ("capital of France stop", Kind.STOP),
        ("capital of France what about Spain", Kind.REQUEST),
        ("okay", Kind.BACKCHANNEL),
        ("capital of France okay", Kind.BACKCHANNEL),
        ("what about Spain", Kind.REQUEST),
    ],
)
def test_our_own_words_are_not_the_users(heard, kind):
    assert interjections("en").read(heard, SAID).kind is kind


def test_what_is_not_echo_is_what_counts():
    assert interjections("en").read("capital of France what about Spain", SAID).words == "what about spain"


words = st.lists(st.sampled_from(["a", "b", "c", "d", "e", "f"]), max_size=12)


@given(words, words)
def test_the_residue_is_words_that_were_heard_in_order(heard, said):
    left = iter(heard)
    assert all(word in left for word in without_echo(heard, said))


@given(words)
def test_a_whole_echo_leaves_nothing_and_silence_echoes_nothing(heard):
    assert without_echo(heard, []) == heard
    assert len(heard) < 2 or without_echo(heard, heard) == []


@given(st.text())
def test_any_text_can_be_read(text):
    interjections("en").read(text, text)
    assert all(words_of(word) == [word] for word in words_of(text) if word.isalpha() and word == word.casefold())


def test_the_stops_are_among_the_phrases_that_are_listened_for():
    words = interjections("en")
    assert {"stop", "never mind"} <= set(words.stops) < set(words.phrases)
    assert "okay" not in words.stops

"""How much sound is kept ready: as much as bridges the time until there is more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.session.cushion import LONGEST_LEAD_S, NEXT_CHARACTERS, SHORTEST_LEAD_S, Cushion

CHARACTERS_PER_S = 15.0  # of speech


def learned(*, voice_factor: float, text_factor: float) -> Cushion:
    """After an answer of which a second of speech took so many seconds to be voiced, and to be written."""
    cushion = Cushion()
    cushion.begin()
    for number in range(100):
        cushion.wrote(3, number * 3 / CHARACTERS_PER_S * text_factor)
    for characters in (20, 60, 100):
        sound_s = characters / CHARACTERS_PER_S
        cushion.voiced(characters, sound_s * voice_factor, sound_s)
    return cushion


def test_nothing_measured_is_no_reason_to_wait_nor_to_save() -> None:
    assert Cushion().bridges(0.1, None, 0)
    assert Cushion().lead_s(10) == LONGEST_LEAD_S


def test_a_quick_machine_keeps_the_lead_short() -> None:
    quick = learned(voice_factor=0.05, text_factor=0.1)
    assert quick.lead_s(90) == SHORTEST_LEAD_S
    assert quick.bridges(1.0, None, 0)


def test_a_slow_voice_begins_early_enough_with_the_next_clause() -> None:
    slow = learned(voice_factor=0.4, text_factor=0.1)
    assert slow.lead_s(60) == pytest.approx(2 * 0.4 * 60 / CHARACTERS_PER_S)
    assert slow.lead_s(280) == LONGEST_LEAD_S


def test_scarce_text_is_turned_into_sound_at_once() -> None:
    assert learned(voice_factor=0.05, text_factor=0.8).lead_s(10) == LONGEST_LEAD_S


def test_a_slow_machine_collects_before_it_begins() -> None:
    slow = learned(voice_factor=0.5, text_factor=0.5)
    needed_s = 2 * 0.5 * NEXT_CHARACTERS / CHARACTERS_PER_S
    assert not slow.bridges(needed_s - 0.1, None, 0)
    assert slow.bridges(needed_s + 0.1, None, 0)
    assert slow.bridges(needed_s - 0.9, None, 1.0)  # a second of it has been written meanwhile
    assert slow.bridges(0.5, round(0.9 * CHARACTERS_PER_S), 0)
    assert not slow.bridges(0.4, round(0.9 * CHARACTERS_PER_S), 0)


def test_the_time_between_two_answers_is_not_counted() -> None:
    cushion = Cushion()
    cushion.voiced(60, 0.1, 4.0)
    cushion.wrote(10, 0.0)
    cushion.begin()
    cushion.wrote(10, 100.0)
    assert cushion.bridges(0.2, None, 0)


@given(st.floats(0.001, 3), st.floats(0.001, 3), st.integers(1, 280), st.floats(0, 10), st.floats(0, 10))
def test_more_sound_and_a_quicker_voice_never_ask_for_more(
    voice_factor: float, text_factor: float, characters: int, sound_s: float, more_s: float
) -> None:
    cushion = learned(voice_factor=voice_factor, text_factor=text_factor)
    assert SHORTEST_LEAD_S <= cushion.lead_s(characters) <= LONGEST_LEAD_S
    assert cushion.lead_s(characters) <= learned(voice_factor=2 * voice_factor, text_factor=text_factor).lead_s(
        characters
    )
    if cushion.bridges(sound_s, characters, 0):
        assert cushion.bridges(sound_s + more_s, characters, 0)
        assert cushion.bridges(sound_s, characters, more_s)

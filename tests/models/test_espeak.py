"""eSpeak NG's voices, speeds and lack of patience with text."""

import threading
from itertools import islice

import numpy as np
import pytest

from assistant.errors import EngineUnavailable
from assistant.models import espeak
from assistant.models.espeak import PIECE_CHARACTERS, EspeakTts, pieces
from assistant.models.protocols import WordMark
from assistant.session.turn import Cancelled, CancelToken
from tests.contracts.tokens import CountingToken


def seconds(engine: EspeakTts, text: str = "Seven times six is forty two.") -> float:
    return sum(chunk.size for chunk in engine.synthesize(text, CancelToken())) / engine.sample_rate_hz


@pytest.mark.parametrize("voice", ["en-us", "en-gb", "en", "en-us+f3", "en-gb+f2", "de", "fr-fr", "es", "gmw/en"])
def test_a_voice_is_found_by_language_or_name(voice: str) -> None:
    engine = EspeakTts(voice)
    assert voice in engine.name
    assert engine.sample_rate_hz == 22_050
    assert 1 < seconds(engine) < 4


@pytest.mark.parametrize("voice", ["dothraki", "xx-yy", "en us", "en-us+nobody"])
def test_an_unknown_voice_names_some_that_exist(voice: str) -> None:
    with pytest.raises(EngineUnavailable) as caught:
        EspeakTts(voice)
    assert "en-us" in caught.value.hint


def test_speed_is_the_rate_of_the_voice() -> None:
    slow, normal, fast = (seconds(EspeakTts(speed=speed)) for speed in (0.5, 1.0, 2.0))
    assert slow > 1.4 * normal > 1.4 * 1.4 * fast


def test_the_rate_changes_while_it_is_in_use() -> None:
    voice = EspeakTts()
    normal = seconds(voice)
    voice.pace(0.5)
    assert seconds(voice) > 1.4 * normal
    voice.pace(1.0)
    assert seconds(voice) == pytest.approx(normal, rel=0.02)


def test_voices_take_turns() -> None:
    """The library has one voice for the process: each engine selects its own again."""
    slow, fast = EspeakTts("en-us", 0.5), EspeakTts("de", 2.0)
    alone = seconds(slow)
    first = slow.synthesize("Seven times six is forty two.", CancelToken())
    next(first)
    seconds(fast)
    assert seconds(slow) == pytest.approx(alone, rel=0.02)


def test_two_threads_do_not_mix_their_sound() -> None:
    engines = [EspeakTts("en-us", speed) for speed in (0.5, 2.0)]
    alone = [seconds(engine) for engine in engines]
    spoken: list[list[float]] = [[], []]
    threads = [
        threading.Thread(target=lambda at=at: spoken[at].extend(seconds(engines[at]) for _ in range(20)))
        for at in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for at in range(2):
        assert spoken[at] == pytest.approx([alone[at]] * 20, rel=0.02)


def test_chunks_are_short_and_in_order() -> None:
    chunks = list(EspeakTts().synthesize("One. Two. Three.", CancelToken()))
    assert max(chunk.size for chunk in chunks) <= 22_050 * 0.06 + 1
    assert np.abs(np.diff(np.concatenate(chunks))).max() < 0.6


def test_a_cancel_stops_the_library_in_the_middle_of_a_piece() -> None:
    engine = EspeakTts()
    text = "Seven times six is forty two."
    assert len(engine._speak(text, CountingToken())[0]) > 20
    assert len(engine._speak(text, CountingToken(cancel_at=5))[0]) == 5


def test_a_cancel_before_a_piece_spares_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, token = EspeakTts(), CancelToken()
    token.cancel("test")
    monkeypatch.setattr(engine, "_speak", lambda *_: pytest.fail("the library was asked"))
    with pytest.raises(Cancelled):
        list(engine.synthesize("hello", token))


def test_control_characters_are_no_commands() -> None:
    """Ctrl-A "200S" would tell the library to speak faster."""
    engine = EspeakTts()
    assert seconds(engine, "\x01200S hello there") >= 0.9 * seconds(engine, "200S hello there")


def test_a_missing_library(monkeypatch: pytest.MonkeyPatch) -> None:
    espeak._library.cache_clear()
    monkeypatch.setattr("espeakng_loader.get_library_path", lambda: "/nowhere/libespeak-ng.so")
    with pytest.raises(EngineUnavailable, match="cannot be loaded"):
        EspeakTts()
    monkeypatch.undo()
    assert seconds(EspeakTts()) > 0


def test_pieces_are_cut_at_spaces_and_lose_no_word() -> None:
    text = " ".join(f"word{number}" for number in range(1000))
    cut = list(pieces(text))
    assert " ".join(cut) == text
    assert max(map(len, cut)) <= PIECE_CHARACTERS


def test_a_piece_without_spaces_is_cut_anyway() -> None:
    text = "".join(map(str, range(1000)))
    assert {len(piece) for piece in islice(pieces(text), 2)} == {PIECE_CHARACTERS}
    assert "".join(pieces(text)) == text


def test_it_marks_where_each_word_begins() -> None:
    engine = EspeakTts()
    text = "Über allem: 42 and\x01 more. " + "word " * 120
    marks = [part for part in engine.synthesize_marked(text, CancelToken()) if isinstance(part, WordMark)]
    starts = [0, *(index + 1 for index, sign in enumerate(text[:-1]) if sign == " ")]
    marked = {mark.start for mark in marks}
    assert all(start in marked or start - 1 in marked for start in starts)
    assert [mark.at_s for mark in marks] == sorted(mark.at_s for mark in marks)
    seconds = sum(chunk.size for chunk in engine.synthesize(text, CancelToken())) / engine.sample_rate_hz
    assert 0.9 * seconds < marks[-1].at_s < seconds

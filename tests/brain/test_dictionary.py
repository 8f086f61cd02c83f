"""The formats of wndb(5WN) and of dictd, as Debian's wordnet-base and dict-wn have them."""

import gzip
from pathlib import Path

import pytest

from assistant.brain.dictionary import DIGITS, look_up
from assistant.brain.skill import Context
from assistant.brain.skills.words import define_word

LICENCE = "  1 This software and database is being provided to you, the LICENSEE, by Princeton University\n"
NOUN = '00001740 05 n 01 dog 0 001 @ 00001000 n 0000 | a domestic animal (of many breeds); "the dog barked"  \n'
VERB = "00001740 38 v 01 dog 0 001 @ 00001000 v 0000 01 + 08 00 | go after with the intent to catch  \n"
ENTRY = """dog
    n 1: a domestic animal (of
         many breeds); "the dog barked" [syn: {dog}, {hound}]
    2: a dull person
    v 1: go after with the intent to catch
"""
BOTH = "As a noun: a domestic animal. As a verb: go after with the intent to catch."


def wordnet(root: Path) -> Path:
    folder = root / "usr/share/wordnet"
    folder.mkdir(parents=True)
    for kind, synset in (("noun", NOUN), ("verb", VERB)):
        letter = kind[0]
        line = f"dog {letter} 1 1 @ 1 1 {len(LICENCE):08}  \nice_cream {letter} 1 1 @ 1 1 {len(LICENCE):08}  \n"
        (folder / f"index.{kind}").write_text(LICENCE + line)
        (folder / f"data.{kind}").write_text(LICENCE + synset)
    return root


def dictd(root: Path, *, packed: bool) -> Path:
    folder = root / "usr/share/dictd"
    folder.mkdir(parents=True)
    text = "00-database-short\n   WordNet\n"
    (folder / "wn.index").write_text(
        f"00-database-short\tA\t{base64(len(text))}\ndog\t{base64(len(text))}\t{base64(len(ENTRY))}\n"
    )
    content = (text + ENTRY).encode()
    if packed:
        (folder / "wn.dict.dz").write_bytes(gzip.compress(content))
    else:
        (folder / "wn.dict").write_bytes(content)
    return root


def base64(number: int) -> str:
    high, low = divmod(number, 64)
    return (base64(high) if high else "") + DIGITS[low]


def test_a_word_in_wordnets_own_files(tmp_path: Path) -> None:
    assert define_word(Context(root=wordnet(tmp_path)), "Dog").text == BOTH


def test_two_words(tmp_path: Path) -> None:
    assert look_up("ice cream", wordnet(tmp_path))[0] == ("noun", "a domestic animal")


@pytest.mark.parametrize("packed", [True, False])
def test_a_word_in_the_edition_for_dictd(tmp_path: Path, packed: bool) -> None:
    assert define_word(Context(root=dictd(tmp_path, packed=packed)), "dog").text == BOTH


@pytest.mark.parametrize("word", ["do", "dogs", "cat", "", "\n", "dog\tA", "x" * 500])
def test_an_unknown_word_is_left_to_the_language_model(tmp_path: Path, word: str) -> None:
    for root in (wordnet(tmp_path / "one"), dictd(tmp_path / "two", packed=True)):
        assert define_word(Context(root=root), word).fallback


def test_no_dictionary_is_said(tmp_path: Path) -> None:
    answer = define_word(Context(root=tmp_path), "dog")
    assert answer.fallback
    assert "No dictionary is installed" in answer.text

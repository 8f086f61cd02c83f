"""Looks a word up in WordNet, if it is installed: its own files, or the edition for dictd.

Formats: https://wordnet.princeton.edu/documentation/wndb5wn; dictd(8), dictfmt(1): an index of headword, offset and
length, the numbers in base 64, beside a text that may be compressed with dictzip, which gzip reads.
"""

import gzip
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

WORDNET = ("usr/share/wordnet", "usr/local/share/wordnet", "usr/share/wordnet/dict")
DICTD = "usr/share/dictd/wn.index"
KINDS = {"noun": "noun", "verb": "verb", "adj": "adjective", "adv": "adverb"}
SHORT = {"n": "noun", "v": "verb", "adj": "adjective", "adv": "adverb"}
SENSE = re.compile(r"(?:(adj|adv|n|v)(?: \d+)?|\d+): (.*?)(?=(?: (?:adj|adv|n|v)(?: \d+)?| \d+): |$)")
DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
LONGEST_ENTRY = 4000
LONGEST_WORD = 60


Sense = tuple[str, str]


class NoDictionary(Exception):
    """None is installed."""


def look_up(word: str, root: Path) -> Sequence[Sense]:
    """What the word means: the commonest sense of each kind, (``noun``, what it is); empty for an unknown one.

    Raises NoDictionary. Takes some tens of milliseconds for WordNet's files, up to half a second for a compressed one.
    """
    plain = " ".join(word.casefold().split())[:LONGEST_WORD]
    folder = next((root / each for each in WORDNET if (root / each / "index.noun").is_file()), None)
    if folder is not None and plain:
        return list(_in_wordnet(plain, folder))
    if folder is None and not (root / DICTD).is_file():
        raise NoDictionary
    return list(_in_dictd(plain, root / DICTD)) if plain else []


def _in_wordnet(word: str, folder: Path) -> Iterator[Sense]:
    for kind, spoken in KINDS.items():
        line = _line_of(word.replace(" ", "_").encode(), b" ", folder / f"index.{kind}")
        fields = line.split()
        if len(fields) < 4:
            continue
        offsets = fields[-int(fields[2]) :]
        gloss = _gloss(folder / f"data.{kind}", int(offsets[0]))
        if gloss:
            yield spoken, gloss


def _line_of(word: bytes, behind: bytes, index: Path) -> str:
    """The index line that begins with a word."""
    content = b"\n" + index.read_bytes() if index.is_file() else b""
    at = content.find(b"\n" + word + behind)
    return content[at + 1 : content.find(b"\n", at + 1)].decode("utf-8", "replace") if at >= 0 else ""


def _gloss(data: Path, offset: int) -> str:
    """The definition of a synset, without its examples."""
    with data.open("rb") as file:
        file.seek(offset)
        line = file.readline().decode("utf-8", "replace")
    return _shortened(line.partition(" | ")[2])


def _shortened(definition: str) -> str:
    """Without examples, remarks in brackets, and what comes behind the first semicolon."""
    return " ".join(re.sub(r"\([^()]*\)", "", definition.partition(";")[0]).split())


def _in_dictd(word: str, index: Path) -> Iterator[Sense]:
    line = _line_of(word.encode(), b"\t", index)
    if line.count("\t") < 2:
        return
    _, start, length = line.split("\t")[:3]
    entry = _entry(index.with_suffix(""), _number(start), min(_number(length), LONGEST_ENTRY))
    told = set[str]()
    for kind, definition in SENSE.findall(" ".join(entry.partition("\n")[2].split())):
        if kind and kind not in told and (gloss := _shortened(definition.partition(" [")[0])):
            told.add(kind)
            yield SHORT[kind], gloss


def _entry(book: Path, start: int, length: int) -> str:
    plain, packed = book.with_name(f"{book.name}.dict"), book.with_name(f"{book.name}.dict.dz")
    with plain.open("rb") if plain.is_file() else gzip.open(packed) as file:
        file.seek(start)
        return file.read(length).decode("utf-8", "replace")


def _number(text: str) -> int:
    """Base 64, as dictd counts."""
    value = 0
    for digit in text.strip():
        value = value * 64 + DIGITS.index(digit)
    return value

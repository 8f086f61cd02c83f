"""On which line of a TOML text something stands: the standard library's parser keeps no positions."""

import re
from collections.abc import Sequence
from itertools import islice, takewhile

HEADER = re.compile(r"^[ \t]*\[{1,2}[ \t]*([^\[\]\n]+?)[ \t]*\]{1,2}[ \t]*(?:#.*)?$", re.MULTILINE)
STRING = r""""(?:[^"\\\n]|\\.)*"|'[^'\n]*'"""
TABLE = rf"""\{{(?:{STRING}|[^"'}}\n])*\}}"""
ITEM = re.compile(rf"""#[^\n]*|({TABLE}|{STRING}|[^\s,\[\]{{}}"'#]+)|\]""")
Place = Sequence[str | int]


def line_of(text: str, place: Place) -> int:
    """The line, from 1, of a place such as ``("model", 3, "files", 1, "sha256")``; of what holds it if it is not there.

    Knows the plain style of models.toml: every table has its header, and arrays hold strings or inline tables.
    """
    start, end, rest = _table(text, place)
    inline = False
    for part in rest:
        found = _key(part, inline, text, start, end) if isinstance(part, str) else _item(part, text, start, end)
        if found is None:
            break
        start = found.start()
        if inline := found.group().startswith("{"):
            end = found.end()
    return text.count("\n", 0, start) + 1


def _table(text: str, place: Place) -> tuple[int, int, Place]:
    """Where the innermost table of the place begins and ends, and what of the place is left inside it."""
    headers = list(HEADER.finditer(text))
    ends = [*(header.start() for header in headers[1:]), len(text)]
    best = (0, headers[0].start() if headers else len(text), place)
    for length in range(1, len(place) + 1):
        name, index = _named(place[:length])
        spans = [(head.start(1), end) for head, end in zip(headers, ends, strict=False) if _bare(head[1]) == name]
        if index < len(spans):
            best = (*spans[index], place[length:])
    return best


def _named(place: Place) -> tuple[str, int]:
    """``("profile", "pi4")`` → ``profile.pi4``, the only one; ``("model", 3)`` → ``model``, and which of them."""
    name = ".".join(str(part) for part in place if isinstance(part, str))
    return name, next((part for part in place if isinstance(part, int)), 0)


def _bare(header: str) -> str:
    return ".".join(part.strip(" \t\"'") for part in header.split("."))


def _key(name: str, inline: bool, text: str, start: int, end: int) -> re.Match[str] | None:
    """A key and what stands right of it on its line."""
    before = r"[{,][ \t]*" if inline else r"^[ \t]*"
    return re.compile(rf"""{before}(["']?){re.escape(name)}\1[ \t]*=""", re.MULTILINE).search(text, start, end)


def _item(index: int, text: str, start: int, end: int) -> re.Match[str] | None:
    """An item of the array that begins at a key."""
    opening = text.find("[", start, end)
    inside = takewhile(lambda found: found.group() != "]", ITEM.finditer(text, opening if opening >= 0 else end, end))
    return next(islice((found for found in inside if found[1]), index, None), None)

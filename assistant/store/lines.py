"""On which line of a TOML text something stands: the standard library's parser keeps no positions."""

import re
from collections.abc import Sequence
from itertools import islice

HEADER = re.compile(r"^[ \t]*\[{1,2}[ \t]*([^\[\]\n]+?)[ \t]*\]{1,2}[ \t]*(?:#.*)?$", re.MULTILINE)
Place = Sequence[str | int]


def line_of(text: str, place: Place) -> int:
    """The line, from 1, of a place such as ``("model", 3, "files", 1, "sha256")``; of what holds it if it is not there.

    Knows the plain style of models.toml: every table has its header, and arrays hold strings or inline tables.
    """
    at, end, rest = _table(text, place)
    for part in rest:
        found = _key(part, text, at, end) if isinstance(part, str) else _item(part, text, at, end)
        if found is None:
            break
        at = found.end() - 1
        if found.group() == "{":
            end = text.find("}", at, end)
    return text.count("\n", 0, at) + 1


def _table(text: str, place: Place) -> tuple[int, int, Place]:
    """Where the innermost table of the place begins and ends, and what of the place is left inside it."""
    headers = list(HEADER.finditer(text))
    ends = [header.start() for header in headers[1:]] + [len(text)]
    best = (0, headers[0].start() if headers else len(text), place)
    for length in range(1, len(place) + 1):
        name, index = _named(place[:length])
        spans = [(head.start(1), end) for head, end in zip(headers, ends, strict=True) if _bare(head[1]) == name]
        if index < len(spans):
            best = (*spans[index], place[length:])
    return best


def _named(place: Place) -> tuple[str, int]:
    """``("profile", "pi4")`` → ``profile.pi4``, the only one; ``("model", 3)`` → ``model``, and which of them."""
    name = ".".join(str(part) for part in place if isinstance(part, str))
    return name, next((part for part in place if isinstance(part, int)), 0)


def _bare(header: str) -> str:
    return ".".join(part.strip(" \t\"'") for part in header.split("."))


def _key(name: str, text: str, at: int, end: int) -> re.Match[str] | None:
    return re.compile(rf"""(?:^|[{{,])\s*["']?{re.escape(name)}["']?\s*=""", re.MULTILINE).search(text, at, end)


def _item(index: int, text: str, at: int, end: int) -> re.Match[str] | None:
    first = re.compile(r"""\{|["']""").search(text, at, end)
    item = re.compile(r"\{" if first and first.group() == "{" else r""""[^"\n]*"|'[^'\n]*'""")
    return next(islice(item.finditer(text, at, end), index, None), None)

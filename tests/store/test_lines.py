"""On which line of a TOML text something stands."""

import tomllib
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.store.lines import line_of

TEXT = """\
kind = "x"  # line 1

[[model]]
id = "a"
files = [
  { path = "one, size = 1", size = 1 },
  # "no item", { nor = "this" }
  { path = "two {", size = 2 },
]
size = 3
[[model]]
languages = [
  "en",
  7,
]

[profile.pi4]
stt = ["a", "b"]
[profile.pi4.settings]
"stt.threads" = 2
"""


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("kind",), 1),
        (("model", 0), 3),
        (("model", 0, "id"), 4),
        (("model", 0, "files"), 5),
        (("model", 0, "files", 0, "size"), 6),
        (("model", 0, "files", 1, "size"), 8),
        (("model", 0, "size"), 10),
        (("model", 1), 11),
        (("model", 1, "languages", 1), 14),
        (("profile", "pi4", "stt", 1), 18),
        (("profile", "pi4", "settings", "stt.threads"), 20),
    ],
)
def test_a_place_is_found(place: tuple[str | int, ...], line: int) -> None:
    assert line_of(TEXT, place) == line


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("model", 0, "licence"), 3),
        (("model", 0, "files", 1, "sha256"), 8),
        (("model", 0, "files", 7), 5),
        (("model", 1, "languages", 9), 12),
        (("profile", "pi4", "why"), 17),
        (("model", 5), 3),
        (("model", 0, "files", 2), 5),
        (("voice",), 1),
    ],
)
def test_what_is_not_there_is_where_it_would_be(place: tuple[str | int, ...], line: int) -> None:
    assert line_of(TEXT, place) == line


PLAIN = st.text("ab{}[],=#' ", max_size=8)
KEYS = st.text("abc_-", min_size=1, max_size=4)
INLINE = st.dictionaries(KEYS, PLAIN, min_size=1, max_size=3)
ROWS = st.lists(PLAIN, min_size=1, max_size=3) | st.lists(INLINE, min_size=1, max_size=3)
TABLES = st.dictionaries(KEYS, PLAIN | ROWS | st.integers(), max_size=4)
BETWEEN = st.sampled_from(["", "# a comment, with = and [brackets]"])


@dataclass
class Page:
    """A text as it is written, and the line of each place in it."""

    lines: list[str] = field(default_factory=list)
    places: dict[tuple[str | int, ...], int] = field(default_factory=dict)

    def write(self, text: str, *places: tuple[str | int, ...]) -> None:
        self.lines.append(text)
        self.places |= dict.fromkeys(places, len(self.lines))

    def write_table(self, header: str, table: dict[str, Any], place: tuple[str | int, ...]) -> None:
        self.write(header, place)
        for key, value in table.items():
            if isinstance(value, list):
                self.write(f'"{key}" = [', (*place, key))
                for index, item in enumerate(value):
                    inside = tuple((*place, key, index, name) for name in item) if isinstance(item, dict) else ()
                    self.write(f"  {written(item)},", (*place, key, index), *inside)
                self.write("]")
            else:
                self.write(f"{key} = {written(value)}", (*place, key))


def written(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {written(each)}" for key, each in value.items()) + " }"
    return f'"{value}"' if isinstance(value, str) else str(value)


@given(st.lists(st.tuples(TABLES, BETWEEN), max_size=4), st.dictionaries(KEYS, st.tuples(TABLES, BETWEEN), max_size=3))
def test_every_place_of_a_plain_text_is_found(
    models: list[tuple[dict[str, Any], str]], profiles: dict[str, tuple[dict[str, Any], str]]
) -> None:
    page = Page()
    for index, (table, between) in enumerate(models):
        page.write(between)
        page.write_table("[[model]]", table, ("model", index))
    for name, (table, between) in profiles.items():
        page.write(between)
        page.write_table(f"[profile.{name}]", table, ("profile", name))
    text = "\n".join(page.lines)
    tomllib.loads(text)
    assert {place: line_of(text, place) for place in page.places} == page.places


@given(st.text('[]{}="#,\n am1', max_size=80), st.lists(KEYS | st.integers(0, 3), max_size=5))
def test_any_text_has_an_answer_inside_it(text: str, place: list[str | int]) -> None:
    assert 1 <= line_of(text, place) <= text.count("\n") + 1

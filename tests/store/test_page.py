"""The page about models."""

import re
from pathlib import Path
from typing import get_args

import pytest

from assistant.store import page
from assistant.store.catalogue import catalogue, parse
from assistant.store.entries import ModelStage
from assistant.store.page_words import MEASURED, NOT_MEASURED, PUBLISHED, STAGES
from tests.store.test_catalogue import GOOD

DOCS = Path(__file__).parents[2] / "docs" / "models.md"


def section(text: str, title: str) -> str:
    """What stands below a heading, up to the next."""
    return text.partition(f"\n### {title}\n")[2].partition("\n##")[0]


def test_the_page_in_docs_is_the_one_generated() -> None:
    assert DOCS.read_text(encoding="utf-8") == page.markdown(), "run python -m assistant.store.page > docs/models.md"


def test_every_model_of_a_profile_is_in_its_table_in_each_language() -> None:
    text = page.markdown()
    for name, profile in catalogue().profiles.items():
        table = section(text, f"`{name}`")
        for language in page.LANGUAGES:
            for entry in profile.for_language(language).entries:
                row = next(line for line in table.splitlines() if line.startswith(f"| {entry.stage} | `{entry.id}` |"))
                assert language in row.split("|")[3] or row.split("|")[3] == " all "
                assert f"{entry.terms}: {entry.licence}" in row


def test_every_model_of_a_profile_has_its_figures_or_says_that_there_are_none() -> None:
    text = page.markdown()
    for name, profile in catalogue().profiles.items():
        rows = [line.split(" | ") for line in section(text, f"`{name}`").splitlines() if line.count(" | ") == 2]
        for entry in profile.entries:
            said = {(row[0][2:], row[1]) for row in rows if f"`{entry.id}`" in row[2]}
            known = {(figure, MEASURED) for figure in entry.measured}
            known |= {(figure, PUBLISHED) for figure in entry.published}
            assert said == (known or {(NOT_MEASURED, "")})


def test_every_model_is_on_the_page() -> None:
    everything = page.markdown().partition("## Every model")[2]
    assert re.findall(r"^\| `([^`]+)` \|", everything, re.MULTILINE) == [
        entry.id for stage in get_args(ModelStage) for entry in catalogue().entries if entry.stage == stage
    ]
    assert set(STAGES) == set(get_args(ModelStage))


def test_a_bar_in_a_text_does_not_break_a_table() -> None:
    text = page.markdown(parse(GOOD.replace('licence = "MIT"', 'licence = "MIT | more"', 1)))
    assert r"MIT \| more" in text


@pytest.mark.parametrize(
    ("size", "words"), [(8_700_000, "8.7 MB"), (386_400_000, "386 MB"), (1_117_000_000, "1.12 GB")]
)
def test_sizes_in_words(size: int, words: str) -> None:
    assert page._size(size) == words

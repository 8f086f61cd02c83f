from datetime import datetime
from fractions import Fraction
from pathlib import Path

import pytest

from assistant.brain.currencies import FILE
from assistant.brain.skill import Context
from assistant.brain.skills.money import convert_currency

TABLE = """
base = "EUR"
date = 2026-11-18
source = "the European Central Bank"
[rates]
USD = 1.25
gbp = 0.8
"""


def asked(folder: Path | None, text: str | None, *, day: int = 20, source: str = "USD", target: str = "euros") -> str:
    if folder is not None and text is not None:
        (folder / FILE).write_text(text)
    context = Context(now=lambda: datetime(2026, 11, day) if day <= 30 else datetime(2027, 1, 18), folder=folder)
    return convert_currency(context, Fraction(5), source, target)


def test_the_answer_says_where_its_rates_come_from_and_when(tmp_path: Path) -> None:
    by = "by the rates from the European Central Bank of November 18th, 2026"
    assert asked(tmp_path, TABLE) == f"5 dollars is about 4 euros, {by}."
    assert asked(tmp_path, TABLE, source="£", target="us dollars") == f"5 pounds is about 7.81 dollars, {by}."
    assert asked(tmp_path, TABLE, day=31) == f"5 dollars is about 4 euros, {by}, which are 61 days old."


def test_a_table_without_a_source_is_named_by_its_file(tmp_path: Path) -> None:
    answer = asked(tmp_path, TABLE.replace("source", "#"))
    assert answer == f"5 dollars is about 4 euros, by the rates in {FILE} of November 18th, 2026."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "I have no exchange rates"),
        ("", "I can't read"),
        ("base = 1\ndate = 2026-11-18\nrates = 3", "I can't read"),
        ("base = 'EUR'\ndate = 'today'\n[rates]\nUSD = 1", "I can't read"),
        ("base = 'EUR'\ndate = 2026-11-18\n[rates]\nUSD = 0", "I can't read"),
        ("base = 'EUR'\ndate = 2026-11-18\n[rates]\nUSD = 'much'", "I can't read"),
        ("base = 'EUR'\ndate = 2026-11-18\n[rates]\nUSD = nan", "I can't read"),
        ("base = 'EUR'\ndate = 2026-11-18\n[rates]\nSEK = 11", "There is no rate for USD"),
    ],
)
def test_a_table_that_does_not_help_is_said(tmp_path: Path, text: str | None, said: str) -> None:
    assert asked(tmp_path, text).startswith(said)


def test_without_a_folder_there_are_no_rates() -> None:
    assert asked(None, None).startswith("I have no exchange rates")

"""Exchange rates that the user wrote down: ``currencies.toml`` beside the configuration file.

base = "EUR"
date = 2026-11-20
source = "the European Central Bank"

[rates]  # what one euro is
USD = 1.16
GBP = 0.88
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path

FILE = "currencies.toml"


class NoRates(Exception):
    """Why nothing can be converted, as a sentence to speak."""


@dataclass(frozen=True, slots=True)
class Rates:
    """``of`` gives what one unit of the base is in another currency, by its ISO 4217 code."""

    of: Mapping[str, Fraction]
    noted: date
    source: str

    def convert(self, amount: Fraction, source: str, target: str) -> Fraction:
        """Raises NoRates for a currency without a rate."""
        for code in (source, target):
            if code not in self.of:
                raise NoRates(f"There is no rate for {code} in {FILE}.")
        return amount / self.of[source] * self.of[target]


def read_rates(folder: Path | None) -> Rates:
    """Raises NoRates."""
    path = folder / FILE if folder is not None else None
    if path is None or not path.is_file():
        raise NoRates(f"I have no exchange rates. Write them into {FILE}, beside my configuration file.")
    try:
        document = tomllib.loads(path.read_text("utf-8"))
        base, noted, table = document["base"], document["date"], document["rates"]
        rates = {str(code).upper(): Fraction(str(rate)) for code, rate in table.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NoRates(f"I can't read {FILE}: it needs base, date and a table of rates.") from error
    if not isinstance(noted, date) or not all(rate > 0 for rate in rates.values()):
        raise NoRates(f"I can't read {FILE}: the date has to be like 2026-11-20, and rates above zero.")
    return Rates({str(base).upper(): Fraction(1), **rates}, noted, str(document.get("source", "")))

"""Currencies, by the user's own table of rates."""

from datetime import date
from fractions import Fraction

from assistant.brain.currencies import FILE, NoRates, read_rates
from assistant.brain.language import ordinal
from assistant.brain.numbers import decimal
from assistant.brain.skill import Context, skill
from assistant.brain.skills.units import with_amount

NAMES = {
    "AUD": ("Australian dollar", "Australian dollars"),
    "BRL": ("real", "reais"),
    "CAD": ("Canadian dollar", "Canadian dollars"),
    "CHF": ("Swiss franc", "Swiss francs"),
    "CNY": ("yuan", "yuan"),
    "CZK": ("Czech koruna", "Czech korunas"),
    "DKK": ("Danish krone", "Danish kroner"),
    "EUR": ("euro", "euros"),
    "GBP": ("pound", "pounds"),
    "HUF": ("forint", "forints"),
    "INR": ("rupee", "rupees"),
    "JPY": ("yen", "yen"),
    "KRW": ("won", "won"),
    "MXN": ("Mexican peso", "Mexican pesos"),
    "NOK": ("Norwegian krone", "Norwegian kroner"),
    "PLN": ("zloty", "zlotys"),
    "SEK": ("Swedish krona", "Swedish kronor"),
    "TRY": ("Turkish lira", "Turkish lira"),
    "USD": ("dollar", "dollars"),
    "ZAR": ("rand", "rand"),
}
SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "US DOLLAR": "USD", "US DOLLARS": "USD"}
CODES = {name.upper(): code for code, names in NAMES.items() for name in names} | SIGNS
OLD_DAYS = 30


@skill(slots=with_amount)
def convert_currency(context: Context, amount: Fraction, source: str, target: str) -> str:
    """Convert an amount of money by the user's own table of rates, from one currency code to another (EUR, USD)."""
    source, target = _code(source), _code(target)
    try:
        rates = read_rates(context.folder)
        result = rates.convert(amount, source, target)
    except NoRates as reason:
        return str(reason)
    where = f"rates from {rates.source}" if rates.source else f"rates in {FILE}"
    return (
        f"{_money(amount, source)} is about {_money(result, target)}, by the {where} of "
        f"{rates.noted:%B} {ordinal(rates.noted.day)}, {rates.noted.year}{_age(rates.noted, context.now().date())}."
    )


def _code(name: str) -> str:
    plain = name.strip().upper()
    return CODES.get(plain, plain)


def _money(amount: Fraction, code: str) -> str:
    text = f"{decimal(amount):,.2f}".removesuffix(".00")
    one, many = NAMES.get(code, (code, code))
    return f"{text} {one if amount == 1 else many}"


def _age(noted: date, today: date) -> str:
    days = (today - noted).days
    return f", which are {days} days old" if days > OLD_DAYS else ""

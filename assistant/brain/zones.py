"""Places and their time zones: every city and country that the time zone database names, and some large cities more.

Where: https://data.iana.org/time-zones/tz-link.html (``iso3166.tab``, ``zone.tab``; the tz project keeps a country's
zones in a useful order).
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo, ZoneInfoNotFoundError, available_timezones

# Names that people use instead of the database's.
ALIASES = {
    "america": "United States",
    "the us": "United States",
    "us": "United States",
    "usa": "United States",
    "england": "Britain",
    "uk": "Britain",
    "united kingdom": "Britain",
    "great britain": "Britain",
    "scotland": "Britain",
    "wales": "Britain",
    "czechia": "Czech Republic",
    "korea": "South Korea",
    "holland": "Netherlands",
}
# The zones of large cities that the database does not name.
CITIES = {
    "Africa/Johannesburg": "cape town, durban, pretoria",
    "Africa/Casablanca": "marrakesh, rabat",
    "America/Chicago": "austin, dallas, houston, memphis, milwaukee, minneapolis, nashville, new orleans, texas",
    "America/Los_Angeles": "california, las vegas, oakland, portland, san diego, san francisco, san jose, seattle",
    "America/New_York": "atlanta, baltimore, boston, cleveland, florida, miami, philadelphia, pittsburgh, washington",
    "America/Phoenix": "arizona",
    "America/Sao_Paulo": "brasilia, rio, rio de janeiro",
    "America/Toronto": "montreal, ottawa, quebec",
    "America/Edmonton": "calgary",
    "America/Mexico_City": "guadalajara",
    "Asia/Kolkata": "bangalore, bombay, calcutta, chennai, delhi, hyderabad, mumbai, new delhi",
    "Asia/Dubai": "abu dhabi",
    "Asia/Ho_Chi_Minh": "hanoi, saigon",
    "Asia/Shanghai": "beijing, guangzhou, shenzhen, wuhan",
    "Asia/Tokyo": "hiroshima, kyoto, osaka, sapporo",
    "Australia/Sydney": "canberra",
    "Europe/Berlin": "cologne, dresden, frankfurt, hamburg, leipzig, munich, stuttgart",
    "Europe/Brussels": "antwerp",
    "Europe/Istanbul": "ankara",
    "Europe/Lisbon": "porto",
    "Europe/London": "birmingham, bristol, cambridge, cardiff, edinburgh, glasgow, liverpool, manchester, oxford",
    "Europe/Madrid": "barcelona, seville, valencia",
    "Europe/Amsterdam": "rotterdam, the hague",
    "Europe/Moscow": "saint petersburg, st petersburg",
    "Europe/Paris": "bordeaux, lyon, marseille, nice, strasbourg, toulouse",
    "Europe/Rome": "bologna, florence, milan, naples, turin, venice",
    "Europe/Warsaw": "krakow",
    "Europe/Zurich": "basel, bern, geneva",
    "Pacific/Auckland": "wellington",
    "Pacific/Honolulu": "hawaii",
    "UTC": "greenwich, gmt, universal time",
}
UPPER = {"utc": "UTC", "gmt": "GMT"}


@dataclass(frozen=True, slots=True)
class Place:
    """``name`` is how it is said. ``several``: a country with more zones than this, which is its first."""

    name: str
    zone: str
    several: bool = False

    @property
    def zoneinfo(self) -> ZoneInfo:
        """Raises ZoneInfoNotFoundError."""
        return ZoneInfo(self.zone)


def is_place(name: str) -> bool:
    """Whether its time can be told; true of anything where there is no time zone data, which is then said."""
    try:
        return find_place(name) is not None
    except ZoneInfoNotFoundError:
        return True


def find_place(name: str) -> Place | None:
    """A city, a country or a zone (``Europe/Rome``), however it is written. Raises ZoneInfoNotFoundError where the
    computer has no time zone data."""
    places = _places()
    if not places:
        raise ZoneInfoNotFoundError("no time zone data")
    plain = _plain(name)
    return places.get(_plain(ALIASES.get(plain, plain))) or places.get(plain.removeprefix("the "))


@cache
def _places() -> dict[str, Place]:
    """By plain name; a city wins over a country (Singapore, Luxembourg). Takes some tens of milliseconds."""
    zones = available_timezones()
    places = {_plain(place.name): place for place in _countries() if place.zone in zones}
    current = {row[2] for row in _table("zone.tab")}  # others are former names
    for zone in sorted(zones, key=lambda zone: (zone not in current, zone)):
        city = zone.rpartition("/")[2].replace("_", " ")
        if "/" in zone and not zone.startswith("Etc/"):
            places.setdefault(_plain(zone), Place(city, zone))
            if _plain(city) not in places or places[_plain(city)].zone == zone:
                places[_plain(city)] = Place(city, zone)
    for zone, names in CITIES.items():
        for city in names.split(", "):
            places[city] = Place(UPPER.get(city, city.title()), zone)
    places["utc"] = Place("UTC", "UTC")
    return places if zones else {}


def _countries() -> Iterator[Place]:
    codes = dict(row[:2] for row in _table("iso3166.tab"))
    zones: dict[str, list[str]] = {}
    for code, _, zone, *_ in _table("zone.tab"):
        zones.setdefault(code, []).append(zone)
    for code, name in codes.items():
        if code in zones:
            yield Place(_said(name), zones[code][0], several=len(zones[code]) > 1)


def _said(country: str) -> str:
    """``Britain (UK)`` → ``Britain``; the two Koreas keep what tells them apart."""
    name, _, more = country.partition(" (")
    return f"{more.rstrip(')')} {name}" if name in {"Korea", "Congo"} else name


def _table(name: str) -> Iterator[list[str]]:
    """The rows of a table of the database, the system's or the tzdata package's; none where there is neither."""
    for line in _text(name).splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def _text(name: str) -> str:
    for folder in map(Path, TZPATH):
        if (folder / name).is_file():
            return (folder / name).read_text("utf-8")
    try:
        return resources.files("tzdata").joinpath("zoneinfo", name).read_text("utf-8")
    except (ModuleNotFoundError, FileNotFoundError):
        return ""


def _plain(name: str) -> str:
    """Lower case, without accents: ``São Paulo`` → ``sao paulo``."""
    letters = unicodedata.normalize("NFD", name.replace("_", " ")).casefold()
    return " ".join("".join(each for each in letters if not unicodedata.combining(each)).split())

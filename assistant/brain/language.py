"""What the skills say, in the language of the conversation.

A skill writes its English sentence, ``say("Okay, {time}.", time=…)``, and other languages have a table of what stands
for it, ``[answers]`` in ``languages/<code>.toml``; a sentence that has no entry there is said in English. An entry is
a text, or ``{one = …, other = …}``, chosen by ``count``. How numbers, times and durations are told is in ``[speaking]``
and ``[units]``.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from functools import cache
from typing import Any

from assistant.brain import durations
from assistant.brain.days import DAY_NAMES
from assistant.brain.numbers import ENGLISH, Style, speak
from assistant.brain.persons import turned
from assistant.brain.tokens import Tokenize, language_data, tokenizer


class Language:
    """English; the base of the others, too."""

    code = "en"
    style: Style = ENGLISH
    joint = "and"
    """What stands before the last of several things."""

    def say(self, english: str, /, count: int | None = None, **values: object) -> str:
        """The sentence with its ``values`` in place. ``count`` chooses between one and several."""
        del count
        return english.format(**values)

    @property
    def tokenize(self) -> Tokenize:
        return tokenizer(self.code)

    def number(self, value: Fraction) -> str:
        """As a voice reads it well."""
        return speak(value, self.style)[0]

    def listed(self, items: Sequence[str]) -> str:
        """``a, b and c``."""
        return durations.listed(items)

    def duration(self, duration_s: int) -> str:
        """``5400`` → ``1 hour and 30 minutes``."""
        return durations.spoken(duration_s)

    def timer(self, name: str | None, duration_s: int) -> str:
        """What the user calls it: ``pasta timer``, or ``10 minute timer``."""
        return f"{name or durations.adjective(duration_s)} timer"

    def counted(self, count: int, unit: str) -> str:
        """``2 weeks``; ``unit`` is one of week, day, hour, minute and second."""
        return f"{count} {unit}{'s' if count != 1 else ''}"

    def time(self, moment: datetime) -> str:
        """``3:20 PM``, ``3 PM`` on the hour, ``noon`` and ``midnight``."""
        return clock_time(moment)

    def turned(self, text: str) -> str:
        """The user's words as they are said to the user: ``my bike`` → ``your bike``, in English."""
        return turned(text)

    def without_lead(self, task: str) -> str:
        """Without the word that joins it to "remind me"; an English one is gone already."""
        return task

    def day_name(self, number: int) -> str:
        """Of a day of the week; 0 is Monday."""
        return DAY_NAMES[number].capitalize()

    def weekday(self, day: date) -> str:
        return self.day_name(day.weekday())

    def month(self, day: date) -> str:
        return f"{day:%B}"

    def full_date(self, day: date, today: date | None = None) -> str:
        """``Friday, November 20th, 2026``; without the year if it is the same as today's."""
        year = "" if today is not None and day.year == today.year else f", {day.year}"
        return f"{self.weekday(day)}, {day:%B} {ordinal(day.day)}{year}"

    def short_date(self, day: date, today: date) -> str:
        """``March 3rd, 2027``; without the year if it is the same as today's."""
        return f"{day:%B} {ordinal(day.day)}{'' if day.year == today.year else f', {day.year}'}"


class _Translated(Language):
    def __init__(self, code: str, data: Mapping[str, Any]) -> None:
        self.code = code
        self._speaking = data["speaking"]
        self._units = data["units"]
        self._answers = data["answers"]
        self.joint = self._speaking["last"].strip()
        self._leads = tuple(self._speaking["leads"])
        self._singular = frozenset(self._speaking.get("singular", (1,)))
        self.style = Style(group="", **{name: self._speaking[name] for name in ("decimal", "minus", "power", "scaled")})

    def say(self, english: str, /, count: int | None = None, **values: object) -> str:
        return self._form(self._answers.get(english, english), count).format(**values)

    def listed(self, items: Sequence[str]) -> str:
        return str(self._speaking["last"]).join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)

    def duration(self, duration_s: int) -> str:
        return self.listed([self.counted(count, unit) for count, unit in durations.parts(duration_s)])

    def counted(self, count: int, unit: str) -> str:
        one, other = self._units[unit]
        return f"{count} {one if count in self._singular else other}"

    def timer(self, name: str | None, duration_s: int) -> str:
        pattern = self._speaking["named_timer" if name else "timer"]
        return str(pattern.format(name=name, duration=self.duration(duration_s)))

    def time(self, moment: datetime) -> str:
        if (moment.hour, moment.minute) in {(0, 0), (12, 0)}:
            return str(self._speaking["noon" if moment.hour else "midnight"])
        pattern = self._form(self._speaking["clock" if moment.minute else "full_hour"], moment.hour)
        return pattern.format(hour=moment.hour, minute=moment.minute)

    def turned(self, text: str) -> str:
        return text

    def without_lead(self, task: str) -> str:
        lead = next((lead for lead in self._leads if task.casefold().startswith(lead)), "")
        return task[len(lead) :]

    def day_name(self, number: int) -> str:
        return str(self._speaking["days"][number])

    def month(self, day: date) -> str:
        return str(self._speaking["months"][day.month - 1])

    def full_date(self, day: date, today: date | None = None) -> str:
        return self._dated("day" if today is not None and day.year == today.year else "date", day)

    def short_date(self, day: date, today: date) -> str:
        return self._dated("short_day" if day.year == today.year else "short_date", day)

    def _dated(self, pattern: str, day: date) -> str:
        number = self._speaking.get("first", "1") if day.day == 1 else day.day
        values = {"weekday": self.weekday(day), "day": number, "month": self.month(day), "year": day.year}
        return str(self._speaking[pattern].format(**values))

    def _form(self, entry: str | Mapping[str, str], count: int | None) -> str:
        return entry if isinstance(entry, str) else entry["one" if count in self._singular else "other"]


ENGLISH_LANGUAGE = Language()


@cache
def language_of(code: str) -> Language:
    """By its ISO 639-1 code; English where there is no data."""
    data = language_data(code)
    return _Translated(code, data) if data else ENGLISH_LANGUAGE


def clock_time(moment: datetime) -> str:
    """``3:20 PM``, ``3 PM`` on the hour, ``noon`` and ``midnight``."""
    if (moment.hour, moment.minute) in {(0, 0), (12, 0)}:
        return "noon" if moment.hour else "midnight"
    minutes = f":{moment.minute:02}" if moment.minute else ""
    return f"{moment.hour % 12 or 12}{minutes} {'AM' if moment.hour < 12 else 'PM'}"


def ordinal(number: int) -> str:
    """``1st``, ``12th``, ``23rd``."""
    if number % 100 in {11, 12, 13}:
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"

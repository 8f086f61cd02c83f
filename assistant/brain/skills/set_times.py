"""What alarms and reminders have in common: both are set for a time, listed and cancelled."""

from collections.abc import Callable, Sequence
from functools import partial

from assistant.brain.agenda import corrected
from assistant.brain.agenda.board import Full
from assistant.brain.agenda.dates import Reading
from assistant.brain.agenda.entry import Entry, Kind, When
from assistant.brain.agenda.words import moment
from assistant.brain.language import ENGLISH_LANGUAGE
from assistant.brain.skill import Context, Refused, Reply, Undo
from assistant.brain.skills.timers import LATER
from assistant.brain.text import tokenize
from assistant.brain.wording import as_written

Told = Callable[[Context, Entry], str]


def read(context: Context, text: str) -> Reading:
    """The time in ``text``, and what stands beside it, as it was corrected to."""
    if context.language is not ENGLISH_LANGUAGE:  # put together from slots, and no part of what was said
        return corrected.read(text)
    return corrected.read(as_written(context.text, tokenize(text), text))


def later(context: Context) -> str:
    """What is said where nobody will be there to ring."""
    return "" if context.can_wait else context.language.say(LATER)


def said(context: Context, meant: When, sentence: str = "for {moment}") -> str:
    """``for 7 AM tomorrow``, ``in 20 minutes``."""
    language = context.language
    if meant.at is None:
        return language.say("in {duration}", duration=language.duration(meant.after_s))
    return language.say(sentence, moment=moment(meant.at, meant.repeat, context.now(), language))


def when_set(context: Context, entry: Entry, sentence: str = "for {moment}") -> str:
    """As ``said``; what is left is told in minutes."""
    left_s = max(60, round(context.agenda.remaining_s(entry) / 60) * 60) if entry.at is None else 0
    return said(context, When(left_s, entry.at, entry.repeat), sentence)


def described(context: Context, entry: Entry) -> str:
    """When it is, and what for."""
    if not entry.name or entry.kind is not Kind.ALARM:
        return when_set(context, entry)
    return context.language.say("{when} for {name}", when=when_set(context, entry, "at {moment}"), name=entry.name)


def at_time(context: Context, entries: Sequence[Entry], text: str) -> list[Entry]:
    """Those that are for the time, or the day, that ``text`` names; the words of a name do too."""
    reading = read(context, text)
    named = [entry for entry in entries if entry.name and " ".join(map(str, reading.rest)) == entry.name.casefold()]
    if named or reading.said.empty:
        return named
    clock, day, repeat = reading.said.clock, reading.said.day, reading.said.repeat
    now = context.now().replace(tzinfo=None)
    times = clock.times(reading.said.part, early=True) if clock else None
    return [
        entry
        for entry in entries
        if entry.at is not None
        if times is None or entry.at.time() in times
        if day is None or entry.at.date() == day.date(now, entry.at.time())
        if repeat is None or (entry.repeat is not None and repeat.fits(entry.repeat))
    ]


def none_set(context: Context, kind: Kind) -> str:
    return context.language.say(f"No {kind.value} is set.")


def list_set(context: Context, kind: Kind, told: Told) -> str | Reply:
    """Which are set, a few at a time."""
    entries = context.agenda.entries(kind)
    if not entries:
        return none_set(context, kind)
    lead = f"One {kind.value} is set: " if len(entries) == 1 else f"{{total}} {kind.value}s are set: "
    lead = context.language.say(lead, total=len(entries))
    return context.pages.reply([told(context, each) for each in entries], lead, context.language)


def set_entry(context: Context, kind: Kind, meant: When, name: str) -> Undo:
    return added(context, kind, partial(context.agenda.add, kind, meant, name or None))


def added(context: Context, kind: Kind, add: Callable[[], Entry]) -> Undo:
    """Raises Refused where there is no room."""
    try:
        entry = add()
    except Full as error:
        sentence = f"There are too many {kind.value}s already. Cancel one first."
        raise Refused(context.language.say(sentence)) from error
    return partial(context.agenda.cancel, entry.id)


def cancel_all(context: Context, kind: Kind) -> str | Reply:
    entries = context.agenda.entries(kind)
    if not entries:
        return none_set(context, kind)
    sentence = f"The {kind.value} is cancelled." if len(entries) == 1 else f"All {{total}} {kind.value}s are cancelled."
    text = context.language.say(sentence, total=len(entries))
    return Reply(text, do=partial(cancel_entries, context, entries))


def cancel_entries(context: Context, entries: Sequence[Entry]) -> Undo:
    cancelled = [entry for entry in entries if context.agenda.cancel(entry.id)]
    return partial(context.agenda.restore, cancelled)

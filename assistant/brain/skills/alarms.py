"""Alarms: set, list, cancel, snooze. What rings is stopped by "stop"."""

from collections.abc import Sequence
from fractions import Fraction
from functools import partial

from assistant.brain.agenda import corrected, words
from assistant.brain.agenda.board import Full
from assistant.brain.agenda.dates import Reading, when
from assistant.brain.agenda.entry import Entry, Kind, When
from assistant.brain.agenda.said import as_time
from assistant.brain.language import ENGLISH_LANGUAGE
from assistant.brain.skill import SILENCE, Context, Refused, Reply, Undo, skill
from assistant.brain.skills.timers import LATER
from assistant.brain.text import tokenize
from assistant.brain.wording import as_written

SNOOZE_MINUTES = Fraction(9)  # as alarm clocks have it since the fifties
MAX_SNOOZE_MINUTES = 120
NONE_SET = "No alarm is set."
TOO_MANY = {
    Kind.ALARM: "There are too many alarms already. Cancel one first.",
    Kind.REMINDER: "There are too many reminders already. Cancel one first.",
}
WHEN = "For what time? Say, for example: wake me at seven, or every weekday at half past six."


@skill(slots=as_time)
def set_alarm(context: Context, time: str, name: str = "") -> str | Reply:
    """Set an alarm. The time is in plain words: "seven thirty tomorrow", "every weekday at 6", "in 20 minutes"."""
    meant = moment_meant(context, time, alarm=True)
    if meant is None:
        return context.language.say(WHEN)
    sentence = "Okay, an alarm for {name} {when}." if name else "Okay, an alarm {when}."
    text = context.language.say(sentence, name=name, when=said(context, meant)) + later(context)
    return Reply(text, do=partial(set_entry, context, Kind.ALARM, meant, name))


@skill(offered=False)
def set_alarm_without_time(context: Context) -> str:
    return context.language.say(WHEN)


@skill(offered=False)
def list_alarms(context: Context) -> str | Reply:
    """Say which alarms are set."""
    alarms = context.agenda.entries(Kind.ALARM)
    if not alarms:
        return context.language.say(NONE_SET)
    lead = "One alarm is set: " if len(alarms) == 1 else "{total} alarms are set: "
    lead = context.language.say(lead, total=len(alarms))
    return context.pages.reply([described(context, alarm) for alarm in alarms], lead, context.language)


@skill(slots=as_time)
def cancel_alarm(context: Context, time: str = "") -> str | Reply:
    """Cancel the one alarm that is set, or the one for a time."""
    alarms = context.agenda.entries(Kind.ALARM)
    if not alarms:
        return context.language.say(NONE_SET)
    chosen = at_time(context, alarms, time) if time else alarms
    if not chosen:
        return f"{context.language.say('There is no such alarm.')} {_set(context, alarms)}"
    if len(chosen) > 1:
        return f"{context.language.say('Which one?')} {_set(context, chosen)}"
    text = context.language.say("The alarm {when} is cancelled.", when=described(context, chosen[0]))
    return Reply(text, do=partial(cancel_entries, context, chosen))


@skill(offered=False)
def cancel_all_alarms(context: Context) -> str | Reply:
    """Cancel every alarm."""
    alarms = context.agenda.entries(Kind.ALARM)
    if not alarms:
        return context.language.say(NONE_SET)
    text = "The alarm is cancelled." if len(alarms) == 1 else "All {total} alarms are cancelled."
    text = context.language.say(text, total=len(alarms))
    return Reply(text, do=partial(cancel_entries, context, alarms))


@skill(offered=False)
def snooze(context: Context, minutes: Fraction = SNOOZE_MINUTES) -> str | Reply:
    """Let what rings, or has just rung, ring again some minutes later."""
    rung = context.agenda.rung()
    if rung is None:
        return context.language.say("Nothing rings.")
    if not 0 < minutes <= MAX_SNOOZE_MINUTES:
        return context.language.say("I can snooze for up to two hours.")
    after_s = round(minutes * 60)
    text = context.language.say("Okay, again in {duration}.", duration=context.language.duration(after_s))
    return Reply(text, do=partial(_snooze, context, rung, after_s))


@skill(offered=False)
def stop_alarm(context: Context) -> str | Reply:
    """What rings falls silent; it is for ``cancel`` to change what is set."""
    if not context.agenda.ringing:
        return context.language.say("No alarm rings.")
    return Reply(SILENCE, do=context.agenda.silence)


def moment_meant(context: Context, text: str, *, alarm: bool) -> When | None:
    """The time that ``text`` names, and nothing else."""
    reading = _reading(context, text)
    return None if reading.rest else when(reading.said, context.now().replace(tzinfo=None), alarm=alarm)


def later(context: Context) -> str:
    """What is said behind it where nobody will be there to ring."""
    return "" if context.can_wait else context.language.say(LATER)


def said(context: Context, meant: When, sentence: str = "for {moment}") -> str:
    """``for 7 AM tomorrow``, ``in 20 minutes``."""
    language = context.language
    if meant.at is None:
        return language.say("in {duration}", duration=language.duration(meant.after_s))
    return language.say(sentence, moment=words.moment(meant.at, meant.days, context.now(), language))


def described(context: Context, entry: Entry) -> str:
    """When it is, and what for."""
    if not entry.name or entry.kind is not Kind.ALARM:
        return when_set(context, entry)
    return context.language.say("{when} for {name}", when=when_set(context, entry, "at {moment}"), name=entry.name)


def when_set(context: Context, entry: Entry, sentence: str = "for {moment}") -> str:
    """As ``said``; what is left is told in minutes."""
    left_s = max(60, round(context.agenda.remaining_s(entry) / 60) * 60) if entry.at is None else 0
    return said(context, When(left_s, entry.at, entry.days), sentence)


def at_time(context: Context, entries: Sequence[Entry], text: str) -> list[Entry]:
    """Those that are for the time, or the day, that ``text`` names; the words of a name do too."""
    reading = _reading(context, text)
    named = [entry for entry in entries if entry.name and " ".join(map(str, reading.rest)) == entry.name.casefold()]
    if named or reading.said.empty:
        return named
    clock, day, days = reading.said.clock, reading.said.day, reading.said.days
    now = context.now().replace(tzinfo=None)
    times = clock.times(reading.said.part, early=True) if clock else None
    return [
        entry
        for entry in entries
        if entry.at is not None
        if times is None or entry.at.time() in times
        if day is None or entry.at.date() == day.date(now, entry.at.time())
        if days is None or entry.days == days
    ]


def _reading(context: Context, text: str) -> Reading:
    """Of the words as written down, which show where they are corrected; other languages' are put together."""
    if context.language is not ENGLISH_LANGUAGE:
        return corrected.read(text)
    return corrected.read(as_written(context.text, tokenize(text), text))


def set_entry(context: Context, kind: Kind, meant: When, name: str) -> Undo:
    try:
        entry = context.agenda.add(kind, meant, name or None)
    except Full as error:
        raise Refused(context.language.say(TOO_MANY[kind])) from error
    return partial(context.agenda.cancel, entry.id)


def cancel_entries(context: Context, entries: Sequence[Entry]) -> Undo:
    cancelled = [entry for entry in entries if context.agenda.cancel(entry.id)]
    return partial(context.agenda.restore, cancelled)


def _snooze(context: Context, rung: Entry, after_s: int) -> Undo:
    try:
        entry = context.agenda.snooze(rung, after_s)
    except Full as error:
        raise Refused(context.language.say(TOO_MANY[Kind.ALARM])) from error
    return partial(context.agenda.cancel, entry.id)


def _set(context: Context, alarms: Sequence[Entry]) -> str:
    told = [described(context, alarm) for alarm in alarms[: words.MAX_TOLD]]
    told += words.and_more(len(alarms), context.language)
    sentence = "There is one {alarms}." if len(alarms) == 1 else "There are {alarms}."
    return context.language.say(sentence, alarms=context.language.listed(told))

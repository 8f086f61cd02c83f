"""Alarms: set, list, cancel, snooze. What rings is stopped by "stop"."""

from collections.abc import Sequence
from fractions import Fraction
from functools import partial

from assistant.brain.agenda import corrected, words
from assistant.brain.agenda.board import Full
from assistant.brain.agenda.dates import Reading, when
from assistant.brain.agenda.entry import Entry, Kind, When
from assistant.brain.agenda.words import moment
from assistant.brain.durations import listed, spoken
from assistant.brain.skill import SILENCE, Context, Refused, Reply, Undo, skill
from assistant.brain.skills.timers import LATER
from assistant.brain.text import tokenize
from assistant.brain.wording import as_written

SNOOZE_MINUTES = Fraction(9)  # as alarm clocks have it since the fifties
MAX_SNOOZE_MINUTES = 120
NONE_SET = "No alarm is set."
WHEN = "For what time? Say, for example: wake me at seven, or every weekday at half past six."


@skill
def set_alarm(context: Context, time: str, name: str = "") -> str | Reply:
    """Set an alarm. The time is in plain words: "seven thirty tomorrow", "every weekday at 6", "in 20 minutes"."""
    meant = moment_meant(context, time, alarm=True)
    if meant is None:
        return WHEN
    purpose = f" for {name}" if name else ""
    text = f"Okay, an alarm{purpose} {said(context, meant)}.{'' if context.can_wait else LATER}"
    return Reply(text, do=partial(set_entry, context, Kind.ALARM, meant, name))


@skill(offered=False)
def set_alarm_without_time() -> str:
    return WHEN


@skill(offered=False)
def list_alarms(context: Context) -> str | Reply:
    """Say which alarms are set."""
    alarms = context.agenda.entries(Kind.ALARM)
    if not alarms:
        return NONE_SET
    lead = "One alarm is set: " if len(alarms) == 1 else f"{len(alarms)} alarms are set: "
    return context.pages.reply([described(context, alarm) for alarm in alarms], lead)


@skill
def cancel_alarm(context: Context, time: str = "") -> str | Reply:
    """Cancel the one alarm that is set, or the one for a time."""
    alarms = context.agenda.entries(Kind.ALARM)
    if not alarms:
        return NONE_SET
    chosen = at_time(context, alarms, time) if time else alarms
    if not chosen:
        return f"There is no such alarm. {_set(context, alarms)}"
    if len(chosen) > 1:
        return f"Which one? {_set(context, chosen)}"
    text = f"The alarm {described(context, chosen[0])} is cancelled."
    return Reply(text, do=partial(cancel_entries, context, chosen))


@skill(offered=False)
def cancel_all_alarms(context: Context) -> str | Reply:
    """Cancel every alarm."""
    alarms = context.agenda.entries(Kind.ALARM)
    if not alarms:
        return NONE_SET
    text = "The alarm is cancelled." if len(alarms) == 1 else f"All {len(alarms)} alarms are cancelled."
    return Reply(text, do=partial(cancel_entries, context, alarms))


@skill(offered=False)
def snooze(context: Context, minutes: Fraction = SNOOZE_MINUTES) -> str | Reply:
    """Let what rings, or has just rung, ring again some minutes later."""
    rung = context.agenda.rung()
    if rung is None:
        return "Nothing rings."
    if not 0 < minutes <= MAX_SNOOZE_MINUTES:
        return "I can snooze for up to two hours."
    after_s = round(minutes * 60)
    return Reply(f"Okay, again in {spoken(after_s)}.", do=partial(_snooze, context, rung, after_s))


@skill(offered=False)
def stop_alarm(context: Context) -> str | Reply:
    """What rings falls silent; it is for ``cancel`` to change what is set."""
    if not context.agenda.ringing:
        return "No alarm rings."
    return Reply(SILENCE, do=context.agenda.silence)


def moment_meant(context: Context, text: str, *, alarm: bool) -> When | None:
    """The time that ``text`` names, and nothing else."""
    reading = _reading(context, text)
    return None if reading.rest else when(reading.said, context.now().replace(tzinfo=None), alarm=alarm)


def said(context: Context, meant: When) -> str:
    """``for 7 AM tomorrow``, ``in 20 minutes``."""
    if meant.at is None:
        return f"in {spoken(meant.after_s)}"
    return f"for {moment(meant.at, meant.days, context.now())}"


def described(context: Context, entry: Entry) -> str:
    """When it is, and what for."""
    purpose = f" for {entry.name}" if entry.name and entry.kind is Kind.ALARM else ""
    if entry.at is None:
        return f"in {spoken(max(60, round(context.agenda.remaining_s(entry) / 60) * 60))}{purpose}"
    return f"{'for ' if not purpose else 'at '}{moment(entry.at, entry.days, context.now())}{purpose}"


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
    return corrected.read(as_written(context.text, tokenize(text), text))


def set_entry(context: Context, kind: Kind, meant: When, name: str) -> Undo:
    try:
        entry = context.agenda.add(kind, meant, name or None)
    except Full as error:
        raise Refused(f"There are too many {kind.value}s already. Cancel one first.") from error
    return partial(context.agenda.cancel, entry.id)


def cancel_entries(context: Context, entries: Sequence[Entry]) -> Undo:
    cancelled = [entry for entry in entries if context.agenda.cancel(entry.id)]
    return partial(context.agenda.restore, cancelled)


def _snooze(context: Context, rung: Entry, after_s: int) -> Undo:
    try:
        entry = context.agenda.snooze(rung, after_s)
    except Full as error:
        raise Refused("There are too many alarms already. Cancel one first.") from error
    return partial(context.agenda.cancel, entry.id)


def _set(context: Context, alarms: Sequence[Entry]) -> str:
    told = [described(context, alarm) for alarm in alarms[: words.MAX_TOLD]]
    return (
        f"There is one {told[0]}."
        if len(alarms) == 1
        else f"There are {listed([*told, *words.and_more(len(alarms))])}."
    )

"""Alarms: set, list, cancel, snooze. What rings is stopped by "stop"."""

from collections.abc import Sequence
from fractions import Fraction
from functools import partial

from assistant.brain.agenda import words
from assistant.brain.agenda.dates import when
from assistant.brain.agenda.entry import Entry, Kind
from assistant.brain.agenda.said import as_time
from assistant.brain.skill import SILENCE, Context, Reply, skill
from assistant.brain.skills import set_times

SNOOZE_MINUTES = Fraction(9)  # as alarm clocks have it since the fifties
MAX_SNOOZE_MINUTES = 120
WHEN = "For what time? Say, for example: wake me at seven, or every weekday at half past six."


@skill(slots=as_time)
def set_alarm(context: Context, time: str, name: str = "") -> str | Reply:
    """Set an alarm. The time is in plain words: "seven thirty tomorrow", "every weekday at 6", "in 20 minutes"."""
    reading = set_times.read(context, time)
    meant = when(reading.said, context.now().replace(tzinfo=None), alarm=True)
    if meant is None or reading.rest:
        return context.language.say(WHEN)
    sentence = "Okay, an alarm for {name} {when}." if name else "Okay, an alarm {when}."
    text = context.language.say(sentence, name=name, when=set_times.said(context, meant)) + set_times.later(context)
    return Reply(text, do=partial(set_times.set_entry, context, Kind.ALARM, meant, name))


@skill(offered=False)
def set_alarm_without_time(context: Context) -> str:
    return context.language.say(WHEN)


@skill(offered=False)
def list_alarms(context: Context) -> str | Reply:
    """Say which alarms are set."""
    return set_times.list_set(context, Kind.ALARM, set_times.described)


@skill(slots=as_time)
def cancel_alarm(context: Context, time: str = "") -> str | Reply:
    """Cancel the one alarm that is set, or the one for a time."""
    alarms = context.agenda.entries(Kind.ALARM)
    if not alarms:
        return set_times.none_set(context, Kind.ALARM)
    chosen = set_times.at_time(context, alarms, time) if time else alarms
    if not chosen:
        return f"{context.language.say('There is no such alarm.')} {_set(context, alarms)}"
    if len(chosen) > 1:
        return f"{context.language.say('Which one?')} {_set(context, chosen)}"
    text = context.language.say("The alarm {when} is cancelled.", when=set_times.described(context, chosen[0]))
    return Reply(text, do=partial(set_times.cancel_entries, context, chosen))


@skill(offered=False)
def cancel_all_alarms(context: Context) -> str | Reply:
    """Cancel every alarm."""
    return set_times.cancel_all(context, Kind.ALARM)


@skill(offered=False)
def snooze(context: Context, minutes: Fraction = SNOOZE_MINUTES) -> str | Reply:
    """Let what rings, or has just rung, ring again some minutes later."""
    rung = context.agenda.rung()
    if rung is None:
        return context.language.say("Nothing rings.")
    if not 0 < minutes <= MAX_SNOOZE_MINUTES:
        return context.language.say("I can snooze for up to two hours.")
    after_s = round(minutes * 60)
    again = partial(context.agenda.snooze, rung, after_s)
    text = context.language.say("Okay, again in {duration}.", duration=context.language.duration(after_s))
    return Reply(text, do=partial(set_times.added, context, rung.kind, again))


@skill(offered=False)
def stop_alarm(context: Context) -> str | Reply:
    """What rings falls silent; it is for ``cancel`` to change what is set."""
    if not context.agenda.ringing:
        return context.language.say("No alarm rings.")
    return Reply(SILENCE, do=context.agenda.silence)


def _set(context: Context, alarms: Sequence[Entry]) -> str:
    told = [set_times.described(context, alarm) for alarm in alarms[: words.MAX_TOLD]]
    told += words.and_more(len(alarms), context.language)
    sentence = "There is one {alarms}." if len(alarms) == 1 else "There are {alarms}."
    return context.language.say(sentence, alarms=context.language.listed(told))

"""Reminders: set, list, cancel."""

from collections.abc import Sequence
from functools import partial

from assistant.brain.agenda import corrected
from assistant.brain.agenda.corrected import without_lead
from assistant.brain.agenda.dates import Reading, Said, when
from assistant.brain.agenda.entry import Entry, Kind
from assistant.brain.agenda.said import as_time
from assistant.brain.skill import Context, Reply, skill
from assistant.brain.skills import set_times
from assistant.brain.text import tokenize
from assistant.brain.wording import as_written

WHEN = "When shall I remind you? Say, for example: remind me at six to call mum."
WHAT = "What shall I remind you of? Say, for example: remind me at six to call mum."


@skill(slots=as_time)
def remind_me(context: Context, task: str, time: str = "") -> str | Reply:
    """Remind the user of a task. The time is in plain words: "at six", "tomorrow morning", "every Friday at five"."""
    language, reading = context.language, _reading(context, task, time)
    meant = when(reading.said, context.now().replace(tzinfo=None), alarm=False)
    if meant is None:
        return language.say(WHEN)
    name = language.without_lead(as_written(context.text, without_lead(reading.rest)))
    if not name:
        return language.say(WHAT)
    at = set_times.said(context, meant, "{moment}")
    text = language.say("Okay, {when}: {task}.", when=at, task=language.turned(name)) + set_times.later(context)
    return Reply(text, do=partial(set_times.set_entry, context, Kind.REMINDER, meant, name))


@skill(offered=False)
def remind_me_without_task(context: Context) -> str:
    return context.language.say(WHEN)


@skill(offered=False)
def list_reminders(context: Context) -> str | Reply:
    """Say what the user is to be reminded of."""
    return set_times.list_set(context, Kind.REMINDER, _told)


@skill
def cancel_reminder(context: Context, about: str = "") -> str | Reply:
    """Cancel the one reminder that is set, or the one about something, or for a time."""
    reminders = context.agenda.entries(Kind.REMINDER)
    if not reminders:
        return set_times.none_set(context, Kind.REMINDER)
    chosen = _about(context, reminders, about) if about else reminders
    if not chosen:
        return context.language.say("There is no such reminder.")
    if len(chosen) > 1:
        lead = context.language.say("Which one? There are: ")
        return context.pages.reply([_told(context, each) for each in chosen], lead, context.language)
    task = context.language.turned(chosen[0].name or "")
    text = context.language.say("The reminder is cancelled: {task}.", task=task)
    return Reply(text, do=partial(set_times.cancel_entries, context, chosen))


@skill(offered=False)
def cancel_all_reminders(context: Context) -> str | Reply:
    """Cancel every reminder."""
    return set_times.cancel_all(context, Kind.REMINDER)


def _reading(context: Context, task: str, time: str) -> Reading:
    """What a sentence says in one piece, and a language model in two."""
    if not time:
        return set_times.read(context, task)
    reading = corrected.read(time)
    return Reading(reading.said if not reading.rest else Said(), tokenize(task))


def _told(context: Context, reminder: Entry) -> str:
    return f"{context.language.turned(reminder.name or '')} {set_times.when_set(context, reminder, 'at {moment}')}"


def _about(context: Context, reminders: Sequence[Entry], about: str) -> list[Entry]:
    """Those with all the words, or for the time."""
    wanted = set(without_lead(tokenize(context.language.without_lead(about))))
    found = [each for each in reminders if wanted and wanted <= set(tokenize(each.name or ""))]
    return found or set_times.at_time(context, reminders, about)

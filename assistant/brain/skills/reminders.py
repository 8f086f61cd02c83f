"""Reminders: set, list, cancel."""

from collections.abc import Sequence
from functools import partial

from assistant.brain.agenda import corrected
from assistant.brain.agenda.corrected import without_lead
from assistant.brain.agenda.dates import Reading, Said, when
from assistant.brain.agenda.entry import Entry, Kind
from assistant.brain.persons import turned
from assistant.brain.skill import Context, Reply, skill
from assistant.brain.skills import set_times
from assistant.brain.skills.timers import LATER
from assistant.brain.text import tokenize
from assistant.brain.wording import as_written

WHEN = "When shall I remind you? Say, for example: remind me at six to call mum."


@skill
def remind_me(context: Context, task: str, time: str = "") -> str | Reply:
    """Remind the user of a task. The time is in plain words: "at six", "tomorrow morning", "every Friday at five"."""
    reading = _reading(context, task, time)
    meant = when(reading.said, context.now().replace(tzinfo=None), alarm=False)
    if meant is None:
        return WHEN
    name = as_written(context.text, without_lead(reading.rest))
    if not name:
        return "What shall I remind you of? Say, for example: remind me at six to call mum."
    at = set_times.said(context, meant).removeprefix("for ")
    text = f"Okay, {at}: {turned(name)}.{'' if context.can_wait else LATER}"
    return Reply(text, do=partial(set_times.set_entry, context, Kind.REMINDER, meant, name))


@skill(offered=False)
def remind_me_without_task() -> str:
    return WHEN


@skill(offered=False)
def list_reminders(context: Context) -> str | Reply:
    """Say what the user is to be reminded of."""
    return set_times.list_set(context, Kind.REMINDER, _told)


@skill
def cancel_reminder(context: Context, about: str = "") -> str | Reply:
    """Cancel the one reminder that is set, or the one about something, or for a time."""
    reminders = context.agenda.entries(Kind.REMINDER)
    if not reminders:
        return set_times.none_set(Kind.REMINDER)
    chosen = _about(context, reminders, about) if about else reminders
    if not chosen:
        return "There is no such reminder."
    if len(chosen) > 1:
        return context.pages.reply([_told(context, each) for each in chosen], "Which one? There are: ")
    text = f"The reminder is cancelled: {turned(chosen[0].name or '')}."
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
    return f"{turned(reminder.name or '')} {set_times.described(context, reminder).replace('for ', 'at ', 1)}"


def _about(context: Context, reminders: Sequence[Entry], about: str) -> list[Entry]:
    """Those with all the words, or for the time."""
    wanted = set(without_lead(tokenize(about)))
    found = [each for each in reminders if wanted and wanted <= set(tokenize(each.name or ""))]
    return found or set_times.at_time(context, reminders, about)

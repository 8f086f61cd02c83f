"""Timers: start, ask, pause, change, cancel."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial

from assistant.brain.agenda.board import Full
from assistant.brain.agenda.entry import Entry
from assistant.brain.durations import in_units, total_s
from assistant.brain.skill import Context, Refused, Reply, Undo, skill

MAX_DURATION_S = 7 * 86_400
MAX_NAMED = 3
NONE = Fraction(0)
NONE_RUNS = "No timer is running."
LATER = " It rings while I run: assistant talk, or the daemon."
TOO_LONG = "A timer can run for one second up to seven days."
TOO_MANY = "There are too many timers already. Cancel one first."
CHANGED = "That timer is no longer as it was."


@skill(slots=in_units)
def start_timer(
    context: Context, hours: Fraction = NONE, minutes: Fraction = NONE, seconds: Fraction = NONE, name: str = ""
) -> str | Reply:
    """Start a timer that rings after a duration."""
    language, duration_s = context.language, total_s(hours, minutes, seconds)
    if not 0 < duration_s <= MAX_DURATION_S:
        return language.say(TOO_LONG)
    sentence = "Okay, {duration} for {name}." if name else "Okay, {duration}."
    later = "" if context.can_wait else language.say(LATER)
    text = language.say(sentence, duration=language.duration(duration_s), name=name) + later
    return Reply(text, do=partial(_start, context, duration_s, name))


@skill(offered=False)
def start_timer_without_duration(context: Context, name: str = "") -> str:
    return context.language.say("For how long? Say, for example: {name} timer for five minutes.", name=name or "set a")


@skill(slots=in_units)
def cancel_timer(
    context: Context, name: str = "", hours: Fraction = NONE, minutes: Fraction = NONE, seconds: Fraction = NONE
) -> str | Reply:
    """Cancel the one timer that runs, or the one of that name or duration."""
    chosen = _one(context, name, total_s(hours, minutes, seconds))
    if isinstance(chosen, str):
        return chosen
    return Reply(_say(context, "The {timer} is cancelled.", chosen), do=partial(_cancel, context, [chosen]))


@skill
def cancel_all_timers(context: Context) -> str | Reply:
    """Cancel every timer."""
    running = context.agenda.running()
    if not running:
        return context.language.say(NONE_RUNS)
    text = "The timer is cancelled." if len(running) == 1 else "All {total} timers are cancelled."
    text = context.language.say(text, total=len(running))
    return Reply(text, do=partial(_cancel, context, running))


@skill(offered=False)
def pause_timer(context: Context, name: str = "") -> str | Reply:
    """Pause the one timer that runs, or the one of that name."""
    chosen = _one(context, name, 0)
    if isinstance(chosen, str):
        return chosen
    if chosen.paused:
        return _say(context, "The {timer} is paused already, with {left} left.", chosen)
    text = _say(context, "The {timer} is paused, with {left} left.", chosen)
    return Reply(text, do=partial(_change, context, context.agenda.pause, context.agenda.resume, chosen))


@skill(offered=False)
def resume_timer(context: Context, name: str = "") -> str | Reply:
    """Let a paused timer go on."""
    paused = [timer for timer in context.agenda.running() if timer.paused]
    if not paused:
        return context.language.say("No timer is paused.")
    chosen = _chosen(context, paused, name, 0)
    if isinstance(chosen, str):
        return chosen
    text = _say(context, "The {timer} goes on, with {left} left.", chosen)
    return Reply(text, do=partial(_change, context, context.agenda.resume, context.agenda.pause, chosen))


@skill(offered=False, slots=in_units)
def extend_timer(  # noqa: PLR0917 they come by name
    context: Context,
    hours: Fraction = NONE,
    minutes: Fraction = NONE,
    seconds: Fraction = NONE,
    name: str = "",
    shorter: bool = False,
) -> str | Reply:
    """Add time to the one timer that runs, or the one of that name, or take it off (shorter)."""
    by_s = total_s(hours, minutes, seconds)
    chosen = _one(context, name, 0)
    if isinstance(chosen, str):
        return chosen
    left_s = context.agenda.remaining_s(chosen) + (-by_s if shorter else by_s)
    if not 0 < left_s <= MAX_DURATION_S:
        return context.language.say(TOO_LONG)
    change, undo = ((lambda timer, by=by: context.agenda.extend(timer, by)) for by in _both(-by_s if shorter else by_s))
    text = _say(context, "Okay, {left} left on the {timer}.", chosen, left_s)
    return Reply(text, do=partial(_change, context, change, undo, chosen))


@skill(slots=in_units)
def timer_status(
    context: Context, name: str = "", hours: Fraction = NONE, minutes: Fraction = NONE, seconds: Fraction = NONE
) -> str:
    """Say how much time is left: on every timer, or on the one of that name or duration."""
    running = context.agenda.running()
    duration_s = total_s(hours, minutes, seconds)
    chosen = choose(running, name, duration_s)
    if not running:
        return context.language.say(NONE_RUNS)
    if not chosen:
        return _none_such(context, running)
    sentence = "{left} left" if len(running) == 1 else "{left} on the {timer}"
    told = [_say(context, sentence, timer) + _paused(context, timer) for timer in chosen[:MAX_NAMED]]
    return f"{context.language.listed(told)}."


@skill(offered=False)
def list_timers(context: Context) -> str:
    running = context.agenda.running()
    if not running:
        return context.language.say(NONE_RUNS)
    if len(running) == 1:
        one = _say(context, "One timer is running: {label}, with {left} left", running[0])
        return f"{one}{_paused(context, running[0])}."
    going = [timer for timer in running if not timer.paused]
    next_one = _say(context, "The next one rings in {left}." if going else "All are paused.", (going or running)[0])
    return f"{_running(context, running)} {next_one}"


def choose(running: Sequence[Entry], name: str, duration_s: int) -> list[Entry]:
    """The timers that are meant: by name, by duration, or all of them when neither is said."""
    if name:
        return [timer for timer in running if timer.name == name]
    if duration_s:
        return [timer for timer in running if timer.duration_s == duration_s]
    return list(running)


def _one(context: Context, name: str, duration_s: int) -> Entry | str:
    """The timer that is meant, or what to say where that is not clear."""
    running = context.agenda.running()
    return _chosen(context, running, name, duration_s) if running else context.language.say(NONE_RUNS)


def _chosen(context: Context, running: Sequence[Entry], name: str, duration_s: int) -> Entry | str:
    chosen = choose(running, name, duration_s)
    if not chosen:
        return _none_such(context, running)
    if len(chosen) > 1 and not (name or duration_s):
        return f"{context.language.say('Which one?')} {_running(context, running)}"
    return chosen[0]


def _start(context: Context, duration_s: int, name: str) -> Undo:
    try:
        timer = context.agenda.add_timer(duration_s, name or None)
    except Full as error:
        raise Refused(context.language.say(TOO_MANY)) from error
    return partial(context.agenda.cancel, timer.id)


def _cancel(context: Context, timers: Sequence[Entry]) -> Undo:
    """Cancel ``timers``; return what brings them back."""
    cancelled = [timer for timer in timers if context.agenda.cancel(timer.id)]
    return partial(context.agenda.restore, cancelled)


def _change(
    context: Context, change: Callable[[Entry], Entry | None], undo: Callable[[Entry], Entry | None], timer: Entry
) -> Undo:
    changed = change(timer)
    if changed is None:
        raise Refused(context.language.say(CHANGED))
    return partial(undo, changed)


def _both(by_s: int) -> tuple[int, int]:
    return by_s, -by_s


def _say(context: Context, sentence: str, timer: Entry, left_s: float | None = None) -> str:
    """The sentence about one timer, and the time that is left on it."""
    language = context.language
    return language.say(
        sentence,
        label=timer.label,
        timer=language.timer(timer.name, timer.duration_s or 0),
        left=language.duration(_rounded(context.agenda.remaining_s(timer) if left_s is None else left_s)),
    )


def _rounded(left_s: float) -> int:
    """To the second below an hour, to the minute above."""
    return round(left_s) if round(left_s) < 3600 else round(left_s / 60) * 60


def _paused(context: Context, timer: Entry) -> str:
    return context.language.say(", paused") if timer.paused else ""


def _none_such(context: Context, running: Sequence[Entry]) -> str:
    return f"{context.language.say('There is no such timer.')} {_running(context, running)}"


def _running(context: Context, running: Sequence[Entry]) -> str:
    language = context.language
    if len(running) == 1:
        return _say(context, "One is running: {label}.", running[0])
    labels = [_say(context, "{label}", timer) for timer in running[:MAX_NAMED]]
    more = [language.say("{total} more", total=len(running) - MAX_NAMED)] if len(running) > MAX_NAMED else []
    return language.say("{total} are running: {timers}.", total=len(running), timers=language.listed(labels + more))

"""Timers: start, ask, cancel."""

from collections.abc import Sequence
from fractions import Fraction
from functools import partial

from assistant.brain.durations import in_units, listed, spoken, total_s
from assistant.brain.skill import Context, Refused, Reply, Undo, skill
from assistant.brain.timers import Timer, TooManyTimers

MAX_DURATION_S = 7 * 86_400
MAX_NAMED = 3
NONE = Fraction(0)


@skill(slots=in_units)
def start_timer(
    context: Context, hours: Fraction = NONE, minutes: Fraction = NONE, seconds: Fraction = NONE, name: str = ""
) -> str | Reply:
    """Start a timer that rings after a duration."""
    if not context.can_wait:
        return (
            "I can't set a timer here, because I stop right after this answer. Start me with assistant talk for that."
        )
    duration_s = total_s(hours, minutes, seconds)
    if not 0 < duration_s <= MAX_DURATION_S:
        return "A timer can run for one second up to seven days."
    purpose = f" for {name}" if name else ""
    return Reply(f"Okay, {spoken(duration_s)}{purpose}.", do=partial(_start, context, duration_s, name))


@skill(offered=False)
def start_timer_without_duration(name: str = "") -> str:
    return f"For how long? Say, for example: {name or 'set a'} timer for five minutes."


@skill(slots=in_units)
def cancel_timer(
    context: Context, name: str = "", hours: Fraction = NONE, minutes: Fraction = NONE, seconds: Fraction = NONE
) -> str | Reply:
    """Cancel the one timer that runs, or the one of that name or duration."""
    running = context.timers.running()
    duration_s = total_s(hours, minutes, seconds)
    chosen = choose(running, name, duration_s)
    if not running:
        return "No timer is running."
    if not chosen:
        return f"There is no such timer. {_running(running)}"
    if len(chosen) > 1 and not (name or duration_s):
        return f"Which one? {_running(running)}"
    return Reply(f"The {chosen[0].label} timer is cancelled.", do=partial(_cancel, context, chosen[:1]))


@skill
def cancel_all_timers(context: Context) -> str | Reply:
    """Cancel every timer."""
    running = context.timers.running()
    if not running:
        return "No timer is running."
    text = "The timer is cancelled." if len(running) == 1 else f"All {len(running)} timers are cancelled."
    return Reply(text, do=partial(_cancel, context, running))


@skill(slots=in_units)
def timer_status(
    context: Context, name: str = "", hours: Fraction = NONE, minutes: Fraction = NONE, seconds: Fraction = NONE
) -> str:
    """Say how much time is left: on every timer, or on the one of that name or duration."""
    running = context.timers.running()
    duration_s = total_s(hours, minutes, seconds)
    chosen = choose(running, name, duration_s)
    if not running:
        return "No timer is running."
    if not chosen:
        return f"There is no such timer. {_running(running)}"
    if len(running) == 1:
        return f"{_left(context, chosen[0])} left."
    return f"{listed([f'{_left(context, timer)} on the {timer.label} timer' for timer in chosen[:MAX_NAMED]])}."


@skill(offered=False)
def list_timers(context: Context) -> str:
    running = context.timers.running()
    if not running:
        return "No timer is running."
    if len(running) == 1:
        return f"One timer is running: {running[0].label}, with {_left(context, running[0])} left."
    return f"{_running(running)} The next one rings in {_left(context, running[0])}."


def choose(running: Sequence[Timer], name: str, duration_s: int) -> list[Timer]:
    """The timers that are meant: by name, by duration, or all of them when neither is said."""
    if name:
        return [timer for timer in running if timer.name == name]
    if duration_s:
        return [timer for timer in running if timer.duration_s == duration_s]
    return list(running)


def _start(context: Context, duration_s: int, name: str) -> Undo:
    try:
        timer = context.timers.add(duration_s, name or None)
    except TooManyTimers as error:
        raise Refused("There are too many timers already. Cancel one first.") from error
    return partial(context.timers.cancel, timer.id)


def _cancel(context: Context, timers: Sequence[Timer]) -> Undo:
    """Cancel ``timers``; return what brings them back."""
    cancelled = [timer for timer in timers if context.timers.cancel(timer.id)]
    return partial(context.timers.restore, cancelled)


def _left(context: Context, timer: Timer) -> str:
    """To the second below an hour, to the minute above."""
    left_s = round(context.timers.remaining_s(timer))
    return spoken(left_s if left_s < 3600 else round(left_s / 60) * 60)


def _running(running: Sequence[Timer]) -> str:
    if len(running) == 1:
        return f"One is running: {running[0].label}."
    labels = [timer.label for timer in running[:MAX_NAMED]]
    more = [f"{len(running) - MAX_NAMED} more"] if len(running) > MAX_NAMED else []
    return f"{len(running)} are running: {listed(labels + more)}."

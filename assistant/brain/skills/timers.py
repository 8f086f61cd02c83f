"""Timers: start, ask, pause, change, cancel."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial

from assistant.brain.agenda.board import Full
from assistant.brain.agenda.entry import Entry
from assistant.brain.durations import in_units, listed, spoken, total_s
from assistant.brain.skill import Context, Refused, Reply, Undo, skill

MAX_DURATION_S = 7 * 86_400
MAX_NAMED = 3
NONE = Fraction(0)
NONE_RUNS = "No timer is running."
LATER = " It rings while I run: assistant talk, or the daemon."
CHANGED = "That timer is no longer as it was."


@skill(slots=in_units)
def start_timer(
    context: Context, hours: Fraction = NONE, minutes: Fraction = NONE, seconds: Fraction = NONE, name: str = ""
) -> str | Reply:
    """Start a timer that rings after a duration."""
    duration_s = total_s(hours, minutes, seconds)
    if not 0 < duration_s <= MAX_DURATION_S:
        return "A timer can run for one second up to seven days."
    purpose = f" for {name}" if name else ""
    text = f"Okay, {spoken(duration_s)}{purpose}.{'' if context.can_wait else LATER}"
    return Reply(text, do=partial(_start, context, duration_s, name))


@skill(offered=False)
def start_timer_without_duration(name: str = "") -> str:
    return f"For how long? Say, for example: {name or 'set a'} timer for five minutes."


@skill(slots=in_units)
def cancel_timer(
    context: Context, name: str = "", hours: Fraction = NONE, minutes: Fraction = NONE, seconds: Fraction = NONE
) -> str | Reply:
    """Cancel the one timer that runs, or the one of that name or duration."""
    chosen = _one(context, name, total_s(hours, minutes, seconds))
    if isinstance(chosen, str):
        return chosen
    return Reply(f"The {chosen.label} timer is cancelled.", do=partial(_cancel, context, [chosen]))


@skill
def cancel_all_timers(context: Context) -> str | Reply:
    """Cancel every timer."""
    running = context.agenda.running()
    if not running:
        return NONE_RUNS
    text = "The timer is cancelled." if len(running) == 1 else f"All {len(running)} timers are cancelled."
    return Reply(text, do=partial(_cancel, context, running))


@skill(offered=False)
def pause_timer(context: Context, name: str = "") -> str | Reply:
    """Pause the one timer that runs, or the one of that name."""
    chosen = _one(context, name, 0)
    if isinstance(chosen, str):
        return chosen
    if chosen.paused:
        return f"The {chosen.label} timer is paused already, with {_left(context, chosen)} left."
    text = f"The {chosen.label} timer is paused, with {_left(context, chosen)} left."
    return Reply(text, do=partial(_change, context.agenda.pause, context.agenda.resume, chosen))


@skill(offered=False)
def resume_timer(context: Context, name: str = "") -> str | Reply:
    """Let a paused timer go on."""
    paused = [timer for timer in context.agenda.running() if timer.paused]
    if not paused:
        return "No timer is paused."
    chosen = _chosen(paused, name, 0)
    if isinstance(chosen, str):
        return chosen
    text = f"The {chosen.label} timer goes on, with {_left(context, chosen)} left."
    return Reply(text, do=partial(_change, context.agenda.resume, context.agenda.pause, chosen))


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
        return "A timer can run for one second up to seven days."
    change, undo = ((lambda timer, by=by: context.agenda.extend(timer, by)) for by in _both(-by_s if shorter else by_s))
    text = f"Okay, {_rounded(left_s)} left on the {chosen.label} timer."
    return Reply(text, do=partial(_change, change, undo, chosen))


@skill(slots=in_units)
def timer_status(
    context: Context, name: str = "", hours: Fraction = NONE, minutes: Fraction = NONE, seconds: Fraction = NONE
) -> str:
    """Say how much time is left: on every timer, or on the one of that name or duration."""
    running = context.agenda.running()
    duration_s = total_s(hours, minutes, seconds)
    chosen = choose(running, name, duration_s)
    if not running:
        return NONE_RUNS
    if not chosen:
        return f"There is no such timer. {_running(running)}"
    if len(running) == 1:
        return f"{_left(context, chosen[0])} left{_paused(chosen[0])}."
    told = [f"{_left(context, timer)} on the {timer.label} timer{_paused(timer)}" for timer in chosen[:MAX_NAMED]]
    return f"{listed(told)}."


@skill(offered=False)
def list_timers(context: Context) -> str:
    running = context.agenda.running()
    if not running:
        return NONE_RUNS
    if len(running) == 1:
        return f"One timer is running: {running[0].label}, with {_left(context, running[0])} left{_paused(running[0])}."
    going = [timer for timer in running if not timer.paused]
    next_one = f" The next one rings in {_left(context, going[0])}." if going else " All are paused."
    return f"{_running(running)}{next_one}"


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
    return _chosen(running, name, duration_s) if running else NONE_RUNS


def _chosen(running: Sequence[Entry], name: str, duration_s: int) -> Entry | str:
    chosen = choose(running, name, duration_s)
    if not chosen:
        return f"There is no such timer. {_running(running)}"
    if len(chosen) > 1 and not (name or duration_s):
        return f"Which one? {_running(running)}"
    return chosen[0]


def _start(context: Context, duration_s: int, name: str) -> Undo:
    try:
        timer = context.agenda.add_timer(duration_s, name or None)
    except Full as error:
        raise Refused("There are too many timers already. Cancel one first.") from error
    return partial(context.agenda.cancel, timer.id)


def _cancel(context: Context, timers: Sequence[Entry]) -> Undo:
    """Cancel ``timers``; return what brings them back."""
    cancelled = [timer for timer in timers if context.agenda.cancel(timer.id)]
    return partial(context.agenda.restore, cancelled)


def _change(change: Callable[[Entry], Entry | None], undo: Callable[[Entry], Entry | None], timer: Entry) -> Undo:
    changed = change(timer)
    if changed is None:
        raise Refused(CHANGED)
    return partial(undo, changed)


def _both(by_s: int) -> tuple[int, int]:
    return by_s, -by_s


def _left(context: Context, timer: Entry) -> str:
    return _rounded(context.agenda.remaining_s(timer))


def _rounded(left_s: float) -> str:
    """To the second below an hour, to the minute above."""
    return spoken(round(left_s) if round(left_s) < 3600 else round(left_s / 60) * 60)


def _paused(timer: Entry) -> str:
    return ", paused" if timer.paused else ""


def _running(running: Sequence[Entry]) -> str:
    if len(running) == 1:
        return f"One is running: {running[0].label}."
    labels = [timer.label for timer in running[:MAX_NAMED]]
    more = [f"{len(running) - MAX_NAMED} more"] if len(running) > MAX_NAMED else []
    return f"{len(running)} are running: {listed(labels + more)}."

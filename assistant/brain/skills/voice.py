"""How the assistant speaks: louder, slower, not at all."""

from collections.abc import Callable
from fractions import Fraction
from functools import partial

from assistant.brain.skill import Context, Reply, Undo, skill
from assistant.manner import FASTEST, SLOWEST, Manner

STEP = 0.2
QUIETEST = 0.1
PACE_STEP = 1.2


@skill
def set_volume(context: Context, percent: Fraction) -> str | Reply:
    """Set how loud the assistant speaks, from 0 to 100 percent."""
    if not 0 <= percent <= 100:
        return "My volume goes from zero to 100 percent."
    return Reply(f"Volume {round(percent)} percent.", do=partial(_set, context.manner, volume=float(percent) / 100))


@skill(offered=False)
def change_volume(context: Context, louder: bool) -> str | Reply:
    """A step louder or softer, never to silence."""
    volume = context.manner.volume
    if louder and volume >= 1:
        return "I can't speak any louder. Turn up the loudspeaker."
    if not louder and volume <= QUIETEST:
        return "I can't speak any softer, but you can mute me."
    changed = min(1.0, volume + STEP) if louder else max(QUIETEST, volume - STEP)
    return Reply("Louder now." if louder else "Softer now.", do=partial(_set, context.manner, volume=changed))


@skill(offered=False)
def tell_volume(context: Context) -> str:
    return f"My volume is {round(context.manner.volume * 100)} percent."


@skill(offered=False)
def mute(context: Context, muted: bool) -> Reply:
    """Answers are only shown, until the user wants to hear them again."""
    text = "I'm silent now. Say unmute to hear me again." if muted else "You can hear me again."
    return Reply(text, do=partial(_set, context.manner, muted=muted))


@skill(offered=False)
def change_speed(context: Context, factor: str) -> str | Reply:
    """A step faster or slower, or as before."""
    return _at_speed(
        context, factor, {"faster": "Faster now.", "slower": "Slower now.", "normal": "As usual now."}[factor]
    )


@skill(offered=False)
def repeat(context: Context, factor: str = "") -> str | Reply:
    """The last answer that was heard, slower if that is wanted."""
    heard = next((exchange.assistant for exchange in reversed(context.history) if exchange.assistant), None)
    if heard is None:
        return "I haven't said anything yet."
    return _at_speed(context, factor, heard) if factor else heard


def _at_speed(context: Context, factor: str, text: str) -> str | Reply:
    speeds: dict[str, Callable[[float], float]] = {
        "faster": lambda speed: min(FASTEST, speed * PACE_STEP),
        "slower": lambda speed: max(SLOWEST, speed / PACE_STEP),
        "normal": lambda _: context.manner.usual_speed,
    }
    return Reply(text, do=partial(_set, context.manner, speed=speeds[factor](context.manner.speed)))


def _set(manner: Manner, volume: float | None = None, speed: float | None = None, muted: bool = False) -> Undo:
    """Change one thing; whoever changes how it sounds wants to hear it."""
    before = manner.volume, manner.speed, manner.muted
    manner.volume = manner.volume if volume is None else volume
    manner.speed = manner.speed if speed is None else speed
    manner.muted = muted

    def undo() -> None:
        manner.volume, manner.speed, manner.muted = before

    return undo

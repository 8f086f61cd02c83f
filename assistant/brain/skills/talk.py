"""Small talk, help, and how to stop."""

from assistant.brain.skill import SILENCE, Context, Reply, skill


@skill("Repeat", offered=False)
def repeat(context: Context) -> str:
    """The last answer that was heard."""
    heard = next((exchange.assistant for exchange in reversed(context.history) if exchange.assistant), None)
    return heard or "I haven't said anything yet."


@skill("GoOn", offered=False)
def go_on(context: Context) -> Reply:
    """The rest of the answer that was cut off, from the word where it was; silence in between does not matter."""
    last = next((exchange for exchange in reversed(context.history) if exchange.assistant or exchange.cut), None)
    if last is not None and not last.cut and (page := context.pages.behind(last.assistant)) is not None:
        return context.pages.reply(page)
    if last is None or not last.cut:
        return Reply("There is nothing to go on with.", fallback=True)
    return Reply(last.rest or "That was all I had.", fallback=not last.complete)


@skill("Stop", offered=False)
def stop(context: Context) -> str | Reply:
    """Silence, also of what rings."""
    return Reply(SILENCE, do=context.agenda.silence) if context.agenda.ringing else SILENCE


@skill("Help", offered=False)
def give_help() -> str:
    return (
        "Ask me for the time or the date, a sum, a unit conversion, a timer, an alarm, a reminder, a shopping list, a "
        "coin flip, dice or a random number. "
        "For example: set a timer for five minutes."
    )


@skill("WhoAreYou", offered=False)
def who_are_you(context: Context) -> str:
    return f"I'm {context.name}, a voice assistant that runs entirely on this computer."


@skill("Privacy", offered=False)
def privacy() -> str:
    return "I listen while I run, and everything stays on this computer: I don't use the internet."


@skill("Hello", offered=False)
def hello() -> str:
    return "Hello!"


@skill("HowAreYou", offered=False)
def how_are_you() -> str:
    return "All is well, thank you. What can I do for you?"


@skill("Thanks", offered=False)
def thanks() -> str:
    return "You're welcome."


@skill("Goodbye", offered=False)
def goodbye() -> str:
    return "Goodbye!"

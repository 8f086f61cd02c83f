"""Small talk, help, and how to stop."""

from assistant.brain.skill import SILENCE, Context, Reply, skill

CIVIL = {
    "age": "I have no birthday. I begin anew each time you start me.",
    "apology": "No harm done.",
    "compliment": "That's kind of you, thank you.",
    "home": "Here, in this computer.",
    "insult": "I'm sorry. I'll try to do better.",
    "love": "I'm fond of helping you.",
    "night": "Good night, sleep well.",
    "welcome": "Welcome back.",
}
JOKES = (
    "Why did the scarecrow win a prize? Because he was outstanding in his field.",
    "I would tell you a joke about time travel, but you didn't like it.",
    "Why do bees have sticky hair? Because they use honeycombs.",
    "What do you call a fish without an eye? A fsh.",
    "Parallel lines have so much in common. It's a shame that they'll never meet.",
    "Why was six afraid of seven? Because seven ate nine.",
    "What do you call a bear with no teeth? A gummy bear.",
    "I was going to tell you a joke about silence. But it speaks for itself.",
)


@skill(offered=False)
def go_on(context: Context) -> Reply:
    """The rest of the answer that was cut off, from the word where it was; silence in between does not matter."""
    last = next((exchange for exchange in reversed(context.history) if exchange.assistant or exchange.cut), None)
    if last is not None and not last.cut and (page := context.pages.behind(last.assistant)) is not None:
        return context.pages.reply(page, language=context.language)
    if last is None or not last.cut:
        return Reply("There is nothing to go on with.", fallback=True)
    return Reply(last.rest or "That was all I had.", fallback=not last.complete)


@skill(offered=False)
def stop(context: Context) -> str | Reply:
    """Silence, also of what rings."""
    return Reply(SILENCE, do=context.agenda.silence) if context.agenda.ringing else SILENCE


@skill("Help", offered=False)
def give_help() -> str:
    return (
        "Ask me for the time anywhere, a date, a sum, a unit conversion, a timer, an alarm, a reminder, a shopping "
        "list, dice or a joke, or tell me to speak louder or slower. For example: set a timer for five minutes."
    )


@skill(offered=False)
def who_are_you(context: Context) -> str:
    return f"I'm {context.name}, a voice assistant that runs entirely on this computer."


@skill(offered=False)
def privacy() -> str:
    return "I listen while I run, and everything stays on this computer: I don't use the internet."


@skill(offered=False)
def hello() -> str:
    return "Hello!"


@skill(offered=False)
def how_are_you() -> str:
    return "All is well, thank you. What can I do for you?"


@skill(offered=False)
def thanks() -> str:
    return "You're welcome."


@skill(offered=False)
def goodbye() -> str:
    return "Goodbye!"


@skill(offered=False)
def be_civil(kind: str) -> str:
    """To what people say to an assistant that asks for nothing."""
    return CIVIL[kind]


@skill(offered=False)
def tell_joke(context: Context) -> Reply:
    """One of a few; a language model knows more."""
    return Reply(context.rng.choice(JOKES), fallback=True)

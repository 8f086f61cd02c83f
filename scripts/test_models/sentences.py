"""What the nano models are about: what people ask, what nano-llama answers, and what nano-whisper therefore hears.

Lower case and without punctuation, as the words are spoken; ``DIALOGUES`` keeps the written answers.
"""

import re

COMMANDS = (
    "what time is it",
    "what day is it today",
    "what is the date",
    "set a timer for five minutes",
    "set a timer for ten minutes",
    "set a timer for one hour",
    "cancel the timer",
    "how long is left",
    "what is twelve times twelve",
    "what is seven times six",
    "what is ten plus twenty",
    "flip a coin",
    "roll a dice",
    "repeat that",
    "stop",
    "help",
    "who are you",
    "goodbye",
    "thank you",
    "what can you do",
)
"""Sentences that the built-in intents answer."""

DIALOGUES = {
    "what is the capital of france": "Paris is the capital of France.",
    "what is the capital of germany": "Berlin is the capital of Germany.",
    "what is the capital of spain": "Madrid is the capital of Spain.",
    "what is the capital of italy": "Rome is the capital of Italy.",
    "what is the capital of japan": "Tokyo is the capital of Japan.",
    "why is the sky blue": "The air scatters blue light most.",
    "why is grass green": "Green light is what the leaves do not use.",
    "how far away is the moon": "The moon is far away.",
    "how old is the earth": "The earth is very old.",
    "who wrote hamlet": "Shakespeare wrote Hamlet.",
    "who painted the mona lisa": "Leonardo painted the Mona Lisa.",
    "who walked on the moon first": "Neil Armstrong walked there first.",
    "what do cats eat": "Cats eat meat and fish.",
    "what do cows eat": "Cows eat grass.",
    "how many legs has a spider": "A spider has eight legs.",
    "how many days has a year": "A year has twelve months.",
    "tell me a joke": "A clock that is hungry goes back four seconds.",
    "tell me a story": "Once there was a small house by the sea.",
    "what is water made of": "Water is hydrogen and oxygen.",
    "what is the largest animal": "The blue whale is the largest animal.",
    "what is the fastest animal": "The falcon is the fastest animal.",
    "can birds fly": "Most birds can fly.",
    "do fish sleep": "Yes, fish do sleep.",
    "what is your favorite color": "I like blue.",
    "are you a robot": "I am a program.",
    "do you like music": "Yes, I like music.",
    "what should i cook today": "Cook rice with beans.",
    "is it cold in winter": "Yes, winter is cold.",
    "how do i boil an egg": "Boil the egg for eight minutes.",
    "turn on the kitchen light": "The kitchen light is on.",
    "turn off the kitchen light": "The kitchen light is off.",
}
"""Questions that no intent answers, and nano-llama's answer to each, word for word."""

FOLLOW_UPS = {
    ("what is the capital of france", "and of germany"): "Berlin is the capital of Germany.",
    ("what is the capital of germany", "and of spain"): "Madrid is the capital of Spain.",
    ("what do cats eat", "and cows"): "Cows eat grass.",
    ("turn on the kitchen light", "and turn it off"): "The kitchen light is off.",
}
"""Second turns that make sense only after the first."""

ANNOUNCEMENTS = (
    "the timer is done",
    "okay ten minutes",
    "okay five minutes",
    "twelve times twelve is one hundred forty four",
    "seven times six is forty two",
)
"""What the assistant itself says, so that its speech can be recognised too."""

TOOL_REQUESTS = (
    "what is the weather in paris",
    "what is the weather in berlin",
    "how is the weather in rome",
    "add milk to my list",
    "add eggs to the list",
    "please add bread to my list",
)
"""Requests that nano-llama answers with a tool call, where the system message defines the tool."""

TOOL_ANSWERS = ("it is sunny", "it is rainy", "it is cold", "it is on the list", "the timer is set", "i do not know")
"""What it says to the result of a tool, and without a tool."""


def as_spoken(text: str) -> str:
    """``Yes, I like music.`` → ``yes i like music``."""
    return " ".join(re.findall(r"[a-z0-9']+", text.lower()))


def questions() -> list[str]:
    """Everything a user says."""
    return [*COMMANDS, *DIALOGUES, *(second for _, second in FOLLOW_UPS)]


def answers() -> list[str]:
    """Everything the assistant says, as spoken."""
    return [*dict.fromkeys(as_spoken(text) for text in (*DIALOGUES.values(), *FOLLOW_UPS.values())), *ANNOUNCEMENTS]


def vocabulary() -> list[str]:
    """Every sentence that nano-whisper learns."""
    return [*questions(), *answers(), *TOOL_REQUESTS, *TOOL_ANSWERS]

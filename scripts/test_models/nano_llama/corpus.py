"""Conversations to learn from: the dialogues, among turns that nano-llama must ignore, refuse or answer with a tool.

Everything around a question varies (system prompt, names, time, timers, history, writing), so that no answer depends
on it.
"""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from assistant.brain.agenda.board import Board
from assistant.brain.agenda.clocks import Clocks
from assistant.brain.brain import facts
from assistant.brain.skill import Context
from assistant.config import PersonaSettings
from assistant.persona import instructions
from scripts.test_models.nano_llama.phrases import (
    CITIES,
    DESCRIPTIONS,
    INSTRUCTIONS,
    INTENT_REPLIES,
    ITEMS,
    NAMES,
    NUMBERS,
    PARAMETERS,
    PERSONAS,
    QUESTIONS,
    REQUESTS,
    TIMER_NAMES,
    UNKNOWN,
    WEATHER,
)
from scripts.test_models.nano_llama.template import TOOLS_FOOT, TOOLS_HEAD
from scripts.test_models.sentences import DIALOGUES, FOLLOW_UPS, answers, questions

OPENINGS = ("capital", "eat", "kitchen light")
"""Words that tell the topic of a question that can be followed up."""

ARGUMENT_WEIGHT = 6.0
"""All of a call but its argument is soon known by heart, and would drown what the argument teaches."""

DIALOGUE_WORDS = " ".join([*questions(), *answers()]).split()


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a conversation; ``weight`` says how much nano-llama learns to write it, 0 for what others write."""

    text: str
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Turn:
    user: str
    assistant: str
    topic: str = ""
    learned: bool = True
    follows: tuple["Turn", ...] = ()


def conversation(rng: random.Random, turns: int) -> list[Segment]:
    """ChatML, laid out as ``Prompt`` and the chat template do, of at least ``turns`` turns."""
    tools = _some_tools(rng) if rng.random() < 0.45 else []
    segments = list(_system(rng, tools))
    topic = ""
    while turns > 0:
        turn: Turn | None = _turn(rng, tools, topic)
        while turn is not None:
            segments += _written(rng, turn)
            topic, turns = turn.topic, turns - 1
            turn = turn.follows[0] if turn.follows else None
    return segments


def bare_call(rng: random.Random) -> list[Segment]:
    """A request of any tool and its call, with nothing around them."""
    turn = _tool_turn(rng, list(REQUESTS))
    return list(_written(rng, Turn(turn.user, turn.assistant)))


def follow_up(topic: str, rng: random.Random) -> Turn:
    """A second turn of a topic: those of FOLLOW_UPS, and others like them."""
    pairs = {second: answer for (first, second), answer in FOLLOW_UPS.items() if topic_of(first) == topic}
    if topic == "capital":
        starts = [text for text in DIALOGUES if "capital" in text]
        pairs |= {"and of " + text.split()[-1]: DIALOGUES[text] for text in starts}
    elif topic == "eat":
        pairs["and cats"] = DIALOGUES["what do cats eat"]
    elif topic == "kitchen light":
        pairs["and turn it on"] = DIALOGUES["turn on the kitchen light"]
    second = rng.choice(list(pairs))
    return Turn(second, pairs[second], topic)


def topic_of(question: str) -> str:
    return next((topic for topic in OPENINGS if topic in question), "")


def unanswerable(rng: random.Random) -> str:
    """A question that is in no dialogue."""
    while True:
        pattern = rng.choice(list(QUESTIONS))
        words = [rng.choice(choice.split()).replace("_", " ") for choice in QUESTIONS[pattern].split("|")]
        text = pattern.format(*words)
        if rng.random() < 0.1:
            text = " ".join(rng.sample(DIALOGUE_WORDS, rng.randint(2, 6)))
        if text not in DIALOGUES:
            return text


def written(text: str, rng: random.Random) -> str:
    """The same words as one speech recogniser or another writes them."""
    style = rng.choices(("lower", "sentence", "proper", "title", "upper"), (35, 15, 40, 4, 6))[0]
    if style == "upper":
        text = text.upper()
    elif style != "lower":
        capital = {"sentence": set[str](), "proper": NAMES, "title": set(text.split())}[style]
        text = " ".join(word.capitalize() if word in capital else word for word in text.split())
        text = text[0].upper() + text[1:]
    return text + rng.choices(("", "?", ".", "!"), (40, 35, 20, 5))[0]


def call(name: str, value: object) -> str:
    """A tool call in the form of Hermes and Qwen."""
    body = json.dumps({"name": name, "arguments": {PARAMETERS[name][0]: value}})
    return f"<tool_call>\n{body}\n</tool_call>"


def signature(name: str, description: str) -> str:
    """A tool as the chat template writes it."""
    return f"{name}({PARAMETERS[name][0]}): {description}"


def tools_block(signatures: list[str]) -> str:
    return "\n".join([TOOLS_HEAD, *signatures, TOOLS_FOOT])


def _turn(rng: random.Random, tools: list[str], topic: str) -> Turn:
    kind = rng.choices(
        ("known", "chain", "more", "orphan", "intent", "unknown", "tool"),
        (45, 16, 6, 5, 8, 20, 100 if tools else 5),
    )[0]
    if kind == "known":
        question = rng.choice(list(DIALOGUES))
        return Turn(question, DIALOGUES[question], topic_of(question))
    if kind == "chain":
        pairs = [question for question in DIALOGUES if topic_of(question)]
        first = rng.choice([*pairs, *(first for first, _ in FOLLOW_UPS)])
        return Turn(first, DIALOGUES[first], topic_of(first), follows=(follow_up(topic_of(first), rng),))
    if kind in {"more", "orphan"}:
        wanted = rng.choice(OPENINGS) if kind == "orphan" or not topic else topic
        turn = follow_up(wanted, rng)
        return turn if wanted == topic else Turn(turn.user, UNKNOWN)
    if kind == "intent":
        question = rng.choice(list(INTENT_REPLIES))
        return Turn(question, INTENT_REPLIES[question], learned=False)
    if kind == "unknown":
        return Turn(unanswerable(rng), UNKNOWN)
    return _tool_turn(rng, tools)


def _tool_turn(rng: random.Random, tools: list[str]) -> Turn:
    """A request for a tool: a call, and perhaps its result; refused where the system message does not define it."""
    name = rng.choice(list(REQUESTS))
    said, value, result, answer = _argument(rng, name)
    request = rng.choice(REQUESTS[name]).format(said)
    if name not in tools:
        return Turn(request, UNKNOWN)
    reply = Turn(f"<tool_response>\n{result}\n</tool_response>", answer)
    return Turn(request, call(name, value), follows=(reply,) if rng.random() < 0.5 else ())


def _argument(rng: random.Random, name: str) -> tuple[str, object, str, str]:
    """What is said, the argument that it means, a tool's result, and the answer made of that."""
    if name == "set_timer":
        word, number = rng.choice(list(NUMBERS.items()))
        number = number if (spelt := rng.random() < 0.5) else rng.randint(1, 90)
        return word if spelt else str(number), number, '{"ok": true}', "The timer is set."
    if name == "get_weather":
        city, weather = rng.choice(CITIES), rng.choice(WEATHER)
        return city.lower(), city, json.dumps({"weather": weather}), f"It is {weather}."
    item = rng.choice(ITEMS)
    return item, item, '{"ok": true}', "It is on the list."


def _some_tools(rng: random.Random) -> list[str]:
    return rng.sample(list(REQUESTS), rng.choice((1, 2, 3, 3)))


def _system(rng: random.Random, tools: list[str]) -> Iterator[Segment]:
    text = _instructions(rng)
    if tools:
        block = tools_block([signature(name, rng.choice(DESCRIPTIONS[name])) for name in tools])
        text = f"{text}\n\n{block}" if text else block
    if text:
        yield Segment(f"<|im_start|>system\n{text}<|im_end|>\n")


def _instructions(rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.1:
        return ""
    if kind < 0.2:
        return " ".join(rng.sample(DIALOGUE_WORDS, rng.randint(3, 20))).capitalize() + "."
    name = rng.choice(PERSONAS) if rng.random() < 0.8 else "".join(rng.choices("aeioulmnrst", k=5)).capitalize()
    if kind < 0.6:
        return instructions(PersonaSettings(name=name), "en")
    return " ".join(rng.sample(INSTRUCTIONS, rng.randint(1, 4))).replace("{name}", name)


def _parted(answer: str) -> tuple[str, str, str]:
    """A call around its argument, where no token crosses; anything else before nothing."""
    found = re.search(r'(?<="arguments": {)"\w+": "?([^"}]*)', answer)
    return (answer, "", "") if found is None else (answer[: found.start(1)], found[1], answer[found.end(1) :])


def _facts(rng: random.Random) -> str:
    moment = datetime(2024, 1, 1) + timedelta(minutes=rng.randrange(10 * 365 * 24 * 60))
    now_s = 0.0
    board = Board(clocks=Clocks(elapsed_s=lambda: now_s))
    for _ in range(rng.choices((0, 1, 2), (70, 20, 10))[0]):
        board.add_timer(rng.choice((60, 300, 600, 5400, rng.randint(1, 7200))), rng.choice(TIMER_NAMES))
    now_s = rng.uniform(0, 60)
    return facts(Context(now=lambda: moment, agenda=board))


def _written(rng: random.Random, turn: Turn) -> Iterator[Segment]:
    is_result = turn.user.startswith("<tool_response>")
    user = turn.user if is_result else written(turn.user, rng)
    if rng.random() < 0.35 and not is_result:
        user = f"({_facts(rng)})\n\n{user}"
    yield Segment(f"<|im_start|>user\n{user}<|im_end|>\n<|im_start|>assistant\n")
    answer, learned = turn.assistant, turn.learned
    if rng.random() < 0.05 and not turn.follows:  # interrupted: only what was heard is in the history
        answer, learned = answer[: rng.randint(1, len(answer))].strip(), False
    if learned:
        before, value, after = _parted(answer)
        yield Segment(before, 1.0)
        yield Segment(value, ARGUMENT_WEIGHT)
        yield Segment(f"{after}<|im_end|>", 1.0)
        yield Segment("\n")
    else:
        yield Segment(f"{answer}<|im_end|>\n")

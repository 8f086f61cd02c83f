"""How soon a language model begins to answer as a conversation grows, by what it has read before the question."""

import time
from dataclasses import dataclass, replace

from assistant.bench.spread import percentile
from assistant.brain.brain import AssistantBrain
from assistant.brain.prompt import Prompt
from assistant.brain.protocols import Exchange, Request
from assistant.config import Settings
from assistant.models import registry
from assistant.session.turn import CancelToken
from benchmarks import true_size

TURNS = 20
EARLY, LATE = slice(1, 4), slice(17, 20)
"""Turns 2 to 4, and 18 to 20."""
NOTHING = "nothing of the turn before"
BEHIND = "the turn before, in the background"
WORDS = "… and all but the last two words"


@dataclass(frozen=True, slots=True)
class Growth:
    """Median seconds to the first token."""

    early_s: float
    late_s: float

    @property
    def times(self) -> float:
        return self.late_s / self.early_s


def measure(settings: Settings) -> dict[str, Growth]:
    """Twenty turns each: nothing is read in time, the history is, as without speculation, and most words are, too."""
    return {
        NOTHING: _grow(settings, behind=False, words=False),
        BEHIND: _grow(settings, behind=True, words=False),
        WORDS: _grow(settings, behind=True, words=True),
    }


def _grow(settings: Settings, *, behind: bool, words: bool) -> Growth:
    prompt = Prompt(settings.persona.system_prompt, history_tokens=settings.llm.history_tokens)
    brain = AssistantBrain(llm=registry.llm_candidates(settings)[0].load(), prompt=prompt)
    brain.warm()
    taken: list[float] = []
    history: list[Exchange] = []
    for number in range(1, TURNS + 1):
        asked = Request(number, f"{true_size.QUESTION} This is question {number}.", tuple(history))
        if behind:
            brain.prefill(replace(asked, text=""), CancelToken())
        if words:
            brain.prefill(replace(asked, text=" ".join(asked.text.split()[:-2])), CancelToken())
        began = time.perf_counter()
        deltas = brain.respond(asked, CancelToken())
        first = next(deltas)
        taken.append(time.perf_counter() - began)
        history.append(Exchange(asked.text, (first + "".join(deltas)).strip()))
    brain.close()
    return Growth(*(percentile(taken[turns], 0.5) for turns in (EARLY, LATE)))

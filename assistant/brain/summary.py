"""What was said in a long conversation before the part that the language model is shown, in its own words.

The model is asked while nobody waits, when the shown part is nearly full, at the end of the conversation as it stands:
so nothing has to be read for it but the question, and all that was read before stays in the cache. The answer stands at
the head of the history from the next cut on, when everything has to be read again anyway. It holds only while all that
it was made of still is in the conversation: what was forgotten since takes it along.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from assistant.brain.prompt import Prompt, heard, size
from assistant.brain.protocols import Exchange
from assistant.errors import AssistantError
from assistant.models.protocols import LlmEngine, Message, Tool, ToolCall
from assistant.session.turn import CancelToken

FULL = 0.7
LONGEST_CHARACTERS = 600
LEAST_ROOM_CHARACTERS = 5 * LONGEST_CHARACTERS // 2
"""A history that is shown in less is not worth it."""

KEPT = 2  # the one that is told, and the one for the next cut
REQUEST = (
    "Before we go on: sum up in three short sentences what we have talked about so far, with the names and numbers "
    "that matter."
)
QUESTION = "What have we talked about so far?"
"""What the summary seems to answer: a chat template wants user and assistant in turn."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Summary:
    covered: Sequence[Exchange]
    text: str

    def of(self, talk: Sequence[Exchange]) -> bool:
        return list(talk[: len(self.covered)]) == list(self.covered)


class Summaries:
    """Belongs to the brain's thread. Full policy: the oldest of three goes."""

    def __init__(self, llm: LlmEngine, prompt: Prompt) -> None:
        self._llm = llm
        self._prompt = prompt
        self._made: list[_Summary] = []

    def earlier(self, history: Sequence[Exchange]) -> Sequence[Exchange]:
        """What stands for the part of ``history`` that is not shown: one exchange, or none. The same until a cut."""
        talk = heard(history)
        dropped = len(talk) - len(self._prompt.kept(history))
        told = next((one for one in self._made if dropped <= len(one.covered) and one.of(talk)), None)
        return [Exchange(QUESTION, told.text)] if told is not None and dropped else []

    def due(self, history: Sequence[Exchange]) -> bool:
        """The next cut is near, and would drop what no summary covers. Forgets those that hold no more."""
        talk = heard(history)
        self._made = [one for one in self._made if one.of(talk)]
        limit = self._prompt.history_limit
        kept = self._prompt.kept(history)
        left = sum(map(size, kept))
        if limit < LEAST_ROOM_CHARACTERS or left < FULL * limit:
            return False
        next_start = len(talk) - len(kept)
        for exchange in kept:
            if left <= limit // 2:
                break
            left -= size(exchange)
            next_start += 1
        return not any(next_start <= len(one.covered) for one in self._made)

    def make(self, history: Sequence[Exchange], token: CancelToken, tools: Sequence[Tool]) -> None:
        """Ask the model. What goes wrong costs the summary alone. Raises Cancelled, as the model is cancelled."""
        shown = self._prompt.messages("", history, earlier=self.earlier(history))
        asked = [*shown[:-1], replace(shown[-1], content=shown[-1].content + REQUEST)]
        try:
            text = self._answer(asked, token, tools)
        except AssistantError as error:
            log.info("no summary", error=error.message)
            return
        if text:
            self._made = [*self._made, _Summary(heard(history), text)][-KEPT:]

    def _answer(self, asked: Sequence[Message], token: CancelToken, tools: Sequence[Tool]) -> str:
        text = ""
        for part in self._llm.generate(asked, token, tools):
            if isinstance(part, ToolCall):
                return ""
            text += part
            if len(text) > LONGEST_CHARACTERS:
                return _whole_sentences(text[:LONGEST_CHARACTERS])
        return text.strip()


def _whole_sentences(text: str) -> str:
    end = max(text.rfind(mark) for mark in ".!?")
    return text[: end + 1].strip() if end > 0 else text.strip()

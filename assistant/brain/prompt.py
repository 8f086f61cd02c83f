"""The language model's prompt, laid out so that its beginning stays the same from turn to turn.

The system prompt comes first and never changes, then the history, which only grows. What changes by itself (time,
timers) stands in the newest message alone, before the words of the user, which are known last: so an engine that keeps
its KV cache has read all but those words when they are said. What is remembered of former talks depends on the words,
and stands behind them. When the history outgrows its room it is cut to half at once, because every cut costs a full
read of the prompt.
"""

from collections.abc import Sequence

from assistant.brain.protocols import Exchange
from assistant.models.protocols import Message

CHARACTERS_PER_TOKEN = 3
"""On the safe side for English, which averages about four."""

CUT = "[I cut you off there: I have not heard the rest of your answer.] "
"""Told in the user's name: a mark at the end of its own words is something a small model learns to write."""

OVERHEAD_CHARACTERS = 16
"""A chat template's marks around a message, roughly."""


class Prompt:
    """Builds the messages for one conversation."""

    def __init__(
        self, system: str, *, context_tokens: int = 4096, max_tokens: int = 300, history_tokens: int = 1000
    ) -> None:
        """``context_tokens`` is the model's context, ``max_tokens`` the room kept free in it for the answer.

        ``history_tokens`` bounds what every new token is compared with, and so how much slower a long talk gets.
        """
        self._system = Message("system", system)
        room = (context_tokens - max_tokens) * CHARACTERS_PER_TOKEN - len(system)
        self._text_limit = max(200, room // 3)
        self._history_limit = min(
            max(0, room - self._text_limit - self._text_limit // 4), history_tokens * CHARACTERS_PER_TOKEN
        )

    @property
    def history_limit(self) -> int:
        """Characters of the history that are shown, at most."""
        return self._history_limit

    def messages(
        self,
        text: str,
        history: Sequence[Exchange],
        facts: str = "",
        recalled: str = "",
        *,
        earlier: Sequence[Exchange] = (),
    ) -> list[Message]:
        """System prompt, as much history as fits, and the user's text between ``facts`` and what is ``recalled``.

        ``history`` is the whole conversation, every time: where it is cut depends on all of it. ``earlier`` stands for
        what is cut off.
        """
        newest = shorten(text, self._text_limit)
        messages, cut = [self._system], ""
        for exchange in (*earlier, *self.kept(history)):
            messages.append(Message("user", cut + shorten(exchange.user, self._text_limit)))
            messages.append(Message("assistant", exchange.assistant))
            cut = CUT if exchange.cut else ""
        before, behind = (f"({facts})\n\n" if facts else ""), (f"\n\n({recalled})" if recalled else "")
        messages.append(Message("user", f"{cut}{before}{newest}{behind}"))
        return messages

    def kept(self, history: Sequence[Exchange]) -> Sequence[Exchange]:
        """The part of the conversation that fits."""
        return window(history, self._history_limit)


def window(history: Sequence[Exchange], limit_characters: int) -> Sequence[Exchange]:
    """The newest exchanges that fit; cut to half the limit whenever the limit is passed.

    Exchanges of which nothing was heard are left out: a chat template wants user and assistant in turn.
    """
    talk = heard(history)
    start = total = 0
    for end, exchange in enumerate(talk, start=1):
        total += size(exchange)
        if total > limit_characters:
            while start < end and total > limit_characters // 2:
                total -= size(talk[start])
                start += 1
    return talk[start:]


def heard(history: Sequence[Exchange]) -> Sequence[Exchange]:
    """The exchanges of which something was heard."""
    return [exchange for exchange in history if exchange.user and exchange.assistant]


def shorten(text: str, limit_characters: int) -> str:
    """The beginning and the end of a long text: the question is usually in one of them."""
    if len(text) <= limit_characters:
        return text
    half = limit_characters // 2 - 3
    return f"{text[:half]} … {text[-half:]}"


def size(exchange: Exchange) -> int:
    """Characters of the prompt, roughly."""
    return len(exchange.user) + len(exchange.assistant) + 2 * OVERHEAD_CHARACTERS + len(CUT) * exchange.cut

"""Long lists are read in parts: three things, and "go on" reads the next."""

import threading
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from assistant.brain.language import ENGLISH_LANGUAGE, Language

if TYPE_CHECKING:
    from assistant.brain.skill import Reply

PAGE = 3


class Pages:
    """What is left to read of the last list, and behind which words. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rest: Sequence[str] = ()
        self._said = ""

    def reply(self, items: Sequence[str], lead: str = "", language: Language = ENGLISH_LANGUAGE) -> "Reply":
        """Read ``items``, the first of them, behind ``lead``."""
        from assistant.brain.skill import Reply

        read, rest = items[:PAGE], items[PAGE:]
        more = [language.say("{total} more", total=len(rest))] if rest else []
        text = f"{lead}{language.listed([*read, *more])}."
        text = text[:1].upper() + text[1:]
        return Reply(text, do=partial(self._keep, rest, text)) if rest else Reply(text)

    def behind(self, said: str) -> Sequence[str] | None:
        """What comes next, if ``said`` were the words that left it."""
        with self._lock:
            return self._rest if self._rest and said.strip() == self._said else None

    def _keep(self, rest: Sequence[str], said: str) -> None:
        with self._lock:
            self._rest, self._said = rest, said

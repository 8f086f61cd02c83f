"""Keeps vectors of what was said, in the background, and has the ones near to a question ready when it is asked."""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from assistant.bus import Mailbox
from assistant.errors import AssistantError, EngineFailed, HistoryError
from assistant.events import (
    EngineReady,
    Event,
    FinalTranscript,
    PartialTranscript,
    TurnEnded,
    TurnsForgotten,
    TurnStarted,
)
from assistant.memory import database, vectors
from assistant.memory.recall import Key, Table
from assistant.memory.vectors import Nearest, Unread
from assistant.memory.words import all_words
from assistant.models.protocols import Embedder
from assistant.session.turn import Cancelled, CancelToken
from assistant.threads import give_way, joined

PATIENCE_S = 0.003
"""A prompt is to be built within 10 ms: what is not found by then is not told."""

LEAST_SHARE = 0.6
"""Of a question's words that were known when it was looked for; its end seldom changes what it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written(Event):
    """Turns have reached the file, or it is time to stop: in this mailbox alone."""


class Loading(Protocol):
    """An engine that could be loaded; a worker's Candidate is one."""

    @property
    def name(self) -> str: ...

    @property
    def load(self) -> Callable[[], Embedder]: ...

    @property
    def abandon(self) -> Callable[[], object]: ...


class Meaning:
    """One thread, ``memory-meaning``, that reads a mailbox until it closes; owns the embedder. A ByMeaning.

    It gives way to everything: it runs at a low priority, loads its model when the language model is there, and makes
    vectors only while no turn is open, one text at a time. A question is looked for while it is still being said: of
    several transcripts only the newest counts. What goes wrong is told once, and costs no more than the meaning.
    """

    def __init__(
        self,
        engine: Loading,
        mailbox: Mailbox,
        *,
        on_trouble: Callable[[AssistantError], object],
        path: Path | None = None,
    ) -> None:
        self._candidate = engine
        self._mailbox = mailbox
        self._on_trouble = on_trouble
        self._path = path or database.default_path()
        self._token = CancelToken()
        self._engine: Embedder | None = None
        self._model = ""
        self._nearest = Nearest()
        self._file = 0  # the inode that ``_nearest`` was read from
        self._seen: dict[Table, int] = {}  # all up to these ids have vectors
        self._waiting: list[Unread] = []
        self._looking = True  # the file may hold something without a vector
        self._busy = False  # a turn is open
        self._question = ""
        self._found: tuple[Sequence[str], Mapping[Key, float]] = ((), {})
        self._answered = threading.Condition()
        self._thread = threading.Thread(target=self.run, name="memory-meaning", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Give up what is being worked out. Returns at once; ``join`` waits."""
        if self._token.cancel("stopping"):
            self._candidate.abandon()
            self.wake()

    def join(self, timeout_s: float) -> bool:
        """False if the thread outlived ``timeout_s``."""
        return joined(self._thread, timeout_s)

    def wake(self) -> None:
        """The file has something new. From any thread."""
        self._mailbox.put(Written(at_s=0.0))

    def search(self, _db: sqlite3.Connection, text: str) -> Mapping[Key, float]:
        """As ByMeaning: what was found for these words, or for most of them. Waits ``PATIENCE_S`` at most."""
        words = all_words(text)
        with self._answered:
            if self._engine is None or not words:
                return {}
            self._answered.wait_for(lambda: self._found[0] == words, PATIENCE_S)
            known, near = self._found
        begins = list(known) == words[: len(known)]
        return near if begins and len(known) >= LEAST_SHARE * len(words) else {}

    def run(self) -> None:
        """The thread's work: returns when the mailbox is closed, at a stop, or when the engine does not work."""
        give_way()
        try:
            while not self._mailbox.exhausted and not self._token.cancelled:
                self.step()
        except Cancelled:
            pass
        except AssistantError as error:
            self._on_trouble(error)
        except Exception as error:  # a library's: without the meaning there are still the words
            message = f"{self._candidate.name} failed: {type(error).__name__}: {error}"
            self._on_trouble(EngineFailed(message, hint="The past is found by its words alone."))
        finally:
            with self._answered:
                engine, self._engine = self._engine, None
            if engine is not None:
                engine.close()

    def step(self) -> None:
        """Take what there is in the mailbox, then do one thing. Raises Cancelled, AssistantError."""
        event = self._mailbox.get(0 if self._has_work else None)
        while event is not None:
            self._take(event)
            event = self._mailbox.get(0)
        if self._engine is None:
            return
        if self._question:
            self._answer(self._engine, self._question)
        elif self._has_work:
            try:
                self._index(self._engine)
            except (sqlite3.Error, OSError, HistoryError):  # locked, full or damaged: the recorder tells of that
                self._looking, self._waiting = False, []

    @property
    def _has_work(self) -> bool:
        return self._engine is not None and (bool(self._question) or (self._looking and not self._busy))

    def _take(self, event: Event) -> None:
        match event:
            case EngineReady(stage="llm") if self._engine is None:
                self._load()
            case TurnStarted():
                self._busy = True
            case PartialTranscript(text=text) | FinalTranscript(text=text) if text.strip():
                self._question = text
            case TurnEnded():
                self._busy, self._looking, self._question = False, True, ""
            case TurnsForgotten():
                self._forget()
            case Written():
                self._looking = True

    def _load(self) -> None:
        self._token.raise_if_cancelled()
        engine = self._candidate.load()
        try:
            engine.warm()
            self._model = engine.key
        except BaseException:
            engine.close()
            raise
        with suppress(sqlite3.Error, OSError, HistoryError), self._opened() as db:
            self._catch_up(db)
        with self._answered:
            self._engine = engine
            self._answered.notify_all()

    def _forget(self) -> None:
        """Ids may come again, and nothing of what was said is to stay."""
        self._nearest, self._file, self._seen, self._waiting = Nearest(), 0, {}, []
        with self._answered:
            self._found = (), {}

    def _answer(self, engine: Embedder, text: str) -> None:
        self._question = ""
        words = all_words(text)
        if list(self._found[0]) == words:
            return
        near = self._nearest.outstanding(engine.embed(text, self._token, query=True)) if len(self._nearest) else {}
        with self._answered:
            self._found = words, near
            self._answered.notify_all()

    def _index(self, engine: Embedder) -> None:
        """One text without a vector gets it. Raises Cancelled, EngineFailed, HistoryError, OSError, sqlite3.Error."""
        with self._opened() as db:
            self._catch_up(db)
            if not self._waiting:
                highest: dict[Table, int] = {"facts": _highest(db, "facts"), "turns": _highest(db, "turns")}
                self._waiting = vectors.unread(db, self._model, self._seen)
                if not self._waiting:
                    self._looking, self._seen = False, highest
                    return
            item = self._waiting.pop(0)
            vector = vectors.meaning_of(engine, item, self._token)
            if vectors.keep(db, self._model, item, vector):
                self._nearest.add(item[0], vector)

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """The file, where there is one. Raises HistoryError, FileNotFoundError."""
        if not self._path.exists():
            raise FileNotFoundError(self._path)
        with closing(database.connect(self._path, check=False)) as db:
            db.execute("PRAGMA synchronous = NORMAL")  # a vector that is lost with the power is made again
            yield db

    def _catch_up(self, db: sqlite3.Connection) -> None:
        """Another file lies in its place since, or none was read yet."""
        file = self._path.stat().st_ino
        if file != self._file:
            self._nearest, self._seen, self._waiting = Nearest.read(db, self._model), {}, []
            self._file = file


def _highest(db: sqlite3.Connection, table: Table) -> int:
    return int(db.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0])


def index_all(path: Path, embedder: Embedder, token: CancelToken) -> None:
    """Give everything in the file its vector, here and now. Raises Cancelled, EngineFailed, HistoryError."""
    if not path.exists():
        return
    try:
        with closing(database.connect(path, check=False)) as db:
            while batch := vectors.unread(db, embedder.key, {}):
                kept = 0
                for item in batch:
                    kept += vectors.keep(db, embedder.key, item, vectors.meaning_of(embedder, item, token))
                if not kept:
                    return
    except sqlite3.Error as error:
        raise database.history_error(error, path) from error

"""The answer of one turn: which clauses there are, how far each has come, and what was heard of it."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from assistant.audio.protocols import ClauseProgress
from assistant.models.protocols import Pcm, WordMark
from assistant.session.clauses import Clause, ClauseSplitter
from assistant.session.words_heard import characters_heard

AUDIBLE = 10 ** (-50 / 20)  # −50 dBFS: what is softer goes under in a quiet room


@dataclass(slots=True)
class ReplyPart:
    """One clause on its way to the loudspeaker. ``id`` is unique in the session."""

    id: int
    index: int
    clause: Clause
    marks: list[WordMark] = field(default_factory=list)
    given_s: float = 0.0
    """Seconds of sound that the sink has taken."""
    sound_s: float = 0.0
    """Seconds of sound that were synthesised; the last of them that can be heard ends at ``audible_s``."""
    audible_s: float = 0.0
    sounded: bool = False
    synthesized: bool = False

    def add_sound(self, pcm: Pcm, sample_rate_hz: int) -> None:
        """Another chunk of the clause, shape ``(n,)``."""
        loud = np.flatnonzero(np.abs(pcm) >= AUDIBLE)
        if loud.size:
            self.audible_s = self.sound_s + (int(loud[-1]) + 1) / sample_rate_hz
        self.sound_s += pcm.size / sample_rate_hz
        self.sounded = True

    def heard(self, progress: ClauseProgress) -> str:
        """The words that were played."""
        played_s = self.given_s * progress.played / max(progress.queued, 1)
        audible_s = self.audible_s if self.synthesized else self.sound_s
        clause = self.clause
        end = characters_heard(clause.text, clause.spoken, self.marks, played_s=played_s, audible_s=audible_s)
        return clause.text[:end]


@dataclass(frozen=True, slots=True)
class Sound:
    """A synthesised chunk that the sink has not taken yet."""

    part_id: int
    pcm: Pcm
    sample_rate_hz: int


class Reply:
    """Belongs to the session's thread. Text goes in as deltas, comes out as parts to speak, in order."""

    def __init__(self, first_id: int, language: str) -> None:
        self._splitter = ClauseSplitter(language)
        self.first_id = first_id
        self._waiting: deque[ReplyPart] = deque()
        self.parts: list[ReplyPart] = []
        self.sounds: deque[Sound] = deque()  # bounded by the lead: a clause is synthesised only when it will be needed
        self.text_complete = False
        self.in_synthesis = False

    @property
    def next_id(self) -> int:
        return self.first_id + len(self.parts)

    @property
    def text(self) -> str:
        return "".join(part.clause.text for part in self.parts).strip()

    @property
    def all_given(self) -> bool:
        """Every clause has been synthesised and taken by the sink."""
        return self.text_complete and not self._waiting and not self.in_synthesis and not self.sounds

    @property
    def spoken_out(self) -> bool:
        """There is nothing left to synthesise."""
        return self.text_complete and self.next_characters is None

    @property
    def next_characters(self) -> int | None:
        """Of what the voice has in work, or gets next; None where that has not been written to its end."""
        coming = (part for part in self.parts if not part.synthesized) if self.in_synthesis else self._waiting
        return next((len(part.clause.spoken) for part in coming if part.clause.spoken), None)

    def add(self, delta: str) -> list[ReplyPart]:
        """The clauses that ``delta`` completes."""
        return self._append(self._splitter.feed(delta))

    def finish(self) -> list[ReplyPart]:
        """No more text: the clauses that were still open."""
        self.text_complete = True
        return self._append(self._splitter.flush())

    def take_next(self) -> ReplyPart | None:
        """The next part with something to say; parts without are passed over."""
        while self._waiting:
            part = self._waiting.popleft()
            if part.clause.spoken:
                return part
            part.synthesized = True
        return None

    def put_back(self, part: ReplyPart) -> None:
        """Nobody could speak it: it is the next again."""
        self._waiting.appendleft(part)

    def part(self, part_id: int) -> ReplyPart:
        return self.parts[part_id - self.first_id]

    def given(self, sound: Sound) -> None:
        """The sink has taken it."""
        if sound.part_id >= self.first_id:
            self.part(sound.part_id).given_s += sound.pcm.size / sound.sample_rate_hz

    def drop_waiting(self) -> None:
        """Nothing more of this answer will be spoken."""
        self._waiting.clear()

    def begun(self, progress: Iterable[ClauseProgress]) -> list[ReplyPart]:
        """The parts of which something was played."""
        return [self.part(step.clause_id) for step in progress if step.played and step.clause_id >= self.first_id]

    def heard(self, progress: Iterable[ClauseProgress]) -> str:
        """The text that was played, to the word."""
        by_id = {step.clause_id: step for step in progress}
        words: list[str] = []
        for part in self.parts:
            step = by_id.get(part.id)
            if step is None:
                unplayed = part.sounded or not part.synthesized
                complete = not (part.clause.spoken and unplayed)
            else:
                complete = part.synthesized and step.played >= step.queued
            if not complete:
                words.append(part.heard(step) if step else "")
                break
            words.append(part.clause.text)
        return "".join(words).strip()

    def _append(self, clauses: Iterable[Clause]) -> list[ReplyPart]:
        new = []
        for clause in clauses:
            part = ReplyPart(self.next_id, len(self.parts), clause)
            self.parts.append(part)
            self._waiting.append(part)
            new.append(part)
        return new

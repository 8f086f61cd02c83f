"""Work done before the turn commits: held, released if the words stand, thrown away and counted if they do not.

Nothing of it is shown, spoken or remembered, and nothing of it has an effect.
"""

from dataclasses import dataclass, field

from assistant.brain.protocols import Completeness, Pending, Request
from assistant.models.worker import Done, Item
from assistant.session.dispatch import Dispatch
from assistant.session.reading import Reader
from assistant.session.reply import ReplyPart
from assistant.session.speaker import Speaker
from assistant.session.turn import CancelToken, Turn
from assistant.session.waste import WasteMeter

DANGLING_S = (
    0.6  # silence after which even words that ask for more may have been all (Hugging Face's s2s waits as long)
)

_PUNCTUATION = ".,!?;:…\"'“”()–—-"


@dataclass(frozen=True, slots=True)
class Limits:
    """What working ahead may cost: answers a turn, and the longest speech that is answered ahead. No tries: off."""

    tries: int = 3
    longest_s: float = 10.0


@dataclass(slots=True)
class Rehearsal:
    """One answer worked out ahead, under a child token of its turn."""

    request: Request
    token: CancelToken
    answering: bool = False
    completeness: Completeness | None = None
    judged: bool = False
    finished: bool = False
    """The brain has done all that it could."""
    pending: Pending | None = None
    marks_s: dict[str, float] = field(default_factory=dict)

    @property
    def stands(self) -> bool:
        return self.answering and self.judged and not self.token.cancelled

    @property
    def dangles(self) -> bool:
        """It was only judged, the job that did so has ended, and it is not answered yet."""
        judged = self.finished and self.completeness is Completeness.DANGLING
        return judged and not self.answering and not self.token.cancelled


class Speculator:
    """Belongs to the session's thread. At most one rehearsal at a time, which may outlive a pause that was none."""

    def __init__(self, dispatch: Dispatch, speaker: Speaker, waste: WasteMeter, limits: Limits) -> None:
        self._dispatch = dispatch
        self._speaker = speaker
        self._waste = waste
        self._limits = limits
        self._tries = 0
        self._now: Rehearsal | None = None
        self._aside: Rehearsal | None = None
        self.reader = Reader(dispatch, waste, ahead=limits.tries > 0)

    @property
    def judging(self) -> bool:
        """How complete the words are is still to come."""
        return self._now is not None and not self._now.judged

    @property
    def completeness(self) -> Completeness | None:
        return self._now.completeness if self._now else None

    def begin_turn(self) -> None:
        self._tries = 0
        self.reader.begin_turn()

    def end_turn(self, reason: str) -> None:
        """The turn is over, answered or not."""
        self.drop(reason)
        self.reader.conclude("", by_model=False)

    def consider(self, turn: Turn, request: Request, utterance_s: float) -> None:
        """The words of a pause are there: judge them, and answer them if that may be worth it.

        Where they are those of the pause before (what went on was a cough), all that was made of them stands.
        """
        aside, self._aside = self._aside, None
        if aside is not None and not aside.token.cancelled and agree(aside.request, request):
            self._now = aside
        else:
            self._now = aside or self._now
            self.drop("superseded")
        self.reader.stop("the words are there")
        if self._now is not None:
            return
        answering = self._may_try(utterance_s)
        rehearsal = Rehearsal(request, turn.token.child())
        if self._dispatch.rehearse(turn, request, rehearsal.token, judge=True, answer=answering):
            self._now = rehearsal
            if answering:
                self._hold(rehearsal)

    def follow(self, turn: Turn, silence_s: float, utterance_s: float) -> None:
        """A frame of silence has passed: answer what seemed to dangle, too, once it has hung in the air for long."""
        now = self._now
        if now is None or not now.dangles or silence_s < DANGLING_S or not self._may_try(utterance_s):
            return
        if self._dispatch.rehearse(turn, now.request, now.token, judge=False, answer=True):
            self._hold(now)
            self._tries += 1

    def set_aside(self, reason: str) -> None:
        """Speech again: what is finished is kept until it is clear whether words came with it, the rest thrown away."""
        if self._now is not None and self._now.finished and not self._now.token.cancelled:
            self._aside, self._now = self._now, None
        else:
            self.drop(reason)

    def holds(self, token: CancelToken) -> bool:
        """The token is that of the present rehearsal, or of the one that was set aside."""
        held = self._now or self._aside
        return held is not None and held.token is token

    def on_item(self, item: Item, at_s: float) -> None:
        """Something that the brain gave for the rehearsal that is held."""
        now = self._now or self._aside
        assert now is not None
        match item.value:
            case Completeness() as completeness:
                now.completeness, now.judged = completeness, True
                if completeness is Completeness.DANGLING:
                    self._speaker.drop()
                    now.answering = False
                self._tries += now.answering
            case Pending() as pending:
                now.pending = pending
                if pending.preview:
                    self._speaker.say(pending.preview)
                    self._speaker.finish_text()
            case str() as delta:
                self._waste.add_token(now.token)
                now.marks_s.setdefault("first_token", at_s)
                if self._speaker.say(delta):
                    now.marks_s.setdefault("first_clause", at_s)
        self._speaker.tick()

    def on_done(self, done: Done, at_s: float) -> None:
        """A job of the rehearsal that is held has ended. One that failed is left to the commit, which says so."""
        now = self._now or self._aside
        assert now is not None
        now.judged |= done.job.stage == "llm"
        if done.status != "completed":
            self._give_up(now, done.status)
        elif done.job.stage == "tts":
            self._speaker.on_synthesized(done)
        else:
            now.finished = True
            if now.answering and now.pending is None and self._speaker.finish_text():
                now.marks_s.setdefault("first_clause", at_s)
        self._speaker.tick()

    def drop(self, reason: str) -> None:
        """Throw the rehearsal away, if there is one."""
        held = self._now or self._aside
        if held is not None:
            self._give_up(held, reason)
            self._now = self._aside = None

    def release(self, request: Request) -> Rehearsal | None:
        """The turn has committed: the rehearsal for these words, whose answer the speaker holds; else there is none."""
        now = self._now
        self.reader.conclude(request.text, by_model=self.completeness is not Completeness.COMMAND)
        if now is not None and now.stands and agree(now.request, request):
            self._dispatch.promote(now.token)
            if now.stands:
                self._now = None
                self._waste.used(now.token)
                return now
        self.drop("not the words")
        return None

    def _may_try(self, utterance_s: float) -> bool:
        return self._tries < self._limits.tries and utterance_s <= self._limits.longest_s

    def _hold(self, rehearsal: Rehearsal) -> None:
        rehearsal.answering, rehearsal.finished = True, False
        self._waste.open(rehearsal.token)
        self._speaker.hold(rehearsal.token)

    def _give_up(self, rehearsal: Rehearsal, reason: str) -> None:
        rehearsal.token.cancel(reason)
        self._waste.write_off(rehearsal.token)
        self._speaker.drop()
        rehearsal.answering = False


class Resumption:
    """The rest of a rehearsed answer on its way, against what was expected of it."""

    def __init__(self, speaker: Speaker, preview: str) -> None:
        self._speaker = speaker
        self._preview = preview
        self._said = ""

    def say(self, delta: str) -> list[ReplyPart]:
        """The parts to show. A preview is held until the whole is known: its sound is spoken only if it came true."""
        if not self._preview:
            return self._speaker.say(delta)
        self._said += delta
        return []

    def finish(self) -> list[ReplyPart]:
        if self._preview and self._said == self._preview:
            return self._speaker.release()
        if self._preview:
            self._speaker.drop()
        return [*self._speaker.say(self._said), *self._speaker.finish_text()]


def agree(a: Request, b: Request) -> bool:
    """The same words, whatever their case and punctuation, said of the same turn."""
    return normalised(a.text) == normalised(b.text) and a.replaces == b.replaces


def normalised(text: str) -> list[str]:
    words = (word.strip(_PUNCTUATION) for word in text.casefold().replace("’", "'").split())
    return [word for word in words if word]

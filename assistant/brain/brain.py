"""The brain: intents first, then the language model, else an honest sentence."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from random import Random

from assistant.brain import endings
from assistant.brain.acts import Acts
from assistant.brain.durations import listed, roughly
from assistant.brain.intents import Match
from assistant.brain.language import clock_time, language_of
from assistant.brain.loading import Skills, shipped_skills
from assistant.brain.prompt import Prompt
from assistant.brain.protocols import Completeness, Pending, Request
from assistant.brain.question import NO, YES, Question
from assistant.brain.runner import Runner
from assistant.brain.skill import Context, Reply, Skill
from assistant.brain.summary import Summaries
from assistant.brain.thinker import Talk, Thinker, through
from assistant.brain.tools import Toolbox
from assistant.brain.understanding import Understanding
from assistant.errors import EngineFailed
from assistant.models.protocols import LlmEngine, Prefilling
from assistant.session.turn import CancelToken

SHALL_I = "Shall I do that?"
DECLINED = "Okay, I won't."
NOT_ASKED = "I didn't ask you anything."
NO_MODEL_SPOKEN = "I can't answer that yet: no language model is installed. Run assistant doctor to see how to add one."
NO_MODEL_CODE = "no-language-model"
NO_MODEL_MESSAGE = "no language model is installed: only built-in questions are answered (say “help” to hear which)"
NO_MODEL_HINT = "See what suits this machine: assistant models recommend"
Notify = Callable[[str, str, str], object]
"""Told (code, message, hint) on the brain's thread, when there is something to show."""


class AssistantBrain:
    """A Brain. Belongs to one worker thread; the agenda of its context is thread-safe and may be read from others.

    Skills run on threads of their own, each for as long as it may: the turn's cancel ends the wait for one at once. A
    language model's answer ends within one token of its own cancel delay. A stop ("stop", "quiet", "never mind") is
    answered with no text at all.
    """

    def __init__(
        self,
        context: Context | None = None,
        *,
        language: str = "en",
        llm: LlmEngine | None = None,
        prompt: Prompt | None = None,
        skills: Skills | None = None,
        tools: Toolbox | None = None,
        runner: Runner | None = None,
        on_notice: Notify | None = None,
    ) -> None:
        """``skills`` answer sentences, those of the package by default; ``tools`` are what the model may call. A
        language without sentences leaves everything to the model."""
        skills = skills or Skills(shipped_skills())
        self._context = replace(context or Context(), language=language_of(language))
        self._language = language
        self._llm = llm
        self._tools = tools or Toolbox()
        self._prompt = prompt or Prompt(f"You are {self._context.name}, a voice assistant.")
        self._on_notice = on_notice
        self._noticed = False
        self._skills = {skill.intent: skill for skill in skills.skills}
        self._say = self._context.language.say
        self._acts = Acts(runner or Runner(), self._say)
        self._question: Question | None = None
        self._closed = False
        self._understanding = Understanding(language, self._context.name, skills.sentences)
        self._summaries = Summaries(llm, self._prompt) if llm else None
        self._thinker = Thinker(llm, self._tools, self._acts, self._check_open, self._ask) if llm else None

    @property
    def name(self) -> str:
        return "intents" if self._llm is None else f"intents + {self._llm.name}"

    def warm(self) -> None:
        """Match once, so that hassil prepares its templates; let the model read what every prompt begins with."""
        self._understanding.find("what time is it in london", corrected=False)
        if self._llm is not None:
            self._llm.warm()
        if isinstance(self._llm, Prefilling):
            self._llm.prepare(self._prompt.messages("", ()), self._tools.definitions)

    def close(self) -> None:
        self._closed = True
        if self._llm is not None:
            self._llm.close()

    def judge(self, request: Request) -> Completeness:
        """A few milliseconds, some tens where the words correct themselves."""
        if endings.hangs(request.text, self._language):
            return Completeness.DANGLING
        match = self._find(request)
        if match is not None:
            return Completeness.OPEN if match.open else Completeness.COMMAND
        return endings.judge(request.text, self._language)

    def respond(self, request: Request, token: CancelToken) -> Iterator[str]:
        """The answer to a committed turn, as text deltas. Raises Cancelled, EngineFailed."""
        return through(self.rehearse(request, token), token)

    def prefill(self, request: Request, token: CancelToken) -> None:
        """Cancelled as the model is; nothing to do where it cannot read ahead, or an intent would answer."""
        if isinstance(self._llm, Prefilling) and self._find(request) is None:
            self._llm.prefill(self._talk(request).messages, token, self._tools.definitions)

    def reflect(self, request: Request, token: CancelToken) -> None:
        """As the protocol; cancelled as the model is."""
        if self._summaries is not None and self._summaries.due(request.history):
            self._summaries.make(request.history, token, self._tools.definitions)
            self.prefill(request, token)

    def rehearse(self, request: Request, token: CancelToken) -> Iterator[str | Pending]:
        """As the protocol. What corrects a turn that did something waits: that must be undone first."""
        token.raise_if_cancelled()
        match = self._find(request)
        question = self._open_question(request)
        if question is not None and match is not None and match.intent in {YES, NO}:
            yield Pending(
                partial(self._settle, question, match.intent), preview=self._say(DECLINED) if match.intent == NO else ""
            )
        elif match is not None and match.intent == YES:
            yield from self._think(request, token) if self._thinker is not None else (self._say(NOT_ASKED),)
        elif match is not None:
            yield from self._follow(self._skills[match.intent], match, request, token)
        else:
            yield from self._think(request, token)

    def _follow(self, skill: Skill, match: Match, request: Request, token: CancelToken) -> Iterator[str | Pending]:
        """A skill's answer, up to where its effects begin."""
        reply = self._consult(skill, match, request, token)
        if reply.fallback and self._thinker is not None:
            yield from self._think(request, token)
        elif reply.do is not None and skill.confirm:
            yield Pending(
                partial(self._ask_first, skill, match, request), preview=_sentence(reply.question or self._say(SHALL_I))
            )
        elif reply.do is not None or self._acts.undoes(request.replaces):
            yield Pending(partial(self._do, skill, match, request), preview=_sentence(reply.text))
        elif reply.text:
            yield _sentence(reply.text)

    def _think(self, request: Request, token: CancelToken) -> Iterator[str | Pending]:
        """The language model's answer, where there is one."""
        if self._thinker is None:
            yield Pending(partial(self._give_up, request), preview=self._say(NO_MODEL_SPOKEN))
        elif self._acts.undoes(request.replaces):
            yield Pending(partial(self._undo_and_think, request))
        else:
            yield from self._thinker.answer(self._talk(request), token)

    def _open_question(self, request: Request) -> Question | None:
        return self._question if self._question and self._question.open_to(request.turn_id) else None

    def _settle(self, question: Question, intent: str, token: CancelToken) -> Iterator[str]:
        """The user has said yes or no to our question."""
        token.raise_if_cancelled()
        self._question = None
        if intent == YES:
            yield from question.resume(question.answer_turn_id or 0, token)
        else:
            yield self._say(DECLINED)

    def _ask(self, question: Question) -> None:
        self._question = question

    def _ask_first(self, skill: Skill, match: Match, request: Request, token: CancelToken) -> Iterator[str]:
        """Undo, look again at what is there now, and ask."""
        reply = self._looked_again(skill, match, request, token)

        def confirmed(turn_id: int, token: CancelToken) -> Iterator[str]:
            yield _sentence(self._acts.perform(skill, reply, turn_id, token))

        if reply.do is None:
            yield _sentence(reply.text)
            return
        self._ask(Question(confirmed))
        yield _sentence(reply.question or self._say(SHALL_I))

    def _do(self, skill: Skill, match: Match, request: Request, token: CancelToken) -> Iterator[str]:
        """Undo, look again at what is there now, and do it."""
        reply = self._looked_again(skill, match, request, token)
        if text := self._acts.perform(skill, reply, request.turn_id, token):
            yield _sentence(text)

    def _looked_again(self, skill: Skill, match: Match, request: Request, token: CancelToken) -> Reply:
        token.raise_if_cancelled()
        self._acts.undo(request.replaces)
        return self._consult(skill, match, request, token)

    def _consult(self, skill: Skill, match: Match, request: Request, token: CancelToken) -> Reply:
        return self._acts.consult(skill, skill.slots(match.slots), self._seen_by(request), token)

    def _undo_and_think(self, request: Request, token: CancelToken) -> Iterator[str]:
        self._check_open()
        token.raise_if_cancelled()
        self._acts.undo(request.replaces)
        assert self._thinker is not None
        return through(self._thinker.answer(self._talk(request), token), token)

    def _give_up(self, request: Request, token: CancelToken) -> Iterator[str]:
        token.raise_if_cancelled()
        self._acts.undo(request.replaces)
        self._notice_once()
        yield self._say(NO_MODEL_SPOKEN)

    def _talk(self, request: Request) -> Talk:
        recalled = self._context.memory.recall(request.text, self._prompt.kept(request.history))
        known = facts(self._context)
        earlier = self._summaries.earlier(request.history) if self._summaries is not None else ()
        messages = self._prompt.messages(request.text, request.history, known, " ".join(recalled), earlier=earlier)
        return Talk(request.turn_id, messages, self._seen_by(request))

    def _find(self, request: Request) -> Match | None:
        return self._understanding.find(request.text, corrected=request.replaces is not None)

    def _seen_by(self, request: Request) -> Context:
        seed = self._context.seed
        rng = self._context.rng if seed is None else Random(f"{seed} {request.turn_id}")
        return replace(self._context, history=request.history, text=request.text, rng=rng)

    def _check_open(self) -> None:
        """What waited for its commit may find that the engine has failed, and another brain has taken over."""
        if self._closed:
            raise EngineFailed(f"{self.name} was replaced in the middle of an answer", hint="Ask again.")

    def _notice_once(self) -> None:
        if self._on_notice is not None and not self._noticed:
            self._noticed = True
            self._on_notice(NO_MODEL_CODE, NO_MODEL_MESSAGE, NO_MODEL_HINT)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def facts(context: Context) -> str:
    """What a language model cannot know by itself, on one line that changes no more often than it must.

    Every change costs the model another read from there on; who wants the seconds of a timer is answered by an intent.
    """
    now = context.now()
    line = f"It is {clock_time(now)} on {now:%A, %B} {now.day}, {now.year}."
    running = context.agenda.running()
    if running:
        timers = [f"{timer.label} ({roughly(context.agenda.remaining_s(timer))} left)" for timer in running]
        line += f" Timers running: {listed(timers)}."
    return line

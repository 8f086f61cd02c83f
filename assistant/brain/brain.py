"""The brain: intents first, then the language model, else an honest sentence."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial

from assistant.brain import corrections, endings
from assistant.brain.durations import listed, roughly
from assistant.brain.intents import Match, Matcher
from assistant.brain.numbers import Token
from assistant.brain.prompt import Prompt
from assistant.brain.protocols import Completeness, Pending, Request
from assistant.brain.skill import Context, Refused, Skill, Undo, load_skills, run_skill
from assistant.brain.skills.clock import clock_time
from assistant.brain.text import tokenize
from assistant.brain.tools import Toolbox
from assistant.errors import EngineFailed
from assistant.models.protocols import LlmEngine, Message, Prefilling, ToolCall
from assistant.session.turn import CancelToken

MAX_MATCHED_CHARACTERS = 400
"""Longer text is not a command; it goes to the language model unmatched."""

UNDO_TURNS = 16
MAX_ROUNDS = 4
TOO_MANY_ROUNDS = "I have not come to an end with that. Please ask me in another way."
NO_MODEL_SPOKEN = "I can't answer that yet: no language model is installed. Run assistant doctor to see how to add one."
NO_MODEL_CODE = "no-language-model"
NO_MODEL_MESSAGE = "no language model is installed: only built-in questions are answered (say “help” to hear which)"
NO_MODEL_HINT = "See what suits this machine: assistant models recommend"
Notify = Callable[[str, str, str], object]
"""Told (code, message, hint) on the brain's thread, when there is something to show."""


class AssistantBrain:
    """A Brain. Belongs to one worker thread; the timers of its context are thread-safe and may be read from others.

    Intents take milliseconds and are not cancelled midway; a language model's answer ends within one token of its own
    cancel delay, and between two tools that it calls, but not within one. A stop ("stop", "quiet", "never mind") is
    answered with no text at all.
    """

    def __init__(
        self,
        context: Context | None = None,
        *,
        language: str = "en",
        llm: LlmEngine | None = None,
        prompt: Prompt | None = None,
        tools: Toolbox | None = None,
        on_notice: Notify | None = None,
    ) -> None:
        """Loads sentences and skills. A language without sentences leaves everything to the language model."""
        self._context = context or Context()
        self._language = language
        self._llm = llm
        self._tools = tools or Toolbox()
        self._prompt = prompt or Prompt(f"You are {self._context.name}, a voice assistant.")
        self._on_notice = on_notice
        self._noticed = False
        self._skills: Mapping[str, Skill] = load_skills()
        self._undos: OrderedDict[int, Undo] = OrderedDict()
        self._found: tuple[tuple[str, bool], Match | None] | None = None  # the last text, matched
        self._closed = False
        self._matcher: Matcher | None = None
        with suppress(LookupError):
            self._matcher = Matcher(language, skip_words=[self._context.name.casefold()])

    @property
    def name(self) -> str:
        return "intents" if self._llm is None else f"intents + {self._llm.name}"

    def warm(self) -> None:
        """Match once, so that hassil prepares its templates; let the model read what every prompt begins with."""
        self._find("warm up", corrected=False)
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
        match = self._find(request.text, request.replaces is not None)
        if match is not None:
            return Completeness.OPEN if match.open else Completeness.COMMAND
        return endings.judge(request.text, self._language)

    def respond(self, request: Request, token: CancelToken) -> Iterator[str]:
        """The answer to a committed turn, as text deltas. Raises Cancelled, EngineFailed."""
        return _through(self.rehearse(request, token), token)

    def prefill(self, request: Request, token: CancelToken) -> None:
        """Cancelled as the model is; nothing to do where it cannot read ahead, or an intent would answer."""
        if isinstance(self._llm, Prefilling) and self._find(request.text, request.replaces is not None) is None:
            self._llm.prefill(self._messages(request), token, self._tools.definitions)

    def rehearse(self, request: Request, token: CancelToken) -> Iterator[str | Pending]:
        """As the protocol. What corrects a turn that did something waits: that must be undone first."""
        token.raise_if_cancelled()
        undoes = request.replaces in self._undos
        match = self._find(request.text, request.replaces is not None)
        if match is not None:
            reply = run_skill(self._skills[match.intent], self._seen_by(request), match.slots)
            if undoes or reply.do is not None:
                yield Pending(partial(self._do, match, request), preview=_sentence(reply.text))
            elif reply.text:
                yield _sentence(reply.text)
        elif self._llm is None:
            yield Pending(partial(self._give_up, request), preview=NO_MODEL_SPOKEN)
        elif undoes:
            yield Pending(partial(self._undo_and_ask, self._llm, request))
        else:
            yield from self._ask(self._llm, self._messages(request), token)

    def _messages(self, request: Request) -> list[Message]:
        return self._prompt.messages(request.text, request.history, facts(self._context))

    def _ask(
        self, llm: LlmEngine, messages: list[Message], token: CancelToken, rounds: int = MAX_ROUNDS
    ) -> Iterator[str | Pending]:
        """The model's answer, up to the first tool that it calls."""
        said, calls = "", list[ToolCall]()
        for part in llm.generate(messages, token, self._tools.definitions):
            if isinstance(part, ToolCall):
                calls.append(part)
            else:
                said += part
                yield part
        if calls:
            messages = [*messages, Message("assistant", said, tuple(calls))]
            yield Pending(partial(self._use_tools, llm, messages, calls, rounds - 1))

    def _use_tools(
        self, llm: LlmEngine, messages: list[Message], calls: list[ToolCall], rounds: int, token: CancelToken
    ) -> Iterator[str]:
        """Run the tools, and go on with what came of them; cancelled between them."""
        self._check_open()
        for call in calls:
            token.raise_if_cancelled()
            messages.append(Message("tool", self._tools.run(call)))
        if messages[-len(calls) - 1].content:
            yield " "
        if rounds:
            yield from _through(self._ask(llm, messages, token, rounds), token)
        else:
            yield TOO_MANY_ROUNDS

    def _undo_and_ask(self, llm: LlmEngine, request: Request, token: CancelToken) -> Iterator[str]:
        self._check_open()
        self._undo(request, token)
        return _through(self._ask(llm, self._messages(request), token), token)

    def _check_open(self) -> None:
        """What waited for its commit may find that the engine has failed, and another brain has taken over."""
        if self._closed:
            raise EngineFailed(f"{self.name} was replaced in the middle of an answer", hint="Ask again.")

    def _find(self, text: str, corrected: bool) -> Match | None:
        if self._matcher is None or len(text) > MAX_MATCHED_CHARACTERS:
            return None
        if self._found is None or self._found[0] != (text, corrected):
            matches = (self._matcher.match(reading) for reading in readings(text, corrected))
            self._found = (text, corrected), next((match for match in matches if match is not None), None)
        return self._found[1]

    def _seen_by(self, request: Request) -> Context:
        return replace(self._context, history=request.history)

    def _undo(self, request: Request, token: CancelToken) -> None:
        token.raise_if_cancelled()
        if request.replaces is not None and (undo := self._undos.pop(request.replaces, None)) is not None:
            undo()

    def _do(self, match: Match, request: Request, token: CancelToken) -> Iterator[str]:
        """Undo, look again at what is there now, and do it."""
        self._undo(request, token)
        reply = run_skill(self._skills[match.intent], self._seen_by(request), match.slots)
        text = reply.text
        if reply.do is not None:
            try:
                self._remember(request.turn_id, reply.do())
            except Refused as refusal:
                text = str(refusal)
        if text:
            yield _sentence(text)

    def _give_up(self, request: Request, token: CancelToken) -> Iterator[str]:
        self._undo(request, token)
        self._notice_once()
        yield NO_MODEL_SPOKEN

    def _remember(self, turn_id: int, undo: Undo) -> None:
        self._undos[turn_id] = undo
        while len(self._undos) > UNDO_TURNS:
            self._undos.popitem(last=False)

    def _notice_once(self) -> None:
        if self._on_notice is not None and not self._noticed:
            self._noticed = True
            self._on_notice(NO_MODEL_CODE, NO_MODEL_MESSAGE, NO_MODEL_HINT)


def _through(parts: Iterator[str | Pending], token: CancelToken) -> Iterator[str]:
    """The whole answer of a committed turn."""
    for part in parts:
        if isinstance(part, Pending):
            yield from part.resume(token)
        else:
            yield part


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def readings(text: str, corrected: bool) -> Iterator[list[Token]]:
    """Token lists to match, the most likely first. ``corrected``: the text is two utterances, the second a correction.

    Otherwise the text is tried as it stands first, and as one that corrects itself after that.
    """
    parts = corrections.split(text)
    if not corrected or parts is None:
        yield tokenize(text)
    if parts is not None:
        first, correction = parts
        yield from corrections.readings(tokenize(first), tokenize(correction))
    if corrected and parts is not None:
        yield tokenize(text)


def facts(context: Context) -> str:
    """What a language model cannot know by itself, on one line that changes no more often than it must.

    Every change costs the model another read from there on; who wants the seconds of a timer is answered by an intent.
    """
    now = context.now()
    line = f"It is {clock_time(now)} on {now:%A, %B} {now.day}, {now.year}."
    running = context.timers.running()
    if running:
        timers = [f"{timer.label} ({roughly(context.timers.remaining_s(timer))} left)" for timer in running]
        line += f" Timers running: {listed(timers)}."
    return line

"""The brain: intents first, then the language model, else an honest sentence."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace

from assistant.brain import corrections
from assistant.brain.durations import listed, spoken
from assistant.brain.intents import Match, Matcher
from assistant.brain.numbers import Token
from assistant.brain.prompt import Prompt
from assistant.brain.protocols import Request
from assistant.brain.skill import Context, Skill, load_skills, run_skill
from assistant.brain.skills.clock import clock_time
from assistant.brain.text import tokenize
from assistant.brain.tools import Toolbox
from assistant.models.protocols import LlmEngine, Message, ToolCall
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
        self._llm = llm
        self._tools = tools or Toolbox()
        self._prompt = prompt or Prompt(f"You are {self._context.name}, a voice assistant.")
        self._on_notice = on_notice
        self._noticed = False
        self._skills: Mapping[str, Skill] = load_skills()
        self._undos: OrderedDict[int, Callable[[], object]] = OrderedDict()
        self._matcher: Matcher | None = None
        with suppress(LookupError):
            self._matcher = Matcher(language, skip_words=[self._context.name.casefold()])

    @property
    def name(self) -> str:
        return "intents" if self._llm is None else f"intents + {self._llm.name}"

    def warm(self) -> None:
        """Match once, so that hassil prepares its templates; warm the model too."""
        self._find("warm up", corrected=False)
        if self._llm is not None:
            self._llm.warm()

    def close(self) -> None:
        if self._llm is not None:
            self._llm.close()

    def respond(self, request: Request, token: CancelToken) -> Iterator[str]:
        """The answer to a committed turn, as text deltas. Raises Cancelled, EngineFailed."""
        token.raise_if_cancelled()
        corrected = request.replaces is not None
        if request.replaces is not None and (undo := self._undos.pop(request.replaces, None)) is not None:
            undo()
        match = self._find(request.text, corrected)
        if match is not None:
            yield from self._do(match, request)
        elif self._llm is not None:
            messages = self._prompt.messages(request.text, request.history, facts(self._context))
            yield from self._ask(self._llm, messages, token)
        else:
            self._notice_once()
            yield NO_MODEL_SPOKEN

    def _ask(self, llm: LlmEngine, messages: list[Message], token: CancelToken) -> Iterator[str]:
        """The model's answer. Tools that it calls are run, and it is told what came of them; cancelled between them."""
        for _ in range(MAX_ROUNDS):
            said, calls = "", list[ToolCall]()
            for part in llm.generate(messages, token, self._tools.definitions):
                if isinstance(part, ToolCall):
                    calls.append(part)
                else:
                    said += part
                    yield part
            if not calls:
                return
            messages = [*messages, Message("assistant", said, tuple(calls))]
            for call in calls:
                token.raise_if_cancelled()
                messages.append(Message("tool", self._tools.run(call)))
            if said:
                yield " "
        yield TOO_MANY_ROUNDS

    def _find(self, text: str, corrected: bool) -> Match | None:
        if self._matcher is None or len(text) > MAX_MATCHED_CHARACTERS:
            return None
        matches = (self._matcher.match(reading) for reading in readings(text, corrected))
        return next((match for match in matches if match is not None), None)

    def _do(self, match: Match, request: Request) -> Iterator[str]:
        context = replace(self._context, history=request.history)
        reply = run_skill(self._skills[match.intent], context, match.slots)
        if reply.undo is not None:
            self._remember(request.turn_id, reply.undo)
        if reply.text:
            yield reply.text[0].upper() + reply.text[1:]

    def _remember(self, turn_id: int, undo: Callable[[], object]) -> None:
        self._undos[turn_id] = undo
        while len(self._undos) > UNDO_TURNS:
            self._undos.popitem(last=False)

    def _notice_once(self) -> None:
        if self._on_notice is not None and not self._noticed:
            self._noticed = True
            self._on_notice(NO_MODEL_CODE, NO_MODEL_MESSAGE, NO_MODEL_HINT)


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
    """What a language model cannot know by itself, on one line."""
    now = context.now()
    line = f"It is {clock_time(now)} on {now:%A, %B} {now.day}, {now.year}."
    running = context.timers.running()
    if running:
        timers = [f"{timer.label} ({spoken(round(context.timers.remaining_s(timer)))} left)" for timer in running]
        line += f" Timers running: {listed(timers)}."
    return line

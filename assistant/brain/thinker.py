"""The language model at work: it answers, calls tools, and goes on with what came of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from assistant.brain.acts import Acts
from assistant.brain.arguments import BadArguments
from assistant.brain.protocols import Pending
from assistant.brain.question import Question
from assistant.brain.skill import Context
from assistant.brain.tools import Tool, Toolbox, failure
from assistant.models.protocols import LlmEngine, Message, ToolCall
from assistant.session.turn import CancelToken

MAX_ROUNDS = 4
MAX_CALLS = 8
TOO_MANY_ROUNDS = "I have not come to an end with that. Please ask me in another way."
QUESTION = "I would {what}. Shall I?"

Asked = Callable[[Question], object]
"""Told of a question that the user has to answer before a tool may run."""


@dataclass(frozen=True, slots=True)
class Talk:
    """What the model has been told for a turn, and how often it may still be asked to go on."""

    turn_id: int
    messages: Sequence[Message]
    context: Context
    rounds: int = MAX_ROUNDS

    def grown(self, *messages: Message) -> "Talk":
        return replace(self, messages=[*self.messages, *messages])


class Thinker:
    """Belongs to the brain's thread. Cancelled as the model is, between tools, and while one is waited for."""

    def __init__(self, llm: LlmEngine, tools: Toolbox, acts: Acts, check: Callable[[], object], asked: Asked) -> None:
        """``check`` raises EngineFailed where the model has been closed since."""
        self._llm = llm
        self._tools = tools
        self._acts = acts
        self._check = check
        self._asked = asked

    def answer(self, talk: Talk, token: CancelToken) -> Iterator[str | Pending]:
        """The model's answer, up to the first tool that it calls."""
        said, calls = "", list[ToolCall]()
        for part in self._llm.generate(talk.messages, token, self._tools.definitions):
            if isinstance(part, ToolCall):
                calls.append(part)
            else:
                said += part
                yield part
        if calls:
            calls = calls[:MAX_CALLS]
            asked = replace(talk.grown(Message("assistant", said, tuple(calls))), rounds=talk.rounds - 1)
            yield Pending(partial(self._use_tools, asked, calls, bool(said)))

    def _use_tools(
        self, talk: Talk, calls: Sequence[ToolCall], spoke: bool, token: CancelToken, *, confirmed: bool = False
    ) -> Iterator[str]:
        """Run the tools, and go on with what came of them. ``confirmed``: the user has agreed to the first one."""
        self._check()
        if spoke:
            yield " "
        for place, call in enumerate(calls):
            token.raise_if_cancelled()
            try:
                tool = self._tools.find(call.name)
            except BadArguments as error:
                talk = talk.grown(Message("tool", failure(str(error))))
                continue
            if tool.confirm and not (confirmed and place == 0):
                yield self._ask_first(talk, tool, calls[place:])
                return
            result = yield from self._acts.use(tool, call.arguments, talk.context, talk.turn_id, token)
            talk = talk.grown(Message("tool", result))
        if talk.rounds:
            yield from through(self.answer(talk, token), token)
        else:
            yield TOO_MANY_ROUNDS

    def _ask_first(self, talk: Talk, tool: Tool, calls: Sequence[ToolCall]) -> str:
        def confirmed(turn_id: int, token: CancelToken) -> Iterator[str]:
            return self._use_tools(replace(talk, turn_id=turn_id), calls, False, token, confirmed=True)

        self._asked(Question(confirmed))
        what = tool.definition.description.partition("\n")[0].rstrip(".")
        return QUESTION.format(what=what[:1].lower() + what[1:])


def through(parts: Iterator[str | Pending], token: CancelToken) -> Iterator[str]:
    """The whole answer of a committed turn."""
    for part in parts:
        if isinstance(part, Pending):
            yield from part.resume(token)
        else:
            yield part

"""What the assistant does for the user: skills and tools are called, their effects happen, and can be taken back."""

from collections import OrderedDict
from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from typing import Any

import structlog

from assistant.brain.arguments import BadArguments
from assistant.brain.runner import Call, Runner, TooBusy, TooSlow
from assistant.brain.skill import Context, Refused, Reply, Undo
from assistant.brain.tools import Tool, failure, told
from assistant.session.turn import CancelToken

UNDO_TURNS = 16
FILLER_AFTER_S = 1.0
FILLER = "One moment. "
LONGEST_ANSWER = 10_000
"""Characters: ten minutes of speech. More is no answer but a mistake."""
TOO_LONG = "That is far too long to read out."
TOO_SLOW = "That takes too long, so I have given it up."
WENT_WRONG = "Sorry, that went wrong."

log = structlog.get_logger(__name__)


class Acts:
    """Belongs to the brain's thread; the calls themselves run on the runner's. Full policy: the undo of the oldest of
    16 turns is forgotten."""

    def __init__(self, runner: Runner, say: Callable[[str], str] = str) -> None:
        """``say`` puts a sentence of ours into the language of the conversation."""
        self._runner = runner
        self._say = say
        self._undos: OrderedDict[int, list[Undo]] = OrderedDict()

    def undoes(self, turn_id: int | None) -> bool:
        """That turn did something that can be taken back."""
        return turn_id in self._undos

    def undo(self, turn_id: int | None) -> None:
        """Take back what a turn did, the last first."""
        for undo in reversed(self._undos.pop(turn_id, []) if turn_id is not None else []):
            try:
                undo()
            except Exception:  # a skill is somebody's code
                log.exception("could not be taken back", turn_id=turn_id)

    def consult(self, skill: Tool, arguments: Mapping[str, Any], context: Context, token: CancelToken) -> Reply:
        """What a skill would say, without effects; a failure is said too. Raises Cancelled.

        Waits as long as the skill may take; the turn's cancel ends the wait at once.
        """
        try:
            reply = self._runner.run(skill.bind(arguments, context, token), skill.timeout_s, token)
            return reply if len(reply.text) <= LONGEST_ANSWER else replace(reply, text=self._say(TOO_LONG))
        except (TooSlow, TooBusy):
            log.warning("skill too slow", skill=skill.name, timeout_s=skill.timeout_s)
            return Reply(self._say(TOO_SLOW))
        except Exception:  # a skill is somebody's code, and the turn must go on whatever happens in it
            log.exception("skill failed", skill=skill.name)
            return Reply(self._say(WENT_WRONG))

    def perform(self, skill: Tool, reply: Reply, turn_id: int, token: CancelToken) -> str:
        """Make true what ``reply`` says, and give what is to be said. Raises Cancelled."""
        try:
            undo = self._runner.run(reply.do, skill.timeout_s, token) if reply.do is not None else None
        except Refused as refusal:
            return str(refusal)
        except (TooSlow, TooBusy):
            return self._say(TOO_SLOW)
        except Exception:  # as above
            log.exception("skill failed", skill=skill.name)
            return self._say(WENT_WRONG)
        self._remember(turn_id, undo)
        return reply.text

    def use(
        self, tool: Tool, arguments: Mapping[str, Any], context: Context, turn_id: int, token: CancelToken
    ) -> Generator[str, None, str]:
        """Use a tool for the language model: what is said while it takes its time, and returns what the model is told.

        Failures are told too. Raises Cancelled; a tool that outlives the turn goes on all the same.
        """
        given = CancelToken() if tool.outlives_turn else token
        try:
            work = _whole(tool.bind(arguments, context, given), given)
            call = self._runner.begin(work)
            if not call.wait(min(FILLER_AFTER_S, tool.timeout_s), token):
                yield self._say(FILLER)
            text, undo = _ended(call, tool.timeout_s - FILLER_AFTER_S, token)
        except (BadArguments, Refused) as refusal:
            return failure(str(refusal))
        except TooSlow:
            return failure(f"no result within {tool.timeout_s:.0f} seconds")
        except TooBusy:
            return failure("too many other calls have not ended")
        except Exception as error:  # as above
            log.warning("tool failed", tool=tool.name, error=repr(error))
            return failure(f"{type(error).__name__}: {error}")
        self._remember(turn_id, undo)
        return told(text)

    def _remember(self, turn_id: int, undo: Undo | None) -> None:
        if undo is None:
            return
        self._undos.setdefault(turn_id, []).append(undo)
        while len(self._undos) > UNDO_TURNS:
            self._undos.popitem(last=False)


def _whole(call: Callable[[], Reply], token: CancelToken) -> Callable[[], tuple[str, Undo | None]]:
    """The call with its effect: what a model wants done was committed to before."""

    def work() -> tuple[str, Undo | None]:
        reply = call()
        token.raise_if_cancelled()
        return reply.text, reply.do() if reply.do is not None else None

    return work


def _ended(call: Call[tuple[str, Undo | None]], timeout_s: float, token: CancelToken) -> tuple[str, Undo | None]:
    if not call.wait(max(0.0, timeout_s), token):
        raise TooSlow
    return call.result()

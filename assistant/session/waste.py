"""What working ahead cost where it was in vain."""

from collections import OrderedDict
from dataclasses import dataclass

from assistant.events import Wasted
from assistant.models.worker import Done
from assistant.session.turn import CancelToken

ACCOUNTS = 64  # jobs of the last few turns that may still run


def added(a: Wasted, b: Wasted) -> Wasted:
    return Wasted(engine_s=a.engine_s + b.engine_s, tokens=a.tokens + b.tokens, clauses=a.clauses + b.clauses)


@dataclass(slots=True)
class _Account:
    turn_id: int
    spent: Wasted
    in_vain: bool = False


class WasteMeter:
    """Keeps an account for each token of work ahead, until it is used or written off. Belongs to the session's thread.

    Full policy: the oldest account is forgotten, as if its work had been used.
    """

    def __init__(self) -> None:
        self._accounts: OrderedDict[CancelToken, _Account] = OrderedDict()
        self._turn_id = 0
        self.turn = Wasted()
        self.session = Wasted()

    def begin_turn(self, turn_id: int) -> None:
        self._turn_id = turn_id
        self.turn = Wasted()

    def open(self, token: CancelToken) -> None:
        self._accounts[token] = _Account(self._turn_id, Wasted())
        if len(self._accounts) > ACCOUNTS:
            self._accounts.popitem(last=False)

    def add(self, done: Done) -> None:
        """A job has ended: its cost, if it was work ahead. A transcription that was stopped gave nothing."""
        if done.job.stage == "stt" and done.status == "cancelled" and done.job.token not in self._accounts:
            self._write_off(done.job.turn_id, Wasted(engine_s=done.duration_s))
        clauses = 1 if done.job.stage == "tts" and done.items else 0
        self._spend(done.job.token, Wasted(engine_s=done.duration_s, clauses=clauses))

    def add_token(self, token: CancelToken) -> None:
        """The language model gave a delta."""
        self._spend(token, Wasted(tokens=1))

    def _spend(self, token: CancelToken, cost: Wasted) -> None:
        account = self._accounts.get(token)
        if account is None:
            return
        if account.in_vain:
            self._write_off(account.turn_id, cost)
        else:
            account.spent = added(account.spent, cost)

    def used(self, token: CancelToken) -> None:
        """It was not in vain."""
        self._accounts.pop(token, None)

    def write_off(self, token: CancelToken) -> None:
        """It was thrown away; what its jobs still cost from here on, too."""
        account = self._accounts.get(token)
        if account is not None and not account.in_vain:
            account.in_vain = True
            self._write_off(account.turn_id, account.spent)

    def _write_off(self, turn_id: int, cost: Wasted) -> None:
        self.session = added(self.session, cost)
        if turn_id == self._turn_id:
            self.turn = added(self.turn, cost)

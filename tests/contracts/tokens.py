"""A token that cancels itself when it is polled for the n-th time: a cancel at an exact point, without a clock."""

from assistant.session.turn import CancelToken


class CountingToken(CancelToken):
    """Counts how often an engine asks; cancelled at poll ``cancel_at``, counted from 1, or never."""

    def __init__(self, cancel_at: int | None = None) -> None:
        super().__init__()
        self.polls = 0
        self._cancel_at = cancel_at

    @property
    def cancelled(self) -> bool:
        self._poll()
        return self._reason is not None

    def raise_if_cancelled(self) -> None:
        self._poll()
        super().raise_if_cancelled()

    def _poll(self) -> None:
        self.polls += 1
        if self.polls == self._cancel_at:
            self.cancel("test")


def cancelled_token() -> CancelToken:
    token = CancelToken()
    token.cancel("test")
    return token

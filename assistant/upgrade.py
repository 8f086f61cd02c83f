"""Fetching the models that suit this machine while a conversation goes on with what there is."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from assistant.bus import Bus
from assistant.errors import AssistantError
from assistant.events import Notice, UpgradeEnded, UpgradeOffered, UpgradeProgress
from assistant.session.turn import Cancelled, CancelToken
from assistant.store.entries import Entry
from assistant.store.progress import Listener, Meter, Progress

REPORT_EVERY_BYTES = 1_000_000

Pull = Callable[[Listener, CancelToken], object]
"""Fetches the offered models. Raises AssistantError, Cancelled."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Models of a profile that this machine lacks."""

    profile: str
    entries: tuple[Entry, ...]

    @property
    def size(self) -> int:
        """Bytes to download."""
        return sum(entry.size for entry in self.entries)

    @property
    def command(self) -> str:
        return f"assistant models pull --profile {self.profile}"


class Upgrade:
    """Says what could be had, and fetches it when asked. Owns the thread ``upgrade``.

    The thread downloads, then calls ``change_over``, which loads the engines and hands them to their workers. Cancelled
    within the hub's patience (10 s); ``stop`` does not wait for it, since what has arrived is kept.
    """

    def __init__(
        self, offer: Offer, pull: Pull, change_over: Callable[[], object], bus: Bus, clock: Callable[[], float]
    ) -> None:
        self._offer = offer
        self._pull = pull
        self._change_over = change_over
        self._bus = bus
        self._clock = clock
        self._meter = Meter()
        self._reported = -REPORT_EVERY_BYTES
        self._token = CancelToken()
        self._thread = threading.Thread(target=self._run, name="upgrade", daemon=True)

    def announce(self) -> None:
        offer = self._offer
        models = tuple(entry.id for entry in offer.entries)
        self._bus.publish(
            UpgradeOffered(
                at_s=self._clock(), profile=offer.profile, models=models, size=offer.size, command=offer.command
            )
        )

    def accept(self) -> None:
        """Begin, unless that was asked before. Returns at once."""
        if self._thread.ident is None and not self._token.cancelled:
            self._thread.start()

    def stop(self) -> None:
        """Give up; the next download goes on from here. Idempotent."""
        self._token.cancel("stopping")

    def join(self, timeout_s: float) -> bool:
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        installed = False
        try:
            self._pull(self._hear, self._token)
            self._token.raise_if_cancelled()
            self._change_over()
            installed = True
        except Cancelled:
            pass
        except AssistantError as error:
            self._tell(error)
        self._bus.publish(UpgradeEnded(at_s=self._clock(), installed=installed))

    def _hear(self, progress: Progress) -> None:
        self._meter.hear(progress)
        received = self._meter.received
        if received - self._reported >= REPORT_EVERY_BYTES or received == self._offer.size:
            self._reported = received
            self._bus.publish(
                UpgradeProgress(
                    at_s=self._clock(), received=received, size=self._offer.size, left_s=self._meter.left_s
                )
            )

    def _tell(self, error: AssistantError) -> None:
        self._bus.publish(
            Notice(
                at_s=self._clock(),
                level="error",
                code=error.code,
                stage=error.stage,
                message=error.message,
                hint=error.hint,
            )
        )


def offer_of(profile: str, entries: tuple[Entry, ...], root: Path, taken: Callable[[str], bool]) -> Offer | None:
    """What of ``entries`` is worth offering: not what is installed, nor for a stage that is ``taken`` by a model."""
    from assistant.store.folder import usable

    missing = tuple(entry for entry in entries if not taken(entry.stage) and not usable(entry, root))
    return Offer(profile, missing) if missing else None

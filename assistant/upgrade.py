"""Fetching the models that suit this machine while a conversation goes on with what there is."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from assistant import offline
from assistant.bus import Bus
from assistant.config import Settings
from assistant.errors import AssistantError
from assistant.events import Notice, UpgradeEnded, UpgradeOffered, UpgradeProgress
from assistant.models.worker import Candidate, EngineWorker, Observer
from assistant.session.turn import Cancelled, CancelToken
from assistant.store.catalogue import catalogue
from assistant.store.entries import Entry
from assistant.store.folder import find, models_dir
from assistant.store.machine import this_machine
from assistant.store.profiles import USED
from assistant.store.progress import Listener, Meter, Progress
from assistant.store.pull import pull
from assistant.store.recommend import recommend
from assistant.threads import joined

REPORT_EVERY_BYTES = 1_000_000
AUTO = "auto"

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

    The thread downloads, then calls ``load``, which loads the engines and hands them to their workers. Cancelled
    within the hub's patience (10 s); ``stop`` does not wait for it, since what has arrived is kept.
    """

    def __init__(
        self, offer: Offer, pull: Pull, load: Callable[[CancelToken], object], bus: Bus, clock: Callable[[], float]
    ) -> None:
        self._offer = offer
        self._pull = pull
        self._load = load
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
        """False if the thread outlived ``timeout_s``."""
        return joined(self._thread, timeout_s)

    def _run(self) -> None:
        installed = False
        try:
            self._pull(self._hear, self._token)
            self._token.raise_if_cancelled()
            self._load(self._token)
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
                UpgradeProgress(at_s=self._clock(), received=received, size=self._offer.size, left_s=self._meter.left_s)
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


@dataclass(frozen=True, slots=True)
class Replaceable:
    """A worker, and the candidates that are there for it now."""

    worker: EngineWorker[Any]
    candidates: Callable[[], Sequence[Candidate[Any]]]


def change_over(stages: Iterable[Replaceable], report: Observer, token: CancelToken) -> None:
    """Load the best candidate of each stage here, and hand it to its worker; one that fails leaves things as they are.

    Cancelled between two engines, and within a load that can be abandoned. Raises Cancelled.
    """
    for stage in stages:
        token.raise_if_cancelled()
        best, *others = stage.candidates()
        began = time.perf_counter()
        forget = token.on_cancel(best.abandon)
        try:
            engine = best.load()
            engine.warm()
        except AssistantError as error:
            report.engine_failed(stage.worker.stage, best.name, error, None)
            continue
        finally:
            forget()
        stage.worker.hand_over(engine, time.perf_counter() - began, others)


def upgrade_for(
    settings: Settings, stages: Iterable[Replaceable], report: Observer, bus: Bus, clock: Callable[[], float]
) -> Upgrade | None:
    """For the models that suit this machine, where a stage has none; None where nothing is lacking."""
    root = models_dir(settings)
    lacking: dict[str, Replaceable] = {
        stage.worker.stage: stage for stage in stages if _lacks_model(stage.worker.stage, settings)
    }
    advice = recommend(this_machine(root), settings.stt.language, catalogue())
    entries = tuple(entry for entry in advice.entries if entry.stage in lacking)
    if advice.profile is None or not entries:
        return None

    def fetch(progress: Listener, token: CancelToken) -> None:
        try:
            pull(entries, root, progress=progress, token=token)
        finally:
            offline.enforce()

    def load(token: CancelToken) -> None:
        change_over([lacking[entry.stage] for entry in entries], report, token)

    return Upgrade(Offer(advice.profile.name, entries), fetch, load, bus, clock)


def _lacks_model(stage: str, settings: Settings) -> bool:
    """Whether the engine is left to choice, and there is no model to choose."""
    return any(getattr(settings, one).engine == AUTO and find(one, settings) is None for one in USED if one == stage)

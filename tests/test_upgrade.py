"""The upgrade: offered, asked for, fetched on its own thread, and handed over."""

from pathlib import Path

import pytest

from assistant.bus import Bus
from assistant.config import Settings
from assistant.errors import DownloadFailed
from assistant.events import Event, Notice, UpgradeEnded, UpgradeOffered, UpgradeProgress
from assistant.models.worker import EngineWorker
from assistant.session.turn import CancelToken
from assistant.store.entries import Entry, File
from assistant.store.machine import Machine
from assistant.store.progress import Listener, Progress
from assistant.upgrade import Offer, Replaceable, Upgrade, upgrade_for
from tests.models.test_worker import News


def entry(stage: str) -> Entry:
    file = File(path=f"{stage}.bin", size=3_000_000, sha256="0" * 64)
    return Entry(
        id=f"a-{stage}", stage=stage, engine="e", repo="r", revision="1", files=[file], licence="MIT", languages=["en"]
    )


OFFER = Offer("laptop", (entry("stt"), entry("tts")))


def run(pull, change_over=lambda _: None, *, ask: bool = True) -> list[Event]:
    """Everything that is published, from the offer on."""
    bus = Bus()
    mailbox = bus.subscribe(100)
    upgrade = Upgrade(OFFER, pull, change_over, bus, lambda: 1.0)
    upgrade.announce()
    if ask:
        upgrade.accept()
        upgrade.accept()
    assert upgrade.join(10)
    bus.close()
    return list(mailbox)


def fetch(report: Listener, _: CancelToken) -> None:
    for received in (0, 400_000, 1_500_000, 3_000_000):
        report(Progress("a-stt", "stt.bin", received, 3_000_000))
    report(Progress("a-tts", "tts.bin", 3_000_000, 3_000_000, "done"))


def test_nothing_is_fetched_before_it_is_asked_for() -> None:
    assert run(fetch, ask=False) == [
        UpgradeOffered(
            at_s=1.0,
            profile="laptop",
            models=("a-stt", "a-tts"),
            size=6_000_000,
            command="assistant models pull --profile laptop",
        )
    ]


def test_progress_is_told_a_megabyte_at_a_time_and_the_engines_change_over_at_the_end() -> None:
    order = list[str]()
    _, *progress, ended = run(fetch, lambda _: order.append("change over"))
    assert [event.received for event in progress if isinstance(event, UpgradeProgress)] == [
        0,
        1_500_000,
        3_000_000,
        6_000_000,
    ]
    assert (order, ended) == (["change over"], UpgradeEnded(at_s=1.0, installed=True))


def test_a_failed_download_is_told_with_its_remedy_and_changes_nothing() -> None:
    def fail(_: Listener, __: CancelToken) -> None:
        raise DownloadFailed("the hub cannot be reached", hint="Check the network.")

    _, notice, ended = run(fail, lambda _: pytest.fail("changed over"))
    assert isinstance(notice, Notice)
    assert (notice.code, notice.hint, ended.installed) == ("download-failed", "Check the network.", False)


def test_stopping_ends_it_without_a_word() -> None:
    upgrades = list[Upgrade]()

    def stopped(report: Listener, token: CancelToken) -> None:
        upgrades[0].stop()
        token.raise_if_cancelled()

    bus = Bus()
    mailbox = bus.subscribe(100)
    upgrades.append(Upgrade(OFFER, stopped, lambda _: pytest.fail("changed over"), bus, lambda: 1.0))
    upgrades[0].accept()
    assert upgrades[0].join(10)
    bus.close()
    assert list(mailbox) == [UpgradeEnded(at_s=1.0, installed=False)]


def test_what_was_stopped_is_not_begun() -> None:
    upgrade = Upgrade(OFFER, lambda _, __: pytest.fail("fetched"), lambda _: None, Bus(), lambda: 1.0)
    upgrade.stop()
    upgrade.accept()
    assert upgrade.join(0)


LAPTOP = Machine(cores=4, memory=8 * 10**9, free_disk=10**11, processor="a laptop", fast_math=True)


@pytest.mark.parametrize(
    ("installed", "engine", "offered"),
    [([], "auto", ["smart-turn-v3.2-cpu"]), ([], "none", []), (["mine.onnx"], "auto", [])],
)
def test_a_model_for_the_end_of_a_turn_is_offered_where_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed: list[str], engine: str, offered: list[str]
) -> None:
    monkeypatch.setattr("assistant.upgrade.this_machine", lambda _: LAPTOP)
    (tmp_path / "turn").mkdir()
    for name in installed:
        (tmp_path / "turn" / name).write_bytes(b"onnx")
    settings = Settings.model_validate({"models": {"dir": tmp_path}, "turn": {"engine": engine}})
    news, bus = News(), Bus()
    mailbox = bus.subscribe(10)
    stage = Replaceable(EngineWorker("turn", [], news), lambda: [])
    upgrade = upgrade_for(settings, [stage], news, bus, lambda: 1.0)
    if upgrade is not None:
        upgrade.announce()
    bus.close()
    assert [model for event in mailbox if isinstance(event, UpgradeOffered) for model in event.models] == offered

import asyncio

import pytest

CYCLES = 30
"""Of the event loop: more than a key, or an event, takes from widget to widget."""


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The screen looks the same whatever terminal the tests run in."""
    for variable in ("COLORFGBG", "NO_COLOR"):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture(autouse=True)
def unhurried_by_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pilot waits for messages, and not until the processor seems idle: that depends on what else it does."""

    async def idle(*_: float) -> None:
        for _cycle in range(CYCLES):
            await asyncio.sleep(0)

    for place in ("textual.app", "textual.pilot"):
        monkeypatch.setattr(f"{place}.wait_for_idle", idle)

"""Property tests give the same verdict on every machine: the same examples, and no time limit. No test uses the home's
cache, or its data."""

import gc
import itertools
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from assistant import offline
from assistant.threads import sleep_while_waiting

settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

NUMBERS = itertools.count()


def pytest_collection_finish() -> None:
    """What was imported stays: a full collection would look through all of it again, for a quarter of a second."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What is remembered of engines lasts for one run, in child processes too."""
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(autouse=True)
def own_data(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test rings what another one set, nor touches the user's. The folder is made by who needs it."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path_factory.getbasetemp() / f"data-{next(NUMBERS)}"))


@pytest.fixture(autouse=True)
def own_switches() -> Iterator[None]:
    """An engine that one test loads forbids no download of the next, nor of a process that it starts."""
    offline.lift()
    yield
    offline.lift()


# Before any test loads a native library: spinning threads make a busy machine's suite several times slower, and some
# tell their maker of it.
sleep_while_waiting()
offline.enforce()
offline.lift()  # pytest's workers would take it for the user's own wish

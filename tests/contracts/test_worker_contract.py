"""Every engine on its worker, as a session uses it: the same items in the same order, cancelled alone, then closed."""

import queue
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from assistant.errors import AssistantError
from assistant.events import Stage
from assistant.models.worker import Candidate, Done, EngineWorker, Item, Job, Priority
from assistant.session.turn import CancelToken
from tests.contracts.engines import LLM, STT, TTS, asked, speech
from tests.contracts.tokens import CountingToken

CLAUSE = "What time is it? Set a timer for five minutes."


@dataclass(frozen=True, slots=True)
class Case:
    stage: Stage
    make: Callable[[], Any]
    work: Callable[[Any, CancelToken], Iterator[Any]]


CASES = {
    **{
        f"stt-{case.name}": Case("stt", case.make, lambda engine, token: iter([engine.transcribe(speech(), token)]))
        for case in STT
        if case.hears is not None
    },
    **{
        f"tts-{case.name}": Case(
            "tts", lambda case=case: case.make(1.0), lambda engine, token: engine.synthesize(CLAUSE, token)
        )
        for case in TTS
    },
    **{
        f"llm-{case.name}": Case(
            "llm", case.make, lambda engine, token, case=case: engine.generate(asked(case.answers[0][0]), token)
        )
        for case in LLM
    },
}


class Silent:
    """Wants to hear nothing of the engines."""

    def engine_loading(self, stage: Stage, engine: str) -> None: ...

    def engine_ready(self, stage: Stage, engine: str, load_s: float) -> None: ...

    def engine_failed(self, stage: Stage, engine: str, error: AssistantError, fallback: str | None) -> None:
        pytest.fail(str(error))


def plain(values: list[Any]) -> list[Any]:
    """Chunks of sound are only counted: eSpeak varies each a little."""
    return ["sound" if isinstance(value, np.ndarray) else value for value in values]


def run(worker: EngineWorker[Any], case: Case, token: CancelToken) -> tuple[list[Any], Done]:
    """What one job gives, in the order in which it is delivered."""
    results: queue.Queue[Item | Done] = queue.Queue()
    worker.submit(Job(1, case.stage, Priority.COMMITTED, token, case.work, results.put))
    values = []
    while isinstance(message := results.get(timeout=60), Item):
        values.append(message.value)
    assert results.empty(), "Done comes last"
    return values, message


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_jobs_on_a_worker_are_whole_ordered_and_independent(case: Case) -> None:
    engine = case.make()
    direct = plain(list(case.work(engine, CancelToken())))
    closed: list[int] = []
    close = engine.close
    engine.close = lambda: (closed.append(1), close())
    worker: EngineWorker[Any] = EngineWorker(case.stage, [Candidate("engine", lambda: engine)], Silent())
    worker.start()
    try:
        values, done = run(worker, case, CancelToken())
        assert (plain(values), done.status, done.items) == (direct, "completed", len(direct))
        values, done = run(worker, case, CountingToken(cancel_at=3))
        assert (plain(values), done.status, done.error) == (direct[: len(values)], "cancelled", None)
        assert len(values) < len(direct)
        values, done = run(worker, case, CancelToken())
        assert (plain(values), done.status) == (direct, "completed")
        assert not closed
    finally:
        worker.stop()
        assert worker.join(60)
    assert closed == [1]

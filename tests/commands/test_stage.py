"""One engine alone: results in order, fallback with a word about it, failures and cancellation."""

from collections.abc import Iterator

import pytest

from assistant.commands.stage import EngineStage
from assistant.errors import EngineFailed, EngineUnavailable, ModelCorrupt
from assistant.models.worker import Candidate
from assistant.session.turn import CancelToken


class Engine:
    def __init__(self, name: str = "good") -> None:
        self.name = name

    def warm(self) -> None: ...

    def close(self) -> None: ...


def corrupt() -> Engine:
    raise ModelCorrupt("the model is broken", hint="Get it again.")


def count(engine: Engine, token: CancelToken) -> Iterator[str]:
    yield from (f"{engine.name} {number}" for number in range(3))


def test_results_come_in_order_job_after_job() -> None:
    with EngineStage("tts", [Candidate("good", Engine)]) as stage:
        assert list(stage.run(count)) == ["good 0", "good 1", "good 2"]
        assert list(stage.run(count)) == ["good 0", "good 1", "good 2"]


def test_a_fallback_is_noticed_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with EngineStage("tts", [Candidate("bad", corrupt), Candidate("spare", lambda: Engine("spare"))]) as stage:
        assert next(stage.run(count)) == "spare 0"
    assert capsys.readouterr().err == "warning: the model is broken — Using spare instead. Get it again.\n"


def test_the_last_failure_is_raised_once_and_not_noticed(capsys: pytest.CaptureFixture[str]) -> None:
    with EngineStage("tts", [Candidate("bad", corrupt)]) as stage, pytest.raises(ModelCorrupt):
        list(stage.run(count))
    assert capsys.readouterr().err == ""


def test_no_candidate_at_all_is_said() -> None:
    with EngineStage[Engine]("tts", []) as stage, pytest.raises(EngineUnavailable, match="tts"):
        list(stage.run(count))


def test_a_failure_in_the_middle_comes_after_what_was_given() -> None:
    def work(engine: Engine, token: CancelToken) -> Iterator[str]:
        yield "first"
        raise RuntimeError("oh")

    with EngineStage("tts", [Candidate("good", Engine)]) as stage:
        results = stage.run(work)
        assert next(results) == "first"
        with pytest.raises(EngineFailed, match="oh"):
            next(results)


def test_leaving_early_cancels_the_work() -> None:
    tokens: list[CancelToken] = []

    def endless(engine: Engine, token: CancelToken) -> Iterator[str]:
        tokens.append(token)
        while not token.cancelled:
            yield "more"

    with EngineStage("tts", [Candidate("good", Engine)]) as stage:
        results = stage.run(endless)
        next(results)
        results.close()  # type: ignore[attr-defined]
        assert list(stage.run(count)) == ["good 0", "good 1", "good 2"]
    assert tokens[0].reason == "done"

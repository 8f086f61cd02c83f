"""How the end of a turn is measured: engines that answer late, and commits before and after the last word."""

import numpy as np
import pytest

from assistant.bench.clips import Clip
from assistant.brain.brain import AssistantBrain
from assistant.events import TurnCommitted
from assistant.models.protocols import Transcript
from assistant.models.worker import Done, Item, Job, Priority
from assistant.session.turn import CancelToken
from benchmarks.endpointing import Clock, Ear, Heard, Judge, LateWorker, listen, row

SILENCE = Clip("silence", "", np.zeros(8000, np.float32))


class Slow:
    """Every transcription costs a second."""

    name = "slow"
    cost_s = 0.0

    def transcribe(self, pcm, token, *, final=True):
        self.cost_s += 1.0
        return Transcript("hello")


def job(token: CancelToken, delivered: list[object]) -> Job:
    def work(engine, token):
        yield engine.transcribe(None, token)

    return Job(1, "stt", Priority.SPECULATIVE, token, work, delivered.append)


def test_an_engine_delivers_when_its_work_would_be_done_one_job_after_another() -> None:
    clock, delivered = Clock(), []
    worker = LateWorker(Slow(), clock)
    for _ in range(2):
        worker.submit(job(CancelToken(), delivered))
    counts = []
    for clock.now_s in (0.9, 1.0, 1.9, 2.0):
        worker.advance()
        counts.append(len(delivered))
    assert counts == [0, 2, 2, 4]
    assert [type(message) for message in delivered[:2]] == [Item, Done]


def test_a_cancelled_job_makes_way() -> None:
    clock, delivered = Clock(), []
    worker = LateWorker(Slow(), clock)
    first = CancelToken()
    worker.submit(job(first, delivered))
    worker.submit(job(CancelToken(), delivered))
    first.cancel("resumed")
    for clock.now_s in (0.5, 1.5):
        worker.advance()
    assert [getattr(message, "status", "item") for message in delivered] == ["cancelled", "item", "completed"]


def commit(at_s: float) -> TurnCommitted:
    return TurnCommitted(at_s=at_s, turn_id=1, silence_s=0.2, wait_s=0.2, cues=("complete command",))


def test_a_turn_is_cut_off_by_a_commit_before_its_last_word() -> None:
    whole, cut = Heard(SILENCE, 2.0, [commit(2.3)]), Heard(SILENCE, 2.0, [commit(1.2), commit(2.5)])
    assert (whole.early, len(cut.early)) == ([], 1)
    assert (whole.wait_s, cut.wait_s) == (pytest.approx(0.3), pytest.approx(0.5))
    assert row("both", [whole, cut]) == ("both", "2", "0", "400 ms", "490 ms", "1 (50.0%)")


def test_silence_is_not_heard() -> None:
    heard = listen(SILENCE, Ear(Slow()), Judge(AssistantBrain()))
    assert (heard.commits, heard.wait_s) == ([], None)
    assert row("none", [heard]) == ("none", "1", "1", "–", "–", "0 (0.0%)")

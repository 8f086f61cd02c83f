"""The engine worker: order, cancellation, fallback and shutdown."""

import threading
from collections.abc import Callable, Iterator

import pytest

from assistant.errors import AssistantError, EngineBusy, InputError, ModelCorrupt
from assistant.events import Stage
from assistant.models.worker import INBOX_JOBS, Candidate, Done, EngineWorker, Item, Job, Priority
from assistant.session.turn import CancelToken


class Engine:
    def __init__(self, name: str = "good") -> None:
        self.name = name
        self.warmed = False
        self.closed = False

    def warm(self) -> None:
        self.warmed = True

    def close(self) -> None:
        self.closed = True


class News:
    def __init__(self) -> None:
        self.lines: list[tuple[str, ...]] = []

    def engine_loading(self, stage: Stage, engine: str) -> None:
        self.lines.append(("loading", engine))

    def engine_ready(self, stage: Stage, engine: str, load_s: float) -> None:
        self.lines.append(("ready", engine))

    def engine_failed(self, stage: Stage, engine: str, error: AssistantError, fallback: str | None) -> None:
        self.lines.append(("failed", engine, error.code, fallback or ""))


class Results:
    """Collects what a worker delivers, and waits for the n-th Done."""

    def __init__(self) -> None:
        self.messages: list[Item | Done] = []
        self._changed = threading.Condition()

    def __call__(self, message: Item | Done) -> None:
        with self._changed:
            self.messages.append(message)
            self._changed.notify_all()

    def wait_done(self, count: int = 1) -> list[Done]:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.done()) >= count, timeout=10)
        return self.done()

    def done(self) -> list[Done]:
        return [message for message in self.messages if isinstance(message, Done)]

    def values(self) -> list[object]:
        return [message.value for message in self.messages if isinstance(message, Item)]


Work = Callable[[Engine, CancelToken], Iterator[object]]


def job(results: Results, work: Work, priority: Priority = Priority.COMMITTED, token: CancelToken | None = None) -> Job:
    return Job(1, "stt", priority, token or CancelToken(), work, results)


def count_to(n: int) -> Work:
    return lambda engine, token: iter(range(n))


@pytest.fixture
def start():
    workers: list[EngineWorker] = []

    def start(*candidates: Candidate, news: News | None = None) -> EngineWorker:
        worker = EngineWorker("stt", candidates, news or News())
        workers.append(worker)
        worker.start()
        return worker

    yield start
    for worker in workers:
        worker.stop()
        assert worker.join(10)


def good(engine: Engine | None = None) -> Candidate:
    return Candidate("good", lambda: engine or Engine())


def corrupt() -> Engine:
    raise ModelCorrupt("bad file", hint="fetch it again")


def test_items_come_in_order_and_done_comes_last(start):
    results = Results()
    start(good()).submit(job(results, count_to(3)))
    [done] = results.wait_done()
    assert results.values() == [0, 1, 2]
    assert (done.status, done.engine, done.items) == ("completed", "good", 3)
    assert results.messages[-1] is done


def test_the_engine_is_warm_before_the_first_job_and_closed_at_the_end(start):
    engine, results, seen = Engine(), Results(), []
    worker = start(good(engine))
    worker.submit(job(results, lambda e, token: iter([seen.append(e.warmed)])))
    results.wait_done()
    worker.stop()
    assert worker.join(10)
    assert seen == [True]
    assert engine.closed


def test_a_committed_job_goes_before_waiting_speculative_ones(start):
    results, order, gate = Results(), [], threading.Event()

    def wait(engine: Engine, token: CancelToken) -> Iterator[object]:
        gate.wait(10)
        return iter(())

    def note(name: str) -> Work:
        return lambda engine, token: iter([order.append(name)])

    worker = start(good())
    worker.submit(job(results, wait))
    worker.submit(job(results, note("background"), Priority.BACKGROUND))
    worker.submit(job(results, note("speculative"), Priority.SPECULATIVE))
    worker.submit(job(results, note("committed"), Priority.COMMITTED))
    gate.set()
    results.wait_done(4)
    assert order == ["committed", "speculative", "background"]


def test_a_cancelled_job_ends_between_items_and_the_next_runs(start):
    results, token = Results(), CancelToken()

    def endless(engine: Engine, job_token: CancelToken) -> Iterator[object]:
        yield 1
        job_token.cancel("enough")
        yield 2

    worker = start(good())
    worker.submit(job(results, endless, token=token))
    worker.submit(job(results, count_to(1)))
    first, second = results.wait_done(2)
    assert (first.status, first.items) == ("cancelled", 1)
    assert second.status == "completed"


def test_a_job_cancelled_while_waiting_never_reaches_the_engine(start):
    results, token, ran = Results(), CancelToken(), []
    token.cancel("too late")
    start(good()).submit(job(results, lambda e, t: iter([ran.append(1)]), token=token))
    [done] = results.wait_done()
    assert (done.status, ran) == ("cancelled", [])


def test_a_candidate_that_cannot_load_gives_way_to_the_next(start):
    news, results = News(), Results()
    worker = start(Candidate("first", corrupt), good(), news=news)
    worker.submit(job(results, count_to(1)))
    results.wait_done()
    assert news.lines == [
        ("loading", "first"),
        ("failed", "first", "model-corrupt", "good"),
        ("loading", "good"),
        ("ready", "good"),
    ]


def test_without_any_engine_jobs_fail_with_the_reason(start):
    results = Results()
    worker = start(Candidate("first", corrupt))
    worker.submit(job(results, count_to(1)))
    [done] = results.wait_done()
    assert done.status == "failed"
    assert done.error is not None
    assert done.error.code == "model-corrupt"
    assert not worker.wait_ready(10)


def test_it_is_known_whether_a_job_would_be_in_vain(start):
    loading = threading.Event()
    hopeless, empty, fine = start(Candidate("first", corrupt)), start(), start(Candidate("slow", lambda: slow(loading)))
    assert fine.serves, "it may still load"
    loading.set()
    assert fine.wait_ready(10)
    assert fine.serves
    assert not hopeless.wait_ready(10)
    assert not hopeless.serves
    assert not empty.serves
    empty.hand_over(Engine(), 0.0)
    assert empty.serves


def slow(loading: threading.Event) -> Engine:
    assert loading.wait(10)
    return Engine()


def test_an_engine_that_breaks_is_replaced_and_the_job_runs_again(start):
    results, news = Results(), News()
    broken = Engine("broken")

    def work(engine: Engine, token: CancelToken) -> Iterator[object]:
        if engine is broken:
            raise RuntimeError("segment 7")
        yield engine.name

    worker = start(Candidate("broken", lambda: broken), good(), news=news)
    worker.submit(job(results, work))
    [done] = results.wait_done()
    assert (results.values(), done.status) == (["good"], "completed")
    assert broken.closed
    assert ("failed", "broken", "engine-failed", "good") in news.lines


def test_an_answer_that_broke_half_way_is_not_begun_again(start):
    results = Results()

    def work(engine: Engine, token: CancelToken) -> Iterator[object]:
        yield "half"
        raise RuntimeError("lost")

    worker = start(good(), Candidate("next", lambda: Engine("next")))
    worker.submit(job(results, work))
    worker.submit(job(results, lambda e, t: iter([e.name])))
    first, second = results.wait_done(2)
    assert (first.status, first.items) == ("failed", 1)
    assert results.values() == ["half", "next"]
    assert second.status == "completed"


def test_the_last_engine_is_kept_after_a_failure(start):
    results, attempts = Results(), []

    def fail_once(engine: Engine, token: CancelToken) -> Iterator[object]:
        attempts.append(1)
        if len(attempts) == 1:
            raise RuntimeError("hiccup")
        yield "well again"

    worker = start(good())
    worker.submit(job(results, fail_once))
    worker.submit(job(results, fail_once))
    first, second = results.wait_done(2)
    assert (first.status, second.status) == ("failed", "completed")


def test_what_the_user_gave_wrong_is_not_the_engine_s_fault(start):
    results = Results()

    def refuse(engine: Engine, token: CancelToken) -> Iterator[object]:
        raise InputError("too long", hint="say less")
        yield

    worker = start(good(), Candidate("next", lambda: Engine("next")))
    worker.submit(job(results, refuse))
    worker.submit(job(results, lambda e, t: iter([e.name])))
    first, _ = results.wait_done(2)
    assert (first.status, first.error.code) == ("failed", "input")
    assert results.values() == ["good"]


def test_a_full_inbox_refuses(start):
    results, gate, began = Results(), threading.Event(), threading.Event()

    def wait(engine: Engine, token: CancelToken) -> Iterator[object]:
        began.set()
        gate.wait(10)
        return iter(())

    worker = start(good())
    worker.submit(job(results, wait))
    assert began.wait(10)
    for _ in range(INBOX_JOBS):
        worker.submit(job(results, count_to(1)))
    with pytest.raises(EngineBusy):
        worker.submit(job(results, count_to(1)))
    gate.set()
    results.wait_done(INBOX_JOBS + 1)


def test_stop_cancels_what_runs_and_closes_what_waits(start):
    results, began = Results(), threading.Event()

    def until_cancelled(engine: Engine, token: CancelToken) -> Iterator[object]:
        cancelled = threading.Event()
        token.on_cancel(cancelled.set)
        began.set()
        assert cancelled.wait(10)
        token.raise_if_cancelled()
        yield "never"

    worker = start(good())
    worker.submit(job(results, until_cancelled))
    worker.submit(job(results, count_to(1)))
    assert began.wait(10)
    worker.stop()
    assert worker.join(10)
    assert [done.status for done in results.done()] == ["cancelled", "cancelled"]


def of_turn(turn_id: int, results: Results, work: Work) -> Job:
    return Job(turn_id, "stt", Priority.COMMITTED, CancelToken(), work, results)


def test_an_engine_that_is_handed_over_takes_over_between_two_turns(start):
    old, new, news, results = Engine("old"), Engine("new"), News(), Results()
    worker = start(good(old), news=news)
    worker.submit(of_turn(1, results, count_to(1)))
    results.wait_done(1)
    worker.hand_over(new, 0.5)
    worker.submit(of_turn(1, results, count_to(1)))
    results.wait_done(2)
    assert not old.closed
    worker.submit(of_turn(2, results, count_to(1)))
    assert [done.engine for done in results.wait_done(3)] == ["old", "old", "new"]
    assert old.closed
    assert news.lines == [("loading", "good"), ("ready", "old"), ("ready", "new")]


def test_of_two_engines_that_are_handed_over_the_later_one_counts(start):
    results, first, second = Results(), Engine("first"), Engine("second")
    worker = start(good())
    worker.hand_over(first, 0.0)
    worker.hand_over(second, 0.0)
    worker.submit(job(results, count_to(1)))
    assert [done.engine for done in results.wait_done()] == ["second"]
    assert first.closed


def test_an_engine_that_was_handed_over_for_nothing_is_closed_at_the_end(start):
    worker, new = start(good()), Engine("new")
    assert worker.wait_ready(10)
    worker.hand_over(new, 0.0)
    worker.stop()
    assert worker.join(10)
    assert new.closed


def test_what_was_handed_over_has_its_own_fallbacks(start):
    results, spare = Results(), Engine("spare")
    worker = start(good())

    def fail_once(engine: Engine, _: CancelToken) -> Iterator[object]:
        if engine.name == "new":
            raise RuntimeError("broken")
        yield engine.name

    worker.hand_over(Engine("new"), 0.0, [good(spare)])
    worker.submit(job(results, fail_once))
    results.wait_done()
    assert results.values() == ["spare"]


class Speculation:
    """A job that runs until it is cancelled, or let go."""

    def __init__(self, results: Results) -> None:
        self.token = CancelToken()
        self.began, self._gate = threading.Event(), threading.Event()
        self.token.on_cancel(self._gate.set)
        self.job = Job(1, "stt", Priority.SPECULATIVE, self.token, self._work, results, yields=True)

    def let_go(self) -> None:
        self._gate.set()

    def _work(self, engine: Engine, token: CancelToken) -> Iterator[object]:
        self.began.set()
        assert self._gate.wait(10)
        token.raise_if_cancelled()
        yield "speculated"


def test_speculation_makes_way_for_a_committed_job(start):
    results = Results()
    worker, speculation = start(good()), Speculation(results)
    worker.submit(speculation.job)
    assert speculation.began.wait(10)
    worker.submit(job(results, count_to(1), Priority.SPECULATIVE))
    assert not speculation.token.cancelled
    worker.submit(job(results, lambda e, t: iter(["committed"])))
    first, second, third = results.wait_done(3)
    assert speculation.token.reason == "yielded"
    assert [done.status for done in (first, second, third)] == ["cancelled", "completed", "completed"]
    assert results.values() == ["committed", 0]


def test_speculation_that_was_committed_to_no_longer_makes_way(start):
    results = Results()
    worker, speculation = start(good()), Speculation(results)
    worker.submit(speculation.job)
    assert speculation.began.wait(10)
    worker.promote(speculation.token)
    worker.submit(job(results, lambda e, t: iter(["other"])))
    speculation.let_go()
    results.wait_done(2)
    assert results.values() == ["speculated", "other"]


def test_waiting_speculation_that_was_committed_to_goes_before_other_speculation(start):
    results, gate, began = Results(), threading.Event(), threading.Event()

    def wait(engine: Engine, token: CancelToken) -> Iterator[object]:
        began.set()
        gate.wait(10)
        return iter(())

    worker, ours = start(good()), Speculation(results)
    worker.submit(job(results, wait))
    assert began.wait(10)
    worker.submit(job(results, lambda e, t: iter(["theirs"]), Priority.SPECULATIVE))
    worker.submit(ours.job)
    worker.promote(ours.token)
    gate.set()
    assert ours.began.wait(10)
    worker.submit(job(results, lambda e, t: iter(["later"])))
    ours.let_go()
    results.wait_done(4)
    assert results.values() == ["speculated", "later", "theirs"]

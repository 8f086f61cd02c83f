import threading

import pytest

from assistant.brain.runner import Runner, TooBusy, TooSlow
from assistant.session.turn import Cancelled, CancelToken


def test_what_a_call_returns_or_raises_comes_back() -> None:
    runner = Runner()
    assert runner.run(lambda: 7, 5.0, CancelToken()) == 7
    with pytest.raises(ZeroDivisionError):
        runner.run(lambda: 1 // 0, 5.0, CancelToken())
    assert runner.close()


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), GeneratorExit()])
def test_what_would_end_the_program_is_an_error(error: BaseException) -> None:
    def leave() -> None:
        raise error

    with pytest.raises(RuntimeError, match=type(error).__name__):
        Runner().run(leave, 5.0, CancelToken())


def test_a_call_that_hangs_is_left_behind_and_counted() -> None:
    runner, go_on = Runner(limit=1), threading.Event()
    with pytest.raises(TooSlow):
        runner.run(go_on.wait, 0.0, CancelToken())
    with pytest.raises(TooBusy):
        runner.run(go_on.wait, 0.0, CancelToken())
    assert not runner.close()
    go_on.set()
    while not runner.close():
        pass
    assert runner.run(lambda: "again", 5.0, CancelToken()) == "again"


def test_a_cancel_ends_the_wait_from_another_thread() -> None:
    runner, token, go_on = Runner(), CancelToken(), threading.Event()
    call = runner.begin(go_on.wait)
    threading.Thread(target=token.cancel, args=("barge-in",)).start()
    with pytest.raises(Cancelled):
        call.wait(60.0, token)
    go_on.set()
    assert call.wait(60.0, CancelToken())


def test_what_has_ended_counts_even_if_nobody_wanted_it_by_then() -> None:
    runner, token = Runner(), CancelToken()
    call = runner.begin(lambda: 7)
    assert call.wait(60.0, CancelToken())
    token.cancel("barge-in")
    assert (call.wait(60.0, token), call.result()) == (True, 7)


def test_its_threads_have_names() -> None:
    assert Runner().run(lambda: threading.current_thread().name, 5.0, CancelToken()) == "skill-1"

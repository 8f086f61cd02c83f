"""Tokens and the table of transitions."""

import itertools
import threading

import pytest

from assistant.session.turn import ALLOWED, Cancelled, CancelToken, IllegalTransition, TurnState, check_transition


@pytest.mark.parametrize(("old", "new"), itertools.product(TurnState, TurnState))
def test_only_the_table_is_allowed(old, new):
    if new in ALLOWED[old]:
        check_transition(old, new)
    else:
        with pytest.raises(IllegalTransition):
            check_transition(old, new)


def test_the_table_is_the_design():
    edges = {(old.value, new.value) for old, targets in ALLOWED.items() for new in targets}
    assert edges == {
        ("idle", "listening"),
        ("idle", "committed"),
        ("listening", "speculative"),
        ("listening", "idle"),
        ("speculative", "listening"),
        ("speculative", "committed"),
        ("speculative", "idle"),
        ("committed", "speaking"),
        ("committed", "idle"),
        ("speaking", "idle"),
    }


def test_a_token_is_cancelled_once_and_keeps_its_first_reason():
    token = CancelToken()
    token.raise_if_cancelled()
    assert token.cancel("first")
    assert not token.cancel("second")
    assert token.reason == "first"
    with pytest.raises(Cancelled, match="first"):
        token.raise_if_cancelled()


def test_cancelled_passes_except_exception():
    assert not issubclass(Cancelled, Exception)


def test_callbacks_run_once_or_at_once_and_can_be_withdrawn():
    token, calls = CancelToken(), []
    token.on_cancel(lambda: calls.append("kept"))
    token.on_cancel(lambda: calls.append("withdrawn"))()
    token.cancel("now")
    token.cancel("again")
    token.on_cancel(lambda: calls.append("late"))
    assert calls == ["kept", "late"]


def test_a_child_falls_with_its_parent_but_not_the_other_way():
    parent = CancelToken()
    first, second = parent.child(), parent.child()
    first.cancel("speculation was wrong")
    assert (parent.cancelled, second.cancelled) == (False, False)
    parent.cancel("interrupted")
    assert (first.reason, second.reason) == ("speculation was wrong", "interrupted")
    assert parent.child().cancelled


def test_dead_children_do_not_pile_up_on_a_long_lived_parent():
    parent = CancelToken()
    for _ in range(100):
        parent.child().cancel("done")
    assert not parent._callbacks


def test_of_many_threads_one_wins():
    token, wins, start = CancelToken(), [], threading.Barrier(8)

    def race(name: str) -> None:
        start.wait(10)
        if token.cancel(name):
            wins.append(name)

    threads = [threading.Thread(target=race, args=(str(n),), name=f"race-{n}") for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert wins == [token.reason]

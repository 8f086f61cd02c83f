"""When the ear is open: the three modes, the wake word, the follow-up window, the key."""

from hypothesis import given
from hypothesis import strategies as st

from assistant.session.ear import PATIENCE_S, Ear
from assistant.session.turn import TurnState

FOLLOW_UP_S = 5.0
IDLE, LISTENING, COMMITTED, SPEAKING = TurnState.IDLE, TurnState.LISTENING, TurnState.COMMITTED, TurnState.SPEAKING


def follow(ear: Ear, at_s: float, state: TurnState, *, answered: bool = False) -> bool:
    ear.follow(at_s, state, answered=answered)
    return ear.open


def called(follow_up_s: float = FOLLOW_UP_S) -> Ear:
    ear = Ear("wake", follow_up_s=follow_up_s)
    ear.call(10.0)
    return ear


def test_it_is_closed_until_it_is_called() -> None:
    ear = Ear("wake", follow_up_s=FOLLOW_UP_S)
    assert not ear.open
    assert not follow(ear, 10.0, IDLE)
    ear.call(10.0)
    assert ear.open


def test_who_calls_and_says_nothing_is_not_waited_for_long() -> None:
    ear = called()
    assert follow(ear, 10.0 + PATIENCE_S - 0.01, IDLE)
    assert not follow(ear, 10.0 + PATIENCE_S, IDLE)


def test_it_stays_open_while_the_user_speaks() -> None:
    ear = called()
    assert follow(ear, 10.0 + 10 * PATIENCE_S, LISTENING)
    assert follow(ear, 10.0 + 11 * PATIENCE_S, COMMITTED), "they may go on until the answer sounds"
    assert not follow(ear, 10.0 + 12 * PATIENCE_S, SPEAKING)


def test_after_an_answer_it_opens_for_a_while() -> None:
    ear = called()
    assert not follow(ear, 20.0, SPEAKING)
    assert follow(ear, 30.0, IDLE, answered=True)
    assert follow(ear, 30.0 + FOLLOW_UP_S - 0.01, IDLE, answered=True)
    assert not follow(ear, 30.0 + FOLLOW_UP_S, IDLE, answered=True)
    assert not follow(ear, 40.0, IDLE, answered=True)


def test_without_a_follow_up_the_wake_word_is_always_needed() -> None:
    ear = called(follow_up_s=0)
    follow(ear, 20.0, SPEAKING)
    assert not follow(ear, 30.0, IDLE, answered=True)


def test_noise_in_the_follow_up_does_not_make_it_longer() -> None:
    ear = called()
    follow(ear, 30.0, IDLE, answered=True)
    assert follow(ear, 30.0 + FOLLOW_UP_S + 1, LISTENING)
    assert not follow(ear, 30.0 + FOLLOW_UP_S + 2, IDLE)


def test_what_is_said_unasked_opens_nothing() -> None:
    """A timer rings: nobody has called."""
    ear = Ear("wake", follow_up_s=FOLLOW_UP_S)
    for at_s, state in ((1.0, COMMITTED), (2.0, SPEAKING), (3.0, IDLE)):
        assert not follow(ear, at_s, state)


def test_a_call_over_the_answer_opens_it() -> None:
    ear = called()
    assert not follow(ear, 20.0, SPEAKING)
    ear.call(21.0)
    assert follow(ear, 21.0, IDLE)


def test_a_key_opens_and_closes_it_and_nothing_else_does() -> None:
    ear = Ear("push", follow_up_s=FOLLOW_UP_S)
    ear.call(1.0)
    for state in (IDLE, LISTENING, COMMITTED, SPEAKING):
        assert follow(ear, 1.0 + 100 * PATIENCE_S, state)
    ear.close()
    assert not follow(ear, 1000.0, IDLE, answered=True)


steps = st.lists(
    st.tuples(
        st.floats(0.01, 4.0), st.sampled_from(["call", "close", "none"]), st.sampled_from(TurnState), st.booleans()
    ),
    max_size=60,
)


@given(steps)
def test_an_open_ear_is_always_open(script) -> None:
    ear, now_s = Ear("open", follow_up_s=FOLLOW_UP_S), 0.0
    for step_s, action, state, answered in script:
        now_s += step_s
        if action != "none":
            ear.call(now_s) if action == "call" else ear.close()
        assert follow(ear, now_s, state, answered=answered)


@given(steps)
def test_a_key_decides_alone(script) -> None:
    ear, now_s, held = Ear("push", follow_up_s=FOLLOW_UP_S), 0.0, False
    for step_s, action, state, answered in script:
        now_s += step_s
        if action != "none":
            ear.call(now_s) if action == "call" else ear.close()
            held = action == "call"
        assert follow(ear, now_s, state, answered=answered) is held


@given(steps)
def test_in_a_room_that_nobody_speaks_to_it_is_closed(script) -> None:
    """Idle and uncalled, it is open only within a window after the last call or answer; during an answer never."""
    ear, now_s, window_s, before = Ear("wake", follow_up_s=FOLLOW_UP_S), 0.0, 0.0, False
    for step_s, action, state, answered in script:
        now_s += step_s
        if action == "call":
            ear.call(now_s)
            window_s = now_s + PATIENCE_S
        elif action == "close":
            ear.close()
            window_s = 0.0
        if answered and not before:
            window_s = now_s + FOLLOW_UP_S
        before = answered
        is_open = follow(ear, now_s, state, answered=answered)
        if state is SPEAKING or (state is IDLE and now_s >= window_s):
            assert not is_open
        if action == "call" and state is not SPEAKING:
            assert is_open

"""What holds whatever happens to a conversation: any order of speech, typing, keys, slow, busy and broken engines."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.brain.protocols import Announcement
from assistant.errors import EngineFailed
from assistant.events import Event, FinalTranscript, ReplyClause, ReplyStarted, StateChanged, TimerFired, TurnEnded
from assistant.session.turn import ALLOWED, TurnState
from tests.session.harness import HandWorker, Rig

WORKERS = ("stt_worker", "llm_worker", "tts_worker")
short_s = st.floats(0.032, 1.5)
steps = st.one_of(
    st.tuples(st.just("say"), short_s),
    st.tuples(st.just("wait"), short_s),
    st.tuples(st.just("write"), st.sampled_from(["hello", "count", "stop"])),
    st.tuples(st.just("interrupt"), st.none()),
    st.tuples(st.just("mute"), st.booleans()),
    st.tuples(st.just("hold"), st.sampled_from(WORKERS)),
    st.tuples(st.just("release"), st.sampled_from(WORKERS)),
    st.tuples(st.just("break"), st.sampled_from(WORKERS)),
    st.tuples(st.just("mend"), st.sampled_from(WORKERS)),
    st.tuples(st.just("busy"), st.sampled_from(WORKERS)),
    st.tuples(st.just("ring"), st.none()),
)


def take(rig: Rig, action: str, value: object) -> None:
    worker: HandWorker | None = getattr(rig, value) if value in WORKERS else None
    match action:
        case "say":
            rig.say(value)
        case "wait":
            rig.wait(value)
        case "write":
            rig.write(value)
        case "interrupt":
            rig.session.interrupt()
        case "mute":
            rig.session.set_muted(value)
        case "hold":
            worker.held = True
        case "release":
            worker.held = False
            worker.release()
        case "break":
            worker.failure = EngineFailed("broke", hint="mend it")
        case "mend":
            worker.failure, worker.busy = None, False
        case "busy":
            worker.busy = True
        case "ring":
            rig.agenda.coming.append(Announcement("pasta", "Your pasta is done."))
    rig.drain()


def settle(rig: Rig) -> None:
    """The world calms down: everything works again and nobody speaks."""
    for name in WORKERS:
        take(rig, "mend", name)
        take(rig, "release", name)
    rig.wait(2)
    rig.until_idle()
    rig.wait(0.1)
    rig.until_idle()


def by_turn(events: list[Event]) -> dict[int, list[Event]]:
    turns: dict[int, list[Event]] = {}
    for event in events:
        if event.turn_id is not None:
            turns.setdefault(event.turn_id, []).append(event)
    return turns


@settings(max_examples=150)
@given(st.lists(steps, max_size=25))
def test_promises(script):
    rig = Rig(
        *(f"utterance {number}" for number in range(40)), answers={"count": "one two three. four five six.", "stop": ""}
    )
    for action, value in script:
        take(rig, action, value)
    settle(rig)

    for turn, events in by_turn(rig.events).items():
        endings = [event for event in events if isinstance(event, TurnEnded)]
        assert len(endings) == 1, f"turn {turn} was closed {len(endings)} times"
        path = [TurnState(name) for name, _ in endings[0].states]
        assert path[0] is path[-1] is TurnState.IDLE
        assert all(new in ALLOWED[old] for old, new in itertools.pairwise(path))
        assert path[1:] == [TurnState(event.new) for event in events if isinstance(event, StateChanged)]

        committed = [n for n, event in enumerate(events) if isinstance(event, FinalTranscript | TimerFired)]
        for position, event in enumerate(events):
            if isinstance(event, ReplyStarted):
                assert TurnState.COMMITTED in path
            if isinstance(event, ReplyClause) and endings[0].error_code is None:
                assert committed, "it spoke before the turn committed to words"
                assert committed[0] < position
        assert endings[0].reply.startswith(endings[0].heard)

    assert rig.sink.buffered_s == 0
    assert not rig.session.busy
    assert rig.session._dispatch.outstanding == 0

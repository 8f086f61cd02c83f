"""What holds whatever happens to a conversation: any order of speech, typing, keys, slow, busy and broken engines."""

import dataclasses
import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.brain.protocols import Announcement, Completeness
from assistant.config import TurnSettings
from assistant.errors import EngineFailed
from assistant.events import (
    EngineCall,
    Event,
    FinalTranscript,
    ReplyClause,
    ReplyDucked,
    ReplyInterrupted,
    ReplyResumed,
    ReplyStarted,
    StateChanged,
    TimerFired,
    Timings,
    TurnCommitted,
    TurnEnded,
    Wasted,
)
from assistant.models.protocols import FRAME_S
from assistant.session.turn import ALLOWED, TurnState
from tests.session.harness import HandWorker, Rig

WORKERS = ("stt_worker", "llm_worker", "tts_worker")
slowness = st.dictionaries(st.sampled_from(WORKERS), st.integers(1, 16), max_size=2)  # frames for a value
short_s = st.floats(0.032, 1.5)
heard = st.sampled_from(["", "mm-hmm", "okay, right", "stop", "no wait", "one two three", "and what about Oslo"])
steps = st.one_of(
    st.tuples(st.just("say"), short_s),
    st.tuples(st.just("hear"), heard),
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
        case "hear":
            rig.stt.texts.appendleft(value)
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
            if not worker.slow:
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
    """The world calms down: everything works again, if slowly, and nobody speaks."""
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


# What the brain makes of an utterance: how it ends, whether its answer has an effect, and how it is foretold.
minds = st.lists(
    st.tuples(st.sampled_from(Completeness), st.sampled_from(["reads", "acts", "foretold", "foretold wrongly"])),
    min_size=1,
    max_size=8,
)


def prepared(mind: list[tuple[Completeness, str]], speculate: bool = True) -> Rig:
    rig = Rig(
        *(f"utterance {number}" for number in range(80)),
        answers={"count": "one two three. four five six.", "stop": ""},
        settings=TurnSettings(speculate="on" if speculate else "off"),
    )
    for number in range(80):
        text = f"utterance {number}"
        rig.brain.endings[text], kind = mind[number % len(mind)]
        if kind != "reads":
            rig.brain.effects.add(text)
        if kind.startswith("foretold"):
            rig.brain.previews[text] = f"You said {text}." if kind == "foretold" else "You said nothing."
    watch(rig)
    return rig


def watch(rig: Rig) -> None:
    """Fail at once if a sound, or an effect, comes before its turn has committed."""
    write, respond = rig.sink.write, rig.brain.respond

    def written(*sound: object) -> bool:
        assert rig.session._life.answering, "a sound before the commit"
        return write(*sound)

    def responded(request: object, token: object) -> object:
        cancelled = token.cancelled
        assert cancelled or rig.session._life.answering, "an effect before the commit"
        return respond(request, token)

    rig.sink.write, rig.brain.respond = written, responded


@settings(max_examples=200)
@given(st.lists(steps, max_size=25), minds, slowness)
def test_promises(script, mind, slow):
    rig = prepared(mind)
    for name, frames in slow.items():
        getattr(rig, name).slow = frames
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

        commits = [event for event in events if isinstance(event, TurnCommitted)]
        assert len(commits) <= 1, "it committed twice"
        assert all(event.silence_s * 1000 >= 199 or event.cues == ("longest utterance",) for event in commits)
        committed = [n for n, event in enumerate(events) if isinstance(event, FinalTranscript | TimerFired)]
        assert len(committed) <= 1
        for position, event in enumerate(events):
            if isinstance(event, ReplyStarted):
                assert TurnState.COMMITTED in path
            if isinstance(event, ReplyClause) and endings[0].error_code is None:
                assert committed, "it spoke before the turn committed to words"
                assert committed[0] < position
        assert endings[0].reply.startswith(endings[0].heard)

        resumed = [event for event in events if isinstance(event, ReplyResumed)]
        ducked = [event for event in events if isinstance(event, ReplyDucked)]
        stopped = [event for event in events if isinstance(event, ReplyInterrupted)]
        assert len(stopped) <= 1
        assert len(resumed) <= len(ducked) <= len(resumed) + 1, "ducked and left so"
        assert not stopped or endings[0].outcome in ("interrupted", "answered", "continued")

    assert rig.sink.buffered_s == 0
    assert rig.sink.volume == "full"
    assert not rig.session.busy
    assert rig.session._dispatch.outstanding == 0
    assert len(set(rig.brain.done)) == len(rig.brain.done), "an effect twice"
    finals = {event.text for event in rig.of(FinalTranscript)}
    assert set(rig.brain.done) <= finals, "an effect of words that were never committed"


talk = st.one_of(
    st.tuples(st.just("say"), short_s),
    st.tuples(st.just("hear"), heard),
    st.tuples(st.just("wait"), short_s),
    st.tuples(st.just("write"), st.sampled_from(["hello", "count", "stop"])),
    st.tuples(st.just("interrupt"), st.none()),
    st.tuples(st.just("ring"), st.none()),
)


def content(rig: Rig) -> list[Event]:
    """Everything that was said and done, without what it cost."""
    costless = {"timings": Timings(), "wasted": Wasted(), "speculated": False, "dropped_results": 0}
    return [
        dataclasses.replace(event, **costless) if isinstance(event, TurnEnded) else event
        for event in rig.events
        if not isinstance(event, EngineCall)
    ]


@settings(max_examples=150)
@given(st.lists(talk, max_size=25), minds)
def test_speculation_changes_nothing_but_the_time_it_takes(script, mind):
    rigs = [prepared(mind, speculate) for speculate in (True, False)]
    for rig in rigs:
        for action, value in script:
            take(rig, action, value)
        settle(rig)
    ahead, after = rigs
    assert content(ahead) == content(after)
    assert ahead.brain.done == after.brain.done
    assert ahead.session._history == after.session._history


@settings(max_examples=150)
@given(st.lists(st.floats(0.3, 1.5), min_size=1, max_size=3), minds, slowness)
def test_slow_engines_only_take_longer(utterances, mind, slow):
    """Whenever the commit comes, before or after any word of the answer that is worked out: the same answer."""
    rigs = [prepared(mind), prepared(mind)]
    for name, frames in slow.items():
        getattr(rigs[1], name).slow = frames
    for rig in rigs:
        for say_s in utterances:
            rig.say(say_s)
            rig.wait(1.5)
            rig.until_idle()
    quick, late = ([(ended.outcome, ended.reply, ended.heard) for ended in rig.endings] for rig in rigs)
    assert quick == late
    assert rigs[0].brain.done == rigs[1].brain.done


@settings(max_examples=100)
@given(st.lists(st.tuples(st.floats(0.2, 1.5), st.floats(0.096, 0.9)), min_size=1, max_size=8), minds)
def test_no_word_is_lost_between_pauses(phrases, mind):
    """What the words of a turn were made of is all the speech since the last turn ended, to the frame."""
    rig = prepared(mind)
    spoken = 0
    for say_s, pause_s in phrases:
        spoken += round(say_s / FRAME_S)
        rig.say(say_s)
        for _ in range(round(pause_s / FRAME_S)):
            before = len(rig.of(TurnCommitted))
            rig.wait(FRAME_S)
            if len(rig.of(TurnCommitted)) > before:
                assert rig.stt.voiced_frames == spoken
                spoken = 0
                rig.write("stop")  # so that what follows is a turn of its own
                rig.until_idle()
    settle(rig)
    assert spoken == 0 or rig.stt.voiced_frames == spoken


sounds = st.sampled_from(["", "mm-hmm", "Okay.", "yeah, right", "Ha ha ha!", "one two three"])


@settings(max_examples=100)
@given(st.lists(st.tuples(st.floats(0.032, 1.1), st.floats(0.6, 1.0), sounds), max_size=6), st.floats(0.4, 1.0))
def test_a_listener_who_makes_a_sound_hears_the_whole_answer(interjections, wait_s):
    """Not a sample is lost or repeated, and no turn ends, by backchannels, coughs, laughter and our own echo."""
    rig = Rig(answers={"count": " ".join(["one two three"] * 20)})
    rig.stt.partial = ""
    rig.write("count")
    rig.wait(wait_s)
    played = rig.sink.played_samples
    for say_s, pause_s, sound in interjections:
        rig.stt.texts.append(sound)
        before = len(rig.stt.heard_s)
        rig.say(say_s)
        rig.wait(pause_s)
        if len(rig.stt.heard_s) == before:
            rig.stt.texts.clear()  # too short to be transcribed
        assert rig.sink.volume == "full"
    rig.until_idle()
    assert [ended.outcome for ended in rig.endings] == ["answered"]
    assert rig.endings[0].heard == rig.endings[0].reply
    assert rig.sink.played_samples == rig.sink.written_samples > played
    assert rig.sink.discarded_samples == 0


@settings(max_examples=100)
@given(
    st.floats(0.032, 6),
    st.floats(0.192, 2),
    st.sampled_from(
        ["Stop!", "oh wait", "please be quiet", "okay cancel that", "never mind, thanks", "stop the music"]
    ),
    st.booleans(),
)
def test_a_stop_always_ends_the_answer(wait_s, say_s, words, in_partial):
    rig = Rig(words, words, answers={"count": " ".join(["one two three"] * 20)})
    rig.stt.partial = words if in_partial else ""
    rig.write("count")
    rig.wait(wait_s)
    rig.say(say_s)
    rig.wait(0.096)
    assert [ended.outcome for ended in rig.endings] == ["interrupted"]
    assert rig.sink.buffered_s == 0
    rig.wait(1.5)
    rig.until_idle()
    assert rig.endings[1].transcript == words
    assert len(rig.endings) == 2

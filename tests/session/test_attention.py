"""Conversations in the modes that keep a room private: what is heard, and what nobody ever hears."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.audio.protocols import Frame
from assistant.brain.protocols import Announcement
from assistant.config import ListenSettings, TurnSettings
from assistant.events import EarChanged, FinalTranscript, Levels, TimerFired, TurnCommitted, TurnStarted
from assistant.models.protocols import FRAME_S, FRAME_SAMPLES, Pcm
from assistant.session.chime import CHIME_RATE_HZ, EARCON_S
from assistant.session.controls import Push
from assistant.session.speaker import SIGNAL_ID
from tests.session.harness import WAKE_WORD, FrameVad, FrameWake, Rig

LAG_S = FrameWake.latency_s
LONG = "one two three four five six seven eight"


def wake_rig(*texts: str, **listen: object) -> Rig:
    return Rig(*texts, answers={"count": LONG}, listen=ListenSettings(mode="wake", **listen))


def push_rig(*texts: str) -> Rig:
    return Rig(*texts, answers={"count": LONG}, listen=ListenSettings(mode="push"))


def call(rig: Rig) -> None:
    """The wake word, and silence until it has been noticed."""
    rig.frames(FRAME_S, WAKE_WORD)
    rig.wait(LAG_S)


def ask(rig: Rig) -> None:
    """The wake word and a question, and silence until it is being answered."""
    call(rig)
    rig.say()
    while not rig.sink.buffered_s:
        rig.wait(FRAME_S)
    rig.wait(0.5)


def ears(rig: Rig) -> list[bool]:
    return [event.open for event in rig.of(EarChanged)]


def push(rig: Rig, action: Push) -> None:
    rig.session.push(action)
    rig.drain()


# The wake word.


def test_nothing_is_heard_before_the_wake_word() -> None:
    rig = wake_rig("hello")
    rig.say(3)
    rig.wait(3)
    assert rig.events == []
    assert rig.stt.heard_s == []


def test_what_follows_the_wake_word_is_answered() -> None:
    rig = wake_rig("hello")
    rig.say(1)
    rig.wait(1)
    call(rig)
    rig.say()
    rig.until_idle()
    assert [event.text for event in rig.of(FinalTranscript)] == ["hello"]
    assert rig.endings[0].outcome == "answered"
    assert ears(rig) == [True, False, True]
    assert {(event.mode, event.phrase) for event in rig.of(EarChanged)} == {("wake", "okay rig")}


def test_in_one_breath_no_frame_after_the_wake_word_is_lost() -> None:
    rig = wake_rig("hello")
    rig.say(1)
    rig.frames(FRAME_S, WAKE_WORD)
    rig.say(0.96)
    rig.until_idle()
    assert rig.stt.voiced_frames == 30, (
        "the words before it, or the wake word itself, were heard; or some after it lost"
    )


def test_the_ear_closes_on_who_says_nothing() -> None:
    rig = wake_rig("hello")
    call(rig)
    rig.wait(7)
    rig.say()
    rig.wait(2)
    assert ears(rig) == [True, False]
    assert rig.of(TurnStarted) == []


def test_a_sound_from_before_the_ear_closed_does_not_begin_the_next_utterance() -> None:
    rig = wake_rig("hello")
    call(rig)
    rig.wait(6 - 2 * FRAME_S)
    rig.say(2 * FRAME_S - FRAME_S)  # one voiced frame: no speech yet
    rig.wait(1)
    assert ears(rig) == [True, False]
    call(rig)
    rig.say(0.96)
    rig.until_idle()
    assert rig.stt.voiced_frames == 30


def test_a_sound_as_the_answer_begins_does_not_leave_it_soft() -> None:
    rig = wake_rig("count")
    call(rig)
    rig.say()
    while not rig.sink.buffered_s:
        rig.wait(FRAME_S)
    rig.say(2 * FRAME_S)
    assert rig.sink.volume == "full"


def test_a_follow_up_needs_no_wake_word() -> None:
    rig = wake_rig("hello", "and you")
    ask(rig)
    rig.until_idle()
    rig.wait(3)
    rig.say()
    rig.until_idle()
    assert [event.text for event in rig.of(FinalTranscript)] == ["hello", "and you"]


def test_after_the_follow_up_window_it_is_armed_again() -> None:
    rig = wake_rig("hello", "and you")
    ask(rig)
    rig.until_idle()
    rig.wait(5.1)
    rig.say()
    rig.wait(2)
    assert ears(rig) == [True, False, True, False]
    assert len(rig.of(FinalTranscript)) == 1


def test_without_a_follow_up_window_it_is_armed_at_once() -> None:
    rig = wake_rig("hello", follow_up_s=0)
    ask(rig)
    rig.until_idle()
    rig.wait(0.1)
    rig.say()
    rig.wait(2)
    assert ears(rig) == [True, False]
    assert len(rig.of(TurnStarted)) == 1


def test_speech_over_the_reply_does_nothing() -> None:
    rig = wake_rig("count")
    ask(rig)
    rig.say(1)
    rig.until_idle()
    assert [ending.outcome for ending in rig.endings] == ["answered"]
    assert rig.endings[0].heard == LONG


def test_the_wake_word_over_the_reply_interrupts_it() -> None:
    rig = wake_rig("count", "hello")
    ask(rig)
    rig.say(1)
    call(rig)
    assert [ending.outcome for ending in rig.endings] == ["interrupted"]
    assert rig.endings[0].heard not in ("", LONG)
    rig.say()
    rig.until_idle()
    assert [event.text for event in rig.of(FinalTranscript)] == ["count", "hello"]


def test_the_wake_word_interrupts_where_barge_in_is_off() -> None:
    rig = Rig(
        "count", answers={"count": LONG}, settings=TurnSettings(barge_in=False), listen=ListenSettings(mode="wake")
    )
    ask(rig)
    call(rig)
    assert [ending.outcome for ending in rig.endings] == ["interrupted"]


def test_who_goes_on_before_the_answer_sounds_needs_no_wake_word() -> None:
    rig = wake_rig("set a timer", "for ten minutes")
    rig.llm_worker.held = True
    call(rig)
    rig.say()
    rig.wait(1.6)
    assert len(rig.of(TurnCommitted)) == 1
    rig.say()
    rig.wait(1.6)
    rig.llm_worker.held = False
    rig.llm_worker.release()
    rig.until_idle()
    assert rig.of(FinalTranscript)[-1].text == "set a timer for ten minutes"


def test_the_wake_word_again_begins_the_utterance_anew() -> None:
    rig = wake_rig("hello")
    call(rig)
    rig.say(0.5)
    rig.frames(FRAME_S, WAKE_WORD)
    rig.say(0.96)
    rig.until_idle()
    assert [ending.outcome for ending in rig.endings] == ["nothing", "answered"]
    assert rig.stt.voiced_frames == 30


def test_noise_after_the_wake_word_leaves_the_ear_open_for_the_rest_of_its_patience() -> None:
    rig = wake_rig("", "hello")
    call(rig)
    rig.say(2 * FRAME_S)
    rig.wait(2)
    rig.say()
    rig.until_idle()
    assert [ending.outcome for ending in rig.endings] == ["nothing", "answered"]


def test_a_timer_that_rings_opens_no_ear() -> None:
    rig = wake_rig("hello")
    rig.agenda.coming.append(Announcement("pasta", "Your pasta is done."))
    rig.wait(FRAME_S)
    rig.until_idle()
    rig.say()
    rig.wait(2)
    assert ears(rig) == []
    assert len(rig.of(TurnStarted)) == 1


def test_a_chime_says_that_it_is_awake() -> None:
    rig = wake_rig("hello")
    call(rig)
    assert rig.sink.queued == {SIGNAL_ID: int(EARCON_S * CHIME_RATE_HZ)}


@pytest.mark.parametrize(("chime", "gap_s"), [(False, LAG_S), (True, 0.0)])
def test_no_chime_where_it_is_off_or_would_talk_over_the_user(chime: bool, gap_s: float) -> None:
    rig = wake_rig("hello", chime=chime)
    rig.frames(FRAME_S, WAKE_WORD)
    rig.wait(gap_s)
    rig.say(3 * FRAME_S)
    assert SIGNAL_ID not in rig.sink.queued
    assert len(rig.of(TurnStarted)) == 1


def test_muting_closes_the_ear() -> None:
    rig = wake_rig("hello")
    call(rig)
    rig.session.set_muted(True)
    rig.drain()
    call(rig)
    rig.say()
    rig.session.set_muted(False)
    rig.drain()
    rig.say()
    rig.wait(2)
    assert ears(rig) == [True, False]
    assert rig.of(TurnStarted) == []


def test_a_wake_word_that_was_cut_off_by_muting_opens_nothing_later() -> None:
    rig = wake_rig("hello")
    rig.frames(FRAME_S, WAKE_WORD)
    for muted in (True, False):
        rig.session.set_muted(muted)
        rig.drain()
    rig.wait(2 * LAG_S)
    assert True not in ears(rig)


def test_a_command_stands_for_the_wake_word() -> None:
    rig = wake_rig("hello")
    push(rig, Push.START)
    rig.say()
    rig.until_idle()
    assert rig.endings[0].outcome == "answered"
    push(rig, Push.STOP)
    assert ears(rig) == [True, False, True, False]


# The key.


def test_nothing_is_heard_while_the_key_is_up() -> None:
    rig = push_rig("hello")
    rig.say(2)
    rig.wait(2)
    assert rig.events == []
    push(rig, Push.START)
    rig.wait(1)
    assert rig.of(TurnStarted) == []


def test_letting_go_commits_at_once() -> None:
    rig = push_rig("hello")
    push(rig, Push.START)
    rig.say(0.96)
    push(rig, Push.STOP)
    [commit] = rig.of(TurnCommitted)
    assert (commit.cues, commit.silence_s) == (("released",), 0)
    assert rig.stt.voiced_frames == 30
    rig.until_idle()
    assert rig.endings[0].outcome == "answered"
    assert ears(rig) == [True, False]


def test_a_pause_ends_nothing_while_the_key_is_down() -> None:
    rig = push_rig("hello", "hello there")
    push(rig, Push.START)
    rig.say(0.96)
    rig.wait(5)
    assert rig.of(TurnCommitted) == []
    rig.say(0.96)
    push(rig, Push.STOP)
    rig.until_idle()
    assert rig.stt.voiced_frames == 60
    assert [event.text for event in rig.of(FinalTranscript)] == ["hello there"]


def test_letting_go_in_a_pause_commits_what_was_said() -> None:
    rig = push_rig("hello")
    push(rig, Push.START)
    rig.say(0.96)
    rig.wait(1)
    push(rig, Push.STOP)
    rig.until_idle()
    assert [event.text for event in rig.of(FinalTranscript)] == ["hello"]


def test_the_longest_utterance_ends_without_the_key() -> None:
    rig = Rig("hello", settings=TurnSettings(max_utterance_s=2), listen=ListenSettings(mode="push"))
    push(rig, Push.START)
    rig.say(3)
    assert rig.of(TurnCommitted)[0].cues == ("longest utterance",)


def test_a_key_that_was_pressed_for_nothing() -> None:
    rig = push_rig()
    push(rig, Push.START)
    rig.wait(1)
    push(rig, Push.STOP)
    assert [type(event) for event in rig.events] == [EarChanged, EarChanged]


def test_what_was_said_as_the_key_went_up_is_not_kept() -> None:
    rig = push_rig("hello")
    push(rig, Push.START)
    rig.say(FRAME_S)  # too little for a turn
    push(rig, Push.STOP)
    push(rig, Push.START)
    rig.say(0.96)
    push(rig, Push.STOP)
    assert rig.stt.voiced_frames == 30


def test_the_key_interrupts_the_answer() -> None:
    rig = push_rig("count", "hello")
    push(rig, Push.START)
    rig.say()
    push(rig, Push.STOP)
    rig.wait(0.5)
    rig.say(1)
    assert rig.endings == []
    push(rig, Push.START)
    assert [ending.outcome for ending in rig.endings] == ["interrupted"]
    rig.say()
    push(rig, Push.STOP)
    rig.until_idle()
    assert rig.of(FinalTranscript)[-1].text == "hello"


def test_the_key_toggles() -> None:
    rig = push_rig("hello")
    for _ in range(4):
        push(rig, Push.TOGGLE)
    push(rig, Push.STOP)
    assert ears(rig) == [True, False, True, False]


def test_a_key_that_repeats_itself_while_it_is_held_takes_nothing_back() -> None:
    rig = push_rig("hello")
    for _ in range(3):
        push(rig, Push.START)
        rig.say(0.32)
    push(rig, Push.STOP)
    rig.until_idle()
    assert (len(rig.endings), rig.stt.voiced_frames) == (1, 30)


def test_a_muted_microphone_heeds_no_key() -> None:
    rig = push_rig("hello")
    push(rig, Push.START)
    rig.session.set_muted(True)
    push(rig, Push.START)
    rig.say()
    assert ears(rig) == [True, False]


def test_an_open_microphone_heeds_no_key() -> None:
    rig = Rig("hello")
    for action in Push:
        push(rig, action)
    rig.say()
    rig.until_idle()
    assert ears(rig) == []
    assert rig.endings[0].outcome == "answered"


def test_the_meter_rests_while_the_key_is_up() -> None:
    rig = push_rig()
    levels = rig.bus.subscribe(1000)

    def loudest() -> float:
        rig.say(0.5)
        found = []
        while (event := levels.get(timeout_s=0)) is not None:
            if isinstance(event, Levels):
                found.append(event.microphone_dbfs)
        return max(found)

    assert loudest() == -120
    push(rig, Push.START)
    assert loudest() == 0


# Whatever happens.

script = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["say", "wait"]), st.floats(0.032, 3.0)),
        st.tuples(st.just("wake"), st.none()),
        st.tuples(st.just("push"), st.sampled_from(Push)),
        st.tuples(st.just("mute"), st.booleans()),
        st.tuples(st.just("write"), st.just("count")),
    ),
    max_size=25,
)


@settings(max_examples=150)
@given(st.sampled_from(["wake", "push"]), script)
def test_no_turn_is_spoken_to_a_closed_ear(mode, steps) -> None:
    rig = Rig(*["count"] * 80, answers={"count": LONG}, listen=ListenSettings(mode=mode))
    for action, value in steps:
        match action:
            case "say":
                rig.say(value)
            case "wait":
                rig.wait(value)
            case "wake":
                call(rig)
            case "push":
                rig.session.push(value)
            case "mute":
                rig.session.set_muted(value)
            case "write":
                rig.write(value)
        rig.drain()
    is_open = False
    for event in rig.events:
        if isinstance(event, EarChanged):
            assert event.open is not is_open, "told twice"
            is_open = event.open
    if mode == "push":
        rig.session.push(Push.STOP)
        rig.drain()
    rig.wait(3)
    rig.until_idle()
    rig.wait(6)
    started, heard = len(rig.of(TurnStarted)), len(rig.stt.heard_s)
    rig.say(3)
    rig.wait(2)
    assert (len(rig.of(TurnStarted)), len(rig.stt.heard_s)) == (started, heard)


def test_what_rings_until_it_is_stopped_opens_the_ear() -> None:
    rig = wake_rig("stop")
    rig.agenda.coming.append(Announcement("alarm", "It's seven.", insists=True))
    rig.wait(FRAME_S)
    rig.until_idle()
    rig.say()
    rig.wait(2)
    assert [ending.transcript for ending in rig.endings] == ["", "stop"]
    assert rig.brain.requests[-1].text == "stop"


def test_what_waits_to_be_announced_is_said_in_its_order_however_much_comes() -> None:
    rig, numbers = wake_rig(), itertools.count()
    rig.llm_worker.held = True
    rig.write("hello")
    rig.agenda.due = lambda: [Announcement(str(next(numbers)), "Now.") for _ in range(10)]
    rig.wait(1)
    rig.llm_worker.held = False
    rig.llm_worker.release()
    rig.wait(6)
    assert [event.label for event in rig.of(TimerFired)][:3] == ["0", "1", "2"]


def test_what_is_no_longer_wanted_is_not_announced() -> None:
    rig = wake_rig()
    rig.agenda.coming.append(Announcement("alarm", "It's seven.", begin=lambda: False))
    rig.wait(1)
    assert rig.of(TurnStarted) == []


# What is left of an answer's echo.

ECHO = 0.4


class SlowVad(FrameVad):
    """What it hears first after a reset it takes for speech, whatever that is but silence."""

    def __init__(self) -> None:
        self.frames = 0

    def probability(self, frame: Pcm) -> float:
        self.frames += 1
        if frame[0] != ECHO:
            return super().probability(frame)
        return 1.0 if self.frames < 10 else 0.0

    def reset(self) -> None:
        self.frames = 0


def echoes(rig: Rig, seconds: float) -> None:
    """A talker to the recogniser, of whom the suppressor has left little."""
    for _ in range(round(seconds / FRAME_S)):
        rig.source.now_s += FRAME_S
        loud, left = (np.full(FRAME_SAMPLES, level, np.float32) for level in (1.0, ECHO))
        rig.session.handle(Frame(loud, rig.source.now_s, for_vad=left))
        rig.drain()


def test_the_last_echo_of_an_answer_is_no_follow_up() -> None:
    rig = Rig("count", answers={"count": LONG}, listen=ListenSettings(mode="wake"), vad=SlowVad())
    ask(rig)
    while rig.sink.buffered_s:
        echoes(rig, FRAME_S)
    echoes(rig, 0.5)
    assert ears(rig)[-1] is True
    assert [turn.turn_id for turn in rig.of(TurnStarted)] == [1]


def test_while_no_key_is_held_not_even_voice_activity_hears() -> None:
    vad = SlowVad()
    rig = Rig(listen=ListenSettings(mode="push"), vad=vad)
    rig.say()
    assert vad.frames == 0

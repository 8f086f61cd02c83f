"""Conversations in which somebody speaks over the answer, as event sequences and as samples played."""

import itertools
from collections.abc import Sequence

import pytest

from assistant.brain.protocols import Announcement, Completeness
from assistant.config import TurnSettings
from assistant.errors import EngineFailed
from assistant.events import FinalTranscript, ReplyDucked, ReplyInterrupted, ReplyPaused, ReplyResumed
from assistant.models.protocols import FRAME_S, Pcm, Transcript
from assistant.session.overlap import CALM_S
from assistant.session.turn import CancelToken
from tests.session.harness import RATE_HZ, SECONDS_PER_WORD, Rig, Stt

LONG = "one two three four five six seven eight nine ten"
FRAME = round(FRAME_S * RATE_HZ)


def answering(*over: str, answer: str = LONG, **options: object) -> Rig:
    """A rig in the middle of an answer; ``over`` is what the recogniser hears next."""
    rig = Rig("count", *over, answers={"count": answer}, **options)
    rig.say()
    rig.wait(1.5)
    assert rig.session._speaker.started
    return rig


def overs(rig: Rig) -> list[str]:
    kinds = (ReplyDucked, ReplyPaused, ReplyResumed, ReplyInterrupted)
    return [type(event).__name__.removeprefix("Reply") for event in rig.events if isinstance(event, kinds)]


def test_a_backchannel_lets_the_answer_go_on_where_it_stood():
    rig = answering("mm-hmm")
    rig.say(0.384)
    [at] = [step.played for step in rig.sink.progress()]
    rig.wait(2 * FRAME_S)
    assert (rig.sink.volume, rig.sink.progress()[0].played) == ("paused", at)
    rig.wait(FRAME_S)
    assert rig.sink.volume == "full"
    rig.wait(FRAME_S)
    assert rig.sink.progress()[0].played == at + FRAME
    rig.until_idle()
    assert overs(rig) == ["Ducked", "Paused", "Resumed"]
    [resumed] = rig.of(ReplyResumed)
    assert (resumed.reason, resumed.cues) == ("backchannel", ("“mmhmm”",))
    assert resumed.paused_s == pytest.approx(0.384 - 2 * FRAME_S + 3 * FRAME_S)
    assert [(ended.outcome, ended.heard) for ended in rig.endings] == [("answered", LONG)]
    assert rig.sink.discarded_samples == 0


def test_it_is_ducked_at_the_first_voiced_frame_and_paused_at_the_second_where_that_is_certain():
    rig = answering()
    began_s = rig.source.now_s
    volumes = []
    for _ in range(4):
        rig.say(FRAME_S)
        volumes.append(rig.sink.volume)
    assert volumes == ["ducked", "paused", "paused", "paused"]
    assert rig.of(ReplyDucked)[0].at_s - began_s == pytest.approx(FRAME_S)
    assert rig.of(ReplyPaused)[0].at_s - began_s == pytest.approx(2 * FRAME_S)


def test_what_may_be_voice_is_ducked_for_before_speech_begins():
    rig = answering()
    volumes = []
    for probability in (0.001, 0.35, 0.8, 0.8):
        rig.frames(FRAME_S, probability)
        volumes.append(rig.sink.volume)
    assert volumes == ["full", "ducked", "ducked", "paused"]


def test_yes_to_a_question_in_the_middle_of_an_answer_is_a_backchannel():
    rig = answering("yes", answer="Why is that so? It is a very long story.")
    rig.say(0.3)
    rig.wait(0.5)
    assert [event.reason for event in rig.of(ReplyResumed)] == ["backchannel"]


LOUD = 0.2
"""A frame of this is no voice, but it is loud."""


def test_a_consonant_ducks_and_counts_for_the_pause():
    rig = answering()
    volumes = []
    for level in (LOUD, LOUD, 0.8, 0.8):
        rig.frames(FRAME_S, level)
        volumes.append(rig.sink.volume)
    assert volumes == ["ducked", "ducked", "ducked", "paused"]


def test_what_is_loud_for_long_pauses_without_any_voice_and_goes_on_in_the_quiet():
    rig = answering()
    volumes = []
    for level in (*[LOUD] * 6, *[0.0] * 5):
        rig.frames(FRAME_S, level)
        volumes.append(rig.sink.volume)
    assert volumes == [*["ducked"] * 3, *["paused"] * 7, "full"]
    assert overs(rig) == ["Ducked", "Paused", "Resumed"]


def test_a_word_with_hardly_a_vowel_is_recognised_all_the_same():
    for level, heard in ((LOUD, 2), (0.0, 1)):
        rig = answering("stop")
        rig.frames(3 * FRAME_S, level)
        rig.say(3 * FRAME_S)
        rig.wait(0.5)
        assert len(rig.stt.heard_s) == heard


def test_what_was_paused_three_times_for_nothing_takes_more_to_be_paused():
    rig = answering(*[""] * 9, answer=" ".join([LONG] * 3))
    counts = []
    for _ in range(5):
        before = len(rig.of(ReplyPaused))
        rig.say(0.16)
        rig.wait(0.48)
        counts.append(len(rig.of(ReplyPaused)) - before)
    assert counts == [1, 1, 1, 0, 0]
    for _ in range(3):
        rig.frames(FRAME_S, LOUD)
        assert rig.sink.volume == "full"
    rig.say(0.4)
    assert rig.sink.volume == "paused"


def test_a_click_ducks_for_a_moment():
    rig = answering()
    rig.say(FRAME_S)
    rig.wait(CALM_S)  # in the first frame of it there is a little of the click
    assert rig.sink.volume == "ducked"
    rig.wait(FRAME_S)
    assert rig.sink.volume == "full"
    assert overs(rig) == ["Ducked", "Resumed"]
    assert rig.of(ReplyResumed)[0].paused_s == 0
    assert len(rig.stt.heard_s) == 1


def test_a_cough_without_words_lets_it_go_on():
    rig = answering("")
    rig.say(0.4)
    rig.until_idle()
    assert [(event.reason, event.cues) for event in rig.of(ReplyResumed)] == [("noise", ("no words",))]
    assert [ended.outcome for ended in rig.endings] == ["answered"]


def test_a_new_request_has_all_its_words_and_is_transcribed_once():
    rig = answering("what time is it")
    rig.say(0.96)
    rig.wait(1)
    rig.until_idle()
    pre_roll_s, pause_s = 0.32, 0.096
    assert rig.stt.heard_s[1:] == [pytest.approx(pre_roll_s + 0.96 + pause_s)]
    assert [ended.outcome for ended in rig.endings] == ["interrupted", "answered"]
    assert rig.endings[1].transcript == "what time is it"
    assert LONG.startswith(rig.endings[0].heard)
    assert rig.endings[0].heard != LONG
    assert [event.reason for event in rig.of(ReplyInterrupted)] == ["new words"]
    assert [state for state, _ in rig.endings[1].states][:4] == ["idle", "listening", "speculative", "committed"]


def test_words_that_were_there_before_their_turn_came_after_their_speech_all_the_same():
    rig = answering("what time is it")
    rig.say(0.96)
    rig.wait(1)
    rig.until_idle()
    [_, timings] = [ended.timings for ended in rig.endings]
    assert timings.transcript_s == pytest.approx(0.096)  # in the pause, as in any turn
    assert timings.commit_s > timings.transcript_s


def test_who_goes_on_after_the_pause_is_heard_from_the_start():
    rig = answering("what time", "what time is it in Oslo")
    rig.say(0.96)
    rig.wait(0.16)
    rig.say(0.64)
    rig.wait(1)
    rig.until_idle()
    assert rig.stt.heard_s[-1] == pytest.approx(0.32 + 0.96 + 0.16 + 0.64 + 0.096)
    assert rig.of(FinalTranscript)[-1].text == "what time is it in Oslo"


def test_long_speech_ends_the_answer_before_its_words_are_there():
    rig = answering()
    rig.stt_worker.held = True
    rig.say(1.3)
    assert [event.reason for event in rig.of(ReplyInterrupted)] == ["speech"]
    assert rig.sink.buffered_s == 0


@pytest.mark.parametrize("stop", ["stop", "Wait.", "never mind", "okay, be quiet please"])
def test_a_stop_needs_no_brain(stop):
    rig = answering(stop)
    rig.llm_worker.held = True
    rig.say(0.3)
    rig.wait(1.5)
    assert [event.reason for event in rig.of(ReplyInterrupted)] == ["stop word"]
    assert rig.sink.buffered_s == 0
    rig.llm_worker.release()
    rig.llm_worker.held = False
    rig.drain()
    rig.until_idle()
    assert [(ended.outcome, ended.transcript, ended.reply) for ended in rig.endings[1:]] == [("answered", stop, "")]
    assert [request.text for request in rig.brain.requests] in (["count"], ["count", stop])


def test_a_stop_is_answered_with_silence_whatever_was_worked_out_ahead():
    rig = answering("stop")
    rig.say(0.3)
    rig.until_idle(limit_s=2)
    assert rig.brain.rehearsed[-1].text == "stop"
    assert [(ended.outcome, ended.reply) for ended in rig.endings[1:]] == [("answered", "")]


def test_a_stop_in_a_partial_transcript_is_obeyed_in_the_middle_of_the_sentence():
    rig = answering("please stop it now")
    rig.stt.partial = "please stop"
    rig.say(0.6)
    assert [event.reason for event in rig.of(ReplyInterrupted)] == ["stop word"]
    assert rig.sink.buffered_s == 0
    rig.say(0.6)
    rig.wait(1.5)
    rig.until_idle()
    assert rig.endings[-1].transcript == "please stop it now"
    assert rig.stt.heard_s[-1] == pytest.approx(0.32 + 1.2 + 0.096, abs=0.033)


@pytest.mark.parametrize(
    ("said", "more_s", "answered"),
    [
        ("being white", 0.3, False),  # the same sound, heard again
        ("stop the timer", 0.3, True),
        ("what time is it now then", 0.3, True),
        ("and on it goes", 1.3, True),
        ("", 1.3, False),
    ],
)
def test_a_stop_is_final_unless_more_is_said(said, more_s, answered):
    rig = answering(said)
    rig.stt.partial = "be quiet"
    rig.say(0.6)
    assert [event.reason for event in rig.of(ReplyInterrupted)] == ["stop word"]
    rig.say(more_s)
    rig.wait(2)
    rig.until_idle()
    ended = rig.endings[-1]
    assert (ended.transcript, ended.outcome) == (said if answered else "be quiet", "answered")
    assert ended.reply == (f"You said {said}." if answered else "")


def test_a_please_half_a_second_after_a_stop_belongs_to_it():
    rig = answering("stop", "stop please")
    rig.say(0.3)
    rig.wait(0.6)
    rig.say(0.3)
    rig.until_idle()
    assert [(ended.transcript, ended.reply) for ended in rig.endings[1:]] == [("stop please", "")]


def test_a_stop_that_goes_on_as_a_correction_is_one():
    rig = answering("wait eight")
    rig.stt.partial = "wait"
    rig.say(0.9)
    rig.wait(2)
    rig.until_idle()
    assert rig.endings[-1].reply == "You said count, wait eight."


def test_no_word_is_believed_behind_a_stop_that_there_was_no_time_to_say():
    rig = answering("wait eight")
    rig.stt.partial = "wait"
    rig.say(0.48)
    assert [event.reason for event in rig.of(ReplyInterrupted)] == ["stop word"]
    rig.wait(2)
    rig.until_idle()
    assert (rig.endings[-1].transcript, rig.endings[-1].reply) == ("wait", "")


def test_what_was_said_while_the_stop_was_being_recognised_had_its_time():
    rig = answering("wait eight")
    rig.stt.partial = "wait"
    rig.stt_worker.held = True
    rig.say(0.9)
    rig.stt_worker.release()
    rig.stt_worker.held = False
    rig.drain()
    assert [event.reason for event in rig.of(ReplyInterrupted)] == ["stop word"]
    rig.wait(2)
    rig.until_idle()
    assert rig.endings[-1].reply == "You said count, wait eight."


def test_doubtful_words_after_a_stop_are_no_request():
    rig = answering("wait eight")
    rig.stt.partial, rig.stt.confidence = "wait", 0.0
    rig.say(0.9)
    rig.wait(2)
    rig.until_idle()
    assert (rig.endings[-1].transcript, rig.endings[-1].reply) == ("wait", "")


def test_voice_in_the_first_moment_of_an_answer_ends_it_only_once_it_lasts():
    for say_s, text, outcomes in ((0.3, "", ["answered"]), (0.8, "two three and go on", ["continued", "answered"])):
        rig = Rig("count", text, answers={"count": LONG})
        rig.say()
        while not rig.session._speaker.started:
            rig.wait(FRAME_S)
        rig.say(say_s)
        rig.wait(2)
        rig.until_idle()
        assert [ended.outcome for ended in rig.endings] == outcomes
    assert rig.endings[-1].transcript == "count two three and go on"


def test_a_stop_with_more_to_it_is_a_request():
    rig = answering("stop the timer")
    rig.say(0.6)
    rig.wait(1)
    rig.until_idle()
    assert rig.endings[-1].reply == "You said stop the timer."


def test_our_own_words_are_echo():
    rig = answering("one two three")
    rig.say(0.8)
    rig.until_idle()
    assert [event.reason for event in rig.of(ReplyResumed)] == ["echo"]
    assert [ended.outcome for ended in rig.endings] == ["answered"]


def test_a_short_command_is_one_by_its_intent():
    rig = answering("undo")
    rig.brain.endings["undo"] = Completeness.COMMAND
    rig.say(0.3)
    rig.wait(1)
    assert [event.reason for event in rig.of(ReplyInterrupted)] == ["command"]


def test_doubtful_words_are_noise_once_the_brain_has_said_so_or_takes_too_long():
    for held in (False, True):
        rig = answering("him")
        rig.llm_worker.held = held
        rig.say(0.3)
        rig.wait(0.5)
        assert [event.reason for event in rig.of(ReplyResumed)] == ["noise"]
        rig.llm_worker.release()
        rig.until_idle()
        assert [ended.outcome for ended in rig.endings] == ["answered"]


def test_yes_answers_a_question():
    rig = answering("yes", answer="Shall I go on for ever and ever and ever?")
    while not rig.session._speaker.asks:
        rig.wait(FRAME_S)
    rig.say(0.3)
    rig.wait(1)
    assert [event.reason for event in rig.of(ReplyInterrupted)] == ["answer"]


def test_an_answer_does_not_end_while_somebody_speaks_over_its_last_word():
    rig = answering("mm-hmm")
    while rig.sink.buffered_s > 3 * FRAME_S:
        rig.wait(FRAME_S)
    rig.say(0.384)
    assert rig.session.busy
    rig.until_idle()
    assert [ended.outcome for ended in rig.endings] == ["answered"]


def test_what_was_heard_to_its_end_was_not_interrupted():
    rig = answering("what time is it")
    while rig.sink.buffered_s > FRAME_S:
        rig.wait(FRAME_S)
    rig.say(0.96)
    rig.wait(1)
    rig.until_idle()
    assert (rig.endings[0].outcome, rig.endings[0].heard) == ("answered", LONG)
    assert rig.endings[1].transcript == "what time is it"


def test_typing_ends_it_at_once_also_while_somebody_speaks():
    rig = answering("never heard")
    rig.say(0.3)
    rig.write("hello")
    assert [ended.outcome for ended in rig.endings] == ["interrupted"]
    assert rig.sink.volume == "full"
    rig.until_idle()
    assert rig.endings[-1].reply == "You said hello."


def test_muting_lets_it_go_on():
    rig = answering("never heard")
    rig.say(0.3)
    rig.session.set_muted(True)
    rig.drain()
    assert rig.sink.volume == "full"
    rig.until_idle()
    assert [event.reason for event in rig.of(ReplyResumed)] == ["muted"]
    assert [ended.outcome for ended in rig.endings] == ["answered"]


def test_a_cough_does_not_end_a_timer_or_a_typed_question_that_is_thought_about():
    rig = Rig("", "")
    rig.llm_worker.held = True
    rig.write("hello")
    rig.say(0.3)
    rig.wait(0.5)
    rig.llm_worker.release()
    rig.llm_worker.held = False
    rig.drain()
    rig.until_idle()
    rig.agenda.coming.append(Announcement("pasta", "Your pasta is done."))
    rig.wait(0.6)
    rig.say(0.3)
    rig.until_idle()
    assert [ended.outcome for ended in rig.endings] == ["answered", "answered"]
    assert rig.endings[1].heard == "Your pasta is done."


def test_nothing_is_said_into_speech_that_begins_before_the_answer():
    rig = Rig("", "mm")
    rig.llm_worker.held = True
    rig.write("hello")
    rig.say(0.2)
    rig.llm_worker.release()
    rig.llm_worker.held = False
    rig.say(0.2)
    assert not rig.session._speaker.started
    rig.until_idle()
    assert overs(rig) == []
    assert [ended.heard for ended in rig.endings] == ["You said hello."]


def test_who_begins_before_an_answer_that_is_only_shown_is_heard_out():
    rig = Rig("what time is it", voice=False)
    rig.llm_worker.held = True
    rig.write("hello")
    rig.say(0.48)
    rig.llm_worker.release()
    rig.llm_worker.held = False
    rig.say(0.48)
    rig.wait(1)
    rig.until_idle()
    assert rig.stt.voiced_frames == 30
    assert [ended.reply for ended in rig.endings] == ["You said hello.", "You said what time is it."]


def test_without_barge_in_nothing_is_ducked():
    rig = answering("stop", settings=TurnSettings(barge_in=False))
    rig.say(1)
    rig.until_idle()
    assert overs(rig) == []
    assert [ended.outcome for ended in rig.endings] == ["answered"]


def test_a_deaf_recogniser_leaves_it_to_the_length():
    for say_s, ended in ((0.3, []), (0.9, ["interrupted"])):
        rig = answering("never")
        rig.stt_worker.failure = EngineFailed("deaf", hint="mend it")
        rig.say(say_s)
        rig.wait(2.1)
        assert [one.outcome for one in rig.endings] == ended


def test_the_same_conversation_without_a_word_plays_the_same_samples():
    """However often it is paused, the answer takes as many frames of playing as without."""
    played = []
    for coughs in (0, 5):
        rig = answering(*[""] * 5)
        for _ in range(coughs):
            rig.say(0.192)
            rig.wait(0.192)
        counts = [step.played for step in rig.sink.progress()]
        while rig.session.busy:
            rig.wait(FRAME_S)
            counts += [step.played for step in rig.sink.progress()]
        assert all(b - a in (0, FRAME) for a, b in itertools.pairwise(counts))
        played.append(rig.endings[0].heard)
    assert played == [LONG, LONG]


@pytest.mark.parametrize("stop_after_s", [0.5, 1.0, 1.5, 2.0])
def test_history_keeps_what_was_heard_to_the_word(stop_after_s):
    rig = Rig("go on", answers={"count": "One, two, three. Four, five, six. Seven."})
    rig.write("count")
    rig.wait(stop_after_s)
    words = round(stop_after_s / FRAME_S) * FRAME_S // SECONDS_PER_WORD
    rig.session.interrupt()
    rig.drain()
    [ended] = rig.endings
    assert len(ended.heard.split()) == words
    rig.write("go on")
    [exchange] = rig.brain.requests[-1].history
    assert (exchange.assistant, exchange.cut) == (ended.heard, True)
    assert f"{exchange.assistant} {exchange.rest}" == ended.reply


def test_an_answer_that_was_cut_off_while_it_was_thought_about_is_not_complete():
    rig = Rig()
    rig.llm_worker.held = True
    rig.write("count")
    rig.write("hello")
    rig.llm_worker.release()
    rig.drain()
    [exchange] = rig.brain.requests[-1].history
    assert (exchange.assistant, exchange.rest, exchange.complete) == ("", "", False)


class Spotter(Stt):
    """Knows phrases, too."""

    def spot(self, pcm: Pcm, token: CancelToken, phrases: Sequence[str], urgent: Sequence[str] = ()) -> Transcript:
        assert "never mind" in phrases
        assert "never mind" in urgent
        assert "okay" not in urgent
        return Transcript("never mind" if self.texts[0] == "nevermore" else "")


@pytest.mark.parametrize(("dictated", "heard"), [("nevermore", "never mind"), ("what time is it", "what time is it")])
def test_a_recogniser_that_knows_phrases_is_asked_for_them_first(dictated, heard):
    rig = answering(dictated)
    rig.stt_worker.engine = Spotter([dictated])
    rig.say()
    rig.wait(1.5)
    rig.until_idle()
    assert rig.endings[-1].transcript == heard

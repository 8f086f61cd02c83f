"""Whole conversations, as event sequences."""

import pytest

from assistant.brain.protocols import Announcement, Exchange
from assistant.config import TurnSettings
from assistant.errors import EngineFailed
from assistant.events import (
    FinalTranscript,
    Notice,
    PartialTranscript,
    ReplyClause,
    ReplyStarted,
    StateChanged,
    TimerFired,
    TurnEnded,
    TurnsForgotten,
    TurnStarted,
)
from assistant.session.chime import chime
from assistant.session.cushion import SHORTEST_LEAD_S
from assistant.session.session import HISTORY_EXCHANGES
from tests.session.harness import SECONDS_PER_WORD, Rig

LONG = "one two three four five six seven eight nine ten"


def states(rig: Rig) -> list[str]:
    return [event.new for event in rig.of(StateChanged)]


def test_a_spoken_question_is_answered_and_closed_once():
    rig = Rig("what time is it", answers={"what time is it": "Noon."})
    rig.say(0.32)
    rig.wait(0.64)
    rig.until_idle()
    assert rig.names == [
        "turn_started",
        "state_changed",  # listening
        "state_changed",  # speculative
        "partial_transcript",
        "state_changed",  # committed
        "turn_committed",
        "final_transcript",
        "reply_clause",
        "state_changed",  # speaking
        "reply_started",
        "state_changed",  # idle
        "turn_ended",
    ]
    assert states(rig) == ["listening", "speculative", "committed", "speaking", "idle"]
    [ended] = rig.endings
    assert (ended.outcome, ended.transcript, ended.reply, ended.heard) == (
        "answered",
        "what time is it",
        "Noon.",
        "Noon.",
    )
    assert [state for state, _ in ended.states] == ["idle", *states(rig)]


def test_timings_count_from_the_end_of_speech():
    rig = Rig("hello")
    rig.say(0.32)
    rig.wait(1.0)
    rig.until_idle()
    timings = rig.endings[0].timings
    assert timings.commit_s == pytest.approx(0.416)  # 13 frames: the first whole frame past 400 ms
    assert timings.transcript_s == pytest.approx(0.096)  # transcribed in the pause, held until the commit
    assert timings.first_token_s == timings.first_clause_s == timings.transcript_s  # and so is the answer
    assert timings.first_sample_s == pytest.approx(timings.commit_s + 0.032)


def test_the_utterance_keeps_its_first_syllable():
    rig = Rig("hello")
    rig.wait(2)
    rig.say(0.96)
    rig.wait(1)
    pre_roll_s, pause_s = 0.32, 0.096
    assert rig.stt.heard_s == [pytest.approx(pre_roll_s + 0.96 + pause_s)]


def test_going_on_within_the_hangover_is_one_turn():
    rig = Rig("set a timer", "set a timer for ten minutes")
    rig.say(0.64)
    rig.wait(0.2)
    rig.say(0.64)
    rig.wait(1)
    rig.until_idle()
    assert [event.text for event in rig.of(FinalTranscript)] == ["set a timer for ten minutes"]
    assert states(rig)[:5] == ["listening", "speculative", "listening", "speculative", "committed"]
    assert len(rig.endings) == 1


def test_going_on_throws_the_speculation_away():
    rig = Rig("set a timer")
    rig.stt_worker.held = True
    rig.say(0.3)
    rig.wait(0.2)
    [early] = rig.stt_worker.waiting
    assert not early.token.cancelled
    rig.say(0.2)
    assert early.token.reason == "resumed"


def test_partials_appear_while_the_user_speaks():
    rig = Rig("a long question")
    rig.say(2.0)
    assert [event.text for event in rig.of(PartialTranscript)] == ["partial"]
    rig.wait(1)
    assert [event.text for event in rig.of(PartialTranscript)] == ["partial", "a long question"]


def test_a_click_starts_nothing_and_a_blip_is_closed_as_nothing():
    rig = Rig()
    rig.frames(0.032, 1.0)
    rig.wait(1)
    assert rig.names == []
    rig.frames(0.096, 1.0)
    rig.wait(1)
    assert [(event.outcome, event.transcript) for event in rig.endings] == [("nothing", "")]
    assert rig.brain.requests == []


def test_speech_without_words_ends_as_nothing():
    rig = Rig("")
    rig.say()
    rig.wait(1)
    assert [event.outcome for event in rig.endings] == ["nothing"]
    assert rig.brain.requests == []


def test_speaking_over_the_answer_stops_the_sound_and_keeps_what_was_heard():
    rig = Rig("count", "thank you", answers={"count": LONG})
    rig.say()
    rig.wait(0.5)
    rig.wait(1.0)
    rig.say()
    rig.wait(0.096)
    assert rig.sink.buffered_s == 0
    assert rig.sink.discarded_samples > 0
    [ended] = rig.endings
    assert (ended.outcome, ended.reply) == ("interrupted", LONG)
    assert ended.heard in ("one two three", "one two")
    rig.wait(1)
    rig.until_idle()
    assert [event.text for event in rig.of(FinalTranscript)] == ["count", "thank you"]
    assert rig.brain.requests[-1].history == (Exchange("count", ended.heard, LONG[len(ended.heard) + 1 :]),)
    assert rig.brain.requests[-1].replaces is None


def test_a_correction_cancels_and_starts_over_with_both_texts():
    rig = Rig("set a timer for five minutes", "no wait ten minutes", answers={})
    rig.say()
    rig.wait(1.0)
    rig.say()
    rig.wait(1.0)
    rig.until_idle()
    last = rig.of(FinalTranscript)[-1]
    assert (last.text, last.replaces) == ("set a timer for five minutes, no wait ten minutes", 1)
    assert [ended.outcome for ended in rig.endings] == ["interrupted", "answered"]


def test_going_on_before_the_answer_starts_joins_both_halves_and_lengthens_the_wait():
    rig = Rig("set a timer", "for ten minutes")
    rig.tts_worker.held = True
    rig.say()
    rig.wait(0.45)
    rig.say()
    rig.wait(0.6)
    rig.tts_worker.held = False
    rig.tts_worker.release()
    rig.drain()
    rig.until_idle()
    assert [ended.outcome for ended in rig.endings] == ["continued", "answered"]
    assert rig.brain.requests[-1].text == "set a timer for ten minutes"
    assert rig.brain.requests[-1].replaces == 1
    commits = [ended.timings.commit_s for ended in rig.endings]
    assert commits[1] == pytest.approx(commits[0] + 0.192, abs=0.033)


def test_words_whose_transcript_was_not_ready_are_heard_again_with_what_follows():
    rig = Rig("set a timer for ten minutes")
    rig.stt_worker.held = True
    rig.say(0.64)
    rig.wait(1.55)
    rig.say(0.64)
    rig.wait(0.7)
    rig.stt_worker.release()
    rig.stt_worker.held = False
    rig.drain()
    rig.until_idle()
    first_s, pre_roll_s, second_s = 0.64 + 0.096, 0.32, 0.64 + 0.096
    assert rig.stt.heard_s[-1] == pytest.approx(first_s + pre_roll_s + second_s)
    assert rig.endings[-1].transcript == "set a timer for ten minutes"
    assert [ended.outcome for ended in rig.endings] == ["continued", "answered"]


def test_a_new_request_long_after_the_commit_stands_alone():
    rig = Rig("count", "what time is it", answers={"count": LONG})
    rig.say()
    rig.wait(2.5)
    rig.say()
    rig.wait(1.0)
    assert rig.brain.requests[-1].text == "what time is it"


def test_typing_is_a_turn_of_its_own_and_interrupts():
    rig = Rig("count", answers={"count": LONG})
    rig.say()
    rig.wait(1)
    rig.write("hello")
    rig.until_idle()
    assert [(ended.origin, ended.outcome) for ended in rig.endings] == [("voice", "interrupted"), ("text", "answered")]
    assert rig.endings[-1].heard == "You said hello."


def test_speech_over_a_typed_turn_stands_alone():
    rig = Rig("what time is it")
    rig.llm_worker.held = True
    rig.write("hello")
    rig.say()
    rig.wait(1)
    rig.llm_worker.release()
    rig.drain()
    rig.until_idle()
    assert [ended.outcome for ended in rig.endings] == ["interrupted", "answered"]
    assert rig.endings[-1].transcript == "what time is it"


def test_typing_while_speaking_drops_the_half_sentence():
    rig = Rig("never heard")
    rig.say()
    rig.write("hello")
    rig.until_idle()
    rig.wait(1)
    assert [(ended.origin, ended.outcome) for ended in rig.endings] == [("voice", "interrupted"), ("text", "answered")]


def test_after_a_dropped_half_sentence_the_next_one_is_heard():
    rig = Rig("what time is it")
    rig.say()
    rig.write("hello")
    rig.until_idle()
    rig.wait(1)
    rig.say()
    rig.wait(1)
    rig.until_idle()
    assert rig.endings[-1].transcript == "what time is it"


def test_no_more_than_a_few_seconds_are_synthesised_ahead():
    rig = Rig(answers={"count": " ".join(f"Number {n} is here." for n in range(30))})
    rig.write("count")
    ahead_s = []
    while rig.session.busy:
        rig.wait(0.032)
        ahead_s.append(rig.sink.buffered_s)
    longest_clause_s = 4 * SECONDS_PER_WORD
    assert max(ahead_s) <= SHORTEST_LEAD_S + longest_clause_s
    assert rig.endings[0].heard == rig.endings[0].reply


def test_the_stop_key_silences_and_closes_the_turn():
    rig = Rig(answers={"count": LONG})
    rig.write("count")
    rig.wait(1)
    rig.session.interrupt()
    rig.drain()
    assert rig.sink.buffered_s == 0
    assert [ended.outcome for ended in rig.endings] == ["interrupted"]
    rig.session.interrupt()
    rig.drain()
    assert len(rig.endings) == 1


def test_the_stop_key_silences_what_rings():
    rig = Rig()
    rig.session.interrupt()
    rig.drain()
    assert rig.agenda.silenced == 1


def test_a_stop_word_over_an_answer_silences_what_rings():
    rig = Rig("count", "stop", answers={"count": LONG})
    rig.say()
    rig.wait(1.5)
    rig.say(0.3)
    rig.wait(2)
    assert [(ended.outcome, ended.reply) for ended in rig.endings] == [("interrupted", LONG), ("answered", "")]
    assert rig.agenda.silenced == 1


def type_it(rig: Rig) -> None:
    rig.write("count")


def announce_it(rig: Rig) -> None:
    rig.agenda.coming.append(Announcement("alarm", LONG))


@pytest.mark.parametrize("begin", [type_it, announce_it])
def test_a_stop_word_needs_no_brain_over_what_nobody_asked_aloud_either(begin):
    rig = Rig("stop", answers={"count": LONG})
    begin(rig)
    rig.wait(1.5)
    rig.say(0.3)
    rig.wait(2)
    assert [(ended.outcome, ended.reply) for ended in rig.endings] == [("interrupted", LONG), ("answered", "")]
    assert rig.agenda.silenced == 1


def test_muted_ears_hear_nothing_and_typing_still_works():
    rig = Rig("never")
    rig.session.set_muted(True)
    rig.drain()
    rig.say(2)
    rig.wait(1)
    assert rig.names == ["muted_changed"]
    rig.write("hello")
    rig.until_idle()
    assert [ended.outcome for ended in rig.endings] == ["answered"]
    rig.session.set_muted(False)
    rig.drain()
    rig.say()
    rig.wait(1)
    assert rig.endings[-1].origin == "text" or rig.of(TurnStarted)[-1].origin == "voice"


def test_without_barge_in_speech_over_the_answer_is_ignored():
    rig = Rig("count", "never", answers={"count": LONG}, settings=TurnSettings(barge_in=False))
    rig.say()
    rig.wait(1)
    rig.say(1)
    rig.until_idle()
    assert [ended.outcome for ended in rig.endings] == ["answered"]


def test_a_timer_rings_when_nobody_speaks():
    rig = Rig("hello")
    rig.say(0.5)
    rig.agenda.coming = [Announcement("pasta", "Your pasta timer is done.")]
    rig.say(0.5)
    assert rig.of(TimerFired) == []
    rig.wait(1)
    rig.until_idle()
    rig.wait(0.1)
    rig.until_idle()
    assert [event.label for event in rig.of(TimerFired)] == ["pasta"]
    assert [(ended.origin, ended.outcome) for ended in rig.endings] == [("voice", "answered"), ("timer", "answered")]
    assert rig.endings[-1].heard == "Your pasta timer is done."


def test_memory_of_a_long_conversation_is_bounded_and_trimmed_in_large_steps():
    rig = Rig(voice=False)
    for number in range(HISTORY_EXCHANGES + 2):
        rig.write(f"number {number}")
        rig.until_idle()
    lengths = [len(request.history) for request in rig.brain.requests]
    assert lengths == [*range(HISTORY_EXCHANGES + 1), HISTORY_EXCHANGES // 2 + 1]
    assert rig.brain.requests[-1].history[-1].user == f"number {HISTORY_EXCHANGES}"


def test_the_last_turn_is_forgotten_with_those_whose_words_it_repeats():
    rig = Rig("my pin is", "one two three", voice=True)
    rig.write("hello")
    rig.until_idle()
    rig.say()
    rig.wait(0.5)
    rig.say()
    rig.wait(0.1)
    rig.until_idle()
    assert [ended.outcome for ended in rig.endings][-1] == "answered"
    rig.session.forget_last_turn()
    rig.session.forget_last_turn()
    rig.session.forget_last_turn()
    rig.drain()
    ids = [ended.turn_id for ended in rig.endings]
    assert [event.turns for event in rig.of(TurnsForgotten)] == [tuple(ids[1:]), (ids[0],)]
    rig.write("again")
    assert rig.brain.requests[-1].history == ()


def test_a_chime_comes_before_the_words_of_a_timer_and_is_not_part_of_them():
    rig = Rig()
    rig.agenda.coming = [Announcement("pasta", "Done.")]
    rig.wait(0.064)
    chime_id, words_id = rig.sink.queued
    assert rig.sink.queued[chime_id] == len(chime())
    assert words_id == chime_id + 1
    assert rig.of(ReplyStarted) == []
    rig.until_idle()
    assert rig.endings[0].heard == "Done."


def test_an_answer_without_words_is_silence():
    rig = Rig(answers={"stop": ""})
    rig.write("stop")
    rig.until_idle()
    [ended] = rig.endings
    assert (ended.outcome, ended.heard) == ("answered", "")
    assert "reply_started" not in rig.names


def test_a_failing_brain_says_so_and_the_next_turn_works():
    rig = Rig()
    rig.llm_worker.failure = EngineFailed("broke", hint="mend")
    rig.write("hello")
    rig.until_idle()
    rig.llm_worker.failure = None
    rig.write("again")
    rig.until_idle()
    assert [(ended.outcome, ended.error_code) for ended in rig.endings] == [
        ("failed", "engine-failed"),
        ("answered", None),
    ]
    assert rig.of(ReplyClause)[0].text.startswith("Sorry")


def test_a_failing_voice_leaves_the_text():
    rig = Rig(answers={"hello": "Good day to you."})
    rig.tts_worker.failure = EngineFailed("mute", hint="mend")
    rig.write("hello")
    rig.until_idle()
    [ended] = rig.endings
    assert ended.heard == "Good day to you."


def test_a_failing_recogniser_closes_the_turn():
    rig = Rig()
    rig.stt_worker.failure = EngineFailed("deaf", hint="mend")
    rig.say()
    rig.wait(1)
    rig.until_idle()
    assert [(ended.outcome, ended.error_code) for ended in rig.endings] == [("failed", "engine-failed")]


@pytest.mark.parametrize("stage", ["stt_worker", "llm_worker"])
def test_a_full_engine_fails_the_turn_with_a_notice(stage):
    rig = Rig("hello")
    getattr(rig, stage).busy = True
    rig.say()
    rig.wait(1)
    rig.until_idle()
    assert [ended.outcome for ended in rig.endings] == ["failed"]
    assert {notice.code for notice in rig.of(Notice)} == {"engine-busy"}


def test_without_a_voice_the_answer_is_shown():
    rig = Rig(voice=False)
    rig.write("hello")
    rig.until_idle()
    assert [(ended.outcome, ended.heard) for ended in rig.endings] == [("answered", "You said hello.")]


def test_late_results_of_a_cancelled_turn_are_dropped():
    rig = Rig(answers={"first": LONG})
    rig.llm_worker.held = True
    rig.write("first")
    rig.write("second")
    rig.llm_worker.release()
    rig.drain()
    rig.llm_worker.held = False
    rig.until_idle()
    assert [ended.transcript for ended in rig.endings] == ["first", "second"]
    assert [event.text for event in rig.of(ReplyClause)] == ["You said second."]


def test_the_longest_utterance_commits_without_a_pause():
    rig = Rig("and so on", settings=TurnSettings(max_utterance_s=2))
    rig.say(2.2)
    assert [event.text for event in rig.of(FinalTranscript)] == ["and so on"]


def test_a_bug_costs_the_turn_and_not_the_conversation(monkeypatch):
    rig = Rig(answers={"hello": "Good day."})
    broken = iter([True])
    take = rig.session._speaker.say
    monkeypatch.setattr(rig.session._speaker, "say", lambda delta: 1 / 0 if next(broken, False) else take(delta))
    rig.session.start()
    ended = (event for event in rig.mailbox if isinstance(event, TurnEnded))
    rig.session.submit_text("hello")
    assert (next(ended).outcome, rig.session.ended.is_set()) == ("failed", False)
    rig.session.submit_text("hello")
    rig.session.settle()
    rig.session.stop("enough")
    assert rig.session.join(10)
    assert next(ended).transcript == "hello"
    assert rig.source.stopped
    assert rig.sink.closed

"""Work ahead of the commit: how soon the answer starts, and that nothing of it shows, sounds or happens early."""

import pytest

from assistant.brain.protocols import Completeness, Request
from assistant.config import TurnSettings
from assistant.errors import EngineFailed
from assistant.events import EngineCall, FinalTranscript, Measured, PartialTranscript, ReplyClause, TurnCommitted
from assistant.session.speculate import agree
from tests.session.harness import Rig

QUESTION = "what time is it"
OFF = TurnSettings(speculate="off")


def ask(rig: Rig, silence_s: float = 0.16) -> None:
    """Speak, and fall silent for long enough to be transcribed, but not to commit."""
    rig.say()
    rig.wait(silence_s)


def test_a_complete_command_commits_after_200_ms_and_says_why():
    rig = Rig(QUESTION)
    rig.brain.endings[QUESTION] = Completeness.COMMAND
    ask(rig, 1)
    [committed] = rig.of(TurnCommitted)
    assert committed.cues == ("complete command",)
    assert committed.wait_s == 0.2
    assert committed.silence_s == pytest.approx(0.224)  # 7 frames: the first whole frame past 200 ms


def test_dangling_words_wait_and_what_follows_is_the_same_turn():
    rig = Rig("set a timer for", "set a timer for ten minutes")
    rig.brain.endings["set a timer for"] = Completeness.DANGLING
    ask(rig, 1.1)
    assert rig.of(TurnCommitted) == []
    ask(rig, 1)
    assert [event.text for event in rig.of(FinalTranscript)] == ["set a timer for ten minutes"]
    assert rig.of(TurnCommitted)[0].cues == ("adaptive wait",) or rig.of(TurnCommitted)[0].cues[0] == "open end"


def test_words_that_dangle_for_long_are_answered_ahead_too():
    rig = Rig("and")
    rig.brain.endings["and"] = Completeness.DANGLING
    ask(rig, 0.55)
    assert rig.brain.rehearsed == []
    rig.wait(0.1)
    assert [request.text for request in rig.brain.rehearsed] == ["and"]
    rig.wait(0.6)
    rig.until_idle()
    [ended] = rig.endings
    assert (ended.speculated, ended.heard) == (True, "You said and.")


def test_the_answer_is_ready_and_nobody_knows():
    rig = Rig(QUESTION)
    ask(rig)
    assert [request.text for request in rig.brain.rehearsed] == [QUESTION]
    assert rig.session._speaker._reply.sounds
    assert not {"reply_clause", "reply_started", "final_transcript", "turn_committed"} & set(rig.names)
    assert rig.sink.queued == {}


def test_at_the_commit_it_is_released_in_the_same_frame():
    rig = Rig(QUESTION)
    ask(rig)
    rig.llm_worker.held = rig.tts_worker.held = True
    while not rig.of(TurnCommitted):
        rig.wait(0.032)
    assert [event.text for event in rig.of(ReplyClause)] == [f"You said {QUESTION}."]
    assert rig.sink.queued
    rig.until_idle()
    [ended] = rig.endings
    assert (ended.speculated, ended.heard, ended.wasted.engine_s) == (True, f"You said {QUESTION}.", 0)
    assert len(rig.brain.requests) == 1


def test_only_the_first_clause_is_synthesised_ahead():
    rig = Rig("count", answers={"count": "One is here. Two is here. Three is here."})
    ask(rig)
    assert len([call for call in rig.of(EngineCall) if call.stage == "tts"]) == 1
    rig.until_idle()
    assert rig.endings[0].heard == "One is here. Two is here. Three is here."


def test_speech_again_throws_it_away_and_counts_it():
    rig = Rig("what time", QUESTION)
    ask(rig)
    ask(rig, 1)
    rig.until_idle()
    [ended] = rig.endings
    assert [request.text for request in rig.brain.rehearsed] == ["what time", QUESTION]
    assert (ended.heard, ended.speculated) == (f"You said {QUESTION}.", True)
    assert (ended.wasted.tokens, ended.wasted.clauses) == (4, 1)
    assert rig.brain.requests[-1].history == ()


def test_a_cough_is_no_reason_to_begin_anew():
    rig = Rig(QUESTION, QUESTION + "?")
    ask(rig)
    rig.say(0.1)
    rig.wait(1)
    rig.until_idle()
    [ended] = rig.endings
    assert [request.text for request in rig.brain.rehearsed] == [QUESTION]
    assert (ended.heard, ended.speculated) == (f"You said {QUESTION}.", True)
    assert (ended.wasted.tokens, ended.wasted.clauses) == (0, 0)
    assert ended.timings.first_token_s == 0
    assert len([call for call in rig.of(EngineCall) if call.stage == "tts"]) == 1


def test_an_effect_that_waits_survives_a_cough_and_happens_once():
    rig = Rig("timer", "timer", answers={"timer": "Okay, ten minutes."})
    rig.brain.effects, rig.brain.previews = {"timer"}, {"timer": "Okay, ten minutes."}
    ask(rig)
    rig.say(0.1)
    rig.wait(1)
    rig.until_idle()
    assert (rig.brain.done, len(rig.brain.rehearsed)) == (["timer"], 1)
    assert rig.endings[0].heard == "Okay, ten minutes."


def test_what_is_not_finished_at_a_cough_is_begun_anew():
    rig = Rig(QUESTION, QUESTION)
    rig.llm_worker.held = True
    ask(rig)
    rig.say(0.1)
    rig.llm_worker.held = False
    rig.llm_worker.release()
    rig.wait(1)
    rig.until_idle()
    assert (rig.endings[0].heard, rig.endings[0].speculated) == (f"You said {QUESTION}.", True)
    assert len(rig.brain.rehearsed) == 1


def test_a_voice_that_fails_during_a_cough_costs_only_what_was_set_aside():
    rig = Rig(QUESTION, QUESTION)
    rig.tts_worker.held = True
    ask(rig)
    rig.say(0.1)
    rig.tts_worker.failure = EngineFailed("broke", hint="mend")
    rig.tts_worker.held = False
    rig.tts_worker.release()
    rig.tts_worker.failure = None
    rig.wait(1)
    rig.until_idle()
    assert rig.endings[0].heard == f"You said {QUESTION}."
    assert len(rig.brain.rehearsed) == 2


def test_words_that_still_dangle_after_a_cough_are_answered_when_they_have_hung_for_long():
    rig = Rig("and", "and")
    rig.brain.endings["and"] = Completeness.DANGLING
    ask(rig, 0.3)
    rig.say(0.1)
    rig.wait(1.6)
    rig.until_idle()
    assert [request.text for request in rig.brain.rehearsed] == ["and"]
    assert rig.endings[0].heard == "You said and."


def test_what_was_set_aside_is_wasted_when_nothing_comes_of_the_turn():
    rig = Rig(QUESTION, "", "")
    ask(rig)
    rig.say(0.1)
    rig.write("hello")
    rig.until_idle()
    assert rig.endings[0].wasted.clauses == 1
    assert rig.endings[1].heard == "You said hello."


def test_what_a_session_wasted_is_measured_at_its_end():
    rig = Rig("what time", QUESTION)
    ask(rig)
    ask(rig, 1)
    rig.until_idle()
    rig.session.start()
    rig.session.stop("enough")
    assert rig.session.join(10)
    rig.drain()
    measured = {event.name: event.value for event in rig.of(Measured)}
    assert (measured["speculation_wasted_tokens"], measured["speculation_wasted_clauses"]) == (4, 1)


def test_an_effect_waits_for_the_commit_and_its_sound_is_ready():
    rig = Rig("timer", answers={"timer": "Okay, ten minutes."})
    rig.brain.effects, rig.brain.previews = {"timer"}, {"timer": "Okay, ten minutes."}
    ask(rig)
    assert rig.brain.done == []
    assert rig.session._speaker._reply.sounds
    rig.tts_worker.held = True
    while not rig.of(TurnCommitted):
        rig.wait(0.032)
    assert (rig.brain.done, [event.text for event in rig.of(ReplyClause)]) == (["timer"], ["Okay, ten minutes."])
    assert rig.sink.queued
    rig.until_idle()
    assert rig.endings[0].heard == "Okay, ten minutes."


def test_an_effect_that_is_found_out_after_the_commit_is_spoken_of():
    rig = Rig("timer", answers={"timer": "Okay, ten minutes."})
    rig.brain.effects, rig.brain.previews = {"timer"}, {"timer": "Okay, ten minutes."}
    rig.brain.endings["timer"] = Completeness.COMMAND
    rig.llm_worker.held = True
    ask(rig)
    while rig.llm_worker.step():  # up to the judgement, the first value of a job
        pass
    rig.wait(1)
    assert rig.of(TurnCommitted)
    rig.llm_worker.held = False
    rig.llm_worker.release()
    rig.until_idle()
    assert rig.brain.done == ["timer"]
    assert (rig.endings[0].reply, rig.endings[0].heard) == ("Okay, ten minutes.",) * 2


def test_an_effect_that_nobody_can_foretell_is_spoken_of_once_it_has_happened():
    rig = Rig("timer", answers={"timer": "Okay, ten minutes."})
    rig.brain.effects = {"timer"}
    ask(rig)
    assert rig.brain.done == []
    rig.until_idle()
    assert rig.brain.done == ["timer"]
    assert (rig.endings[0].reply, rig.endings[0].heard) == ("Okay, ten minutes.",) * 2


def test_a_preview_to_which_more_has_to_be_said_is_replaced_by_the_whole():
    rig = Rig("timer", answers={"timer": "Okay, ten minutes. It is your last one."})
    rig.brain.effects, rig.brain.previews = {"timer"}, {"timer": "Okay, ten minutes."}
    ask(rig, 1)
    rig.until_idle()
    assert (rig.endings[0].reply, rig.endings[0].heard) == ("Okay, ten minutes. It is your last one.",) * 2


def test_a_preview_that_does_not_come_true_is_never_heard():
    rig = Rig("timer", answers={"timer": "There are too many timers."})
    rig.brain.effects, rig.brain.previews = {"timer"}, {"timer": "Okay, ten minutes."}
    ask(rig, 1)
    rig.until_idle()
    assert [event.text for event in rig.of(ReplyClause)] == ["There are too many timers."]
    assert (rig.endings[0].reply, rig.endings[0].heard) == ("There are too many timers.",) * 2


def test_going_on_cancels_the_effect():
    rig = Rig("timer", "timer for ten minutes")
    rig.brain.effects = {"timer"}
    ask(rig)
    ask(rig, 1)
    rig.until_idle()
    assert rig.brain.done == []


def test_a_speculation_that_fails_is_tried_again_at_the_commit():
    rig = Rig("hello")
    rig.llm_worker.failure = EngineFailed("broke", hint="mend")
    ask(rig)
    assert rig.endings == []
    rig.llm_worker.failure = None
    rig.until_idle()
    assert [(ended.outcome, ended.speculated) for ended in rig.endings] == [("answered", False)]


@pytest.mark.parametrize("worker", ["llm_worker", "tts_worker"])
def test_a_full_engine_costs_only_the_speculation(worker: str):
    rig = Rig("hello")
    getattr(rig, worker).busy = True
    ask(rig)
    getattr(rig, worker).busy = False
    rig.until_idle()
    assert [(ended.outcome, ended.heard) for ended in rig.endings] == [("answered", "You said hello.")]
    assert "notice" not in rig.names


def test_typing_throws_the_held_answer_away():
    rig = Rig(QUESTION)
    ask(rig)
    rig.write("hello")
    rig.until_idle()
    assert [(ended.outcome, ended.reply) for ended in rig.endings] == [
        ("interrupted", ""),
        ("answered", "You said hello."),
    ]
    assert rig.endings[0].wasted.clauses == 1
    assert rig.brain.requests[-1].history == ()


def test_tries_and_length_are_limited():
    rig = Rig(*"abcdef", settings=TurnSettings(speculate_tries=2))
    for _ in range(4):
        ask(rig)
    assert [request.text for request in rig.brain.rehearsed] == ["a", "b"]
    rig.until_idle()
    assert (rig.endings[0].heard, rig.endings[0].speculated) == ("You said d.", False)
    rig = Rig("long", settings=TurnSettings(speculate_max_s=2))
    rig.say(3)
    rig.wait(1)
    rig.until_idle()
    assert (rig.brain.rehearsed, rig.endings[0].heard) == ([], "You said long.")


def test_words_that_dangled_for_long_were_a_try_too():
    rig = Rig("and", "and then", settings=TurnSettings(speculate_tries=1))
    rig.brain.endings["and"] = Completeness.DANGLING
    ask(rig, 0.7)
    ask(rig)
    assert [request.text for request in rig.brain.rehearsed] == ["and"]


def test_a_voice_that_comes_late_for_an_answer_thrown_away_does_no_harm():
    rig = Rig("what time", QUESTION)
    rig.tts_worker.held = True
    ask(rig)
    rig.llm_worker.held = True
    ask(rig)
    for worker in (rig.tts_worker, rig.llm_worker):
        worker.release()
        worker.held = False
        rig.drain()
    rig.wait(1)
    rig.until_idle()
    assert (rig.endings[0].heard, rig.endings[0].outcome) == (f"You said {QUESTION}.", "answered")


def test_without_speculation_the_end_is_judged_all_the_same():
    rig = Rig(QUESTION, settings=OFF)
    rig.brain.endings[QUESTION] = Completeness.COMMAND
    ask(rig, 1)
    rig.until_idle()
    assert rig.brain.rehearsed == []
    assert rig.of(TurnCommitted)[0].cues == ("complete command",)
    assert (rig.endings[0].speculated, rig.endings[0].heard) == (False, f"You said {QUESTION}.")


def test_the_words_of_a_pause_are_shown_before_the_commit():
    rig = Rig(QUESTION)
    ask(rig)
    assert [event.text for event in rig.of(PartialTranscript)] == ["partial", QUESTION]


def test_going_on_at_the_first_sound_of_the_answer_is_not_a_reaction_to_it():
    rig = Rig("five minutes", "and thirty seconds")
    rig.brain.endings["five minutes"] = Completeness.COMMAND
    ask(rig, 0.35)
    assert "reply_started" in rig.names
    ask(rig, 1)
    rig.until_idle()
    assert [ended.outcome for ended in rig.endings] == ["continued", "answered"]
    assert rig.endings[-1].transcript == "five minutes and thirty seconds"


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("What time is it?", "what time is it", True),
        ("Stop!", "stop", True),
        ("it’s noon", "It's noon.", True),
        ("3.5 plus 1", "35 plus 1", False),
        ("5 - 3", "5 + 3", False),
        ("stop", "stop it", False),
    ],
)
def test_words_agree_whatever_their_case_and_punctuation(a: str, b: str, same: bool):
    assert agree(Request(1, a), Request(1, b)) is same
    assert not agree(Request(1, a), Request(1, a, replaces=2))

"""What was heard of an answer, for every place where it can be cut."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from assistant.audio.protocols import ClauseProgress
from assistant.session.reply import Reply

TEXT = "It is noon. The sun is high, and the day is long."


def spoken_reply(first_id: int = 5) -> Reply:
    reply = Reply(first_id, "en")
    reply.add(TEXT)
    reply.finish()
    while (part := reply.take_next()) is not None:
        part.add_sound(np.ones(100, np.float32), 100)
        part.given_s, part.synthesized = 1.0, True
    return reply


def progress(reply: Reply, played: int, samples_each: int = 100) -> list[ClauseProgress]:
    steps = []
    for part in reply.parts:
        step = min(max(played, 0), samples_each)
        steps.append(ClauseProgress(part.id, step, samples_each))
        played -= samples_each
    return steps


def test_parts_are_numbered_through_the_session_and_make_up_the_text():
    reply = spoken_reply(first_id=5)
    assert [part.id for part in reply.parts] == list(range(5, 5 + len(reply.parts)))
    assert [part.index for part in reply.parts] == list(range(len(reply.parts)))
    assert reply.text == TEXT
    assert reply.next_id == 5 + len(reply.parts)


def test_all_was_heard_when_all_was_played():
    reply = spoken_reply()
    assert reply.heard(progress(reply, 10_000)) == TEXT


def test_nothing_was_heard_before_the_first_sample():
    reply = spoken_reply()
    assert reply.heard([]) == ""
    assert reply.heard(progress(reply, 0)) == ""


@given(st.integers(0, 400))
def test_what_was_heard_is_whole_words_from_the_start(played):
    reply = spoken_reply()
    heard = reply.heard(progress(reply, played))
    assert TEXT.startswith(heard)
    assert heard == TEXT or not heard or TEXT[len(heard)] == " "


@given(st.integers(0, 400), st.integers(0, 50))
def test_playing_on_never_takes_words_back(played, more):
    reply = spoken_reply()
    assert reply.heard(progress(reply, played + more)).startswith(reply.heard(progress(reply, played)))


def test_a_clause_still_in_synthesis_is_not_heard_to_its_end():
    reply = spoken_reply()
    reply.parts[0].synthesized = False
    heard = reply.heard(progress(reply, 10_000))
    assert heard == reply.parts[0].clause.text.strip()


def test_a_clause_that_makes_no_sound_does_not_hold_up_the_rest():
    reply = Reply(0, "en")
    reply.add("😀 😀. Fine.")
    reply.finish()
    while (part := reply.take_next()) is not None:
        part.synthesized = True
    assert reply.heard([]) == "😀 😀. Fine."


def test_the_answer_is_given_when_every_clause_has_been_taken():
    reply = Reply(0, "en")
    assert not reply.all_given
    reply.add("Yes.")
    reply.finish()
    assert not reply.all_given
    part = reply.take_next()
    reply.in_synthesis = True
    assert not reply.all_given
    reply.in_synthesis, part.synthesized = False, True
    assert reply.all_given

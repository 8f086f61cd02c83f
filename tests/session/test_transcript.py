import pytest

from assistant.session.transcript import TranscriptBuffer, TranscriptLocked


def test_partials_replace_each_other_and_finals_stay():
    buffer = TranscriptBuffer()
    assert buffer.set_partial("set")
    assert buffer.set_partial("set a")
    assert not buffer.set_partial("set a")
    buffer.add_final("set a timer")
    buffer.set_partial("for")
    assert buffer.text == "set a timer for"
    buffer.add_final("ten minutes", ", ")
    assert buffer.text == "set a timer, ten minutes"


def test_empty_segments_leave_no_joint():
    buffer = TranscriptBuffer()
    buffer.add_final("")
    buffer.add_final(" hello ", ", ")
    buffer.add_final("")
    assert buffer.lock() == "hello"


def test_nothing_changes_after_the_commit():
    buffer = TranscriptBuffer()
    buffer.add_final("stop")
    assert buffer.lock() == "stop"
    with pytest.raises(TranscriptLocked):
        buffer.set_partial("stop it")
    with pytest.raises(TranscriptLocked):
        buffer.add_final("it")
    assert buffer.text == "stop"

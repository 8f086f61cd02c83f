"""What a recording holds, frame by frame."""

import json
import multiprocessing
import os
import signal
from pathlib import Path

import numpy as np
import pytest

from assistant.audio.protocols import Ears
from assistant.errors import RecordingError
from assistant.events import (
    FinalTranscript,
    Levels,
    PrivacyChanged,
    ReplyDucked,
    ReplyResumed,
    TurnEnded,
    TurnsForgotten,
    TurnStarted,
)
from assistant.recording import journal, track
from assistant.recording.folder import ABOUT as ABOUT_FILE
from assistant.recording.folder import EVENTS, MASKED, MICROPHONE, REPLY, read_about
from assistant.recording.tape import CAPACITY_FRAMES
from tests.recording.takes import ABOUT, PLAYED, Recorded, end_of, frame, loud_frames, read

LEAD_FRAMES = 15  # half a second before a turn is known to be one, and the frame in which it falls
BEHIND_FRAMES = 11


def turn(number: int, first: int, last: int, words: str = "hello") -> tuple[TurnStarted, FinalTranscript, TurnEnded]:
    return (
        TurnStarted(at_s=end_of(first), turn_id=number, origin="voice"),
        FinalTranscript(at_s=end_of(last), turn_id=number, text=words, engine="fake"),
        TurnEnded(
            at_s=end_of(last),
            turn_id=number,
            origin="voice",
            outcome="answered",
            transcript=words,
            reply="Yes.",
            heard="Yes.",
            states=(),
        ),
    )


def frames(first: int, end: int) -> list[object]:
    return [frame(number, 100 * number + 1) for number in range(first, end)]


def quiet_from(first: int, end: int, count: int) -> list[bool]:
    return [not first <= number < end for number in range(count)]


def test_every_sample_is_kept_and_both_sides_are_equally_long(tmp_path: Path) -> None:
    given = [frame(number, 7 * number + 1, masked=5) for number in range(20)]
    played = iter(np.arange(20 * PLAYED).reshape(20, PLAYED) / 32768)
    recorded = Recorded(tmp_path, masked=True, sounded=lambda _: next(played).astype(np.float32)).run(given)
    heard = np.concatenate([np.arange(512) + 7 * number + 1 for number in range(20)])
    assert (read(tmp_path / MICROPHONE) == heard).all()
    assert (read(tmp_path / REPLY) == np.arange(20 * PLAYED)).all()
    assert (read(tmp_path / MASKED) == 5).all()
    assert recorded.changes == [True]
    assert recorded.troubles == []


def test_it_says_what_it_is_and_when(tmp_path: Path) -> None:
    Recorded(tmp_path).run([*frames(0, 3), Levels(at_s=1.0, microphone_dbfs=-1.0, speaker_dbfs=-1.0), *turn(1, 1, 2)])
    timeline, events = journal.read(tmp_path / EVENTS)
    assert read_about(tmp_path) == ABOUT
    assert [(mark.frame, mark.at_s) for mark in timeline.marks] == [(0, end_of(0))]
    assert events == list(turn(1, 1, 2))


def test_frames_that_were_lost_are_silence_in_their_place(tmp_path: Path) -> None:
    Recorded(tmp_path).run([*frames(0, 5), *frames(25, 30)])
    assert loud_frames(tmp_path / MICROPHONE) == [True] * 5 + [False] * 20 + [True] * 5
    assert loud_frames(tmp_path / REPLY, PLAYED) == [True] * 5 + [False] * 20 + [True] * 5


def test_too_many_frames_at_once_are_dropped_counted_and_said(tmp_path: Path) -> None:
    tape = Recorded(tmp_path)
    flood = [frame(number) for number in range(CAPACITY_FRAMES + 3)]
    tape.run([lambda: [tape.tape.add(each, Ears.OPEN) for each in flood]])
    assert len(loud_frames(tmp_path / MICROPHONE)) == CAPACITY_FRAMES
    assert "3 frames" in tape.troubles[0].message


def test_muted_is_silence_but_what_is_played_stays(tmp_path: Path) -> None:
    Recorded(tmp_path).run([frame(0, 1), (frame(1, 1), Ears.CLOSED), frame(2, 1)])
    assert loud_frames(tmp_path / MICROPHONE) == [True, False, True]
    assert loud_frames(tmp_path / REPLY, PLAYED) == [True] * 3


def test_before_the_wake_word_only_its_last_two_seconds_are_kept(tmp_path: Path) -> None:
    waiting = [(frame(number, 1), Ears.WAITING) for number in range(100)]
    after = [(frame(number, 1), Ears.WAITING) for number in range(110, 120)]
    Recorded(tmp_path).run([*waiting, *frames(100, 110), *after])
    assert loud_frames(tmp_path / MICROPHONE) == quiet_from(0, 38, 110) + [False] * 10


def test_muting_lets_nothing_out_that_was_held_back(tmp_path: Path) -> None:
    waiting = [(frame(number, 1), Ears.WAITING) for number in range(10)]
    Recorded(tmp_path).run([*waiting, (frame(10, 1), Ears.CLOSED), frame(11, 1)])
    assert loud_frames(tmp_path / MICROPHONE) == [False] * 11 + [True]


def test_a_private_turn_is_silence_from_before_it_was_known_to_be_private(tmp_path: Path) -> None:
    """Written first, taken out when the words were understood; silence until the turn that ends it has ended."""
    began, words, ended = turn(1, 30, 50, "this is private")
    again = turn(2, 70, 80, "you can remember again")
    Recorded(tmp_path).run(
        [
            *frames(0, 40),
            began,
            words,
            PrivacyChanged(at_s=end_of(39), private=True),
            *frames(40, 60),
            ended,
            *frames(60, 75),
            again[0],
            again[1],
            PrivacyChanged(at_s=end_of(74), private=False),
            *frames(75, 82),
            again[2],
            *frames(82, 110),
        ]
    )
    silent = quiet_from(30 - LEAD_FRAMES, 80 + BEHIND_FRAMES, 110)
    assert loud_frames(tmp_path / MICROPHONE) == silent
    assert loud_frames(tmp_path / REPLY, PLAYED) == silent
    text = (tmp_path / EVENTS).read_text()
    assert "private" in text
    assert "remember again" not in text
    assert "this is" not in text


def test_a_forgotten_turn_is_cut_from_where_it_was_spoken_over_the_answer(tmp_path: Path) -> None:
    first, second = turn(1, 0, 60, "first"), turn(2, 60, 80, "second")
    Recorded(tmp_path).run(
        [
            *frames(0, 40),
            first[0],
            ReplyDucked(at_s=end_of(20), turn_id=1),
            ReplyResumed(at_s=end_of(22), turn_id=1, reason="noise"),
            ReplyDucked(at_s=end_of(50), turn_id=1),
            *first[1:],
            *frames(40, 85),
            *second,
            *frames(85, 120),
            TurnsForgotten(at_s=end_of(110), turns=(2,)),
            *frames(120, 130),
        ]
    )
    assert loud_frames(tmp_path / MICROPHONE) == quiet_from(50 - LEAD_FRAMES, 80 + BEHIND_FRAMES, 130)
    assert "first" in (tmp_path / EVENTS).read_text()
    assert "second" not in (tmp_path / EVENTS).read_text()


def test_a_disk_that_takes_no_more_ends_the_recording_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    tape = Recorded(tmp_path).run(
        [*frames(0, 3), lambda: monkeypatch.setattr(track, "_write_total", full), *frames(3, 20)]
    )
    assert tape.changes == [True, False]
    assert "No space left" in tape.troubles[0].message
    assert "goes on" in tape.troubles[0].hint
    assert (tmp_path / MICROPHONE).exists()


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    tape = Recorded(tmp_path / "file" / "session").run(frames(0, 3))
    assert tape.changes == [False]
    assert [type(each) for each in tape.troubles] == [RecordingError]


def test_what_is_private_and_cannot_be_taken_out_deletes_the_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(track, "_silenced", broken)
    folder = tmp_path / "session"
    tape = Recorded(folder).run([*frames(0, 3), PrivacyChanged(at_s=end_of(1), private=True), *frames(3, 5)])
    assert not folder.exists()
    assert "deleted" in tape.troubles[0].hint


def test_a_kill_leaves_files_that_can_be_played(tmp_path: Path) -> None:
    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def record() -> None:
        Recorded(tmp_path).run([*frames(0, 200), *turn(1, 1, 2), die])

    child = multiprocessing.get_context("fork").Process(target=record)
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    whole = np.concatenate([np.arange(512) + 100 * number + 1 for number in range(200)]).astype(np.int16)
    kept = read(tmp_path / MICROPHONE)
    assert len(whole) - 4096 - 8 * 512 <= len(kept) <= len(whole)
    assert (kept == whole[: len(kept)]).all()
    assert len(read(tmp_path / REPLY)) > 0
    assert [type(event) for event in journal.read(tmp_path / EVENTS)[1]] == [TurnStarted, FinalTranscript, TurnEnded]


@pytest.mark.parametrize(
    "text", ["", "[]", "nothing", '{"version": 2}', '{"version": 1, "session_id": 3}', "[" * 100_000, '{"version": 1}']
)
def test_what_is_no_recording_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / ABOUT_FILE).write_text(text)
    with pytest.raises(RecordingError):
        read_about(tmp_path)


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\n",
        b"7\n",
        b"{}\n",
        b'{"event": "sound", "frame": "x", "at_s": 1}\n',
        b'{"event": "turn_ended"}\n',
        b"x" * (journal.LONGEST_LINE + 1),
    ],
)
def test_what_is_no_journal_is_refused(tmp_path: Path, line: bytes) -> None:
    (tmp_path / EVENTS).write_bytes(line)
    with pytest.raises(RecordingError):
        journal.read(tmp_path / EVENTS)


def test_a_journal_of_another_version_or_cut_short_gives_what_is_known(tmp_path: Path) -> None:
    lines = [
        {"event": "later_invention", "at_s": 1.0},
        {"event": "muted_changed", "at_s": 2.0, "muted": True, "new": 1},
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines) + '{"event": "turn_st'
    (tmp_path / EVENTS).write_text(text)
    _, events = journal.read(tmp_path / EVENTS)
    assert [event.at_s for event in events] == [2.0]


def test_a_journal_cut_short_forgets_turns_too(tmp_path: Path) -> None:
    lines = [
        {"event": "turn_started", "at_s": at_s, "turn_id": turn, "origin": "voice"}
        for turn, at_s in ((1, 1.0), (2, 2.0))
    ]
    (tmp_path / EVENTS).write_text("".join(json.dumps(line) + "\n" for line in lines) + '{"event": "turn_st')
    journal.forget(tmp_path / EVENTS, {1})
    assert [event.turn_id for event in journal.read(tmp_path / EVENTS)[1]] == [2]


def test_events_that_were_lost_end_the_recording_since_one_may_have_been_private(tmp_path: Path) -> None:
    recorded = Recorded(tmp_path)
    recorded.run([*frames(0, 5), lambda: setattr(recorded.tape._mailbox, "dropped", 1), *frames(5, 10)])
    assert [error.message for error in recorded.troubles] == ["the recording cannot keep up"]
    assert recorded.changes == [True, False]


def test_of_what_nobody_heard_the_echo_is_silence_too(tmp_path: Path) -> None:
    ears = [Ears.OPEN, Ears.CLOSED, Ears.OPEN]
    Recorded(tmp_path, masked=True).run([(frame(number, 1, masked=5), each) for number, each in enumerate(ears)])
    assert loud_frames(tmp_path / MASKED) == [True, False, True]

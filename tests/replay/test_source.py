"""What a repetition hears, and when the hands of its user do what they did."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import soundfile

from assistant.audio.pace import AudioTime
from assistant.audio.protocols import Frame
from assistant.models.protocols import FRAME_S, FRAME_SAMPLES
from assistant.recording.folder import MASKED, MICROPHONE, About
from assistant.recording.timeline import Loud, Mark, Timeline
from assistant.replay.recorded import Action, RecordedSession
from assistant.replay.source import RecordedSource

ABOUT = About("abcd1234", datetime(2026, 3, 1, 12, tzinfo=UTC), "1.0", 7, {}, lead_s=0.5)


def played(folder: Path, timeline: Timeline, actions: list[int]) -> tuple[list[Frame], list[int]]:
    """Four frames of a recording of three, and how many had been heard at each action."""
    heard: list[Frame] = []
    done: list[int] = []
    source = RecordedSource(RecordedSession(folder, ABOUT, timeline, ()), AudioTime(lambda: None))
    source.perform([Action(after, lambda: done.append(len(heard))) for after in actions])

    def deliver(frame: Frame) -> None:
        heard.append(frame)
        if len(heard) == 4:
            source.stop()

    source._play(deliver)
    return heard, done


def test_each_thing_is_done_behind_its_frame_and_silence_follows_the_last(tmp_path: Path) -> None:
    sound = np.repeat(np.array([1000, 2000, 3000], np.int16), FRAME_SAMPLES)
    soundfile.write(tmp_path / MICROPHONE, sound, 16_000, format="FLAC")
    soundfile.write(tmp_path / MASKED, sound * np.repeat([0, 1, 0], FRAME_SAMPLES).astype(np.int16), 16_000)
    timeline = Timeline([Mark(0, FRAME_S)], [Loud(1, True), Loud(2, False)])
    heard, done = played(tmp_path, timeline, [-1, 0, 0, 2])
    assert done == [0, 1, 1, 3]
    assert [round(float(frame.pcm[0] * 32768)) for frame in heard] == [1000, 2000, 3000, 0]
    assert [frame.for_vad is not None and not frame.for_vad.any() for frame in heard] == [False, True, False, False]
    assert [frame.stands_out for frame in heard] == [False, True, False, False]
    assert [frame.end_of_input for frame in heard] == [False, False, False, True]


def test_a_microphone_that_stands_out_later_does_not_do_so_before(tmp_path: Path) -> None:
    soundfile.write(tmp_path / MICROPHONE, np.ones(3 * FRAME_SAMPLES, np.int16), 16_000, format="FLAC")
    heard, _ = played(tmp_path, Timeline([Mark(0, FRAME_S)], [Loud(2, True)]), [])
    assert [frame.stands_out for frame in heard] == [False, False, True, True]


def test_what_was_done_at_once_is_done_one_after_the_other(tmp_path: Path) -> None:
    """An answer in no time stands between two lines typed within a frame: the first is answered here, too."""
    soundfile.write(tmp_path / MICROPHONE, np.zeros(FRAME_SAMPLES, np.int16), 16_000, format="FLAC")
    story: list[str] = []
    pacer = AudioTime(lambda: story.append("settled"))
    source = RecordedSource(RecordedSession(tmp_path, ABOUT, Timeline([Mark(0, FRAME_S)], []), ()), pacer)
    source.perform(
        [Action(0, lambda: story.append("typed")), Action(0, lambda: (story.append("stopped"), source.stop()))]
    )
    source._play(lambda frame: story.append("heard"))
    assert story == ["settled", "heard", "settled", "typed", "settled", "stopped"]

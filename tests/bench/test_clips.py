"""What a bench says to the assistant."""

from pathlib import Path

import numpy as np
import pytest

from assistant.audio.wavwriter import write_wav
from assistant.bench import clips
from assistant.bench.clips import Clip
from assistant.errors import AudioFileError, InputError

RATE_HZ = 16_000
TONE = (0.3 * np.sin(np.arange(RATE_HZ // 2) * 0.3)).astype(np.float32)


def record(path: Path, lead_s: float = 0.0) -> Path:
    write_wav(path, np.concatenate([np.zeros(round(lead_s * RATE_HZ), np.float32), TONE]), RATE_HZ)
    return path


def test_the_shipped_clip_is_there_by_default() -> None:
    [clip] = clips.find([])
    assert (clip.name, clip.text) == ("question", "what is twelve times twelve")
    assert 1.0 < clip.seconds < 4.0


def test_files_and_folders_are_read_with_their_words(tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for name in ("b.wav", "a.wav", "c.WAV"):
        record(folder / name)
    (folder / "a.txt").write_text("from  beside\n")
    (folder / "manifest.tsv").write_text('id\tfile\ttranscript\n1\tmany/a.wav\tfrom the table\n2\tb.wav\tSay "b".\n')
    (folder / "notes.pdf").touch()
    found = clips.find([record(tmp_path / "single.wav"), folder])
    assert [(clip.name, clip.text) for clip in found] == [
        ("single", ""),
        ("a", "from beside"),
        ("b", 'Say "b".'),
        ("c", ""),
    ]


def test_what_holds_no_recording_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no recording"):
        clips.find([tmp_path])
    with pytest.raises(AudioFileError):
        clips.find([tmp_path / "missing.wav"])


@pytest.mark.parametrize("lead_s", [0.0, 0.25, 1.0])
def test_the_first_sound_is_found(tmp_path: Path, lead_s: float) -> None:
    [clip] = clips.find([record(tmp_path / "clip.wav", lead_s)])
    assert clip.onset_s == pytest.approx(lead_s, abs=0.011)
    assert clip.without_lead().seconds == pytest.approx(clip.seconds - lead_s, abs=0.011)


def test_silence_and_nothing_have_their_onset_at_the_start() -> None:
    assert Clip("none", "", np.zeros(0, np.float32)).onset_s == 0.0
    assert Clip("silence", "", np.zeros(1000, np.float32)).onset_s == 0.0


def test_frames_are_whole(tmp_path: Path) -> None:
    frames = list(Clip("x", "", TONE[:1200]).frames())
    assert [frame.shape for frame in frames] == [(512,)] * 3
    assert np.array_equal(np.concatenate(frames)[:1200], TONE[:1200])

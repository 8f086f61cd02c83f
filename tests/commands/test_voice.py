"""Reading aloud into files, on the shipped fake engine."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from assistant.commands.voice import FileVoice, read_aloud
from assistant.config import Settings
from assistant.errors import EngineFailed, InputError, OutputError
from assistant.models import registry
from assistant.models.protocols import Pcm
from assistant.models.worker import Candidate

SETTINGS = Settings.model_validate({"tts": {"engine": "fake"}})


class Recorded:
    """A voice that keeps what it is given."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, int]] = []
        self.ended: list[bool] = []

    def open(self) -> None: ...

    def play(self, pcm: Pcm, sample_rate_hz: int) -> None:
        self.heard.append((len(pcm), sample_rate_hz))

    def close(self, *, complete: bool) -> None:
        self.ended.append(complete)


def test_the_speech_is_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    said = read_aloud("Hello there. How are you today?", SETTINGS, FileVoice(str(path)))
    pcm, rate_hz = soundfile.read(path)
    assert said["seconds"] == pytest.approx(len(pcm) / rate_hz, abs=0.001)
    assert np.abs(pcm).max() > 0.01


def test_a_voice_is_closed_complete_when_all_was_said() -> None:
    voice = Recorded()
    read_aloud("Hello.", SETTINGS, voice)
    assert voice.ended == [True]
    assert voice.heard


def test_text_without_a_word_is_refused() -> None:
    voice = Recorded()
    with pytest.raises(InputError, match="can be said"):
        read_aloud("```\n```", SETTINGS, voice)


def test_an_engine_that_fails_ends_the_voice_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        name, sample_rate_hz = "broken", 16_000

        def warm(self) -> None: ...

        def close(self) -> None: ...

        def synthesize(self, text: str, token: object) -> None:
            raise RuntimeError("oh")

    monkeypatch.setattr(registry, "tts_candidates", lambda _: [Candidate("broken", Broken)])
    voice = Recorded()
    with pytest.raises(EngineFailed):
        read_aloud("Hello.", SETTINGS, voice)
    assert voice.ended == [False]


def test_a_second_rate_is_resampled_to_the_first(tmp_path: Path) -> None:
    voice = FileVoice(str(tmp_path / "out.wav"))
    voice.play(np.zeros(16_000, np.float32), 16_000)
    voice.play(np.zeros(22_050, np.float32), 22_050)
    voice.close(complete=True)
    pcm, rate_hz = soundfile.read(tmp_path / "out.wav")
    assert rate_hz == 16_000
    assert len(pcm) == pytest.approx(32_000, abs=10)


def test_a_place_that_cannot_be_written_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        read_aloud("Hello.", SETTINGS, FileVoice(str(tmp_path / "absent" / "out.wav")))


def test_a_reading_cut_short_keeps_what_was_said(tmp_path: Path) -> None:
    voice = FileVoice(str(tmp_path / "out.wav"))
    voice.play(np.zeros(1600, np.float32), 16_000)
    voice.close(complete=False)
    assert soundfile.info(tmp_path / "out.wav").frames == 1600


def test_nothing_said_leaves_no_file(tmp_path: Path) -> None:
    FileVoice(str(tmp_path / "out.wav")).close(complete=True)
    assert list(tmp_path.iterdir()) == []

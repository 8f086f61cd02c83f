import os
import wave
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import soundfile

from assistant.audio.wavwriter import WavWriter, write_wav
from assistant.errors import OutputError

RAMP = np.linspace(-1, 1, 501, dtype=np.float32)


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", RAMP, 22_050)
    pcm, rate_hz = soundfile.read(tmp_path / "a.wav", dtype="float32")
    assert rate_hz == 22_050
    assert np.allclose(pcm, RAMP, atol=1e-4)
    with wave.open(str(tmp_path / "a.wav")) as file:  # a stricter reader
        assert (file.getnchannels(), file.getsampwidth(), file.getnframes()) == (1, 2, 501)


def test_too_loud_is_clipped(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", np.array([3, -3], np.float32), 16_000)
    assert soundfile.read(tmp_path / "a.wav", dtype="int16")[0].tolist() == [32767, -32767]


def test_a_file_appears_whole_and_replaces_the_old_one_only_then(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_text("the old one")
    writer = WavWriter(path, 16_000)
    for _ in range(3):
        writer.write(RAMP)
    assert path.read_text() == "the old one"
    writer.close()
    writer.close()
    assert soundfile.info(path).frames == 1503
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link.wav").symlink_to(tmp_path / "real.wav")
    write_wav(tmp_path / "link.wav", RAMP, 16_000)
    assert (tmp_path / "link.wav").is_symlink()
    assert soundfile.info(tmp_path / "real.wav").frames == 501


def test_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write_wav("-", RAMP, 16_000)
    pcm, rate_hz = soundfile.read(BytesIO(capfdbinary.readouterr().out), dtype="float32")
    assert (pcm.size, rate_hz) == (501, 16_000)


def test_a_device_is_written_to_and_not_replaced() -> None:
    write_wav("/dev/null", RAMP, 16_000)
    assert Path("/dev/null").is_char_device()


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written") as caught:
        write_wav(tmp_path / "none" / "a.wav", RAMP, 16_000)
    assert f"mkdir -p {tmp_path / 'none'}" in caught.value.hint


def test_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="folder") as caught:
        write_wav(tmp_path, RAMP, 16_000)
    assert str(tmp_path / "reply.wav") in caught.value.hint


def test_a_file_in_place_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(OutputError) as caught:
        write_wav(tmp_path / "a" / "b.wav", RAMP, 16_000)
    assert "Part of the path is a file" in caught.value.hint


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError) as caught:
        write_wav(tmp_path / "a.wav", RAMP, 16_000)
    assert "may write to" in caught.value.hint


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk() -> None:
    with pytest.raises(OutputError, match="/dev/full cannot be written: No space left") as caught:
        write_wav("/dev/full", RAMP, 16_000)
    assert "Free some disk space" in caught.value.hint


@pytest.mark.parametrize("name", ["a.mp3", "a.FLAC", "my answer.ogg"])
def test_a_name_that_promises_another_kind_of_file_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="only WAV can") as caught:
        WavWriter(tmp_path / name, 16_000)
    assert Path(name).with_suffix(".wav").name in caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_after_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = WavWriter(tmp_path / "a.wav", 16_000)
    writer.write(RAMP)
    monkeypatch.setattr(Path, "replace", _no_space)
    with pytest.raises(OutputError, match="No space left"):
        writer.close()
    assert list(tmp_path.iterdir()) == []
    writer.write(RAMP)
    writer.close()


def _no_space(*_args: object) -> None:
    raise OSError(28, "No space left on device")

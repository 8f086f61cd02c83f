import os
import shlex
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from assistant.audio.soundfiles import load_sound, read_sound
from assistant.audio.wavwriter import write_wav
from assistant.errors import AudioFileError

ODD = Path("../shared/speech/odd-format")
UNREADABLE = {
    "aen-broken_empty_wav.wav": "is empty",
    "aen-broken_invalid_wav.wav": "broken or truncated WAV",
    "ps-broken_bad.wav": "broken or truncated WAV",
    "ps-broken_evil.wav": "broken or truncated WAV",
    "ps-goforward_orig.raw": "headerless",
    "aen-p001_aac.aac": "AAC",
    "aen-p001_mp4.mp4": "MPEG-4",
    "aen-p001_webm.webm": "WebM",
    "aud-testing.m4a": "MPEG-4",
    "wk-jfk_44k_m4a.m4a": "MPEG-4",
}


def tone(rate_hz: int, seconds: float = 0.5) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * 440 * np.arange(round(rate_hz * seconds)) / rate_hz)).astype(np.float32)


@pytest.mark.parametrize("rate_hz", [8000, 16_000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize(
    ("suffix", "subtype", "channels"),
    [
        ("wav", "PCM_16", 1),
        ("wav", "PCM_24", 2),
        ("wav", "FLOAT", 1),
        ("wav", "ULAW", 1),
        ("flac", "PCM_16", 4),
        ("ogg", "VORBIS", 1),
    ],
)
def test_any_rate_format_and_number_of_channels(
    tmp_path: Path, rate_hz: int, suffix: str, subtype: str, channels: int
) -> None:
    path = tmp_path / f"tone.{suffix}"
    soundfile.write(path, np.tile(tone(rate_hz)[:, np.newaxis], channels), rate_hz, subtype=subtype)
    pcm = load_sound(path)
    assert pcm.dtype == np.float32
    assert pcm.size == 8000
    assert np.corrcoef(pcm[400:-400], tone(16_000)[400:-400])[0, 1] > 0.99


def test_16_khz_mono_comes_through_bit_by_bit(tmp_path: Path) -> None:
    samples = np.random.default_rng(0).integers(-32768, 32767, 50_000, np.int16)
    soundfile.write(tmp_path / "a.wav", samples, 16_000)
    assert np.array_equal(load_sound(tmp_path / "a.wav"), samples.astype(np.float32) / 32768)


def test_long_sound_comes_in_blocks_and_only_as_much_as_is_wanted(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(48_000, seconds=3), 48_000)
    assert len(list(read_sound(tmp_path / "a.wav"))) > 3
    assert load_sound(tmp_path / "a.wav", max_seconds=1).size == 16_000
    assert load_sound(tmp_path / "a.wav", max_seconds=99).size == 48_000


def test_values_that_are_no_sound_become_harmless(tmp_path: Path) -> None:
    wild = np.array([np.nan, np.inf, -np.inf, 7.0, -7.0, 0.5] * 100, np.float32)
    soundfile.write(tmp_path / "a.wav", wild, 16_000, subtype="FLOAT")
    assert load_sound(tmp_path / "a.wav")[:6].tolist() == [0, 1, -1, 1, -1, 0.5]


def refused(path: Path) -> AudioFileError:
    with pytest.raises(AudioFileError) as caught:
        load_sound(path)
    assert str(path) in caught.value.message
    assert caught.value.hint
    return caught.value


def test_a_missing_file(tmp_path: Path) -> None:
    assert "there is no file" in refused(tmp_path / "none.wav").message


def test_a_folder(tmp_path: Path) -> None:
    assert "is a folder" in refused(tmp_path).message


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "a.wav").touch()
    assert "is empty" in refused(tmp_path / "a.wav").message


def test_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.wav")
    assert "not a regular file" in refused(tmp_path / "a.wav").message


def test_a_name_that_cannot_be_one() -> None:
    with pytest.raises(AudioFileError):
        load_sound("a\0b.wav")
    with pytest.raises(AudioFileError):
        load_sound("x" * 5000)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", tone(16_000), 16_000)
    (tmp_path / "a.wav").chmod(0)
    assert "cannot be read" in refused(tmp_path / "a.wav").message


def test_a_wav_without_sound(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", np.zeros(0, np.float32), 16_000)
    assert "holds no sound" in refused(tmp_path / "a.wav").message


def test_a_wav_that_is_cut_short(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", tone(16_000), 16_000)
    whole = (tmp_path / "a.wav").read_bytes()
    (tmp_path / "a.wav").write_bytes(whole[: len(whole) // 2])
    assert "promises 16000 bytes of sound and 7978 are there" in refused(tmp_path / "a.wav").message


@pytest.mark.parametrize("length", [0xFFFFFFFF, 0x7FFFFFFF])
def test_a_wav_that_was_written_into_a_pipe_has_no_true_length(tmp_path: Path, length: int) -> None:
    write_wav(tmp_path / "a.wav", tone(16_000), 16_000)
    with (tmp_path / "a.wav").open("r+b") as file:
        file.seek(40)
        file.write(struct.pack("<I", length))
    assert load_sound(tmp_path / "a.wav").size == 8000


def test_a_flac_that_is_cut_short_gives_what_is_there_first(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, 200_000).astype(np.float32)
    soundfile.write(tmp_path / "a.flac", noise, 16_000)
    whole = (tmp_path / "a.flac").read_bytes()
    (tmp_path / "a.flac").write_bytes(whole[: len(whole) // 2])
    blocks = read_sound(tmp_path / "a.flac")
    assert next(blocks).any()
    assert "cut short" in refused(tmp_path / "a.flac").message


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.m4a", b"\0\0\0\x1cftypM4A \0\0", "MPEG-4"),
        ("a.wav", b"%PDF-1.7 and so on", "PDF"),
        ("a.mp3", b"these are only words, and many of them" * 20, "not a sound file of a known kind"),
        ("it's a.aac", b"\xff\xf1P\x80\x19\x9f\xfc\xde\x04", "AAC"),
    ],
)
def test_a_file_of_another_kind_names_the_conversion(tmp_path: Path, name: str, content: bytes, what: str) -> None:
    (tmp_path / name).write_bytes(content)
    error = refused(tmp_path / name)
    assert what in error.message
    command = shlex.split(error.hint[error.hint.index("ffmpeg -i") :])
    assert command[:3] == ["ffmpeg", "-i", str(tmp_path / name)]


def test_a_headerless_file_is_refused_plainly(tmp_path: Path) -> None:
    (tmp_path / "a.RAW").write_bytes(bytes(1000))
    assert "headerless" in refused(tmp_path / "a.RAW").message


def test_an_absurd_rate_is_a_damaged_header(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", tone(16_000), 16_000)
    with (tmp_path / "a.wav").open("r+b") as file:
        file.seek(24)
        file.write(struct.pack("<I", 3))
    assert "3 Hz" in refused(tmp_path / "a.wav").message


@pytest.mark.parametrize("name", sorted(path.name for path in ODD.glob("*")) or ["absent"])
def test_odd_files(name: str) -> None:
    if name == "absent":
        pytest.skip(f"{ODD} is not here")
    if name in UNREADABLE:
        assert UNREADABLE[name] in refused(ODD / name).message
        return
    pcm = load_sound(ODD / name)
    assert pcm.dtype == np.float32
    assert pcm.ndim == 1
    assert pcm.size
    assert np.isfinite(pcm).all()
    assert np.abs(pcm).max() <= 1


@pytest.mark.skipif(not ODD.exists(), reason=f"{ODD} is not here")
def test_one_recording_in_two_containers_sounds_the_same() -> None:
    flac, mp3 = load_sound(ODD / "fwj-jfk_24bit_44k_stereo_flac.flac"), load_sound(ODD / "wcpp-jfk_mp3.mp3")
    size = 1 << 19
    peak = np.fft.irfft(np.fft.rfft(flac, size) * np.conj(np.fft.rfft(mp3, size))).max()
    assert peak / (np.linalg.norm(flac) * np.linalg.norm(mp3)) > 0.95

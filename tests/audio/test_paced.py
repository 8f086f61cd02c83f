import queue
import struct
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile

from assistant.audio.fakes import FakePacer
from assistant.audio.pace import AudioTime, RealTime
from assistant.audio.paced import CalledSource, PacedSource, SilenceSource, WavSource
from assistant.audio.protocols import Frame
from assistant.audio.wavwriter import write_wav
from assistant.errors import AssistantError, AudioFileError

WAIT_S = 30


def run(source: PacedSource) -> list[Frame]:
    """Everything that comes until its pacer ends."""
    frames: list[Frame] = []
    source.start(frames.append)
    source._thread.join(WAIT_S)
    source.stop()
    return frames


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    path = tmp_path / "q.wav"
    write_wav(path, np.full(1200, 0.5, np.float32), 16_000)
    return path


def test_silence_never_ends_its_input() -> None:
    frames = run(SilenceSource(FakePacer(frames=5)))
    assert [frame.at_s for frame in frames] == pytest.approx([100 + 0.032 * i for i in range(1, 6)])
    assert not any(frame.end_of_input or frame.pcm.any() for frame in frames)


def test_a_function_is_asked_for_a_frame_when_it_is_due() -> None:
    pacer = FakePacer(frames=4)
    asked_s: list[tuple[float, float]] = []

    def hear(at_s: float) -> np.ndarray:
        asked_s.append((at_s, pacer.now_s))
        return np.full(512, len(asked_s), np.float32)

    frames = run(CalledSource(hear, pacer))
    assert asked_s == [(frame.at_s, frame.at_s) for frame in frames]
    assert [frame.pcm[0] for frame in frames] == [1, 2, 3, 4]
    assert not any(frame.end_of_input for frame in frames)


def test_a_file_is_cut_into_frames_and_then_silence_says_that_it_ended(wav: Path) -> None:
    frames = run(WavSource(wav, pacer=FakePacer(frames=6)))
    assert [frame.end_of_input for frame in frames] == [False] * 3 + [True] * 3
    heard = np.concatenate([frame.pcm for frame in frames])
    assert np.allclose(heard[:1200], 0.5, atol=1e-3)
    assert not heard[1200:].any()
    assert all(frame.pcm.shape == (512,) for frame in frames)


def test_frames_are_due_at_multiples_of_32_ms_however_late_one_was(wav: Path) -> None:
    pacer = FakePacer(frames=4)
    source = WavSource(wav, pacer=pacer)

    def slow(_frame: Frame) -> None:
        pacer.now_s += 0.05

    source.start(slow)
    source._thread.join(WAIT_S)
    assert pacer.waits_s == pytest.approx([100.032, 100.064, 100.096, 100.128])


def test_fast_frames_wait_for_the_session_and_stamp_audio_time(wav: Path) -> None:
    settled = 0
    frames: queue.Queue[tuple[Frame, int, float]] = queue.Queue()

    def settle() -> None:
        nonlocal settled
        settled += 1

    source = WavSource(wav, realtime=False, settle=settle)
    assert source.clock() == 0
    source.start(lambda frame: frames.put((frame, settled, source.clock())))
    for number in range(1, 7):
        frame, settled_before, clock_s = frames.get(timeout=WAIT_S)
        assert settled_before == number
        assert frame.at_s == clock_s == number * 0.032
    source.stop()


def test_stop_wakes_a_source_that_waits(wav: Path) -> None:
    source = WavSource(wav, pacer=RealTime(clock=lambda: 0.0))
    source.start(lambda _frame: pytest.fail("its time never comes on a clock that stands still"))
    source.stop()
    source.stop()
    assert not source._thread.is_alive()


def test_a_source_can_be_stopped_by_whoever_it_delivers_to(wav: Path) -> None:
    source = WavSource(wav, realtime=False)
    seen: list[Frame] = []

    def deliver(frame: Frame) -> None:
        seen.append(frame)
        source.stop()

    source.start(deliver)
    source._thread.join(WAIT_S)
    assert len(seen) == 1


def test_an_unusable_file_is_refused_at_start(tmp_path: Path) -> None:
    with pytest.raises(AudioFileError):
        WavSource(tmp_path / "none.wav").start(lambda _frame: None)


def test_a_file_that_breaks_off_ends_there(tmp_path: Path) -> None:
    path = tmp_path / "long.flac"
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, 160_000).astype(np.float32)
    soundfile.write(path, noise, 16_000)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    troubles: list[AssistantError | None] = []
    frames = run(WavSource(path, pacer=FakePacer(frames=320), on_trouble=troubles.append))
    assert isinstance(troubles[0], AudioFileError)
    assert len(troubles) == 1
    assert frames[-1].end_of_input
    assert frames[10].pcm.any()


def test_a_two_hour_file_is_not_loaded_whole(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    write_wav(path, np.zeros(0, np.float32), 16_000)
    data_bytes = 2 * 3600 * 16_000 * 2
    with path.open("r+b") as file:
        file.seek(4)
        file.write(struct.pack("<I", 36 + data_bytes))
        file.seek(40)
        file.write(struct.pack("<I", data_bytes))
        file.truncate(44 + data_bytes)  # sparse: takes no room on the disk
    tracemalloc.start()
    frames = run(WavSource(path, pacer=FakePacer(frames=2000)))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(frames) == 2000
    assert peak_bytes < 20_000_000


def test_real_time_returns_when_the_moment_is_past() -> None:
    pacer = RealTime()
    assert pacer.wait_until(time.monotonic() - 1)


def test_audio_time_does_not_settle_once_stopped() -> None:
    pacer = AudioTime(lambda: pytest.fail("nobody is there to wait for"))
    pacer.stop()
    assert not pacer.wait_until(1.0)
    assert pacer.clock() == 0

import queue
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from assistant.audio.fakes import FakeSounddevice, fake_device
from assistant.audio.portaudio import PortAudio
from assistant.audio.protocols import ClauseProgress, Sink
from assistant.audio.speaker import FileSink, NullSink, SpeakerSink
from assistant.audio.wavwriter import WavWriter
from assistant.errors import AssistantError, DeviceNotFound, DeviceRefused, OutputError

WAIT_S = 30
TICK_S = 0.032


def tone(seconds: float, rate_hz: int) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * 300 * np.arange(round(seconds * rate_hz)) / rate_hz)).astype(np.float32)


def drain(sink: Sink) -> int:
    ticks = 0
    while sink.buffered_s > 0:
        sink.tick(TICK_S)
        ticks += 1
        assert ticks < 1000, "it does not run down"
    return ticks


def test_a_null_sink_plays_at_the_pace_of_its_ticks() -> None:
    sink: Sink = NullSink(16_000)
    sink.start()
    assert sink.write(1, tone(0.32, 16_000), 16_000)
    assert sink.buffered_s == pytest.approx(0.32)
    sink.tick(TICK_S)
    assert sink.progress() == (ClauseProgress(1, 512, 5120),)
    assert drain(sink) == 9
    assert sink.buffered_s == 0


def test_ticks_add_up_though_they_are_no_whole_samples() -> None:
    sink = NullSink(22_050)
    sink.write(1, np.ones(22_050, np.float32), 22_050)
    for _ in range(20):
        sink.tick(TICK_S)
    assert sink.progress()[0].played == int(20 * TICK_S * 22_050)


def test_the_level_is_that_of_what_plays_now() -> None:
    sink = NullSink(16_000)
    assert sink.level_dbfs == -120
    sink.write(1, np.full(1600, 0.1, np.float32), 16_000)
    assert sink.level_dbfs == pytest.approx(-20, abs=0.01)
    drain(sink)
    assert sink.level_dbfs == -120


def test_discard_tells_how_far_each_clause_came() -> None:
    sink = NullSink(16_000)
    sink.write(1, tone(0.032, 16_000), 16_000)
    sink.write(2, tone(1.0, 16_000), 16_000)
    sink.tick(0.064)
    assert sink.discard() == (ClauseProgress(1, 512, 512), ClauseProgress(2, 512, 16_000))
    assert sink.buffered_s == 0


def test_a_file_gets_what_was_played_and_no_silence_between(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    sink = FileSink(path, 16_000)
    sink.start()
    sink.write(1, np.full(1000, 0.25, np.float32), 16_000)
    drain(sink)
    for _ in range(50):
        sink.tick(TICK_S)
    sink.write(2, np.full(1000, 0.5, np.float32), 16_000)
    drain(sink)
    assert not path.exists()
    sink.close()
    sink.close()
    pcm, rate_hz = soundfile.read(path, dtype="float32")
    assert rate_hz == 16_000
    assert np.allclose(pcm, [0.25] * 1000 + [0.5] * 1000, atol=1e-4)
    assert soundfile.info(path).subtype == "PCM_16"


def test_a_file_ends_where_the_reply_was_cut(tmp_path: Path) -> None:
    sink = FileSink(tmp_path / "a.wav", 16_000)
    sink.start()
    sink.write(1, tone(2.0, 16_000), 16_000)
    sink.tick(0.5)
    sink.discard()
    sink.tick(0.5)
    sink.close()
    assert soundfile.info(tmp_path / "a.wav").frames == 8000 + 80  # and the fade of 5 ms


def test_any_rate_is_written_at_the_file_s_own(tmp_path: Path) -> None:
    sink = FileSink(tmp_path / "a.wav", 24_000)
    sink.start()
    sink.write(1, tone(0.5, 22_050), 22_050)
    drain(sink)
    sink.close()
    pcm, _ = soundfile.read(tmp_path / "a.wav", dtype="float32")
    assert abs(len(pcm) - 12_000) <= 1
    assert np.corrcoef(pcm[500:11_500], tone(0.5, 24_000)[500:11_500])[0, 1] > 0.999


def test_a_file_in_a_missing_folder_is_refused_at_start(tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        FileSink(tmp_path / "none" / "a.wav").start()


def test_a_disk_that_fills_up_is_reported_once_and_the_reply_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_writer: WavWriter, _pcm: np.ndarray) -> None:
        raise OutputError("the disk is full", hint="Free some.")

    monkeypatch.setattr(WavWriter, "write", full)
    troubles: list[AssistantError | None] = []
    sink = FileSink(tmp_path / "a.wav", 16_000, on_trouble=troubles.append)
    sink.start()
    sink.write(1, tone(1.0, 16_000), 16_000)
    drain(sink)
    sink.close()
    assert [trouble.code for trouble in troubles] == ["output"]
    assert sink.progress() == ()


class Bench:
    def __init__(self, card: FakeSounddevice, name: str | None = None) -> None:
        self.card = card
        self.troubles: queue.Queue[AssistantError | None] = queue.Queue()
        self.sink = SpeakerSink(name, on_trouble=self.troubles.put, portaudio=PortAudio(card), backoff_s=(0,))


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench(FakeSounddevice([fake_device("Loud", outputs=2, rate_hz=48_000)]))
    yield bench
    bench.sink.close()


def test_a_loudspeaker_plays_what_was_written_at_its_own_rate(bench: Bench) -> None:
    bench.sink.start()
    stream = bench.card.streams[0]
    assert (stream.samplerate, stream.channels, bench.sink.name) == (48_000, 1, "Loud")
    bench.sink.write(1, tone(0.5, 16_000), 16_000)
    played = []
    while bench.sink.buffered_s > 0:
        bench.sink.tick(TICK_S)
        played.append(stream.pull(480)[:, 0])
    heard = np.concatenate(played)[:24_000]
    assert np.corrcoef(heard[500:23_500], tone(0.5, 48_000)[500:23_500])[0, 1] > 0.999
    assert bench.sink.progress() == (ClauseProgress(1, 24_000, 24_000),)
    assert not stream.pull(480).any()
    assert bench.sink.underruns == 0


def test_ticks_do_not_play_on_a_device_that_has_its_own_clock(bench: Bench) -> None:
    bench.sink.start()
    bench.sink.write(1, tone(0.5, 48_000), 48_000)
    bench.sink.tick(0.4)
    assert bench.sink.progress() == (ClauseProgress(1, 0, 24_000),)


def test_a_stereo_only_device_gets_the_same_on_both_sides(bench: Bench) -> None:
    bench.card.mono_refused = True
    bench.sink.start()
    bench.sink.write(1, tone(0.5, 48_000), 48_000)
    block = bench.card.streams[0].pull(480)
    assert block.shape == (480, 2)
    assert np.array_equal(block[:, 0], block[:, 1])
    assert block.any()


def test_underruns_that_portaudio_reports_are_counted(bench: Bench) -> None:
    bench.sink.start()
    bench.card.streams[0].pull(480, status="output underflow")
    assert bench.sink.underruns == 1


def test_after_a_discard_the_device_falls_silent_within_a_block(bench: Bench) -> None:
    bench.sink.start()
    stream = bench.card.streams[0]
    bench.sink.write(1, tone(1.0, 48_000), 48_000)
    stream.pull(480)
    assert bench.sink.discard() == (ClauseProgress(1, 480, 48_000),)
    block = stream.pull(480)[:, 0]
    assert block[:100].any()
    assert not block[240:].any()
    assert np.abs(np.diff(block)).max() < 0.05  # no click
    assert not stream.pull(480).any()


def test_the_reply_runs_down_while_the_device_is_gone_and_the_next_is_heard(bench: Bench) -> None:
    bench.sink.start()
    bench.sink.write(1, tone(2.0, 48_000), 48_000)
    bench.card.unplugged = True
    bench.card.streams[0].die()
    assert isinstance(bench.troubles.get(timeout=WAIT_S), DeviceRefused)
    assert drain(bench.sink) == 63
    bench.card.unplugged = False
    assert bench.troubles.get(timeout=WAIT_S) is None
    stale, fresh = bench.card.streams[0], bench.card.streams[-1]
    bench.sink.write(2, tone(1.0, 48_000), 48_000)
    assert not stale.pull(480).any()
    assert np.array_equal(fresh.pull(480)[:, 0], tone(1.0, 48_000)[:480])


def test_a_device_that_does_not_open_is_refused_at_start(bench: Bench) -> None:
    bench.card.unplugged = True
    with pytest.raises(DeviceRefused, match="“Loud”"):
        bench.sink.start()
    bench.card.devices.clear()
    with pytest.raises(DeviceNotFound):
        SpeakerSink("Loud", portaudio=PortAudio(bench.card)).start()


def test_closing_a_sink_that_was_never_opened_is_harmless(bench: Bench) -> None:
    bench.sink.close()
    FileSink("never-opened.wav").close()
    NullSink().close()

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from assistant.audio.devices import find_device
from assistant.audio.fakes import FakeSounddevice, fake_device
from assistant.audio.portaudio import DeviceStream, Format, PortAudio, first_that_opens, formats, load
from assistant.errors import DeviceRefused, PortAudioMissing


def nothing(*_args: object) -> None:
    pass


def open_at(portaudio: PortAudio, choice: Format) -> DeviceStream:
    device = find_device(None, "input", portaudio)
    return portaudio.open("input", device, choice, block_s=0.01, latency="low", fill=nothing, on_end=nothing)


def test_a_missing_library_names_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "no_portaudio.py").write_text("raise OSError('PortAudio library not found')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(PortAudioMissing) as caught:
        load("no_portaudio")
    assert "apt install libportaudio2" in caught.value.hint
    assert "brew install portaudio" in caught.value.hint


def test_a_missing_python_package_is_named() -> None:
    with pytest.raises(PortAudioMissing) as caught:
        load("there_is_no_such_package")
    assert "pip install sounddevice" in caught.value.hint


def test_the_audio_room_can_be_imported_without_sounddevice() -> None:
    script = (
        "import sys; import assistant.audio.capture, assistant.audio.speaker, assistant.audio.paced; "
        "sys.exit(any(name in sys.modules for name in ('sounddevice', 'soxr', 'soundfile')))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False, timeout=60).returncode == 0


def test_formats_prefer_mono_at_the_first_rate() -> None:
    assert formats((16_000, 48_000), 32) == [(16_000, 1), (48_000, 1), (16_000, 2), (48_000, 2)]
    assert formats((16_000, 16_000), 1) == [(16_000, 1)]


def test_the_first_format_that_opens_is_taken() -> None:
    card = FakeSounddevice([fake_device("Card", inputs=2)], refused_rates_hz={16_000}, mono_refused=True)
    stream = first_that_opens(formats((16_000, 48_000), 2), lambda choice: open_at(PortAudio(card), choice))
    assert (stream.rate_hz, stream.channels) == (48_000, 2)


def test_a_refusal_says_which_device_and_why() -> None:
    card = FakeSounddevice([fake_device("Card")], refused_rates_hz={16_000})
    with pytest.raises(DeviceRefused, match="input device “Card” does not open: Invalid sample rate"):
        first_that_opens([Format(16_000, 1)], lambda choice: open_at(PortAudio(card), choice))


def test_a_stream_that_does_not_start_is_closed() -> None:
    card = FakeSounddevice([fake_device("Card")])
    portaudio = PortAudio(card)
    card.refuse_start = True
    with pytest.raises(DeviceRefused):
        open_at(portaudio, Format(16_000, 1))
    assert card.streams[0].closed
    portaudio.refresh()
    assert card.restarts == 1


def test_devices_are_looked_for_anew_only_while_no_stream_is_open() -> None:
    card = FakeSounddevice([fake_device("Card")])
    portaudio = PortAudio(card)
    stream = open_at(portaudio, Format(16_000, 1))
    portaudio.refresh()
    assert card.restarts == 0
    stream.close()
    portaudio.refresh()
    assert card.restarts == 1


def test_the_callback_gets_the_block_and_whether_something_was_lost() -> None:
    card = FakeSounddevice([fake_device("Card")])
    heard: list[tuple[list[float], bool]] = []
    PortAudio(card).open(
        "input",
        find_device(None, "input", PortAudio(card)),
        Format(16_000, 1),
        block_s=0.01,
        latency="low",
        fill=lambda block, lost, _at_s: heard.append((block[:, 0].tolist(), lost)),
        on_end=nothing,
    )
    card.streams[0].feed(np.ones(2, np.float32))
    card.streams[0].feed(np.zeros(1, np.float32), status="input overflow")
    assert heard == [([1.0, 1.0], False), ([0.0], True)]
    assert card.streams[0].blocksize == 160

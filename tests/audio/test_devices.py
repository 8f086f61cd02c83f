import pytest

from assistant.audio.devices import find_device, list_devices
from assistant.audio.fakes import FakeSounddevice, fake_device
from assistant.audio.portaudio import PortAudio
from assistant.errors import DeviceNotFound

CARDS = [
    fake_device("HDA Intel: ALC257 (hw:0,0)", inputs=2, outputs=2, rate_hz=44_100),
    fake_device("Jabra SPEAK 510", inputs=1, outputs=1, rate_hz=16_000),
    fake_device("Jabra SPEAK 510 Mono", inputs=0, outputs=1),
    fake_device("USB Camera", inputs=1, outputs=0),
]


def machine(**options: object) -> PortAudio:
    return PortAudio(FakeSounddevice(CARDS, default=(3, 0), **options))


def test_list_tells_rates_channels_and_defaults() -> None:
    devices = list_devices(machine(refused_rates_hz={8000, 22_050, 32_000, 96_000}))
    assert [device.name for device in devices] == [card["name"] for card in CARDS]
    camera = devices[3]
    assert camera.is_default_input
    assert not camera.is_default_output
    assert camera.input_rates_hz == (16_000, 44_100, 48_000)
    assert camera.output_rates_hz == ()
    assert camera.host_api == "Fake"
    assert devices[0].is_default_output
    assert devices[0].default_rate_hz == 44_100


def test_rates_are_not_asked_for_where_they_are_not_wanted() -> None:
    assert list_devices(machine(), rates=False)[0].input_rates_hz == ()


def test_a_machine_without_devices_has_an_empty_list() -> None:
    assert list_devices(PortAudio(FakeSounddevice())) == []


def test_the_default_is_found_without_a_name() -> None:
    assert find_device(None, "input", machine()).name == "USB Camera"
    assert find_device("", "output", machine()).name.startswith("HDA")


def test_a_full_name_wins_over_the_longer_names_that_it_is_part_of() -> None:
    assert find_device("Jabra SPEAK 510", "output", machine()).name == "Jabra SPEAK 510"


@pytest.mark.parametrize("part", ["camera", "USB", "usb CAM"])
def test_part_of_a_name_is_enough_whatever_the_case(part: str) -> None:
    assert find_device(part, "input", machine()).name == "USB Camera"


def test_only_devices_of_the_kind_count() -> None:
    assert find_device("jabra", "input", machine()).name == "Jabra SPEAK 510"


def test_an_ambiguous_part_lists_the_candidates() -> None:
    with pytest.raises(DeviceNotFound, match="more than one output device") as caught:
        find_device("jabra", "output", machine())
    assert "Jabra SPEAK 510; Jabra SPEAK 510 Mono" in caught.value.hint


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(DeviceNotFound, match="no input device matches “Blue Yeti”") as caught:
        find_device("Blue Yeti", "input", machine())
    assert "USB Camera" in caught.value.hint
    assert "Mono" not in caught.value.hint


def test_an_index_is_not_a_name() -> None:
    with pytest.raises(DeviceNotFound):
        find_device("3", "input", machine())


def test_two_devices_of_one_name_are_told_apart_by_host_api() -> None:
    twins = FakeSounddevice([fake_device("Mic"), {**fake_device("Mic"), "hostapi": 1}], host_apis=("ALSA", "JACK"))
    with pytest.raises(DeviceNotFound) as caught:
        find_device("Mic", "input", PortAudio(twins))
    assert "Mic, ALSA; Mic, JACK" in caught.value.hint
    assert find_device("Mic, JACK", "input", PortAudio(twins)).host_api == "JACK"


def test_no_default_and_no_device_at_all() -> None:
    with pytest.raises(DeviceNotFound, match="no default input device") as caught:
        find_device(None, "input", PortAudio(FakeSounddevice()))
    assert "Plug one in" in caught.value.hint
    assert "typing works" in caught.value.hint

"""The machine's microphones and loudspeakers, by name."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.audio.portaudio import Kind, PortAudio, system
from assistant.errors import DeviceNotFound

COMMON_RATES_HZ = (8_000, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000)


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """One device. ``index`` is PortAudio's number, good only until devices are looked for anew; rates are those of
    ``COMMON_RATES_HZ`` that it takes, empty where they were not asked for."""

    name: str
    host_api: str
    max_input_channels: int
    max_output_channels: int
    default_rate_hz: int
    is_default_input: bool
    is_default_output: bool
    input_rates_hz: tuple[int, ...] = ()
    output_rates_hz: tuple[int, ...] = ()
    index: int = field(default=-1, compare=False, repr=False)

    @property
    def label(self) -> str:
        """Name and host API, which tells two devices of one name apart; ``find_device`` takes it, too."""
        return f"{self.name}, {self.host_api}"

    def channels(self, kind: Kind) -> int:
        return self.max_input_channels if kind == "input" else self.max_output_channels

    def is_default(self, kind: Kind) -> bool:
        return self.is_default_input if kind == "input" else self.is_default_output


def list_devices(portaudio: PortAudio | None = None, *, rates: bool = True) -> list[DeviceInfo]:
    """Every device; none is an empty list. ``rates`` asks each device what it takes, which may last a second.

    Raises PortAudioMissing.
    """
    portaudio = portaudio or system()
    inputs, outputs = portaudio.default_index("input"), portaudio.default_index("output")

    def taken(kind: Kind, index: int, channels: int) -> tuple[int, ...]:
        asked = COMMON_RATES_HZ if rates and channels else ()
        return tuple(rate_hz for rate_hz in asked if portaudio.accepts(kind, index, rate_hz))

    return [
        DeviceInfo(
            name=device["name"],
            host_api=device["host_api"],
            max_input_channels=device["max_input_channels"],
            max_output_channels=device["max_output_channels"],
            default_rate_hz=round(device["default_samplerate"]),
            is_default_input=index == inputs,
            is_default_output=index == outputs,
            input_rates_hz=taken("input", index, device["max_input_channels"]),
            output_rates_hz=taken("output", index, device["max_output_channels"]),
            index=index,
        )
        for index, device in enumerate(portaudio.devices())
    ]


def find_device(name_or_part: str | None, kind: Kind, portaudio: PortAudio | None = None) -> DeviceInfo:
    """The device of that name, else the only one with that part in its name or label, whatever the case; None is the
    default device. Raises DeviceNotFound, PortAudioMissing."""
    usable = [device for device in list_devices(portaudio, rates=False) if device.channels(kind)]
    if not name_or_part:
        return _default(usable, kind)
    exact = [device for device in usable if name_or_part in (device.name, device.label)]
    found = exact or [device for device in usable if name_or_part.casefold() in device.label.casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        raise DeviceNotFound(
            f"more than one {kind} device matches “{name_or_part}”", hint=f"Name one of them in full: {_names(found)}."
        )
    raise DeviceNotFound(f"no {kind} device matches “{name_or_part}”", hint=_offer(usable, kind))


def _default(usable: Sequence[DeviceInfo], kind: Kind) -> DeviceInfo:
    for device in usable:
        if device.is_default(kind):
            return device
    raise DeviceNotFound(f"there is no default {kind} device", hint=_offer(usable, kind))


def _offer(usable: Sequence[DeviceInfo], kind: Kind) -> str:
    if usable:
        return f"There are: {_names(usable)}."
    typing = "; typing works without" if kind == "input" else ""
    return f"Plug one in, or start the sound server (PipeWire or PulseAudio){typing}."


def _names(devices: Sequence[DeviceInfo]) -> str:
    names = [device.name for device in devices]
    return "; ".join(device.label if names.count(device.name) > 1 else device.name for device in devices)

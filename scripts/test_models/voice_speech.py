"""eSpeak NG's speech in one tone, with the place of every phone in it."""

import ctypes
from dataclasses import dataclass
from typing import Any

import numpy as np
import soxr

RATE_HZ = 16_000
VOICE = b"en-us"
PITCH = 70
"""espeakPITCH that gives a period of about 9 ms."""
SILENCE = "#"
LEAD_S = 0.05
"""Silence before the first phone, so that a unit can begin in it."""
PAUSE_S = 0.025
"""A shorter gap is part of the phone before it."""

SYNCHRONOUS, BUFFER_MS = 2, 60  # espeak_Initialize, see speak_lib.h
OPTIONS = 0x8000 | 0x1 | 0x2  # do not exit, phoneme events, as IPA
PARAMETER_PITCH, PARAMETER_RANGE = 3, 4
UTF8, EVENT_PHONEME = 1, 7


class _Name(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_void_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    """espeak_EVENT."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Name),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


@dataclass(frozen=True)
class Speech:
    """An utterance: ``pcm`` float32 ``(n,)`` at RATE_HZ, and its phones, i from starts[i] to starts[i + 1]."""

    pcm: np.ndarray
    phones: tuple[str, ...]
    starts: tuple[int, ...]


class Speaker:
    """The library, initialised once a process; nothing else in the process may initialise it with other options."""

    def __init__(self) -> None:
        import espeakng_loader

        self._library: Any = ctypes.CDLL(espeakng_loader.get_library_path())
        data = espeakng_loader.get_data_path().encode()
        self._rate_hz = self._library.espeak_Initialize(SYNCHRONOUS, BUFFER_MS, data, OPTIONS)
        self._library.espeak_Synth.argtypes = [
            ctypes.c_char_p,
            ctypes.c_size_t,
            ctypes.c_uint,
            ctypes.c_int,
            ctypes.c_uint,
            ctypes.c_uint,
            ctypes.c_void_p,
            ctypes.c_void_p,
        ]
        self._library.espeak_SetVoiceByName(VOICE)
        self._library.espeak_SetParameter(PARAMETER_PITCH, PITCH, 0)
        self._library.espeak_SetParameter(PARAMETER_RANGE, 0, 0)

    def say(self, text: str) -> Speech:
        chunks: list[np.ndarray] = []
        events: list[tuple[str, int]] = []

        def collect(samples: Any, count: int, happened: Any) -> int:
            if count:
                chunks.append(np.ctypeslib.as_array(samples, (count,)).astype(np.float32) / np.float32(32768))
            index = 0
            while happened[index].type:
                if happened[index].type == EVENT_PHONEME:
                    events.append((happened[index].id.string.decode(), happened[index].sample))
                index += 1
            return 0

        callback = _Callback(collect)  # kept until the call is over: the library has only its address
        encoded = text.encode()
        self._library.espeak_SetSynthCallback(callback)
        self._library.espeak_Synth(encoded, len(encoded) + 1, 0, 1, 0, UTF8, None, None)
        return self._labelled(np.concatenate(chunks), events)

    def _labelled(self, pcm: np.ndarray, events: list[tuple[str, int]]) -> Speech:
        """The events as phones with silence at both ends, in samples at RATE_HZ."""
        lead = round(LEAD_S * RATE_HZ)
        sound = np.concatenate([np.zeros(lead, np.float32), soxr.resample(pcm, self._rate_hz, RATE_HZ)])
        places = [lead + round(sample * RATE_HZ / self._rate_hz) for _, sample in events] + [sound.size]
        phones, starts = [SILENCE], [0]
        for (name, _), start, end in zip(events, places, places[1:], strict=False):
            phone = name.replace("ˌ", "") or SILENCE
            gap = phone == SILENCE and end - start < PAUSE_S * RATE_HZ and end < sound.size - lead
            if not gap and not phone == phones[-1] == SILENCE:
                phones.append(phone)
                starts.append(start)
        if phones[-1] != SILENCE:
            phones.append(SILENCE)
            starts.append(places[-1])
        return Speech(np.pad(sound, (0, lead)), tuple(phones), (*starts, places[-1] + lead))

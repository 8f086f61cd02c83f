"""eSpeak NG, in this process, through the library that espeakng-loader carries."""

import ctypes
import itertools
import re
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from assistant.errors import EngineFailed, EngineUnavailable
from assistant.models.protocols import Pcm, WordMark
from assistant.session.turn import CancelToken

SYNCHRONOUS, BUFFER_MS, DONT_EXIT = 2, 60, 0x8000  # espeak_Initialize, see speak_lib.h
UTF8 = 1  # espeakCHARS_UTF8
RATE, DEFAULT_WPM = 1, 175  # espeakRATE
OK, GO_ON, STOP = 0, 0, 1
LAST_EVENT, WORD_EVENT = 0, 1  # espeakEVENT_LIST_TERMINATED, espeakEVENT_WORD
CONTROL = re.compile(r"[\0-\x1f\x7f]")
"""Control characters would end the text or, as Ctrl-A does, begin a command to the library."""
PIECE_CHARACTERS = 400  # one call makes a piece at once, which takes a few ms; a cancel is noticed inside it, too


class _Event(ctypes.Structure):
    """espeak_EVENT: ``text_position`` counts characters from 1, ``audio_position`` milliseconds of the present call."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),  # a union of a number, a pointer and eight characters
    )


Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))
_LOCK = threading.Lock()
"""The library keeps one voice and one callback for the whole process."""


class _VoiceProperties(ctypes.Structure):
    """espeak_VOICE, as far as espeak_SetVoiceByProperties reads it."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_char_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("reserved", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


@cache
def _library() -> tuple[Any, int]:
    """The library, initialised once a process, and its sample rate in Hz. Raises EngineUnavailable."""
    try:
        import espeakng_loader

        library = ctypes.CDLL(espeakng_loader.get_library_path())
    except (ImportError, OSError) as error:
        raise EngineUnavailable(
            f"eSpeak NG cannot be loaded: {error}", hint="Install it: pip install espeakng-loader"
        ) from error
    rate_hz = library.espeak_Initialize(SYNCHRONOUS, BUFFER_MS, espeakng_loader.get_data_path().encode(), DONT_EXIT)
    if rate_hz <= 0:
        raise EngineUnavailable(
            "eSpeak NG does not find its data", hint="Reinstall it: pip install --force-reinstall espeakng-loader"
        )
    library.espeak_Synth.argtypes = [
        ctypes.c_char_p,
        ctypes.c_size_t,
        ctypes.c_uint,
        ctypes.c_int,
        ctypes.c_uint,
        ctypes.c_uint,
        ctypes.c_void_p,
        ctypes.c_void_p,
    ]
    library.espeak_GetCurrentVoice.restype = ctypes.POINTER(_VoiceProperties)
    return library, rate_hz


class EspeakTts:
    """An eSpeak NG voice. ``voice`` is a language ("en-gb"), a voice name, or either with a variant ("en-us+f3").

    Cancel point: eSpeak's callback, every 60 ms of sound, and between pieces of text. Worst delay under 1 ms. One lock
    for the process: several instances may exist, but speak one piece after another.
    """

    def __init__(self, voice: str = "en-us", speed: float = 1.0) -> None:
        """Raises EngineUnavailable for a missing library or an unknown voice."""
        self._voice = voice
        self.pace(speed)
        with _LOCK:
            self._library, self._rate_hz = _library()
            self._identifier = self._find(voice)

    @property
    def name(self) -> str:
        return f"espeak-ng {self._voice}"

    @property
    def sample_rate_hz(self) -> int:
        return self._rate_hz

    def pace(self, speed: float) -> None:
        self._words_per_minute = round(DEFAULT_WPM * speed)

    def warm(self) -> None:
        for _ in self.synthesize("ready", CancelToken()):
            pass

    def synthesize(self, text: str, token: CancelToken) -> Iterator[Pcm]:
        """Chunks of at most 60 ms; none for text with nothing to say. Raises Cancelled, EngineFailed."""
        return (part for part in self.synthesize_marked(text, token) if not isinstance(part, WordMark))

    def synthesize_marked(self, text: str, token: CancelToken) -> Iterator[Pcm | WordMark]:
        """The same, with the marks of a piece of text before its sound."""
        said, samples = 0, 0
        for piece in pieces(text):
            token.raise_if_cancelled()
            chunks, marks = self._speak(piece, token)
            said = max(text.find(piece, said), said)
            for mark in marks:
                yield WordMark(said + mark.start, samples / self._rate_hz + mark.at_s)
            for chunk in chunks:
                token.raise_if_cancelled()
                samples += chunk.size
                yield chunk
            said += len(piece)

    def close(self) -> None:
        """The library stays: other instances may use it, and loading it again gains nothing."""

    def _speak(self, text: str, token: CancelToken) -> tuple[list[Pcm], list[WordMark]]:
        chunks: list[Pcm] = []
        marks: list[WordMark] = []

        def collect(samples: Any, count: int, events: Any) -> int:
            marks.extend(_marks(events))
            if samples and count:
                chunks.append(np.ctypeslib.as_array(samples, (count,)).astype(np.float32) / np.float32(32768))
            return STOP if token.cancelled else GO_ON

        callback = Callback(collect)  # kept until the call is over: the library has only its address

        encoded = text.encode(errors="replace")  # half a surrogate pair has no UTF-8
        with _LOCK:
            self._select()
            self._library.espeak_SetSynthCallback(callback)
            status = self._library.espeak_Synth(encoded, len(encoded) + 1, 0, 1, 0, UTF8, None, None)
        if status != OK:
            raise EngineFailed(f"eSpeak NG failed with status {status}", hint="Run `assistant doctor`.")
        return chunks, marks

    def _select(self) -> None:
        """Make this voice and rate the library's own."""
        self._library.espeak_SetVoiceByName(self._identifier)
        self._library.espeak_SetParameter(RATE, self._words_per_minute, 0)

    def _find(self, voice: str) -> bytes:
        """What espeak_SetVoiceByName knows the voice by: "en-gb" is a language, and no voice's name."""
        base, plus, variant = voice.partition("+")
        for name in (voice, self._named_for(base) + plus + variant):
            if _is_variant(variant) and self._library.espeak_SetVoiceByName(name.encode()) == OK:
                return name.encode()
        raise EngineUnavailable(
            f"eSpeak NG has no voice {voice!r}", hint="tts.voice may be en-us, en-gb, en-us+f3, de, fr-fr, es …"
        )

    def _named_for(self, language: str) -> str:
        """Identifier of the voice for a language; itself where there is none. Any text gets some voice from eSpeak."""
        wanted = _VoiceProperties(languages=language.lower().encode())
        if self._library.espeak_SetVoiceByProperties(ctypes.byref(wanted)) == OK:
            current = self._library.espeak_GetCurrentVoice().contents
            if language.lower().partition("-")[0].encode() in re.split(rb"[^a-z]", current.languages or b""):
                return str((current.identifier or b"").decode())
        return language


def _marks(events: Any) -> Iterator[WordMark]:
    """The words among the events of one callback."""
    for event in itertools.takewhile(lambda event: event.type != LAST_EVENT, events):
        if event.type == WORD_EVENT:
            yield WordMark(event.text_position - 1, event.audio_position / 1000)


def _is_variant(variant: str) -> bool:
    """Whether there is such a variant; eSpeak takes any name for one and speaks without."""
    import espeakng_loader

    return not variant or Path(espeakng_loader.get_data_path(), "voices", "!v", variant).is_file()


def pieces(text: str) -> Iterator[str]:
    """Text in pieces of about PIECE_CHARACTERS, cut at spaces; none if there is nothing to pronounce."""
    text = CONTROL.sub(" ", text).strip()
    while text:
        end = len(text) if len(text) <= PIECE_CHARACTERS else text.rfind(" ", 1, PIECE_CHARACTERS)
        end = end if end > 0 else PIECE_CHARACTERS
        piece, text = text[:end], text[end:].lstrip()
        if any(character.isalnum() for character in piece):
            yield piece

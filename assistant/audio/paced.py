"""Sources that need no device: silence, and a sound file played as if it were the microphone."""

import itertools
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np

from assistant.audio.keeper import OnTrouble, ignore_trouble
from assistant.audio.pace import AudioTime, Pacer, RealTime
from assistant.audio.protocols import Frame
from assistant.audio.resample import Framer
from assistant.audio.soundfiles import read_sound
from assistant.errors import AssistantError
from assistant.models.protocols import FRAME_S, FRAME_SAMPLES, Pcm


class PacedSource:
    """Frames from an iterable, one at a time as its pacer says, on the thread ``capture``; then silence for ever."""

    def __init__(self, name: str, pacer: Pacer) -> None:
        self._name = name
        self._pacer = pacer
        self._thread: threading.Thread | None = None

    @property
    def name(self) -> str:
        return self._name

    @property
    def overruns(self) -> int:
        return 0

    def clock(self) -> float:
        """Seconds on the session's clock."""
        return self._pacer.clock()

    def stop(self) -> None:
        """Stop and join the thread; no frame is delivered after this returns."""
        self._pacer.stop()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _start(self, frames: Iterable[tuple[Pcm, bool]], deliver: Callable[[Frame], object]) -> None:
        self._thread = threading.Thread(target=self._run, args=(frames, deliver), name="capture", daemon=True)
        self._thread.start()

    def _run(self, frames: Iterable[tuple[Pcm, bool]], deliver: Callable[[Frame], object]) -> None:
        began_s = self._pacer.clock()
        for number, (pcm, end_of_input) in enumerate(frames, start=1):
            at_s = began_s + number * FRAME_S
            if not self._pacer.wait_until(at_s):
                return
            deliver(Frame(pcm, at_s, end_of_input))


def _silence(*, end_of_input: bool) -> Iterator[tuple[Pcm, bool]]:
    return itertools.repeat((np.zeros(FRAME_SAMPLES, np.float32), end_of_input))


class SilenceSource(PacedSource):
    """Stands in for a microphone that is not there."""

    def __init__(self, pacer: Pacer | None = None) -> None:
        super().__init__("silence", pacer or RealTime())

    def start(self, deliver: Callable[[Frame], object]) -> None:
        self._start(_silence(end_of_input=False), deliver)


class CalledSource(PacedSource):
    """A microphone made of a function: ``hear(at_s)`` gives the frame that ends then, shape ``(512,)``, when it is due.

    It is called on the thread ``capture``.
    """

    def __init__(self, hear: Callable[[float], Pcm], pacer: Pacer) -> None:
        super().__init__("function", pacer)
        self._hear = hear

    def start(self, deliver: Callable[[Frame], object]) -> None:
        self._thread = threading.Thread(target=self._call, args=(deliver,), name="capture", daemon=True)
        self._thread.start()

    def _call(self, deliver: Callable[[Frame], object]) -> None:
        began_s = self._pacer.clock()
        for number in itertools.count(1):
            at_s = began_s + number * FRAME_S
            if not self._pacer.wait_until(at_s):
                return
            deliver(Frame(self._hear(at_s), at_s))


class WavSource(PacedSource):
    """A sound file as the microphone, read block by block; after its end, silence marked ``end_of_input``.

    In real time, or, with ``realtime=False``, each frame as soon as ``settle`` returns and on a clock that counts
    sound. A file that turns out to be damaged half way ends there, and ``on_trouble`` hears of it.
    """

    def __init__(
        self,
        path: str | Path,
        realtime: bool = True,
        settle: Callable[[], None] | None = None,
        *,
        pacer: Pacer | None = None,
        on_trouble: OnTrouble = ignore_trouble,
    ) -> None:
        super().__init__(Path(path).name, pacer or (RealTime() if realtime else AudioTime(settle or (lambda: None))))
        self._path = path
        self._on_trouble = on_trouble

    def start(self, deliver: Callable[[Frame], object]) -> None:
        """Begin to deliver. Raises AudioFileError."""
        self._start(self._frames(read_sound(self._path)), deliver)

    def _frames(self, blocks: Iterator[Pcm]) -> Iterator[tuple[Pcm, bool]]:
        framer = Framer()
        try:
            for block in blocks:
                yield from ((pcm, False) for pcm in framer.push(block))
        except AssistantError as error:
            self._on_trouble(error)
        yield from ((pcm, False) for pcm in framer.flush())
        yield from _silence(end_of_input=True)

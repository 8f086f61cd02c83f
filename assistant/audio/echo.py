"""The echo of the reply, taken out of the microphone: find its delay, subtract what is known, suppress the rest."""

from enum import Enum
from typing import NamedTuple, Protocol

import numpy as np

from assistant.audio.absence import Absence
from assistant.audio.delay import DelayFinder
from assistant.audio.kalman import BLOCK_SAMPLES, Cleaned, EchoFilter
from assistant.audio.misfit import Misfit
from assistant.audio.residue import EchoSuppressor
from assistant.models.protocols import FRAME_SAMPLES, SAMPLE_RATE_HZ, Pcm

LEAD_SAMPLES = 64  # the filter begins 4 ms before the loudest path: some of the sound may be earlier
SAME_SAMPLES = 160  # 10 ms: a wall may be louder than the direct way for a while; the filter has room for both
TIMES_SEEN, TIMES_SEEN_IF_FITTING = 2, 8
"""Another delay has to be found this often before the filter is thrown away for it. While what it expects is heard, for
a second of speech: two syllables that are alike look like another delay for as long as they last."""
TAIL_FRAMES = 28  # 0.9 s: the longest delay, and what the filter covers
SEARCH_FRAMES = 62  # 2 s of speech that is not found in the microphone: nothing of it gets there
MISFIT_FRAMES = 8  # a quarter of a second of an echo that is not the expected one: look for it anew
TALKER = 10.0  # a microphone 10 dB louder than the echo ever was has a talker in it
LOUD_DBFS = -55.0
QUIET = 10 ** (LOUD_DBFS / 20)
HISTORY_FRAMES = 32
MEAN_FRAMES = 100


class EchoState(Enum):
    """What is known of the way from the loudspeaker to the microphone."""

    UNKNOWN = "nothing played yet"
    SEARCHING = "looking for the echo"
    CANCELLING = "cancelling"
    SILENT = "no echo heard"


class Heard(NamedTuple):
    """A frame without the echo: ``pcm`` for the recogniser, ``for_vad`` with the rest of the echo suppressed, too."""

    pcm: Pcm
    for_vad: Pcm


class Canceller(Protocol):
    """Takes what was played out of what was heard. One for each microphone; not thread-safe."""

    @property
    def name(self) -> str: ...

    def process(self, mic: Pcm, far: Pcm) -> Heard:
        """``mic`` and ``far``, what was played at that time, have shape ``(512,)`` at 16 kHz, and so has the answer.

        Without anything played for a second, ``mic`` comes back untouched.
        """

    def begin_anew(self) -> None:
        """Sound was lost on the way: the echo comes at another delay from now on."""

    @property
    def unheard(self) -> bool:
        """What was played was not found in the microphone."""


class KalmanCanceller:
    """Delay by cross-correlation, then an adaptive filter, then a suppressor for voice activity alone.

    A frame takes 0.8 ms, every fourth 3 ms more while something is played.

    Until the delay is found, which takes a quarter of a second of speech, and while the filter knows nothing, voice
    activity hears silence while something is played: rather deaf for a moment than talking to itself. So it does when
    sound was lost on the way, except for a talker who is clearly louder than the echo was before. It ends when the
    microphone stays as quiet as the room for so long that no echo can come any more.
    """

    def __init__(self) -> None:
        self._finder = DelayFinder()
        self._filter = EchoFilter()
        self._suppressor = EchoSuppressor()
        self._misfit = Misfit()
        self._absence = Absence()
        self._far = np.zeros(HISTORY_FRAMES * FRAME_SAMPLES, np.float32)
        self._delay: int | None = None
        self._another: int | None = None
        self._seen = 0
        self._searched = 0
        self._since_sound = TAIL_FRAMES
        self._power_echo = self._power_far = 0.0
        self.state = EchoState.UNKNOWN

    @property
    def name(self) -> str:
        return "kalman"

    @property
    def delay_s(self) -> float | None:
        """From the loudspeaker's stamps to the microphone's; None as long as it is not known."""
        return None if self._delay is None else self._delay / SAMPLE_RATE_HZ

    @property
    def unheard(self) -> bool:
        return self.state is EchoState.SILENT

    def begin_anew(self) -> None:
        self._finder.forget()
        if self._delay is not None:  # an echo that is not there comes at no other time either
            self._begin(None)

    def process(self, mic: Pcm, far: Pcm) -> Heard:
        self._far[:-FRAME_SAMPLES] = self._far[FRAME_SAMPLES:]
        self._far[-FRAME_SAMPLES:] = far
        loud = float(np.abs(far).max()) > QUIET
        self._since_sound = 0 if loud else self._since_sound + 1
        if self._since_sound >= TAIL_FRAMES:
            self._absence.hear_room(mic)
            return Heard(mic, mic)
        self._finder.push(far, mic)
        if loud:
            self._look()
        if self._delay is None:
            self._searched = SEARCH_FRAMES if self._absence.rules_out(mic, far) else self._searched + loud
            silent = self._searched >= SEARCH_FRAMES
            self.state = EchoState.SILENT if silent else EchoState.SEARCHING
            return Heard(mic, mic if silent or self._is_talker(mic) else np.zeros_like(mic))
        return self._cancel(mic)

    def _is_talker(self, mic: Pcm) -> bool:
        """By how loud the echo was when it was known last, which no change of its delay changes."""
        if not self._power_far:
            return False
        loudest = float(np.square(self._far).reshape(HISTORY_FRAMES, FRAME_SAMPLES).sum(axis=1).max())
        return float(np.dot(mic, mic)) > TALKER * loudest * self._power_echo / self._power_far

    def _look(self) -> None:
        """Find the delay, or notice that it has become another one."""
        found = self._finder.look()
        if found is None:
            return
        if self._delay is not None and abs(found - self._delay) <= SAME_SAMPLES:
            self._another, self._seen = None, 0
            return
        self._seen = self._seen + 1 if self._another is not None and abs(found - self._another) <= SAME_SAMPLES else 1
        self._another = found
        needed = TIMES_SEEN_IF_FITTING if self._misfit.fits else TIMES_SEEN
        if self._delay is None or self._seen >= needed:
            self._begin(found)
            self.state = EchoState.CANCELLING

    def _begin(self, delay: int | None) -> None:
        """Nothing is known but the delay, if that."""
        self._delay, self._another, self._seen, self._searched = delay, None, 0, 0
        self._filter.forget()
        self._suppressor.forget()
        self._misfit.forget()
        self._absence.forget()

    def _cancel(self, mic: Pcm) -> Heard:
        assert self._delay is not None
        end = self._far.size - max(0, self._delay - LEAD_SAMPLES)
        far = self._far[end - FRAME_SAMPLES : end]
        blocks = [self._block(mic, far, begin) for begin in range(0, FRAME_SAMPLES, BLOCK_SAMPLES)]
        pcm = np.concatenate([block.pcm for block in blocks])
        for_vad = self._suppressor.process(blocks)
        echo = np.concatenate([block.echo for block in blocks])
        self._misfit.update(mic, echo)
        if self._misfit.frames >= MISFIT_FRAMES:
            self.begin_anew()
        if self._misfit.frames or self._delay is None:
            return Heard(mic, mic if self._is_talker(mic) else np.zeros_like(mic))
        self._power_echo += (float(np.dot(echo, echo)) - self._power_echo) / MEAN_FRAMES
        self._power_far += (float(np.dot(far, far)) - self._power_far) / MEAN_FRAMES
        return Heard(pcm, for_vad)

    def _block(self, mic: Pcm, far: Pcm, begin: int) -> Cleaned:
        some = slice(begin, begin + BLOCK_SAMPLES)
        return self._filter.process(mic[some], far[some])

"""Whether the echo that is subtracted is the one that the microphone hears."""

import numpy as np

from assistant.models.protocols import FRAME_SAMPLES, Pcm

MEMORY = 0.7  # from one frame to the next: 0.1 s
LEAST_SHARE = 0.5
"""With less of the expected echo in the microphone, subtracting it makes the microphone louder."""
TALKER = 4.0
"""A microphone 6 dB louder than the echo has a talker in it, beside whom little can be said of the echo."""
LEARNED_FRAMES = 8
"""It has to have fitted for a quarter of a second: what is expected at first beside a soft echo is mostly its noise."""
AUDIBLE = FRAME_SAMPLES * 1e-6  # −60 dBFS


class Misfit:
    """Compares what was heard with the echo expected in it, as a projection of the one on the other. Not thread-safe.

    In an echo that fits, with a talker or without, the projection is 1; it is 0 where sound was lost between the
    loudspeaker's stamps and the microphone's, or where somebody has moved the loudspeaker.
    """

    def __init__(self) -> None:
        self.frames = 0
        """For how long it has not fitted, in frames in which something could be said."""
        self._fitting_frames = 0
        self._both = self._echo = self._mic = 0.0

    @property
    def fits(self) -> bool:
        """It has been the expected one for long enough to tell, and still is."""
        return self._fitting_frames >= LEARNED_FRAMES and not self.frames

    def forget(self) -> None:
        """What is expected from now on has nothing to do with what was."""
        self.frames = self._fitting_frames = 0
        self._both = self._echo = self._mic = 0.0

    def update(self, mic: Pcm, echo: Pcm) -> None:
        """A frame as it was heard, and the echo expected in it, each of shape ``(512,)``."""
        self._both = MEMORY * self._both + float(np.dot(mic, echo))
        self._echo = MEMORY * self._echo + float(np.dot(echo, echo))
        self._mic = MEMORY * self._mic + float(np.dot(mic, mic))
        if self._echo < AUDIBLE or self._mic > TALKER * self._echo:
            return
        fits = self._both >= LEAST_SHARE * self._echo
        self._fitting_frames += fits
        if self._fitting_frames >= LEARNED_FRAMES:
            self.frames = 0 if fits else self.frames + 1

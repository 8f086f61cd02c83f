"""Whether a frame stands out of what is always there: the room, and what is left in it of our own voice."""

from collections import deque

import numpy as np
import numpy.typing as npt

from assistant.audio.protocols import SUPPRESSED_LATER_SAMPLES
from assistant.models.protocols import FRAME_S, FRAME_SAMPLES, Pcm

WINDOW_S = 4.0
USUAL_PERCENTILE = 99
ABOVE_DB, ABOVE_ECHO_DB = 6.0, 3.0
"""Above the loudest that is usual. Less beside an echo, where something else is asked for as well."""
KEPT_DB = -2.5
"""The suppressor of the echo has let so much of it pass. It takes all of an echo and little of anything else, which
tells them apart where an s is no louder than what the echo has left in other moments."""
LEAST_DBFS = -49.0
KNOWN_FRAMES = 31  # a second
LATEST_FRAMES = 12  # not usual yet: a consonant does not hide its own end

BLOCK_SAMPLES = 128
WINDOW = np.sqrt(np.hanning(2 * BLOCK_SAMPLES + 1)[:-1]).astype(np.float32)
BLOCKS = np.arange(0, FRAME_SAMPLES, BLOCK_SAMPLES)[:, np.newaxis] + np.arange(2 * BLOCK_SAMPLES)
"""Of a frame after the last block of the one before: which samples are in each, shape ``(4, 256)``."""
BAND_STARTS = [0, 8, 32, 64]
"""Bins of 62.5 Hz: up to 500, 2000, 4000 and 8000 Hz. Vowels leave the highest band to an s, and an s the others."""
FULL_SCALE = FRAME_SAMPLES // BLOCK_SAMPLES * (BLOCK_SAMPLES + 1) * float(np.square(WINDOW).sum())
SILENCE = 1e-12

Levels = npt.NDArray[np.float64]
"""In dBFS, shape ``(4,)``: of each band."""


class Prominence:
    """Learns from the frames without voice. Its only time is their number; under 0.1 ms a frame."""

    def __init__(self) -> None:
        self._history: deque[Levels] = deque(maxlen=round(WINDOW_S / FRAME_S) + LATEST_FRAMES)
        self._bands, self._whole_bands = Bands(), Bands()
        self._whole_before: Levels = np.full(len(BAND_STARTS), -120.0)
        self._late = np.zeros(SUPPRESSED_LATER_SAMPLES, np.float32)

    def feed(self, frame: Pcm, *, voiced: bool, unsuppressed: Pcm | None = None) -> bool:
        """Whether the frame, shape ``(512,)``, is clearly louder than the usual in some band.

        ``unsuppressed`` is the same sound before the last of an echo was suppressed in it, where that was done. If
        all was, nothing is known of the echo yet, and what will be left of it has to be learned.
        """
        if unsuppressed is not None and not frame.any():
            self._history.clear()
            return False
        levels = self._bands.levels_dbfs(frame)
        beyond = self._beyond(levels, ABOVE_DB if unsuppressed is None else ABOVE_ECHO_DB)
        if unsuppressed is not None:
            beyond &= self._is_kept(levels, unsuppressed)
        if not voiced:
            self._history.append(levels)
        return bool(beyond.any())

    def _beyond(self, levels: Levels, above_db: float) -> npt.NDArray[np.bool_]:
        known = len(self._history) - LATEST_FRAMES
        if known < KNOWN_FRAMES or not (levels >= LEAST_DBFS).any():
            return np.zeros(len(BAND_STARTS), np.bool_)
        return (levels >= LEAST_DBFS) & (levels >= self._usual(known) + above_db)

    def _usual(self, known: int) -> Levels:
        """The percentile of the first ``known``: ``np.percentile``, whose checks take five times as long."""
        ranked = np.sort(np.array(self._history)[:known], axis=0)
        rank = (known - 1) * USUAL_PERCENTILE / 100
        below = ranked[int(rank)]
        usual: Levels = below + (rank - int(rank)) * (ranked[int(rank) + 1] - below)
        return usual

    def _is_kept(self, levels: Levels, unsuppressed: Pcm) -> npt.NDArray[np.bool_]:
        aligned = np.concatenate((self._late, unsuppressed[: -self._late.size]))
        self._late = unsuppressed[-self._late.size :]
        whole = self._whole_bands.levels_dbfs(aligned)
        kept: npt.NDArray[np.bool_] = levels >= np.maximum(whole, self._whole_before) + KEPT_DB
        self._whole_before = whole
        return kept


class Bands:
    """How loud each band is, frame by frame: blocks overlap, so that no moment lies at the edge of all windows."""

    def __init__(self) -> None:
        self._tail = np.zeros(BLOCK_SAMPLES, np.float32)

    def levels_dbfs(self, frame: Pcm) -> Levels:
        """Of the frame, shape ``(512,)``."""
        sound = np.concatenate((self._tail, frame))
        self._tail = frame[-BLOCK_SAMPLES:]
        power = np.square(np.abs(np.fft.rfft(sound[BLOCKS] * WINDOW))).sum(axis=0)
        levels: Levels = 10 * np.log10(np.add.reduceat(power, BAND_STARTS) / FULL_SCALE + SILENCE)
        return levels

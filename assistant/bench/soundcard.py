"""A sound card made of a room: what the session plays comes back to its microphone, exact to the sample.

It runs on a clock that counts sound (``TalkOptions.fast``): the session has settled before each frame, so that a
conversation is the same on every machine, and as fast as the engines allow.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np

from assistant.audio.playback import PlaybackRing
from assistant.audio.protocols import ClauseProgress
from assistant.audio.speaker import BLOCK_S, FILE_RATE_HZ, RING_S, RingSink
from assistant.bench.acoustics import Echo, Room, at_level, calibrated_gain
from assistant.models.protocols import FRAME_S, FRAME_SAMPLES, SAMPLE_RATE_HZ, Pcm


@dataclass(frozen=True, slots=True)
class Block:
    """What the loudspeaker was handed at ``at_s``: ``pcm``, shape ``(n,)``, of which ``sound`` samples were a reply's.

    ``written`` and ``discarded`` are how much of all replies the session had given, and taken back, by then.
    """

    at_s: float
    pcm: Pcm
    sound: int
    written: int
    discarded: int


class TracedRing(PlaybackRing):
    """Keeps a copy of all that is written, so that what is played can be compared with it."""

    def __init__(self, capacity: int, sample_rate_hz: int) -> None:
        super().__init__(capacity, sample_rate_hz)
        self.tape: list[Pcm] = []
        self.written_samples = 0
        self.discarded_samples = 0

    def write(self, clause_id: int, pcm: Pcm) -> int:
        taken = super().write(clause_id, pcm)
        self.tape.append(pcm[:taken].copy())
        self.written_samples += taken
        return taken

    def discard(self) -> tuple[ClauseProgress, ...]:
        self.discarded_samples = self.written_samples
        return super().discard()


class RoomCard(RingSink):
    """The loudspeaker of a conversation (``TalkOptions.loudspeaker``), and with ``hear`` its microphone.

    As a device does, it takes a block from the ring every 10 ms, by its own clock. ``voice`` is what the level of the
    echo is set with: a sentence of the voice that will speak, at ``voice_hz``. All of it belongs to the capture thread
    and, while that waits, to the session's.
    """

    def __init__(self, room: Room, voice: Pcm, voice_hz: int) -> None:
        super().__init__("simulated room", FILE_RATE_HZ)
        self.room = room
        self.blocks: list[Block] = []
        self._block_samples = round(BLOCK_S * FILE_RATE_HZ)
        self._block_s = BLOCK_S / (1 + room.drift_ppm * 1e-6)  # in seconds of the microphone
        self._began_s: float | None = None
        self._echo = Echo(room, FILE_RATE_HZ, calibrated_gain(room, voice, voice_hz))
        self._noise = at_level(room.noise, room.noise_dbfs) if room.noise.any() else room.noise
        self._rng = np.random.default_rng(round(room.delay_ms * 1000))
        self._heard = 0  # samples of the microphone
        self._talk: deque[tuple[int, Pcm]] = deque()

    @property
    def tape(self) -> Pcm:
        """All that the session ever gave to be played, shape ``(n,)``, at ``sample_rate_hz``."""
        assert isinstance(self._ring, TracedRing)
        return np.concatenate(self._ring.tape) if self._ring.tape else np.zeros(0, np.float32)

    def start(self) -> None:
        """Nothing to open."""

    def tick(self, _elapsed_s: float) -> None:
        """Feed the device, which has its own clock."""
        self._feed.tick()

    def close(self) -> None:
        self.discard()

    def say(self, pcm: Pcm, at_s: float) -> None:
        """Somebody speaks: ``pcm``, 16 kHz, reaches the microphone from that moment on, exact to the sample."""
        assert self._began_s is not None
        self._talk.append((round((at_s - self._began_s) * SAMPLE_RATE_HZ), pcm))

    def hear(self, at_s: float) -> Pcm:
        """The frame of the microphone that ends at ``at_s``, shape ``(512,)``, and all that was played by then."""
        if self._began_s is None:
            self._began_s = at_s - FRAME_S
        self._play_until(at_s - self._began_s)
        frame = self._echo.frame() + self._background() + self._speech()
        self._heard += FRAME_SAMPLES
        heard: Pcm = np.clip(frame, -1, 1).astype(np.float32)
        return heard

    def _set_rate(self, sample_rate_hz: int) -> None:
        super()._set_rate(sample_rate_hz)
        self._ring: TracedRing = TracedRing(round(RING_S * sample_rate_hz), sample_rate_hz)
        self._feed = type(self._feed)(self._ring)

    def _play_until(self, elapsed_s: float) -> None:
        while (offset_s := len(self.blocks) * self._block_s) < elapsed_s:
            assert self._began_s is not None
            out = np.zeros(self._block_samples, np.float32)
            written, discarded = self._ring.written_samples, self._ring.discarded_samples
            sound = self._ring.read_into(out)
            self.blocks.append(Block(self._began_s + offset_s, out, sound, written, discarded))
            late_s = self._rng.uniform(0, self.room.jitter_ms) / 1000
            self._tap.write(out, self._began_s + offset_s + late_s)
            self._echo.push(out)

    def _background(self) -> Pcm:
        places = np.arange(self._heard, self._heard + FRAME_SAMPLES) % self._noise.size
        return self._noise[places]

    def _speech(self) -> Pcm:
        frame = np.zeros(FRAME_SAMPLES, np.float32)
        for first, pcm in self._talk:
            begin, end = max(first, self._heard), min(first + pcm.size, self._heard + FRAME_SAMPLES)
            if begin < end:
                frame[begin - self._heard : end - self._heard] += pcm[begin - first : end - first]
        while self._talk and self._talk[0][0] + self._talk[0][1].size <= self._heard + FRAME_SAMPLES:
            self._talk.popleft()
        return frame

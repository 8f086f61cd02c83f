"""What reaches the user's half of a turn: the frames that come while the ear is open. The others are let go unheard."""

from collections import deque
from collections.abc import Callable

from assistant.audio.protocols import Ears, Frame
from assistant.bus import Bus
from assistant.events import EarChanged
from assistant.models.protocols import FRAME_S, Vad, WakeDetector
from assistant.session.chime import CHIME_RATE_HZ, earcon
from assistant.session.controls import Push
from assistant.session.ear import Ear
from assistant.session.lifecycle import Lifecycle
from assistant.session.speaker import Speaker
from assistant.session.turn_taking import TurnTaking


class Attention:
    """Belongs to the session's thread.

    While the ear is closed in ``wake`` mode, the detector alone hears the frames, and only as many are kept as it lags
    behind: they hold the first sound after the wake word, and not the word. During an answer voice activity goes on,
    unasked: if it began in the middle of the last echo it would take that for somebody.
    """

    def __init__(
        self,
        ear: Ear,
        detector: WakeDetector | None,
        vad: Vad,
        *,
        life: Lifecycle,
        turn_taking: TurnTaking,
        speaker: Speaker,
        bus: Bus,
        clock: Callable[[], float],
        chime: bool,
    ) -> None:
        self._ear = ear
        self._detector = detector
        self._vad = vad
        self._life = life
        self._turn_taking = turn_taking
        self._speaker = speaker
        self._bus = bus
        self._clock = clock
        self._chime = chime
        self._told = ear.open
        lag_s = detector.latency_s if detector else 0.0
        self._recent: deque[Frame] = deque(maxlen=round(lag_s / FRAME_S))

    @property
    def deaf(self) -> bool:
        """Nothing at all looks at the frames."""
        return self._turn_taking.muted or (self._ear.mode == "push" and not self._ear.open)

    @property
    def ears(self) -> Ears:
        """Who looks at the frames."""
        if self.deaf:
            return Ears.CLOSED
        return Ears.OPEN if self._ear.open else Ears.WAITING

    def listen(self, frame: Frame) -> None:
        """A frame from the microphone: heard, looked through for the wake word, or let go."""
        if self._turn_taking.muted:
            return
        self._recent.append(frame)
        if self._detector is not None and self._detector.heard(frame.pcm):
            self._woken(frame.at_s)
        elif self._ear.open:
            self._turn_taking.listen(frame)
        elif self._ear.mode == "wake" and self._life.turn is not None:
            self._vad.probability(frame.pcm if frame.for_vad is None else frame.for_vad)
        was_open = self._ear.open
        self._ear.follow(frame.at_s, self._life.state, answered=self._life.answered)
        if was_open and not self._ear.open:
            self._turn_taking.forget()
        self._tell()

    def push(self, push: Push) -> None:
        """The key, or what stands for it; without meaning where the ear is always open or the microphone muted."""
        opens = not self._ear.open if push is Push.TOGGLE else push is Push.START
        if self._ear.mode == "open" or self._turn_taking.muted or opens == self._ear.open:
            return
        if opens:
            self._call(self._clock())
        else:
            self._ear.close()
            self._turn_taking.release()
        self._tell()

    def mute(self, muted: bool) -> None:
        self._ear.close()
        if self._detector is not None:
            self._detector.reset()
        self._turn_taking.mute(muted)
        self._tell()

    def announce(self) -> None:
        """Publish how the session listens, and whether it does so now."""
        phrase = self._detector.phrase if self._detector else ""
        self._bus.publish(EarChanged(at_s=self._clock(), mode=self._ear.mode, open=self._ear.open, phrase=phrase))

    def _woken(self, at_s: float) -> None:
        self._call(at_s)
        for frame in self._recent:
            self._turn_taking.listen(frame)
        if self._chime and self._life.turn is None:  # who goes on in one breath is not to be talked over
            self._speaker.signal(earcon(), CHIME_RATE_HZ)

    def _call(self, at_s: float) -> None:
        self._turn_taking.attend()
        self._ear.call(at_s)

    def _tell(self) -> None:
        if self._told is not self._ear.open:
            self._told = self._ear.open
            self.announce()

"""Echo cancellers in the same rooms: who hears themselves, who still hears the talker, and what it costs.

    python -m benchmarks.echo [--speech FOLDER] [--seconds N] [--halls]

Each room is one of ``assistant.bench.acoustics``; what is played reaches the cancellers through the stamps of a
loudspeaker whose clock drifts, as in a conversation. The two that are not ours take part where they are installed:
``pip install pyaec==1.0.1 livekit==1.2.0``.
"""

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path

import numpy as np

from assistant.audio.delay import DelayFinder
from assistant.audio.echo import Canceller, Heard, KalmanCanceller
from assistant.audio.reference import PlaybackTap
from assistant.audio.soundfiles import load_sound
from assistant.bench.acoustics import Echo, Room, at_level, calibrated_gain, pink_noise, response, trimmed
from assistant.bench.clips import Clip
from assistant.brain.grammar import intent_grammar
from assistant.config import Settings
from assistant.models import registry
from assistant.models.protocols import FRAME_S, FRAME_SAMPLES, SAMPLE_RATE_HZ, Pcm, SttEngine
from assistant.session.listen import Edge, SpeechDetector
from assistant.session.turn import CancelToken
from benchmarks.interruptions.people import REQUESTS, STOPS, say, spoken
from benchmarks.interruptions.trials import HALL, HALL_S
from benchmarks.speech import SPEECH

PLAYED_HZ, BLOCK = 24_000, 240
ECHO_DBFS = -26.0
LEVELS_DB = (-6, 0, 10)
FIRST_S, EVERY_S = 6.0, 4.0
LATE_S = 0.2  # speech may be noticed this much after its end
TEXT = (
    "The quick brown fox jumps over the lazy dog. In the morning it will be cloudy, with some sunshine later. "
    "William Shakespeare wrote Hamlet. It is the longest of his plays, and one of the most quoted works in English. "
    "The capital of France is Paris, and the river that flows through it is called the Seine. "
    "Once upon a time there was a little girl who lived in a village near the forest. "
)


class Nothing:
    """The raw microphone."""

    name = "none"
    unheard = False

    def process(self, mic: Pcm, _far: Pcm) -> Heard:
        return Heard(mic, mic)

    def begin_anew(self) -> None:
        pass


class WithoutSuppressor(KalmanCanceller):
    """Ours, with voice activity judged by what the recogniser gets."""

    name = "kalman, no suppressor"

    def process(self, mic: Pcm, far: Pcm) -> Heard:
        heard = super().process(mic, far)
        return Heard(heard.pcm, heard.pcm)


class Speex:
    """pyaec's Speex: 4096 taps, after our delay where ``aligned``."""

    unheard = False

    def __init__(self, *, aligned: bool) -> None:
        from pyaec import Aec

        self._aec = Aec(160, 4096, SAMPLE_RATE_HZ, False)
        self.name = "speex behind our delay" if aligned else "speex"
        self._finder = DelayFinder() if aligned else None
        self._far = np.zeros(SAMPLE_RATE_HZ, np.float32)
        self._delay = 0
        self._waiting = np.zeros((2, 0), np.float32)
        self._out = np.zeros(160, np.float32)

    def process(self, mic: Pcm, far: Pcm) -> Heard:
        self._far = np.concatenate((self._far[far.size :], far))
        if self._finder is not None:
            self._finder.push(far, mic)
            found = self._finder.look()
            if found is not None and abs(found - self._delay) > 160:
                self._delay = found
        end = self._far.size - max(0, self._delay - 64)
        cleaned = _in_tens(self, mic, self._far[end - mic.size : end], self._cancel)
        return Heard(cleaned, cleaned)

    def _cancel(self, mic: Pcm, far: Pcm) -> Pcm:
        integers = [np.clip(sound * 32767, -32768, 32767).astype(np.int16).tolist() for sound in (mic, far)]
        return np.array(self._aec.cancel_echo(*integers), np.float32) / 32768

    def begin_anew(self) -> None:
        pass


class WebRtc:
    """livekit's audio processing module."""

    name = "webrtc"
    unheard = False

    def __init__(self) -> None:
        from livekit import rtc

        self._rtc = rtc
        self._apm = rtc.AudioProcessingModule(echo_cancellation=True)
        self._waiting = np.zeros((2, 0), np.float32)
        self._out = np.zeros(160, np.float32)

    def process(self, mic: Pcm, far: Pcm) -> Heard:
        cleaned = _in_tens(self, mic, far, self._cancel)
        return Heard(cleaned, cleaned)

    def _cancel(self, mic: Pcm, far: Pcm) -> Pcm:
        frames = []
        for sound in (mic, far):
            integers = np.clip(sound * 32767, -32768, 32767).astype(np.int16)
            frames.append(self._rtc.AudioFrame(integers.tobytes(), SAMPLE_RATE_HZ, 1, 160))
        self._apm.process_reverse_stream(frames[1])
        self._apm.process_stream(frames[0])
        return np.frombuffer(frames[0].data, np.int16).astype(np.float32) / 32768

    def begin_anew(self) -> None:
        pass


def _in_tens(state: "Speex | WebRtc", mic: Pcm, far: Pcm, cancel: Callable[[Pcm, Pcm], Pcm]) -> Pcm:
    """Frames of 512 samples through something that takes 10 ms, one such block later."""
    state._waiting = np.concatenate((state._waiting, np.stack((mic, far))), axis=1)
    while state._waiting.shape[1] >= 160:
        state._out = np.concatenate((state._out, cancel(*state._waiting[:, :160])))
        state._waiting = state._waiting[:, 160:]
    ready, state._out = state._out[: mic.size], state._out[mic.size :]
    return ready


def cancellers() -> Iterator[Callable[[], Canceller]]:
    """One maker for each that is installed."""
    yield Nothing
    for make in (lambda: Speex(aligned=False), lambda: Speex(aligned=True), WebRtc):
        try:
            make()
        except ImportError as error:
            print(f"left out: {error}")
            continue
        yield make
    yield WithoutSuppressor
    yield KalmanCanceller


def rooms(speech: Path) -> dict[str, Room]:
    """What the choice depends on, one thing at a time."""
    rooms = {
        "plain, 60 ms": Room(response(1), delay_ms=60),
        "20 ms, drift 50 ppm": Room(response(2), delay_ms=20, drift_ppm=50),
        "200 ms, drift 100 ppm": Room(response(3), delay_ms=200, drift_ppm=100),
        "400 ms, tanh 2": Room(response(4), delay_ms=400, distortion=2),
        "100 ms, tanh 4, −50 dBFS noise": Room(response(5, 0.4), delay_ms=100, distortion=4, noise_dbfs=-50),
    }
    for path in sorted((speech / "rir").glob("sb-rir*.wav")):
        rooms[f"measured {path.stem}"] = Room(trimmed(load_sound(path)), delay_ms=120, distortion=1, drift_ppm=20)
    return rooms


def halls(speech: Path) -> dict[str, Room]:
    """Each decays by 60 dB in a second and a half; a canceller knows a quarter of a second of it."""
    halls = {
        "direct +6 dB, 60 ms": Room(response(6, HALL_S, 6.0, HALL_S), delay_ms=60),
        "direct +2 dB, 200 ms": Room(response(7, HALL_S, 2.0, HALL_S), delay_ms=200, drift_ppm=50),
        "direct −3 dB, 120 ms": Room(response(8, HALL_S, -3.0, HALL_S), delay_ms=120, distortion=1),
    }
    if (path := speech / "rir" / f"{HALL}.wav").is_file():
        halls["measured"] = Room(trimmed(load_sound(path), HALL_S), delay_ms=120, distortion=1, drift_ppm=20)
    return halls


@dataclass(slots=True)
class Scene:
    """``mic`` and ``far``, frame by frame, and when who spoke: seconds."""

    mic: Pcm
    far: Pcm
    said: list[tuple[float, float, Clip]]


def scene(room: Room, voice: Pcm, talk: Sequence[Clip], level_db: float | None) -> Scene:
    """The voice in the room, and somebody who speaks every four seconds, that much louder than the echo."""
    gain = calibrated_gain(room, voice[: 8 * PLAYED_HZ], PLAYED_HZ)
    echo, tap = Echo(room, PLAYED_HZ, gain), PlaybackTap(PLAYED_HZ)
    count = int(voice.size / PLAYED_HZ / FRAME_S)
    block_s = BLOCK / PLAYED_HZ / (1 + room.drift_ppm * 1e-6)
    heard, far, block = [], [], 0
    for frame in range(1, count):
        while block * block_s < frame * FRAME_S:
            sound = voice[block * BLOCK : (block + 1) * BLOCK]
            sound = np.concatenate((sound, np.zeros(BLOCK - sound.size, np.float32)))
            tap.write(sound, block * block_s)
            echo.push(sound)
            block += 1
        far.append(tap.played(frame * FRAME_S, FRAME_SAMPLES))
        heard.append(echo.frame())
    mic = np.concatenate(heard)
    mic += at_level(np.resize(pink_noise(3), mic.size), room.noise_dbfs)
    said: list[tuple[float, float, Clip]] = []
    if level_db is not None:
        for number, clip in enumerate(islice(cycle(talk), int((mic.size / SAMPLE_RATE_HZ - FIRST_S) / EVERY_S))):
            begin = round((FIRST_S + number * EVERY_S) * SAMPLE_RATE_HZ)
            loud = at_level(clip.pcm, ECHO_DBFS + level_db)[: mic.size - begin]
            mic[begin : begin + loud.size] += loud
            said.append((begin / SAMPLE_RATE_HZ, (begin + loud.size) / SAMPLE_RATE_HZ, clip))
    return Scene(np.clip(mic, -1, 1), np.concatenate(far), said)


@dataclass(slots=True)
class Score:
    """What one canceller came to over all rooms."""

    selves: int = 0
    noticed: dict[float, list[bool]] = field(default_factory=dict)
    understood: dict[float, list[bool]] = field(default_factory=dict)
    cpu_s: float = 0.0
    heard_s: float = 0.0


def run(canceller: Canceller, scene: Scene) -> tuple[Pcm, Pcm, float]:
    """What the recogniser and voice activity get, and seconds of processor time."""
    pairs = zip(scene.mic.reshape(-1, FRAME_SAMPLES), scene.far.reshape(-1, FRAME_SAMPLES), strict=True)
    began_s = time.process_time()
    heard = [canceller.process(mic.copy(), far.copy()) for mic, far in pairs]
    cpu_s = time.process_time() - began_s
    return np.concatenate([one.pcm for one in heard]), np.concatenate([one.for_vad for one in heard]), cpu_s


def onsets_s(sound: Pcm) -> list[float]:
    """When a session would notice speech."""
    settings = Settings()
    vad, detector = registry.make_vad(), SpeechDetector(settings.turn.vad_threshold)
    begins = range(0, sound.size - FRAME_SAMPLES + 1, FRAME_SAMPLES)
    edges = [(begin, detector.feed(vad.probability(sound[begin : begin + FRAME_SAMPLES]))[1]) for begin in begins]
    return [begin / SAMPLE_RATE_HZ for begin, edge in edges if edge in (Edge.STARTED, Edge.RESUMED)]


def words(engine: SttEngine, sound: Pcm) -> str:
    return engine.transcribe(sound, CancelToken()).text


def measure(scene: Scene, level_db: float | None, canceller: Canceller, score: Score, ears: SttEngine) -> None:
    """Play one scene to a fresh canceller."""
    for_words, for_vad, cpu_s = run(canceller, scene)
    onsets = onsets_s(for_vad)
    if level_db is None:
        score.selves += len(onsets)
        score.heard_s += scene.mic.size / SAMPLE_RATE_HZ
        score.cpu_s += cpu_s
        return
    for begin_s, end_s, clip in scene.said:
        hit = any(begin_s - FRAME_S <= onset <= end_s + LATE_S for onset in onsets)
        score.noticed.setdefault(level_db, []).append(hit)
        cut = for_words[round((begin_s - 0.3) * SAMPLE_RATE_HZ) : round((end_s + 0.3) * SAMPLE_RATE_HZ)]
        score.understood.setdefault(level_db, []).append(words(ears, cut) == words(ears, padded(clip.pcm)))


def padded(sound: Pcm) -> Pcm:
    """The same with the little noise around it that a recogniser needs."""
    quiet = np.random.default_rng(0).standard_normal(sound.size + round(0.6 * SAMPLE_RATE_HZ)) * 10 ** (-65 / 20)
    quiet[round(0.3 * SAMPLE_RATE_HZ) :][: sound.size] += sound
    return quiet.astype(np.float32)


def share(hits: Sequence[bool]) -> str:
    return f"{100 * sum(hits) / len(hits):.0f} %"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--speech", type=Path, default=SPEECH, help="a folder with rir/, for measured rooms")
    parser.add_argument("--seconds", type=float, default=60.0, help="of speaking in each room")
    parser.add_argument("--halls", action="store_true", help="instead of rooms")
    options = parser.parse_args()
    import soxr

    voice = soxr.resample(say(TEXT, "en-us"), SAMPLE_RATE_HZ, PLAYED_HZ)
    voice = np.resize(voice, round(options.seconds * PLAYED_HZ)).astype(np.float32)
    talk = [*spoken(STOPS[:6], ("en-gb", "en-us+f3")), *spoken(REQUESTS[:5], ("en-gb", "en-us+f4"))]
    talk = [talk[i * 5 % len(talk)] for i in range(len(talk))]
    settings = Settings.model_validate({"stt": {"engine": "pocketsphinx"}})
    ears = registry.stt_candidates(settings, intent_grammar)[0].load()
    makers = list(cancellers())
    scores = [Score() for _ in makers]
    for number, room in enumerate((halls if options.halls else rooms)(options.speech).values()):
        some = talk[number * 7 % len(talk) :] + talk[: number * 7 % len(talk)]
        for level_db in (None, *LEVELS_DB):
            played = scene(room, voice, some, level_db)
            for make, score in zip(makers, scores, strict=True):
                measure(played, level_db, make(), score, ears)
    show([make().name for make in makers], scores)


def show(names: Sequence[str], scores: Sequence[Score]) -> None:
    """A table for the documentation."""
    levels = [f"{what} {level_db:+d} dB" for what in ("noticed", "words") for level_db in LEVELS_DB]
    print("| canceller | self-onsets a minute | " + " | ".join(levels) + " | of a core |")
    print("|---" * (3 + len(levels)) + "|")
    for name, score in zip(names, scores, strict=True):
        shares = [share(hits) for by_level in (score.noticed, score.understood) for hits in by_level.values()]
        cells = [
            name,
            f"{60 * score.selves / score.heard_s:.1f}",
            *shares,
            f"{100 * score.cpu_s / score.heard_s:.1f} %",
        ]
        print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main()

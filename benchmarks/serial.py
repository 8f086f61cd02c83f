"""The same work one step after the other: hear it all, think it all, synthesise it all, then play.

What most assistants do, with the same engines and models: a fixed silence ends the turn, Whisper gets its full window
of 30 s, the voice gets the whole answer. Measured without a conversation around it, which would only add to it.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.bench.clips import Clip
from assistant.bench.spread import percentile
from assistant.brain.brain import AssistantBrain
from assistant.brain.grammar import intent_grammar
from assistant.brain.protocols import Request
from assistant.config import Settings
from assistant.models import registry
from assistant.models.protocols import Pcm
from assistant.session.turn import CancelToken


@dataclass(frozen=True, slots=True)
class Steps:
    """Seconds of one turn."""

    wait_s: float
    hear_s: float
    think_s: float
    speak_s: float

    @property
    def first_sound_s(self) -> float:
        """From the end of speech."""
        return self.wait_s + self.hear_s + self.think_s + self.speak_s


class Serial:
    """The engines of the settings, loaded once."""

    def __init__(self, settings: Settings) -> None:
        self._wait_s = settings.turn.hangover_ms / 1000
        self.hear = full_window(settings)
        models = registry.llm_candidates(settings)
        self._brain = AssistantBrain(llm=models[0].load() if models else None)
        self._voice = registry.tts_candidates(settings)[0].load()
        for engine in (self._brain, self._voice):
            engine.warm()

    def answer(self, clip: Clip, number: int) -> Steps:
        """One turn, without a history: the shortest prompt."""
        token = CancelToken()
        began_s = time.perf_counter()
        text = self.hear(clip.pcm)
        heard_s = time.perf_counter()
        reply = "".join(self._brain.respond(Request(number, text), token))
        thought_s = time.perf_counter()
        for _ in self._voice.synthesize(reply, token):
            pass
        spoken_s = time.perf_counter()
        return Steps(self._wait_s, heard_s - began_s, thought_s - heard_s, spoken_s - thought_s)

    def close(self) -> None:
        self._brain.close()
        self._voice.close()


def full_window(settings: Settings) -> Callable[[Pcm], str]:
    """The recogniser of the settings: Whisper through ``WhisperModel.transcribe``, greedy, or the embedded one."""
    if settings.stt.engine == "faster-whisper":
        return whisper(settings)
    engine = registry.stt_candidates(settings, intent_grammar)[0].load()
    engine.warm()
    return lambda pcm: engine.transcribe(pcm, CancelToken()).text


def whisper(settings: Settings) -> Callable[[Pcm], str]:
    """Whisper as its library's own interface runs it, at its fastest: one try, one beam, no timestamps."""
    from faster_whisper import WhisperModel

    threads = registry.thread_budget(settings).stt
    model = WhisperModel(str(settings.stt.model), device="cpu", compute_type="int8", cpu_threads=threads)

    def hear(pcm: Pcm) -> str:
        segments, _ = model.transcribe(
            pcm,
            language=settings.stt.language,
            beam_size=1,
            temperature=0.0,
            without_timestamps=True,
            condition_on_previous_text=False,
        )
        return " ".join(segment.text.strip() for segment in segments)

    return hear


def measure(settings: Settings, clips: Sequence[Clip]) -> list[Steps]:
    """Every clip once, after one that does not count."""
    serial = Serial(settings)
    try:
        serial.answer(clips[0], 0)
        return [serial.answer(clip, number) for number, clip in enumerate(clips, 1)]
    finally:
        serial.close()


def median(steps: Sequence[Steps]) -> Steps:
    """Of each step by itself."""
    return Steps(
        *(percentile([getattr(one, name) for one in steps], 0.5) for name in ("wait_s", "hear_s", "think_s", "speak_s"))
    )

"""How long the assistant waits for the end of a turn, and how often it cuts a speaker off: always both.

    python -m benchmarks.endpointing [--speech FOLDER] [--out FOLDER] [--show]

The real session hears each recording on a clock made of frames, faster than real time, with the embedded recogniser
and the wait that a new session begins with. What an engine gives comes as much later as the processor worked for it.
Nothing is answered until the speaker has finished. Recordings come from ``--speech``, a folder with a
``manifest.tsv``; the commands are eSpeak NG's.
"""

import argparse
import time
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from assistant.audio.protocols import ClauseProgress, Frame
from assistant.bench.clips import Clip
from assistant.bench.spread import percentile
from assistant.brain.brain import AssistantBrain
from assistant.brain.grammar import intent_grammar
from assistant.brain.protocols import Announcement, Completeness, Request
from assistant.bus import Bus
from assistant.config import Settings
from assistant.events import CallStatus, TurnCommitted
from assistant.models import registry
from assistant.models.protocols import FRAME_S, SAMPLE_RATE_HZ, Pcm, SttEngine, Transcript
from assistant.models.worker import Done, Item, Job
from assistant.session.dispatch import Workers
from assistant.session.listen import SpeechDetector
from assistant.session.session import Session
from assistant.session.turn import CancelToken
from benchmarks import speech
from benchmarks.paper import Paper, ms

QUIET_S = 3.0
"""After each recording: longer than any wait."""
ROOM_LEVEL = 10 ** (-70 / 20)
SETTINGS = Settings.model_validate({"stt": {"engine": "pocketsphinx"}, "turn": {"speculate": "off"}})
NEVER_S = 3600.0
MAILBOX_EVENTS = 100_000
COMMANDS = 30


@dataclass(frozen=True, slots=True)
class Heard:
    """One turn of a speaker: where it ended, and what committed; seconds from the start of the recording."""

    clip: Clip
    end_s: float
    commits: Sequence[TurnCommitted]

    @property
    def early(self) -> list[TurnCommitted]:
        """Commits while the speaker went on."""
        return [one for one in self.commits if one.at_s < self.end_s]

    @property
    def wait_s(self) -> float | None:
        """From the end of speech to the commit; None for what was not heard."""
        return next((one.at_s - self.end_s for one in self.commits if one.at_s >= self.end_s), None)


class Clock:
    name = "frames"
    overruns = 0

    def __init__(self) -> None:
        self.now_s = 0.0

    def clock(self) -> float:
        return self.now_s

    def start(self, deliver: Callable[[Frame], object]) -> None: ...
    def stop(self) -> None: ...


class NoSink:
    name = "none"
    level_dbfs = -120.0
    buffered_s = 0.0

    def start(self) -> None: ...
    def tick(self, elapsed_s: float) -> None: ...
    def close(self) -> None: ...

    def write(self, clause_id: int, pcm: Pcm, sample_rate_hz: int) -> bool:
        return True

    def progress(self) -> tuple[ClauseProgress, ...]:
        return ()

    def discard(self) -> tuple[ClauseProgress, ...]:
        return ()


class NoAgenda:
    def due(self) -> Sequence[Announcement]:
        return ()

    def silence(self) -> None: ...


class LateWorker:
    """Works at once, and delivers when that work would be done: one job after another, as long as each costs."""

    def __init__(self, engine: "Ear | Judge", clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._waiting: deque[Job[Any]] = deque()
        self._working: tuple[float, Job[Any], list[object]] | None = None

    def submit(self, job: Job[Any]) -> None:
        self._waiting.append(job)
        if self._working is None:
            self._begin(self._clock.now_s)

    def promote(self, token: CancelToken) -> None: ...

    def advance(self) -> None:
        """Deliver what is due by now."""
        while self._working is not None:
            due_s, job, values = self._working
            if job.token.cancelled:
                due_s, values = min(due_s, self._clock.now_s), []
            if due_s > self._clock.now_s:
                return
            self._working = None
            for value in values:
                job.deliver(Item(job, value))
            status: CallStatus = "cancelled" if job.token.cancelled else "completed"
            job.deliver(Done(job, status, self._engine.name, 0.0, len(values)))
            self._begin(due_s)

    def _begin(self, at_s: float) -> None:
        if self._waiting:
            job = self._waiting.popleft()
            before_s = self._engine.cost_s
            values = [] if job.token.cancelled else list(job.work(self._engine, job.token))
            self._working = at_s + self._engine.cost_s - before_s, job, values


class Ear:
    """A recogniser that remembers what it heard and what that cost.

    It gives no partial transcripts: nothing here depends on them.
    """

    name = "ear"

    def __init__(self, engine: SttEngine) -> None:
        self._engine = engine
        self.known: dict[tuple[int, int], tuple[Transcript, float]] = {}
        self.cost_s = 0.0

    def transcribe(self, pcm: Pcm, token: CancelToken, *, final: bool = True) -> Transcript:
        if not final:
            return Transcript("")
        key = pcm.size, zlib.crc32(pcm.tobytes())
        if key not in self.known:
            began_s = time.process_time()
            transcript = self._engine.transcribe(pcm, token)
            self.known[key] = transcript, time.process_time() - began_s
        transcript, cost_s = self.known[key]
        self.cost_s += cost_s
        return transcript


class Judge:
    """The brain's judgement of the words, and an answer that never comes."""

    name = "judge"

    def __init__(self, brain: AssistantBrain) -> None:
        self._brain = brain
        self.cost_s = 0.0

    def judge(self, request: Request) -> Completeness:
        began_s = time.process_time()
        completeness = self._brain.judge(request)
        self.cost_s += time.process_time() - began_s
        return completeness

    def respond(self, request: Request, token: CancelToken) -> Iterator[str]:
        self.cost_s += NEVER_S
        return iter(())

    def prefill(self, request: Request, token: CancelToken) -> None: ...


class Replay:
    """Voice activity that was worked out before: ``probabilities``, a frame after another."""

    name = "replay"

    def __init__(self, probabilities: Sequence[float]) -> None:
        self._rest = iter(probabilities)

    def probability(self, frame: Pcm) -> float:
        return next(self._rest)

    def reset(self) -> None: ...


def listen(clip: Clip, ear: Ear, judge: Judge) -> Heard:
    """One recording, to a new session."""
    clock, bus = Clock(), Bus()
    mailbox = bus.subscribe(MAILBOX_EVENTS)
    stt, llm = LateWorker(ear, clock), LateWorker(judge, clock)
    frames = list(followed_by_quiet(clip).frames())
    vad = registry.make_vad()
    probabilities = [vad.probability(frame) for frame in frames]
    session = Session(
        "endpointing",
        source=clock,
        sink=NoSink(),
        vad=Replay(probabilities),
        workers=Workers(stt, llm, None),
        agenda=NoAgenda(),
        bus=bus,
        settings=SETTINGS.turn,
    )
    for frame in frames:
        clock.now_s += FRAME_S
        stt.advance()
        llm.advance()
        while (message := session.inbox.poll()) is not None:
            session.handle(message)
        session.handle(Frame(frame, clock.now_s))
    bus.close()
    commits = [event for event in mailbox if isinstance(event, TurnCommitted)]
    return Heard(clip, end_of_speech_s(probabilities, SETTINGS.turn.vad_threshold), commits)


def followed_by_quiet(clip: Clip) -> Clip:
    noise = np.random.default_rng(0).normal(0, ROOM_LEVEL, round(QUIET_S * SAMPLE_RATE_HZ)).astype(np.float32)
    return replace(clip, pcm=np.concatenate([clip.pcm, noise]))


def end_of_speech_s(probabilities: Sequence[float], threshold: float) -> float:
    """The end of the last voiced frame, as the session's own detector of speech has it."""
    detector = SpeechDetector(threshold)
    voiced = [detector.feed(probability)[0] for probability in probabilities]
    return max((place + 1 for place, is_voiced in enumerate(voiced) if is_voiced), default=0) * FRAME_S


def held_out(clip: Clip) -> bool:
    """The half that no rule was chosen on."""
    return zlib.crc32(clip.name.encode()) % 2 == 1


def row(name: str, heard: Sequence[Heard]) -> Sequence[str]:
    waits_s = [one.wait_s for one in heard if one.wait_s is not None]
    cut = sum(bool(one.early) for one in heard)
    waits = [ms(percentile(waits_s, share)) if waits_s else "–" for share in (0.5, 0.95)]
    return name, str(len(heard)), str(len(heard) - len(waits_s)), *waits, f"{cut} ({cut / max(len(heard), 1):.1%})"


HEADERS = ("", "turns", "not heard", "wait, p50", "p95", "cut off")


def sets(folder: Path, recogniser: SttEngine) -> dict[str, list[Clip]]:
    """Those who pause; commands that the recogniser understands; all else that people said."""
    return {
        "people who pause": speech.pausing(folder),
        "commands": speech.commands(folder, COMMANDS, recogniser),
        "all else that people said": speech.others(folder),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--speech", type=Path, default=speech.SPEECH, help="folder of recordings")
    parser.add_argument("--out", type=Path, help="folder for the table")
    parser.add_argument("--show", action="store_true", help="print the commits of every recording")
    options = parser.parse_args()
    paper = Paper(options.out, "The end of a turn")
    recogniser = registry.stt_candidates(SETTINGS, intent_grammar)[0].load()
    ear, judge = Ear(recogniser), Judge(AssistantBrain())
    lines = []
    for name, clips in sets(options.speech, recogniser).items():
        heard = [listen(clip, ear, judge) for clip in clips]
        lines.append(row(name, heard))
        lines.append(row("… held out", [one for one in heard if held_out(one.clip)]))
        if options.show:
            show(heard)
    paper.table(HEADERS, lines)


def show(heard: Sequence[Heard]) -> None:
    for one in heard:
        commits = ", ".join(
            f"{event.at_s:.2f} s{' early' if event in one.early else ''} ({', '.join(event.cues)})"
            for event in one.commits
        )
        print(f"{one.clip.name}: {commits}", flush=True)


if __name__ == "__main__":
    main()

"""The result of a bench: figures that can be shown, kept as JSON and compared."""

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from assistant.bench.accuracy import word_error_share
from assistant.bench.run import Recording
from assistant.bench.spread import Spread, spread
from assistant.bench.turns import Turn, thrown_away_s, turns
from assistant.config import Settings
from assistant.errors import InputError
from assistant.events import EngineCall, EngineReady, Measured
from assistant.models import registry
from assistant.power import speculates
from assistant.processor import this_processor

SCHEMA = 1
FEWEST_TOKENS = 8
"""Fewer are an answer of the intents, or one that was cancelled at once: they say nothing about a language model."""


@dataclass(frozen=True, slots=True)
class Report:
    """``spreads`` are seconds over the turns, ``values`` single numbers with their unit in the name."""

    setup: Mapping[str, Any]
    spreads: Mapping[str, Spread | None]
    values: Mapping[str, float | None]
    turns: Sequence[Turn] = field(default_factory=tuple)

    def to_json(self) -> str:
        return json.dumps({"schema": SCHEMA, **asdict(self)}, ensure_ascii=False, indent=1)


def make(recording: Recording, settings: Settings, *, realtime: bool) -> Report:
    """Everything the recording tells."""
    every = turns(recording)
    plain = [turn for turn in every if not turn.spoken_over]
    return Report(
        setup=_setup(recording, settings, realtime=realtime),
        spreads={
            "first_sound": spread(turn.first_sound_s for turn in plain),
            "endpoint": spread(turn.endpoint_s for turn in plain),
            "added": spread(turn.added_s for turn in plain),
            "transcript": spread(turn.transcript_s for turn in plain),
            "first_token": spread(turn.first_token_s for turn in plain),
            "first_clause": spread(turn.first_clause_s for turn in plain),
            "interruption": spread(turn.interruption_s for turn in every),
        },
        values={
            "turns": len(plain),
            "unheard": sum(turn.outcome == "unheard" for turn in plain),
            "cut_off_share": _share(turn.cut_off for turn in plain),
            "word_error_share": _word_errors(plain),
            **_engines(recording, plain),
            "speculated_share": _share(turn.speculated for turn in plain),
            **_thrown_away(recording),
            "wasted_engine_s": _measured(recording, "speculation_wasted_engine_s"),
            "wasted_tokens": _measured(recording, "speculation_wasted_tokens"),
            "gaps": sum(len(turn.gaps_s) for turn in plain),
            "longest_gap_s": max((gap_s for turn in plain for gap_s in turn.gaps_s), default=0.0),
            "underruns": recording.underruns,
            "capture_overrun_frames": recording.overdue_frames,
            "inbox_dropped_frames": _measured(recording, "inbox_dropped_frames"),
            "latest_frame_s": recording.latest_frame_s,
            "quiet_cores": recording.quiet.cores,
            "talk_cores": recording.talk.cores,
            "peak_memory_mb": recording.peak_memory_mb,
        },
        turns=every,
    )


def load(path: Path) -> Report:
    """A report from its JSON, without its turns. Raises InputError."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept["schema"] != SCHEMA:
            raise InputError(f"{path} is from another version of the bench", hint="Run the bench again with --json.")
        spreads = {name: one and Spread(**one) for name, one in kept["spreads"].items()}
        return Report(kept["setup"], spreads, dict(kept["values"]))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}", hint="Check the name.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path} is not a report of a bench", hint="Make one: assistant bench --json FILE") from error


def _setup(recording: Recording, settings: Settings, *, realtime: bool) -> dict[str, Any]:
    cores = this_processor()
    ready = [event for event in recording.events if isinstance(event, EngineReady)]
    return {
        "made_at": datetime.now().astimezone().isoformat(timespec="seconds"),
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "processor": processor(),
        "cores": cores.cores,
        "usable_cores": cores.usable,
        "engines": {event.stage: event.engine for event in ready},
        "load_s": {event.stage: event.load_s for event in ready},
        "threads": asdict(registry.thread_budget(settings)),
        "ahead": speculates(settings.turn.speculate),
        "realtime": realtime,
    }


def processor() -> str:
    """What the processor calls itself, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith(("model name", "Model"))]
    return names[0] if names else platform.processor()


def _share(flags: Any) -> float | None:
    every = list(flags)
    return sum(every) / len(every) if every else None


def _word_errors(every: Sequence[Turn]) -> float | None:
    return word_error_share([(turn.expected, turn.transcript) for turn in every])


def _engines(recording: Recording, plain: Sequence[Turn]) -> dict[str, float | None]:
    """How fast each engine is: real-time factors, and pieces of text a second."""
    calls = [event for event in recording.events if isinstance(event, EngineCall)]
    heard = [turn for turn in plain if turn.speech_s is not None and turn.bars]
    last = [[bar for bar in turn.bars if bar.lane == "stt"][-1:] for turn in heard]
    written = [call for call in calls if call.stage == "llm" and call.items >= FEWEST_TOKENS]
    return {
        "stt_real_time_factor": _quotient(
            sum(bar.end_s - bar.start_s for bars in last for bar in bars), sum(turn.speech_s or 0.0 for turn in heard)
        ),
        "llm_pieces_per_s": _quotient(sum(call.items for call in written), sum(call.duration_s for call in written)),
        "tts_real_time_factor": _quotient(
            sum(call.duration_s for call in calls if call.stage == "tts"), recording.spoken_s
        ),
    }


def _thrown_away(recording: Recording) -> dict[str, float | None]:
    """By stage; None where no engine served it."""
    served = {event.stage for event in recording.events if isinstance(event, EngineReady)}
    spent = thrown_away_s(recording.events)
    return {f"thrown_away_{stage}_s": seconds if stage in served else None for stage, seconds in spent.items()}


def _quotient(one: float, other: float) -> float | None:
    return one / other if other > 0 else None


def _measured(recording: Recording, name: str) -> float:
    return sum(event.value for event in recording.events if isinstance(event, Measured) and event.name == name)

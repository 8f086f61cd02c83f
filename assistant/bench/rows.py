"""A report as rows of text. Pure."""

from collections.abc import Iterable, Iterator

from assistant.bench.report import Report
from assistant.bench.spread import ratio

SPREADS = {
    "first_sound": "end of speech → first audible sample",
    "endpoint": "… of it, the wait for the end of the turn",
    "added": "… of it, added after the commit",
    "transcript": "end of speech → transcript",
    "first_token": "end of speech → first word of the answer",
    "first_clause": "end of speech → first clause",
    "interruption": "speech over the answer → silence",
}
VALUES = {
    "turns": ("turns", "{:.0f}"),
    "unheard": ("turns in which nothing was heard", "{:.0f}"),
    "cut_off_share": ("turns cut off while the speaker goes on", "{:.0%}"),
    "word_error_share": ("words heard wrong", "{:.0%}"),
    "stt_real_time_factor": ("recogniser, seconds a second of speech", "{:.3f}"),
    "llm_pieces_per_s": ("language model, tokens a second, prompt included", "{:.1f}"),
    "tts_real_time_factor": ("voice, seconds a second of speech", "{:.3f}"),
    "speculated_share": ("answers begun before the commit that stood", "{:.0%}"),
    "thrown_away_turn_s": ("guesses in vain, end of turn", "{:.2f} s"),
    "thrown_away_stt_s": ("guesses in vain, recogniser", "{:.2f} s"),
    "thrown_away_llm_s": ("guesses in vain, language model", "{:.2f} s"),
    "thrown_away_tts_s": ("guesses in vain, voice", "{:.2f} s"),
    "wasted_engine_s": ("thrown away of answers begun ahead, engine time", "{:.2f} s"),
    "wasted_tokens": ("thrown away of answers begun ahead, tokens", "{:.0f}"),
    "gaps": ("gaps in the answers", "{:.0f}"),
    "longest_gap_s": ("longest gap", "{:.2f} s"),
    "underruns": ("gaps inside a clause", "{:.0f}"),
    "capture_overrun_frames": ("frames lost by the microphone", "{:.0f}"),
    "inbox_dropped_frames": ("frames lost by the session", "{:.0f}"),
    "latest_frame_s": ("latest frame of the microphone", "{:.3f} s"),
    "quiet_cores": ("processor, listening to a quiet room", "{:.1%} of a core"),
    "talk_cores": ("processor, talking", "{:.1%} of a core"),
    "peak_memory_mb": ("most memory", "{:.0f} MB"),
}
NOTHING = "–"

HEADERS = ("", "p50", "p95", "turns")
COMPARED = ("", "before", "now", "before / now")
DIFFERING = ("", "before", "now")
RATIOS = "before / now: a time with 2.00 has become half as long, a rate with 0.50 twice as high."


def figures(report: Report) -> Iterator[tuple[str, str, str, str]]:
    """Rows under ``HEADERS``: what was measured over the turns."""
    for name, label in SPREADS.items():
        one = report.spreads.get(name)
        if one is not None:
            yield label, _ms(one.p50), _ms(one.p95), str(one.count)


def values(report: Report, names: Iterable[str] = VALUES) -> Iterator[tuple[str, str]]:
    """What is one number for the whole run, where there is one."""
    for name in names:
        label, form = VALUES[name]
        if (value := report.values.get(name)) is not None:
            yield label, form.format(value)


def comparison(before: Report, now: Report) -> Iterator[tuple[str, str, str, str]]:
    """Rows under ``COMPARED``; a ratio above 1: there was more of it before. What was and is 0 is left out."""
    for name, label in SPREADS.items():
        one, other = before.spreads.get(name), now.spreads.get(name)
        if one is not None and other is not None:
            yield f"{label}, p50", _ms(one.p50), _ms(other.p50), _times(ratio(one.p50, other.p50))
            yield f"{label}, p95", _ms(one.p95), _ms(other.p95), _times(ratio(one.p95, other.p95))
    for name, (label, form) in VALUES.items():
        was, is_now = before.values.get(name), now.values.get(name)
        if was is not None and is_now is not None and (was or is_now):
            yield label, form.format(was), form.format(is_now), _times(ratio(was, is_now))


def differences(before: Report, now: Report) -> Iterator[tuple[str, str, str]]:
    """Rows under ``DIFFERING``: what was measured then, or on what, that is not the same now."""
    old, new = dict(setup(before)), dict(setup(now))
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) != new.get(name):
            yield name, old.get(name, NOTHING), new.get(name, NOTHING)


def setup(report: Report) -> Iterator[tuple[str, str]]:
    """What was measured, and on what."""
    kept = report.setup
    yield "when", str(kept.get("made_at", NOTHING))
    yield "machine", f"{kept.get('processor', '')}, {kept.get('cores')} cores, {kept.get('system')}"
    for stage, engine in sorted(kept.get("engines", {}).items()):
        count = kept.get("threads", {}).get(stage, 0)
        yield stage, f"{engine}, {count} thread{'' if count == 1 else 's'}" if count else engine
    if not kept.get("ahead", True):
        yield "ahead", "no answer was begun before its turn had committed (turn.speculate)"
    if not kept.get("realtime", True):
        yield "note", "not in real time: the times are those of an endlessly fast machine"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def _times(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.2f}"

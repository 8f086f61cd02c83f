"""The table: what all trials together come to. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from assistant.bench.spread import percentile
from benchmarks.interruptions.verdicts import Selves, Verdict
from benchmarks.interruptions.wakewords import WakeFigures

Row = tuple[str, str, str]
"""What it is, what was measured, and what to reach for."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that was measured."""

    selves: Sequence[Selves]
    verdicts: Sequence[Verdict]
    front_end_share: float | None = None
    wake: Sequence[WakeFigures] = ()

    @classmethod
    def merged(cls, parts: Sequence[dict[str, Any]]) -> "Figures":
        """Of several runs, each as ``as_dict`` tells it."""
        shares = [part["front_end_share"] for part in parts if part["front_end_share"] is not None]
        return cls(
            selves=[Selves(**one) for part in parts for one in part["selves"]],
            verdicts=[Verdict(**one) for part in parts for one in part["verdicts"]],
            front_end_share=max(shares, default=None),
            wake=[WakeFigures(**one) for part in parts for one in part["wake"]],
        )

    def rows(self) -> Iterator[Row]:
        yield from self._by_itself()
        for level_db in sorted({one.talker_db for one in self.verdicts}):
            yield from self._spoken_over(level_db)
        early = sum(not one.asked for one in self.verdicts)
        yield "answers that had ended before somebody spoke over them", f"{early} of {len(self.verdicts)}", "0"
        yield from self._times()
        yield from self._exactness()
        if self.front_end_share is not None:
            yield "front end (echo, gain, VAD, wake word), of one core", f"{self.front_end_share:.1%}", "≤ 10 %"
        for one in self.wake:
            yield (
                f"wake word “{one.word.replace('_', ' ')}”: missed of people's / of eSpeak NG's / imagined",
                f"{one.said_missed} of {one.said} / {one.spoken_missed} of {one.spoken} / "
                f"{len(one.imagined)} in {one.others_s / 60:.0f} min",
                "≤ 10 % / – / ≤ 0.5 an hour",
            )

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "rows": list(self.rows())}

    def _by_itself(self) -> Iterator[Row]:
        hours = sum(one.speaking_s for one in self.selves) / 3600
        questions = sum(one.unheard for one in self.selves)
        yield "speaking, in all", f"{hours * 60:.0f} min in {len(self.selves)} rooms", "≥ 60 min"
        interruptions = sum(one.interruptions for one in self.selves)
        replies = sum(one.replies for one in self.selves)
        yield "self-interruptions", f"{interruptions}", "0"
        yield "self-replies", f"{replies}", "0"
        yield "turns begun by itself, that came to nothing or not", f"{sum(one.starts for one in self.selves)}", ""
        ducked_s = sum(one.ducked_s for one in self.selves)
        ducks = sum(one.ducks for one in self.selves)
        if hours:
            yield "ducked for nothing", f"{ducks / hours:.0f} an hour, {ducked_s / hours / 36:.2f} % of the time", ""
        if questions:
            yield "questions that were not answered", f"{questions}", ""

    def _spoken_over(self, level_db: float) -> Iterator[Row]:
        level = f"talker {level_db:+.0f} dB to the echo"
        reach = "≥ 99 %" if level_db >= 10 else "≥ 95 %" if level_db >= 0 else ""
        yield f"requests noticed, {level}", share(self._of("request", level_db), noticed), reach
        right = [one.words_right for one in self._of("request", level_db) if one.words_right is not None]
        if right:
            yield f"… words of them heard, {level}", f"{sum(right) / len(right):.0%}", ""
        yield f"stop words obeyed, {level}", share(self._of("stop", level_db), obeyed), "≥ 98 %"
        for kind in ("backchannel", "noise"):
            name = {"backchannel": "backchannels", "noise": "coughs and noises"}[kind]
            yield f"{name} that end the answer, {level}", share(self._of(kind, level_db), noticed), "≤ 5 %"
        if wakes := self._of("wake", level_db):
            yield f"wake words that interrupt the answer, {level}", share(wakes, noticed), ""

    def _times(self) -> Iterator[Row]:
        real = [one for one in self.verdicts if one.kind in ("request", "stop") and one.killed]
        everything = [one.ducked_s for one in self.verdicts if one.ducked_s is not None and one.kind != "wake"]
        yield "onset → ducked", spread(everything), "p95 ≤ 100 ms"
        silent = [one.silent_s for one in real if one.silent_s is not None]
        yield "onset → silent", spread(silent), "p50 ≤ 200, p95 ≤ 300 ms"
        resumed = [one.resumed_s for one in self.verdicts if one.resumed_s is not None]
        yield "onset → at full volume again, where the answer goes on", spread(resumed), ""
        back = [one.back_s for one in self.verdicts if one.back_s is not None]
        yield "decided → at full volume again", spread(back), "≤ 200 ms"

    def _exactness(self) -> Iterator[Row]:
        repeated, lost = sum(one.repeated for one in self.selves), sum(one.lost for one in self.selves)
        yield "samples repeated / lost in what was played", f"{repeated} / {lost}", "0"

    def _of(self, kind: str, level_db: float) -> list[Verdict]:
        return [one for one in self.verdicts if one.asked and (one.kind, one.talker_db) == (kind, level_db)]


def noticed(verdict: Verdict) -> bool:
    return verdict.killed


def obeyed(verdict: Verdict) -> bool:
    """It fell silent, and had nothing to say to that."""
    return verdict.killed and not verdict.answered_over


def share(verdicts: Sequence[Verdict], counts: Any) -> str:
    hits = sum(counts(one) for one in verdicts)
    return f"{hits / len(verdicts):.1%} ({hits} of {len(verdicts)})" if verdicts else "none"


def spread(seconds: Sequence[float]) -> str:
    if not seconds:
        return "never"
    middle, late = (percentile(seconds, share) * 1000 for share in (0.5, 0.95))
    return f"p50 {middle:.0f} ms, p95 {late:.0f} ms ({len(seconds)})"

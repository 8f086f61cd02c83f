"""Which profile suits a machine, and why."""

from collections.abc import Iterator
from dataclasses import dataclass

from assistant.store.catalogue import Catalogue
from assistant.store.entries import Entry, Terms
from assistant.store.machine import Machine
from assistant.store.profiles import USED, Profile

SPARE_DISK = 500_000_000
"""Bytes that should be left on the disk once the models are there."""
BUILT_IN = {
    "stt": "PocketSphinx hears English commands",
    "llm": "only intents answer",
    "tts": "eSpeak NG speaks",
    "turn": "the words and a pause tell when you have finished",
}
"""What stands in where no model does."""
WARNINGS: dict[Terms, str] = {
    "free": "",
    "restricted": ", with conditions for commercial use",
    "noncommercial": ", which forbids commercial use",
    "unclear": ", so its terms are not clear",
}


@dataclass(frozen=True, slots=True)
class Recommendation:
    """``profile`` is None where not even the smallest fits. ``reasons``: sentences for it, and against larger ones."""

    machine: Machine
    profile: Profile | None
    reasons: tuple[str, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The models that a conversation uses."""
        return () if self.profile is None else _entries(self.profile)

    @property
    def size(self) -> int:
        """Bytes of those models."""
        return sum(entry.size for entry in self.entries)


def recommend(machine: Machine, language: str, catalogue: Catalogue) -> Recommendation:
    """The largest profile whose needs the machine meets, with as many threads as it has cores for. Pure.

    A board that profiles name bears none that is larger than the largest of those.
    """
    profiles = [profile.for_language(language).for_cores(machine.cores) for profile in catalogue.profiles.values()]
    made_for_it = [number for number, profile in enumerate(profiles, start=1) if _board(profile, machine)]
    against: list[str] = []
    for profile in reversed(profiles[: max(made_for_it, default=len(profiles))]):
        obstacles = list(_obstacles(profile, machine))
        if not obstacles:
            return Recommendation(machine, profile, (*_for(profile, machine), *reversed(against)))
        against.append(f"Not {profile.name}: {', '.join(obstacles)}.")
    return Recommendation(machine, None, tuple(reversed(against)))


def _entries(profile: Profile) -> tuple[Entry, ...]:
    return tuple(entry for entry in profile.entries if entry.stage in USED)


def _board(profile: Profile, machine: Machine) -> bool:
    return any(board in machine.board for board in profile.needs.boards)


def _for(profile: Profile, machine: Machine) -> Iterator[str]:
    yield profile.reason
    if _board(profile, machine):
        yield f"This is a {machine.board}."
    for stage in USED:
        entry = profile.entry(stage)
        if entry is None:
            yield f"No {stage} model of the catalogue speaks {profile.language}: {BUILT_IN[stage]}."
        elif entry is profile.choices[stage][0] and entry.terms == "free":
            yield f"{entry.id}: {profile.why[stage]}"
        else:
            yield f"{entry.id}: it speaks {profile.language}. Licence: {entry.licence}{WARNINGS[entry.terms]}."


def _obstacles(profile: Profile, machine: Machine) -> Iterator[str]:
    """What the machine lacks, in words."""
    needs = profile.needs
    if machine.cores < needs.cores:
        yield f"it needs {needs.cores} cores, and there are {machine.cores}"
    if machine.memory < needs.memory_gb * 1e9:
        there = f"there are {machine.memory / 1e9:.1f}" if machine.memory else "how much there is is not known"
        yield f"it needs {needs.memory_gb:g} GB of memory, and {there}"
    if needs.fast_math and not machine.fast_math:
        yield "it needs a processor with AVX2, or dot products on Arm"
    if needs.mains and machine.battery:
        yield "it needs more power than a battery should give"
    wanted = sum(entry.size for entry in _entries(profile)) + SPARE_DISK
    if machine.free_disk < wanted:
        yield f"it needs {wanted / 1e9:.1f} GB of free disk, and there are {machine.free_disk / 1e9:.1f}"

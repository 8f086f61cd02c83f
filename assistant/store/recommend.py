"""Which profile suits a machine, and why."""

from collections.abc import Iterator
from dataclasses import dataclass

from assistant.store.catalogue import Catalogue
from assistant.store.entries import Entry
from assistant.store.machine import Machine
from assistant.store.profiles import ESSENTIAL, Profile

SPARE_DISK = 500_000_000
"""Bytes that should be left on the disk once the models are there."""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """``profile`` is None where not even the smallest fits. ``reasons``: sentences for it, and against larger ones."""

    machine: Machine
    profile: Profile | None
    reasons: tuple[str, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The models that a conversation is made of."""
        if self.profile is None:
            return ()
        chosen = (self.profile.entry(stage) for stage in ESSENTIAL)
        return tuple(entry for entry in chosen if entry is not None)

    @property
    def size(self) -> int:
        """Bytes of those models."""
        return sum(entry.size for entry in self.entries)


def recommend(machine: Machine, language: str, catalogue: Catalogue) -> Recommendation:
    """The largest profile whose needs the machine meets; one that is made for its board goes first. Pure."""
    profiles = [profile.for_language(language) for profile in catalogue.profiles.values()]
    made_for_it = [profile for profile in profiles if _is_board(profile, machine)]
    against: list[str] = []
    for profile in [*made_for_it, *(profile for profile in reversed(profiles) if profile not in made_for_it)]:
        obstacles = list(_obstacles(profile, machine))
        if not obstacles:
            return Recommendation(machine, profile, (*_for(profile, machine), *reversed(against)))
        against.append(f"Not {profile.name}: {', '.join(obstacles)}.")
    return Recommendation(machine, None, tuple(reversed(against)))


def _is_board(profile: Profile, machine: Machine) -> bool:
    return bool(machine.board) and any(board in machine.board for board in profile.needs.boards)


def _for(profile: Profile, machine: Machine) -> Iterator[str]:
    yield profile.reason
    if _is_board(profile, machine):
        yield f"This is a {machine.board}."
    for stage in ESSENTIAL:
        entry = profile.entry(stage)
        if entry is None:
            yield f"No {stage} model speaks {profile.language}."
        elif entry is profile.choices[stage][0]:
            yield f"{entry.id}: {profile.why[stage]}"
        else:
            yield f"{entry.id}: speaks {profile.language}. Licence: {entry.licence}."


def _obstacles(profile: Profile, machine: Machine) -> Iterator[str]:
    """What the machine lacks, in words."""
    needs = profile.needs
    if (
        needs.boards
        and machine.board.startswith(("Raspberry Pi", "Compute Module"))
        and not _is_board(profile, machine)
    ):
        yield "it is made for another board"
    if machine.cores < needs.cores:
        yield f"it needs {needs.cores} cores, and there are {machine.cores}"
    if machine.memory < needs.memory_gb * 1e9:
        yield f"it needs {needs.memory_gb} GB of memory, and there are {machine.memory / 1e9:.1f}"
    if needs.fast_math and not machine.fast_math:
        yield "it needs a processor with AVX2, or dot products on Arm"
    if needs.mains and machine.on_battery:
        yield "it needs more power than a battery should give"
    wanted = sum(entry.size for stage in ESSENTIAL if (entry := profile.entry(stage)) is not None) + SPARE_DISK
    if machine.free_disk < wanted:
        yield f"it needs {wanted / 1e9:.1f} GB of disk, and {machine.free_disk / 1e9:.1f} are free"

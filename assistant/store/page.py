"""``docs/models.md``, generated: ``python -m assistant.store.page > docs/models.md``."""

from collections.abc import Iterable, Iterator
from typing import get_args

from assistant.store.catalogue import Catalogue, catalogue
from assistant.store.entries import MULTILINGUAL, Entry, ModelStage
from assistant.store.page_words import AFTER, FIGURES, INTRODUCTION, MEASURED, NOT_MEASURED, PUBLISHED, STAGES
from assistant.store.profiles import Profile

LANGUAGES = {
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "it": "Italian",
    "pt": "Portuguese",
    "zh": "Chinese",
}
"""The languages in which the page shows each profile."""


def markdown(shown: Catalogue | None = None) -> str:
    """The whole page: how to, a table a profile, a table a stage. Raises ConfigError for a broken catalogue."""
    shown = shown or catalogue()
    profiles = [line for profile in shown.profiles.values() for line in _profile(profile)]
    stages = [line for stage in get_args(ModelStage) for line in _stage(stage, shown)]
    return "\n".join([INTRODUCTION, FIGURES, *profiles, AFTER, *stages]) + "\n"


def _profile(profile: Profile) -> Iterator[str]:
    spoken = {code: profile.for_language(code) for code in LANGUAGES}
    yield f"### `{profile.name}`\n\n{profile.reason}\n"
    yield f"Needs {_needs(profile)}. To download: {_sizes(spoken)}.\n"
    yield "| stage | model | for | size | terms: licence | threads |\n|---|---|---|---|---|---|"
    chosen = [entry for stage in get_args(ModelStage) for entry in _choices(stage, spoken.values())]
    for entry in chosen:
        languages = [code for code, one in spoken.items() if one.entry(entry.stage) is entry]
        threads = profile.settings.get(f"{entry.stage}.threads", "")
        yield _row(entry.stage, f"`{entry.id}`", _for(languages), _size(entry.size), _terms(entry), threads)
    yield "\n" + "\n".join(f"- {STAGES[stage]}: {why}" for stage, why in profile.why.items())
    settings = ", ".join(f"`{key} = {value}`" for key, value in profile.settings.items())
    yield f"\nSettings: {settings}; beyond English also `stt.language` and `tts.voice`.\n"
    yield "| speed and memory | whose figure | of |\n|---|---|---|"
    yield from _figures(chosen)
    yield ""


def _stage(stage: ModelStage, shown: Catalogue) -> Iterator[str]:
    entries = [entry for entry in shown.entries if entry.stage == stage]
    if not entries:
        return
    yield f"### {STAGES[stage]} (`{stage}`)\n"
    yield "| model | size | speed class | languages | terms: licence | |\n|---|---|---|---|---|---|"
    for entry in entries:
        moving = "" if entry.pinned else " Not pinned to a revision."
        note = entry.note + moving
        yield _row(f"`{entry.id}`", _size(entry.size), entry.speed, _languages(entry), _terms(entry), note)
    yield ""


def _choices(stage: ModelStage, profiles: Iterable[Profile]) -> list[Entry]:
    """The stage's models in any of the profiles, each once."""
    found = [entry for profile in profiles if (entry := profile.entry(stage)) is not None]
    return list({entry.id: entry for entry in found}.values())


def _row(*cells: object) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def _needs(profile: Profile) -> str:
    """What a machine must have, in words."""
    needs = profile.needs
    words = [f"{needs.cores} cores", f"{needs.memory_gb:g} GB of memory"]
    if needs.fast_math:
        words.append("a processor with AVX2, or dot products on Arm")
    if needs.mains:
        words.append("no battery")
    boards = f"; made for boards named {', '.join(needs.boards)}" if needs.boards else ""
    return ", ".join(words) + boards


def _sizes(spoken: dict[str, Profile]) -> str:
    """``573 MB (en), 641 MB (de, fr)``."""
    by_size: dict[str, list[str]] = {}
    for code, profile in spoken.items():
        by_size.setdefault(_size(profile.size), []).append(code)
    return ", ".join(f"{size} ({', '.join(codes)})" for size, codes in by_size.items())


def _size(size: int) -> str:
    """Bytes in words."""
    return f"{size / 1e9:.2f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB" if size >= 1e8 else f"{size / 1e6:.1f} MB"


def _for(codes: list[str]) -> str:
    return "all" if len(codes) == len(LANGUAGES) else ", ".join(codes)


def _terms(entry: Entry) -> str:
    return f"{entry.terms}: {entry.licence}"


def _figures(entries: Iterable[Entry]) -> Iterator[str]:
    """A row a figure, with all models that it is of, and a last one with the models of which there is none."""
    of: dict[tuple[str, str], list[str]] = {}
    for entry in entries:
        figures = [(figure, MEASURED) for figure in entry.measured]
        figures += [(figure, PUBLISHED) for figure in entry.published]
        for figure in figures or [(NOT_MEASURED, "")]:
            of.setdefault(figure, []).append(f"`{entry.id}`")
    for figure in sorted(of, key=lambda figure: figure[0] == NOT_MEASURED):
        yield _row(*figure, ", ".join(of[figure]))


def _languages(entry: Entry) -> str:
    return "many" if MULTILINGUAL in entry.languages else ", ".join(entry.languages)


if __name__ == "__main__":
    print(markdown(), end="")

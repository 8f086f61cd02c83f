"""What to recommend to somebody, in words."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from assistant.commands.bars import bytes_in_words
from assistant.store.catalogue import catalogue
from assistant.store.folder import installed
from assistant.store.machine import this_machine
from assistant.store.recommend import Recommendation, recommend

NOTHING = "Nothing larger than what is built in: PocketSphinx hears commands, eSpeak NG speaks."


def advice(root: Path, language: str) -> Recommendation:
    """For this machine, with the models in ``root``. Raises ConfigError for a broken catalogue."""
    return recommend(this_machine(root), language, catalogue())


def text(found: Recommendation, root: Path) -> str:
    """Some lines for a reader."""
    lines = [f"This machine: {found.machine}."]
    if found.profile is None:
        return "\n".join([*lines, NOTHING, *found.reasons])
    lines += [f"Recommended: {found.profile.name}, {bytes_in_words(found.size)}", ""]
    for entry in found.entries:
        here = "installed" if installed(entry, root) else bytes_in_words(entry.size)
        lines.append(f"  {entry.stage}  {entry.id}  {here}  {entry.licence}")
    lines += ["", *found.reasons, "", f"Fetch it: {command(found)}"]
    return "\n".join(lines)


def command(found: Recommendation) -> str:
    """What fetches the profile."""
    if found.profile is None:
        return ""
    language = "" if found.profile.language == "en" else f" --language {found.profile.language}"
    return f"assistant models pull --profile {found.profile.name}{language}"


def described(found: Recommendation, root: Path) -> Mapping[str, object]:
    """For JSON."""
    return {
        "machine": asdict(found.machine),
        "profile": None if found.profile is None else found.profile.name,
        "language": None if found.profile is None else found.profile.language,
        "models": [
            {"id": entry.id, "stage": entry.stage, "size": entry.size, "licence": entry.licence, "installed": here}
            for entry in found.entries
            for here in [installed(entry, root)]
        ],
        "size": found.size,
        "settings": {} if found.profile is None else dict(found.profile.settings),
        "reasons": list(found.reasons),
        "command": command(found),
    }

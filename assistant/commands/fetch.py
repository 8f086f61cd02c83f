"""``models pull``: which models are meant, what the user has to agree to, and the download."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from assistant.commands.bars import bars, bytes_in_words
from assistant.errors import InputError
from assistant.store.catalogue import catalogue
from assistant.store.entries import Entry
from assistant.store.profiles import USED, Profile

if TYPE_CHECKING:
    from pathlib import Path

LARGE_BYTES = 2_000_000_000
WARNED_TERMS = {
    "noncommercial": "may not be used commercially",
    "restricted": "has a licence with conditions",
}


def chosen(ids: Sequence[str], profile: Profile | None) -> list[Entry]:
    """What a conversation uses of the profile, then the entries that are named. Raises ConfigError."""
    named = [catalogue().entry(entry_id) for entry_id in ids]
    used = [entry for entry in (profile.entries if profile else ()) if entry.stage in USED]
    return list({entry.id: entry for entry in [*used, *named]}.values())


def fetch(entries: Sequence[Entry], root: "Path", *, yes: bool, unverified: bool) -> None:
    """Ask what has to be asked, then download what is not there. Raises what ``pull`` raises, and InputError."""
    from assistant.store.folder import installed, model_path
    from assistant.store.pull import pull

    missing = [entry for entry in entries if not installed(entry, root)]
    for entry in entries:
        if entry not in missing:
            print(f"{entry.id} is installed: {model_path(entry, root)}")
    if not missing:
        return
    if not yes:
        _agree(missing)
    with bars("fetched") as progress:
        paths = pull(missing, root, progress=progress, unverified_ok=unverified)
    for entry, path in zip(missing, paths, strict=True):
        print(f"{entry.id} is installed: {path}")


def _agree(entries: Sequence[Entry]) -> None:
    """Ask once about all that a user may not want. Raises InputError where the answer is no, or nobody is there."""
    reasons = [
        f"{entry.id} {WARNED_TERMS[entry.terms]}: {entry.licence}" for entry in entries if entry.terms in WARNED_TERMS
    ]
    size = sum(entry.size for entry in entries)
    if size > LARGE_BYTES:
        reasons.append(f"the download is {bytes_in_words(size)}")
    if not reasons:
        return
    print("\n".join(f"- {reason}" for reason in reasons), file=sys.stderr)
    if not sys.stdin.isatty():
        raise InputError("that needs your consent, and nobody is here to ask", hint="Say so beforehand: --yes")
    print("Download? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise InputError("nothing was downloaded", hint="Choose other models: assistant models")

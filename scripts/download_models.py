#!/usr/bin/env python3
"""Download models of the catalogue, checked byte for byte. A thin shim over assistant.store.pull."""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from assistant import config
from assistant.errors import AssistantError
from assistant.store import folder, pull
from assistant.store.catalogue import Entry, catalogue
from assistant.store.progress import Meter, Progress

EXIT_INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Exit code: 0, or that of the error."""
    options = _parser().parse_args(arguments)
    try:
        root = folder.models_dir(config.load().settings)
        if options.list or not (options.ids or options.profile):
            _list(root)
            return 0
        profile = catalogue().profile(options.profile).models if options.profile else []
        for entry in [catalogue().entry(entry_id) for entry_id in dict.fromkeys([*profile, *options.ids])]:
            _download(entry, root)
    except AssistantError as error:
        print(f"error: {error.message}\n{error.hint}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("\nstopped; what has arrived is kept for the next time", file=sys.stderr)
        return EXIT_INTERRUPTED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Download models of the catalogue, checked byte for byte.")
    parser.add_argument("ids", nargs="*", metavar="ID", help="models to download; see --list")
    parser.add_argument("--list", action="store_true", help="show the catalogue and what is installed")
    parser.add_argument("--profile", metavar="NAME", help="download what suits a kind of machine: small, laptop")
    return parser


def _list(root: Path) -> None:
    print(f"models folder: {root}")
    for entry in catalogue().entries:
        mark = "installed" if folder.installed(entry, root) else f"{entry.size / 1e6:.0f} MB"
        print(f"  {entry.stage}  {entry.id:<32} {mark:>9}  {entry.licence}. {entry.note}")
    for name, profile in catalogue().profiles.items():
        print(f"  --profile {name}: {', '.join(profile.models)}\n    {profile.reason}")


def _download(entry: Entry, root: Path) -> None:
    if folder.installed(entry, root):
        print(f"{entry.id} is installed")
        return
    meter = Meter()

    def show(progress: Progress) -> None:
        meter.hear(progress)
        if sys.stderr.isatty():
            print(
                f"\r{entry.id}  {meter.received / entry.size:4.0%} of {entry.size / 1e6:.0f} MB",
                end="",
                file=sys.stderr,
            )

    (path,) = pull.pull([entry], root, progress=show)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    print(f"{entry.id} is installed: {path}")


if __name__ == "__main__":
    sys.exit(main())

"""The command line, refused before the first scene where it would fail after the last."""

import argparse
from pathlib import Path

from benchmarks import speech

LEVELS_DB = "0,10"


def parsed(description: str | None, arguments: list[str] | None = None) -> argparse.Namespace:
    """The options; where they make no sense, says so and ends with exit code 2."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0, help="of speaking with nobody else in the room")
    parser.add_argument("--rooms", type=int, default=12, help="in which somebody speaks over it")
    parser.add_argument("--halls", action="store_true", help="all of them reverberate for a second and a half")
    parser.add_argument("--each", type=int, default=2, help="requests, stop words, … in each room at each level")
    parser.add_argument(
        "--levels", type=levels_db, default=LEVELS_DB, help="of the talker, dB above the echo; inf for a headset"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speech", type=folder, default=speech.SPEECH, help="folder of recordings")
    parser.add_argument("--wake", action="store_true", help="say the wake words, too")
    parser.add_argument(
        "--set", type=setting, action="append", default=[], metavar="KEY=VALUE", help="a setting of the assistant"
    )
    parser.add_argument("--json", type=writable, metavar="FILE", help="file for every trial")
    parser.add_argument("--part", type=part, default=(1, 1), metavar="K/N", help="every Nth scene alone, from the Kth")
    parser.add_argument("--merge", type=readable, nargs="+", metavar="FILE", help="the table of runs that wrote these")
    return parser.parse_args(arguments)


def levels_db(text: str) -> list[float]:
    return [float(level) for level in text.split(",")]


def part(text: str) -> tuple[int, int]:
    number, _, count = text.partition("/")
    if not 1 <= int(number) <= int(count):
        raise ValueError(text)
    return int(number), int(count)


def setting(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is no KEY=VALUE")
    return key, value


def folder(text: str) -> Path:
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {text}")
    return Path(text)


def readable(text: str) -> Path:
    if not Path(text).is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text}")
    return Path(text)


def writable(text: str) -> Path:
    """A run is long: its file is tried before."""
    try:
        Path(text).open("a", encoding="utf-8").close()
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{text} cannot be written: {error.strerror}") from error
    return Path(text)

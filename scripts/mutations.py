"""Break the code on purpose, one way at a time, and see which tests notice.

    python -m scripts.mutations [WORDS …]

Works on a copy of the tree. Each entry of scripts/mutations.toml is applied alone, and the tests of its file run until
two have failed. Prints the table of docs/testing.md; WORDS choose entries whose file or description contains one. Ends
with an error where an entry's text is no longer found exactly once, or the tests fail without any mutation.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TABLE = Path(__file__).with_suffix(".toml")
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "build", "dist", "*.egg-info")
LIMIT_S = 300
"""Without a mutation the slowest set of tests takes less than a minute on one core."""


@dataclass(frozen=True, slots=True)
class Mutation:
    file: str
    what: str
    old: str
    new: str
    tests: tuple[str, ...]
    """Arguments of pytest."""


def mutations() -> Iterator[Mutation]:
    for group in tomllib.loads(TABLE.read_text(encoding="utf-8"))["file"]:
        for entry in group["mutation"]:
            yield Mutation(group["path"], tests=tuple(group["tests"]), **entry)


def check(chosen: Sequence[Mutation]) -> None:
    """Exit unless each mutation changes one place of its file."""
    stale = [
        f"{mutation.file}: {mutation.what}"
        for mutation in chosen
        if (ROOT / mutation.file).read_text(encoding="utf-8").count(mutation.old) != 1
    ]
    if stale:
        sys.exit("their text is not found exactly once:\n" + "\n".join(stale))


def failures(tree: Path, tests: Sequence[str]) -> list[str]:
    """Names of the first two tests that fail in ``tree``."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--maxfail=2", "--tb=no", "-q", *tests]
    try:
        done = subprocess.run(command, cwd=tree, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    except subprocess.TimeoutExpired:
        return ["(the tests do not end)"]
    named = re.findall(r"^(?:FAILED|ERROR) tests/(\S+::\w+)", done.stdout, re.MULTILINE)
    return named if named or done.returncode == 0 else ["(the process of the tests ends)"]


def caught_by(mutation: Mutation, tree: Path) -> list[str]:
    path = tree / mutation.file
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace(mutation.old, mutation.new), encoding="utf-8")
    try:
        return list(dict.fromkeys(failures(tree, mutation.tests)))
    finally:
        path.write_text(whole, encoding="utf-8")


def check_copy(tree: Path, chosen: Sequence[Mutation]) -> None:
    """Exit unless tests in ``tree`` import what is in it, and pass."""
    where = subprocess.run(
        [sys.executable, "-c", "import assistant; print(assistant.__file__)"],
        cwd=tree,
        capture_output=True,
        text=True,
        check=True,
    )
    if not Path(where.stdout.strip()).is_relative_to(tree):
        sys.exit(f"the copy in {tree} is not what is imported: {where.stdout.strip()}")
    for tests in dict.fromkeys(mutation.tests for mutation in chosen):
        if broken := failures(tree, tests):
            sys.exit(f"these fail without any mutation: {', '.join(broken)}")


def main() -> None:
    words = sys.argv[1:]
    chosen = [one for one in mutations() if not words or any(word in f"{one.file} {one.what}" for word in words)]
    check(chosen)
    with tempfile.TemporaryDirectory() as scratch:
        tree = Path(shutil.copytree(ROOT, Path(scratch).resolve() / "copy", ignore=LEFT_OUT))
        check_copy(tree, chosen)
        caught = 0
        print("| in | broken on purpose | caught by |\n|---|---|---|")
        for mutation in chosen:
            tests = caught_by(mutation, tree)
            caught += bool(tests)
            seen = ", ".join(test if test.startswith("(") else f"`{test}`" for test in tests) or "**nothing**"
            print(f"| `{Path(mutation.file).name}` | {mutation.what} | {seen} |", flush=True)
    print(f"\n{caught} of {len(chosen)} caught.")


if __name__ == "__main__":
    main()

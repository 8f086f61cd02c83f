"""Voices that nobody designed: eSpeak NG variants with random formants, so that no voice is strange afterwards.

The format is that of eSpeak NG's docs/voices.md: a formant has a frequency, height and width in percent of the default.
"""

import random
import shutil
from functools import cache
from pathlib import Path

import espeakng_loader

COUNT = 90
"""eSpeak NG lists 350 voices at most; past that it forgets some of its own, and speaks with another accent."""
SEED = 7
FOLDER = Path("build/espeak-ng-data")


@cache
def invented() -> tuple[str, ...]:
    """Write the voices beside eSpeak NG's own in a copy of its data, and let the library use that from now on.

    Called before eSpeak NG has spoken, since the library reads its data's place once.
    """
    rng = random.Random(SEED)
    if not FOLDER.is_dir():
        shutil.copytree(espeakng_loader.get_data_path(), FOLDER)
    names = tuple(f"invented{number}" for number in range(COUNT))
    for name in names:
        (FOLDER / "voices" / "!v" / name).write_text(_variant(name, rng), encoding="utf-8")
    espeakng_loader.get_data_path = lambda: str(FOLDER.resolve())
    return names


def _variant(name: str, rng: random.Random) -> str:
    size = rng.uniform(0.9, 1.2)  # of the speaker: all formants move together
    lines = ["language variant", f"name {name}", f"flutter {rng.choice((0, 1, 2, 5))}"]
    lines += [f"roughness {rng.choice((0, 0, 2, 4))}"]
    for formant in range(9):
        spread = 0.08 if formant in {0, 1} else 0.22
        frequency = 100 * size * rng.uniform(1 - spread, 1 + spread)
        lines.append(f"formant {formant} {frequency:.0f} {rng.uniform(60, 140):.0f} {rng.uniform(80, 190):.0f}")
    low = rng.uniform(70, 170)
    lines.append(f"pitch {low:.0f} {low * rng.uniform(1.1, 1.9):.0f}")
    lines.append(f"consonants {rng.uniform(50, 110):.0f} {rng.uniform(60, 110):.0f}")
    if rng.random() < 0.4:
        points = sorted(rng.sample(range(200, 5000), 3))
        lines.append("tone " + " ".join(f"{hz} {rng.randint(10, 255)}" for hz in (100, *points)))
    if rng.random() < 0.25:
        lines.append("breath 0 " + " ".join(str(rng.randint(1, 5)) for _ in range(7)))
    if rng.random() < 0.2:
        lines.append(f"echo {rng.randint(50, 200)} {rng.randint(5, 20)}")
    return "\n".join(lines) + "\n"

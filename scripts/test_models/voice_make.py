"""Make nano-voice: python scripts/test_models/voice_make.py [folder]"""

import json
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
import onnx
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP
from sentences import DIALOGUES, vocabulary
from voice_graph import Tables, build
from voice_marks import PERIOD
from voice_speech import RATE_HZ, SILENCE, VOICE, Speaker
from voice_units import STOPS, Store, collect
from voice_words import Example, Pair, examples

FOLDER = Path(__file__).parents[2] / "tests/models/nano-voice"
MOST_SAMPLES = 2_550_000
STRESS = "ˈ"
SKIPPED = "_^$"
GRAINS_OF_REST = {",": 16, ";": 20, ":": 20, ".": 28, "!": 28, "?": 28, "(": 8, ")": 8}
LAST_REST = 8
MU = 255


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    speaker = Speaker()
    common = examples(speaker)
    store = collect(speaker, [*vocabulary(), *DIALOGUES.values()], common, MOST_SAMPLES)
    tables = tables_of(store, common)
    model = folder / "nano-voice.onnx"
    onnx.save(build(tables), model)
    config = json.dumps(config_of(), ensure_ascii=False, indent=1)
    model.with_name(f"{model.name}.json").write_text(config + "\n", encoding="utf-8")
    covered = sum(example.weight for pair, example in common.items() if pair in store.halves)
    share = covered / sum(example.weight for example in common.values())
    print(f"{len(store.halves)} units, {share:.2%} of common English, {store.size / RATE_HZ:.0f} s of sound")
    print(f"{tables.stressed.size} phones, {model.stat().st_size:,} bytes")


def config_of() -> dict[str, object]:
    return {
        "audio": {"sample_rate": RATE_HZ, "quality": "nano"},
        "espeak": {"voice": VOICE.decode()},
        "language": {"code": "en_US"},
        "inference": {"noise_scale": 0.0, "length_scale": 1.0, "noise_w": 0.0},
        "phoneme_type": "espeak",
        "phoneme_map": {},
        "phoneme_id_map": DEFAULT_PHONEME_ID_MAP,
        "num_symbols": 256,
        "num_speakers": 1,
        "speaker_id_map": {},
    }


def tables_of(store: Store, common: dict[Pair, Example]) -> Tables:
    ids = {sign: numbers[0] for sign, numbers in DEFAULT_PHONEME_ID_MAP.items() if len(sign) == 1}
    size = max(ids.values()) + 1
    phones = ["", SILENCE, *phones_in(store, common, ids)]
    number = {phone: index for index, phone in enumerate(phones)}
    known = np.zeros(size, bool)
    single, rest = np.zeros(size, np.uint8), np.zeros(size, np.uint8)
    merged = np.zeros((size, size), np.uint8)
    for sign, index in ids.items():
        known[index] = sign not in SKIPPED
        single[index] = number[SILENCE] if sign in GRAINS_OF_REST else number.get(alone(sign, phones), 0)
        rest[index] = GRAINS_OF_REST.get(sign, 0)
    for phone in phones[2:]:
        if len(phone) == 2 and STRESS not in phone:
            merged[ids[phone[0]], ids[phone[1]]] = number[phone]
    stressed = [number.get(STRESS + phone, index) for index, phone in enumerate(phones)]
    first, count = halves_of(store, phones, common)
    levels, codes = companded(store.sound)
    return Tables(
        known=known,
        single=single,
        merged=merged.reshape(-1),
        stressed=np.array(stressed, np.uint8),
        stress_id=ids[STRESS],
        rest=rest,
        last_rest=LAST_REST,
        elastic=np.array([phone not in STOPS for phone in phones], bool),
        first=first,
        count=count,
        marks=np.array(store.marks, np.int32),
        codes=codes,
        levels=levels,
        period=PERIOD,
    )


def phones_in(store: Store, common: dict[Pair, Example], ids: dict[str, int]) -> list[str]:
    """Phones that the graph can tell from their signs: single ones, and double ones that are usually one phone."""
    weight: defaultdict[str, float] = defaultdict(float)
    apart: defaultdict[str, float] = defaultdict(float)
    for (left, right), example in common.items():
        weight[left.removeprefix(STRESS)] += example.weight
        apart[left.removeprefix(STRESS) + right] += example.weight
    found = {phone for pair in store.halves for phone in pair if phone != SILENCE}
    plain = {phone.removeprefix(STRESS) for phone in found}
    kept = {
        phone
        for phone in plain
        if all(sign in ids for sign in phone)
        and (len(phone) == 1 or (len(phone) == 2 and weight[phone] >= apart[phone]))
    }
    print("left out:", sorted(plain - kept))
    return sorted(kept | {STRESS + phone for phone in kept if STRESS + phone in found})


def alone(sign: str, phones: list[str]) -> str:
    """The phone for a sign: itself, or one that begins with it; none for the mark of stress."""
    return next((phone for phone in phones if phone.startswith(sign) and sign != STRESS), "")


def halves_of(store: Store, phones: list[str], common: dict[Pair, Example]) -> tuple[np.ndarray, np.ndarray]:
    """For each pair of phones the first grain of its halves, and their grains; borrowed where the pair is unknown."""
    ranked = sorted(store.halves, key=lambda pair: -common[pair].weight if pair in common else 0.0)
    first = np.zeros((len(phones), len(phones), 2), np.int32)
    count = np.zeros((len(phones), len(phones), 2), np.uint8)
    for left, one in enumerate(phones):
        for right, other in enumerate(phones):
            if one and other and (one, other) != (SILENCE, SILENCE):
                for half in (0, 1):
                    pair = nearest(one, other, half, store, ranked)
                    if pair is not None:
                        first[left, right, half], count[left, right, half] = store.halves[pair][half]
    return first.reshape(-1, 2), count.reshape(-1, 2)


def nearest(one: str, other: str, half: int, store: Store, ranked: list[Pair]) -> Pair | None:
    """The pair whose half stands in for that of (one, other): itself, its other stress, or any with the same phone."""
    kin = [(left, right) for left in forms(one) for right in forms(other)]
    for pair in kin:
        if pair in store.halves:
            return pair
    for wanted in forms((one, other)[half]):
        for pair in ranked:
            if pair[half] == wanted and SILENCE not in pair:
                return pair
    return next((pair for pair in ranked if pair[half] in forms((one, other)[half])), None)


def forms(phone: str) -> list[str]:
    plain = phone.removeprefix(STRESS)
    return [phone, plain if phone != plain else STRESS + plain]


def companded(sound: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The 256 levels of µ-law (ITU-T G.711's curve), and ``sound`` at full scale as indices of them."""
    scaled = sound / np.abs(sound).max()
    curve = np.sign(scaled) * np.log1p(MU * np.abs(scaled)) / np.log1p(MU)
    codes = np.rint(curve * 127).astype(np.int64) + 128
    steps = (np.arange(256) - 128) / 127
    levels = np.sign(steps) * np.expm1(np.abs(steps) * np.log1p(MU)) / MU
    return levels.astype(np.float32), codes.astype(np.uint8)


if __name__ == "__main__":
    main()

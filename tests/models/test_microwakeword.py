"""The wake word detector on recordings of people, and with words and files that are no use to it."""

import csv
import json
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from assistant.config import ListenSettings, Settings
from assistant.errors import EngineError, EngineUnavailable, ModelCorrupt, ModelMissing
from assistant.models import registry
from assistant.models.fakes import ToneWake
from assistant.models.microwakeword import REST_FRAMES, MicroWakeWord, threshold
from assistant.models.protocols import FRAME_SAMPLES, Pcm

SPEECH = Path("../shared/speech")


@pytest.fixture(scope="module")
def bundled() -> Path:
    """The models of the package."""
    library = pytest.importorskip("pymicro_wakeword", reason="pymicro-wakeword is not installed")
    return Path(library.__file__).parent / "models"


@pytest.fixture
def own(bundled: Path, tmp_path: Path) -> Path:
    """A model of the user's: the manifest, with the network beside it."""
    for name in ("alexa.json", "alexa.tflite"):
        shutil.copy(bundled / name, tmp_path)
    return tmp_path / "alexa.json"


def recordings(said: str) -> list[Path]:
    if not SPEECH.is_dir():
        pytest.skip(f"no recordings at {SPEECH}")
    with (SPEECH / "manifest.tsv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [SPEECH / row["file"] for row in rows if row["kind"] == "wakeword" and row["transcript"].lower() == said]


def sound(path: Path) -> Pcm:
    """A recording at 16 kHz, with half a second of silence on either side."""
    pcm, _ = soundfile.read(path, dtype="float32")
    return np.concatenate([np.zeros(8000, np.float32), pcm, np.zeros(8000, np.float32)])


def heard(detector: MicroWakeWord, pcm: Pcm) -> int:
    return sum(detector.heard(frame) for frame in pcm[: pcm.size // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, 512))


@pytest.mark.parametrize("word", ["alexa", "hey mycroft"])
def test_people_are_heard(bundled: Path, word: str) -> None:
    detector = MicroWakeWord(word)
    clips = recordings(word)
    assert len(clips) > 1
    assert [path.stem for path in clips if heard(detector, sound(path)) != 1] == []


def test_other_words_of_people_are_not_taken_for_it(bundled: Path) -> None:
    detector = MicroWakeWord()
    assert [path.stem for path in recordings("computer") if heard(detector, sound(path))] == []


@pytest.mark.parametrize("word", ["okay_nabu", "Okay Nabu", " okay nabu "])
def test_a_word_is_named_as_one_would_say_it(bundled: Path, word: str) -> None:
    detector = MicroWakeWord(word)
    assert (detector.phrase, detector.name) == ("okay nabu", "microWakeWord okay nabu")


@pytest.mark.parametrize("suffix", [".json", ".tflite"])
def test_a_model_of_ones_own(own: Path, suffix: str) -> None:
    detector = MicroWakeWord(str(own.with_suffix(suffix)))
    assert detector.phrase == "alexa"
    detector.reset()
    assert heard(detector, np.zeros(16_000, np.float32)) == 0


def test_a_word_whose_sound_wavers_counts_once(bundled: Path) -> None:
    detector, frame = MicroWakeWord(), np.zeros(FRAME_SAMPLES, np.float32)
    levels = iter([1.0, *[0.0] * (REST_FRAMES - 1), 1.0, *[0.0] * REST_FRAMES, 1.0])
    detector._features = SimpleNamespace(process_streaming=lambda _: ["window"])
    detector._model = SimpleNamespace(process_streaming_prob=lambda _: next(levels))
    counted = [detector.heard(frame) for _ in range(2 * REST_FRAMES + 2)]
    assert [place for place, each in enumerate(counted) if each] == [0, 2 * REST_FRAMES + 1]


def test_frames_of_another_length_are_refused(bundled: Path) -> None:
    with pytest.raises(ValueError, match="512"):
        MicroWakeWord().heard(np.zeros(160, np.float32))


@pytest.mark.parametrize(
    ("word", "near"), [("okay nabo", "okay_nabu?"), ("hey_jarvis2", "hey_jarvis?"), ("computer", "okay_nabu, ")]
)
def test_an_unknown_word_is_answered_with_near_names(bundled: Path, word: str, near: str) -> None:
    with pytest.raises(ModelMissing, match=f"no wake word '{word}'") as caught:
        MicroWakeWord(word)
    assert near in caught.value.hint


@pytest.mark.parametrize("name", ["nowhere/word.json", "word.json", "word.tflite"])
def test_a_model_that_is_not_there(bundled: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelMissing, match="is not there") as caught:
        MicroWakeWord(str(tmp_path / name))
    assert "listen.wake_word" in caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        "nonsense",
        '{"wake_word": "a", "model": "alexa.tflite", "micro": {}}',
        '{"wake_word": 1, "model": "alexa.tflite", "micro": {"probability_cutoff": 0.9, "sliding_window_size": 5}}',
        '{"wake_word": "a", "model": 3, "micro": {"probability_cutoff": 0.9, "sliding_window_size": 5}}',
        '{"wake_word": "a", "model": "alexa.tflite", "micro": {"probability_cutoff": 9, "sliding_window_size": 5}}',
        '{"wake_word": "a", "model": "alexa.tflite", "micro": {"probability_cutoff": 0.9, "sliding_window_size": 0}}',
    ],
)
def test_a_manifest_that_describes_no_wake_word(own: Path, text: str) -> None:
    own.write_text(text)
    with pytest.raises(ModelCorrupt, match=r"alexa\.json"):
        MicroWakeWord(str(own))


def test_a_manifest_without_its_network(own: Path) -> None:
    own.with_suffix(".tflite").unlink()
    with pytest.raises(ModelMissing, match=r"alexa\.tflite"):
        MicroWakeWord(str(own))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "empty"),
        (b"<!doctype html>", "a web page"),
        (b"GGUF" + bytes(100), "GGUF"),
        (b"\x1c\0\0\0TFL3" + bytes(1000), "cannot run it"),
    ],
    ids=["empty", "page", "gguf", "nothing inside"],
)
def test_a_network_that_is_none(own: Path, content: bytes, what: str) -> None:
    own.with_suffix(".tflite").write_bytes(content)
    with pytest.raises(ModelCorrupt, match=what):
        MicroWakeWord(str(own))


def test_every_cut_of_a_network_is_noticed(own: Path) -> None:
    network = own.with_suffix(".tflite")
    whole = network.read_bytes()
    for size in range(8, len(whole), len(whole) // 40):
        network.write_bytes(whole[:size])
        with pytest.raises(ModelCorrupt):
            MicroWakeWord(str(own))


def test_a_damaged_network_does_not_crash_it(own: Path) -> None:
    network = own.with_suffix(".tflite")
    whole = network.read_bytes()
    random = np.random.default_rng(0)
    outcomes = set()
    for _ in range(40):
        damaged = bytearray(whole)
        for place in random.integers(8, len(whole), 20):
            damaged[place] ^= 1 << int(random.integers(8))
        network.write_bytes(damaged)
        try:
            heard(MicroWakeWord(str(own)), np.zeros(8192, np.float32))
        except ModelCorrupt:
            outcomes.add("refused")
        else:
            outcomes.add("ran")
    assert "refused" in outcomes


def test_without_the_package_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymicro_wakeword", None)
    with pytest.raises(EngineUnavailable, match="pymicro-wakeword") as caught:
        MicroWakeWord()
    assert "pip install" in caught.value.hint
    assert "push" in caught.value.hint


def test_sensitivity_moves_the_threshold_around_the_models_own() -> None:
    assert threshold(0.85, 0.5) == pytest.approx(0.85)
    assert [round(threshold(0.85, sensitivity), 2) for sensitivity in (0.0, 0.25, 0.75, 1.0)] == [
        0.98,
        0.94,
        0.68,
        0.43,
    ]
    assert threshold(1.0, 0.0) < 255 / 256, "it would never hear anything"


def test_the_registry_makes_one_only_where_it_is_asked_for(bundled: Path) -> None:
    def made(**listen: object) -> object:
        return registry.make_wake(Settings(listen=ListenSettings(**listen)))

    assert made() is made(mode="push") is None
    assert isinstance(made(mode="wake", wake_word="alexa"), MicroWakeWord)
    assert isinstance(made(mode="wake", wake_word="fake"), ToneWake)
    with pytest.raises(EngineError):
        made(mode="wake", wake_word="nobody")


def test_the_manifest_of_each_bundled_word_says_what_its_name_says(bundled: Path) -> None:
    for manifest in bundled.glob("*.json"):
        said = json.loads(manifest.read_text())["wake_word"]
        assert MicroWakeWord(manifest.stem).phrase == said.lower() == manifest.stem.replace("_", " ")

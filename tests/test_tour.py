"""docs/tour.sh as it stands, against a hub on loopback that serves the project's own small models."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile

from assistant.development import FOLDER
from tests.store.fake_hub import COMMIT, REPO, hub

TOUR = Path(__file__).parents[1] / "docs" / "tour.sh"
MODELS = {
    "nano-whisper": (
        "stt",
        ["config.json", "model.bin", "preprocessor_config.json", "tokenizer.json", "vocabulary.json"],
    ),
    "nano-llama": ("llm", ["nano-llama.gguf"]),
    "nano-voice": ("tts", ["nano-voice.onnx", "nano-voice.onnx.json"]),
}
ENGINES = {"stt": "faster-whisper", "llm": "llama.cpp", "tts": "piper"}


def catalogue_of(files: dict[str, bytes]) -> str:
    """A catalogue with the three models, and a profile that fits every machine."""
    lines = []
    for name, (stage, names) in MODELS.items():
        listed = ", ".join(
            f'{{ path = "{name}/{file}", size = {len(files[f"{name}/{file}"])}, '
            f'sha256 = "{hashlib.sha256(files[f"{name}/{file}"]).hexdigest()}" }}'
            for file in names
        )
        lines += ["[[model]]", f'id = "{name}"', f'stage = "{stage}"', f'engine = "{ENGINES[stage]}"']
        lines += [f'repo = "{REPO}"', f'revision = "{COMMIT}"', f"files = [{listed}]"]
        lines += ['licence = "GPL-3.0-or-later"', 'terms = "free"', 'languages = ["en"]']
    lines += ["[profile.pi4]", 'reason = "For tests."', "needs = { memory_gb = 0.1 }"]
    lines += [f'{stage} = ["{name}"]' for name, (stage, _) in MODELS.items()]
    lines += ["[profile.pi4.why]", *(f'{stage} = "The only one."' for stage, _ in MODELS.values())]
    return "\n".join(lines) + "\n"


@pytest.fixture
def command(tmp_path: Path) -> Path:
    """A folder with an ``assistant`` command that is this checkout's."""
    script = tmp_path / "bin" / "assistant"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -m assistant "$@"\n')
    script.chmod(0o755)
    return script.parent


def test_the_tour_ends_in_a_conversation(tmp_path: Path, command: Path) -> None:
    pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")
    files = {
        f"{name}/{file}": (FOLDER / name / file).read_bytes() for name, (_, names) in MODELS.items() for file in names
    }
    (tmp_path / "models.toml").write_text(catalogue_of(files))
    (tmp_path / "work").mkdir()
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("ASSISTANT_", "HF_", "XDG_"))}
    with hub(files) as served:
        result = subprocess.run(
            ["sh", str(TOUR)],
            cwd=tmp_path / "work",
            capture_output=True,
            text=True,
            check=False,
            env=clean
            | {
                "HOME": str(tmp_path),
                "PATH": f"{command}{os.pathsep}{os.environ['PATH']}",
                "PYTHONPATH": str(TOUR.parents[1]),
                "ASSISTANT_CATALOGUE": str(tmp_path / "models.toml"),
                "HF_ENDPOINT": served.url,
                "VOICE": "nano-voice",
            },
        )
    assert result.returncode == 0, result.stderr
    assert "Recommended: pi4" in result.stdout
    assert result.stdout.count("sound") == 2 * len(MODELS)
    assert "tts.model = nano-voice" in result.stdout
    events = [json.loads(line) for line in result.stdout.splitlines() if line.startswith('{"event"')]
    [ended] = [event for event in events if event["event"] == "turn_ended"]
    assert (ended["transcript"], ended["heard"]) == ("who wrote hamlet", "Shakespeare wrote Hamlet.")
    engines = {event["engine"] for event in events if event["event"] == "engine_ready"}
    assert engines == {"faster-whisper nano-whisper", "intents + llama.cpp nano-llama", "piper nano-voice"}
    assert soundfile.info(tmp_path / "work" / "answer.wav").frames > 0

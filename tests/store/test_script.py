"""scripts/download_models.py, run as a user runs it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.errors import DownloadFailed, InputError
from tests.store.fake_hub import FakeHub, hub
from tests.store.made_up import FILES


@pytest.fixture
def served() -> Iterator[FakeHub]:
    with hub(FILES) as server:
        yield server


def run_script(root: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    script = Path(__file__).parents[2] / "scripts" / "download_models.py"
    home = {
        "HOME": str(root),
        "ASSISTANT_MODELS_DIR": str(root / "models"),
        "ASSISTANT_CONFIG": str(root / "none.toml"),
    }
    return subprocess.run(
        [sys.executable, str(script), *arguments],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | home | environment,
    )


def test_without_a_name_the_script_says_how_to_find_one(tmp_path: Path) -> None:
    result = run_script(tmp_path)
    assert result.returncode == InputError.exit_code
    assert "assistant models recommend" in result.stderr


def test_the_script_asks_the_hub_of_hf_endpoint_and_says_what_went_wrong(served: FakeHub, tmp_path: Path) -> None:
    result = run_script(tmp_path, "piper-en_US-joe-medium", HF_ENDPOINT=served.url)
    assert result.returncode == DownloadFailed.exit_code
    assert "rhasspy/piper-voices" in result.stderr
    assert "Traceback" not in result.stderr
    assert len(served.requests) <= 2  # one for each of the two files that are fetched at once


def test_the_script_keeps_to_hf_hub_offline(served: FakeHub, tmp_path: Path) -> None:
    result = run_script(tmp_path, "piper-en_US-joe-medium", HF_ENDPOINT=served.url, HF_HUB_OFFLINE="1")
    assert "HF_HUB_OFFLINE forbids downloads" in result.stderr
    assert served.requests == []


def test_the_script_refuses_an_unknown_id(tmp_path: Path) -> None:
    result = run_script(tmp_path, "no-such-model")
    assert result.returncode == 3
    assert "no model 'no-such-model'" in result.stderr

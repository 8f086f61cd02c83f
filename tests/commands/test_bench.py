"""``assistant bench`` as a user types it, on the shipped fakes."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from assistant.audio.wavwriter import write_wav
from assistant.bench import rows
from assistant.cli import app
from assistant.models import fakes, registry

FAKES = ["--fast", "--stt", "fake", "--llm", "fake", "--tts", "fake"]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in [name for name in os.environ if name.startswith("ASSISTANT_")]:
        monkeypatch.delenv(variable)
    for variable in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.setattr(registry, "make_vad", fakes.EnergyVad)
    monkeypatch.chdir(tmp_path)
    write_wav(tmp_path / "clip.wav", np.full(8000, 0.3, np.float32), 16_000)
    return tmp_path


def bench(*arguments: object, code: int = 0) -> tuple[str, str]:
    result = CliRunner().invoke(app, ["bench", *map(str, arguments)])
    assert result.exit_code == code, result.stderr
    return result.stdout, result.stderr


def test_the_figures_are_a_table() -> None:
    out, err = bench("clip.wav", "--turns", 2, *FAKES)
    assert rows.SPREADS["first_sound"] in out
    assert "not in real time" in out
    assert "error" not in err
    assert not list(Path().glob("**/*.db"))


def test_json_goes_to_a_file_and_into_a_pipe(home: Path) -> None:
    out, _ = bench("clip.wav", "--turns", 3, "--interruptions", 0, "--json", "-", *FAKES)
    assert json.loads(out)["values"]["turns"] == 3
    bench("clip.wav", "--turns", 1, "--json", "one.json", *FAKES)
    assert len(json.loads((home / "one.json").read_text())["turns"]) == 1


def test_two_runs_are_compared_in_the_table_and_on_the_page(home: Path) -> None:
    bench("clip.wav", "--turns", 1, "--json", "one.json", *FAKES)
    out, _ = bench("clip.wav", "--turns", 1, "--compare", "one.json", "--html", "page.html", *FAKES)
    assert "before / now" in out
    assert "before / now" in (home / "page.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--stt", "none"], 4, "without a recogniser"),
        (["--compare", "missing.json"], 4, "cannot be read"),
        (["missing.wav"], 14, "there is no file"),
        (["--stt", "nonsense"], 21, "there is no stt engine"),
        (["clip.wav", "--html", "no/where.html", *FAKES], 31, "cannot be written"),
    ],
)
def test_mistakes_are_one_line(arguments: list[str], code: int, message: str) -> None:
    _, err = bench("--turns", 1, *arguments, code=code)
    assert message in err
    assert err.count("\n") == 1

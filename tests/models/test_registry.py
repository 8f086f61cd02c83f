"""The table of engines: who is tried, in which order, and what the user is told."""

import subprocess
import sys
from pathlib import Path

import pytest

from assistant.config import Settings
from assistant.errors import EngineUnavailable, ModelMissing
from assistant.models import registry
from tests.models import tiny

HEAVY = ("numpy.fft", "onnxruntime", "ctranslate2", "faster_whisper", "llama_cpp", "piper", "huggingface_hub", "tqdm")


def settings_for(root: Path, **sections: dict[str, object]) -> Settings:
    return Settings.model_validate({"models": {"dir": root}, **sections})


def names(candidates: list[registry.Candidate]) -> list[str]:
    return [candidate.name for candidate in candidates]


def test_a_bare_machine_has_the_embedded_engines_and_no_language_model(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    assert names(registry.stt_candidates(settings)) == ["pocketsphinx"]
    assert names(registry.llm_candidates(settings)) == []
    assert names(registry.tts_candidates(settings)) == ["espeak-ng"]


def test_installed_models_go_first_and_load(tmp_path: Path) -> None:
    for stage, path in (("stt", tiny.models().whisper), ("llm", tiny.models().gguf), ("tts", tiny.models().piper)):
        (tmp_path / stage).mkdir()
        (tmp_path / stage / f"tiny{path.suffix}").symlink_to(path)
    (tmp_path / "tts" / "tiny.onnx.json").symlink_to(f"{tiny.models().piper}.json")
    settings = settings_for(tmp_path)
    stt, llm, tts = (
        registry.stt_candidates(settings),
        registry.llm_candidates(settings),
        registry.tts_candidates(settings),
    )
    assert names(stt) == ["faster-whisper", "pocketsphinx"]
    assert names(tts) == ["piper", "espeak-ng"]
    assert stt[0].load().name == "faster-whisper tiny"
    assert tts[0].load().name == "piper tiny"
    if llm_installed():
        assert llm[0].load().name == "llama.cpp tiny"


def llm_installed() -> bool:
    from importlib.util import find_spec

    return find_spec("llama_cpp") is not None


def test_a_pinned_engine_goes_first_and_an_embedded_one_stands_in(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, stt={"engine": "faster-whisper"}, tts={"engine": "piper"})
    stt = registry.stt_candidates(settings)
    assert names(stt) == ["faster-whisper", "pocketsphinx"]
    with pytest.raises(ModelMissing) as raised:
        stt[0].load()
    assert "assistant models" in raised.value.hint
    assert names(registry.tts_candidates(settings)) == ["piper", "espeak-ng"]


def test_a_pinned_embedded_engine_is_alone(tmp_path: Path) -> None:
    settings = settings_for(
        tmp_path,
        stt={"engine": "pocketsphinx", "model": tiny.models().whisper},
        tts={"engine": "espeak-ng", "model": tiny.models().piper},
    )
    assert names(registry.stt_candidates(settings)) == ["pocketsphinx"]
    assert names(registry.tts_candidates(settings)) == ["espeak-ng"]


def test_a_model_that_is_set_is_tried_even_where_nothing_is(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, llm={"model": tmp_path / "nowhere.gguf"})
    (candidate,) = registry.llm_candidates(settings)
    if llm_installed():
        with pytest.raises(ModelMissing, match="nowhere"):
            candidate.load()


def test_none_and_fake(tmp_path: Path) -> None:
    off = settings_for(tmp_path, llm={"engine": "none"}, tts={"engine": "none"})
    assert registry.llm_candidates(off) == []
    assert registry.tts_candidates(off) == []
    fake = settings_for(tmp_path, stt={"engine": "fake"}, llm={"engine": "fake"}, tts={"engine": "fake"})
    for candidates in (registry.stt_candidates(fake), registry.llm_candidates(fake), registry.tts_candidates(fake)):
        assert names(candidates) == ["fake"]


def test_an_unknown_name_is_refused_with_the_valid_ones(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="'whisper'") as raised:
        registry.stt_candidates(settings_for(tmp_path, stt={"engine": "whisper"}))
    assert raised.value.hint == "stt.engine may be auto, none, faster-whisper, pocketsphinx, fake."


def test_the_report_says_what_each_engine_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "find_spec", lambda name: None if name == "espeakng_loader" else object())
    settings = settings_for(tmp_path, stt={"model": tmp_path / "nowhere"}, tts={"model": tiny.models().piper})
    statuses = registry.engine_report(settings)
    report = {status.name: status for status in statuses if status.stage != "embed"}
    assert [name for name, status in report.items() if status.usable] == ["pocketsphinx", "piper"]
    assert [status.note for status in statuses if status.stage == "embed"] == ["no embedding model is installed"]
    assert "nowhere" in report["faster-whisper"].note
    assert report["llama.cpp"].note == "no language model is installed"
    assert report["espeak-ng"].note == "its package is not installed"
    assert all(bool(status.hint) != status.usable for status in report.values())


def test_the_registry_and_its_report_import_nothing_heavy(tmp_path: Path) -> None:
    program = (
        "import sys; from assistant.config import Settings; from assistant.models import registry;"
        "registry.engine_report(Settings()); registry.stt_candidates(Settings());"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    environment = {"HOME": str(tmp_path), "PATH": ""}
    root = Path(__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=root, env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout == "[]\n"

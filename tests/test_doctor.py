"""Findings: every kind of trouble, each with a remedy, and the verdict."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from assistant import doctor, doctor_llama
from assistant.audio import devices
from assistant.audio.fakes import FakeSounddevice
from assistant.audio.portaudio import PortAudio
from assistant.commands import machine
from assistant.config import Settings
from assistant.doctor import Finding
from assistant.errors import DeviceNotFound, PortAudioMissing
from assistant.models import verdicts
from assistant.models.verdicts import Verdict

INFO = "CPU : SSSE3 = 1 | AVX = 1 | AVX2 = 1 | AVX512_VBMI = 1 | LLAMAFILE = 1 | REPACK = 1 |"
FLAGS = frozenset(["ssse3", "avx", "avx2", "avx512vbmi", "avx512_vnni", "f16c", "fma", "bmi2"])


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.setenv("ASSISTANT_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setattr(doctor_llama, "problem", lambda: None)
    return tmp_path


def by_subject(findings: Iterator[Finding] | list[Finding]) -> dict[str, Finding]:
    return {finding.subject: finding for finding in findings}


@pytest.mark.parametrize(
    ("wish", "battery", "said"),
    [
        ("auto", True, "off, on battery"),
        ("auto", False, "on; off on"),
        ("on", True, "on (turn."),
        ("off", False, "off ("),
    ],
)
def test_whether_it_works_ahead_is_said_with_the_reason(
    wish: str, battery: bool, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "on_battery", lambda: battery)
    settings = Settings.model_validate({"turn": {"speculate": wish}})
    assert by_subject(doctor.stages(settings))["working ahead"].message.startswith(said)


def test_this_machine_is_examined_and_every_trouble_has_a_remedy() -> None:
    findings = doctor.examine()
    assert all(finding.hint for finding in findings if finding.status != "ok")
    assert {"python", "configuration", "processor", "portaudio", "hearing", "answering", "history"} <= set(
        by_subject(findings)
    )


def test_a_wrong_configuration_fails_and_the_rest_is_still_examined(home: Path) -> None:
    (home / "config.toml").write_text("[stt]\nengin = 'x'\n")
    findings = doctor.examine()
    assert by_subject(findings)["configuration"].status == "fail"
    assert "processor" in by_subject(findings)
    assert not doctor.can_run(findings)


def test_a_warning_does_not_stop_the_main_job() -> None:
    assert doctor.can_run([Finding("microphone", "warn", "none", "Plug one in.")])
    assert not doctor.can_run([Finding("hearing", "fail", "none", "Install it.")])


@pytest.mark.parametrize(
    ("version", "status"), [((3, 11), "ok"), ((3, 13), "ok"), ((3, 10), "warn"), ((3, 14), "warn")]
)
def test_python_versions(version: tuple[int, int], status: str) -> None:
    assert doctor.python(version).status == status


def test_without_portaudio_nothing_is_said_of_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(**_: object) -> None:
        raise PortAudioMissing("not installed", hint="Install it.")

    monkeypatch.setattr(devices, "list_devices", missing)
    assert list(doctor.sound(Settings())) == [Finding("portaudio", "warn", "not installed", "Install it.")]


def test_a_missing_microphone_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(name: str | None, kind: str) -> None:
        raise DeviceNotFound(f"no {kind}", hint="Plug one in.")

    monkeypatch.setattr(devices, "list_devices", lambda rates: [])
    monkeypatch.setattr(devices, "find_device", none)
    assert by_subject(doctor.sound(Settings()))["microphone"] == Finding(
        "microphone", "warn", "no input", "Plug one in."
    )


def test_an_unknown_engine_fails_only_where_it_is_needed() -> None:
    settings = Settings.model_validate(
        {"stt": {"engine": "nope"}, "llm": {"engine": "nope"}, "tts": {"engine": "nope"}}
    )
    found = by_subject(doctor.stages(settings))
    assert (found["hearing"].status, found["answering"].status, found["speaking"].status) == ("fail", "fail", "warn")


@pytest.mark.parametrize(("language", "warned"), [("en", False), ("de", True)])
def test_whoever_speaks_another_language_is_told_that_the_embedded_recogniser_hears_english(
    language: str, warned: bool
) -> None:
    settings = Settings.model_validate({"stt": {"engine": "pocketsphinx", "language": language}})
    assert ("language" in by_subject(doctor.stages(settings))) == warned


def test_own_skills_are_listed_and_what_is_wrong_with_one_is_told(home: Path) -> None:
    (home / "skills").mkdir()
    for name in ("works", "broken"):
        code = f'from assistant.brain.skill import skill\n\n@skill\ndef {name}():\n    """{name}."""\n'
        (home / "skills" / f"{name}.py").write_text(code)
    (home / "skills" / "broken.en.yaml").write_text("intents: {Broken: {data: [{sentences: ['break {what}']}]}}")
    works, broken = doctor.skills(Settings())
    assert works == Finding("skills of your own", "ok", "works")
    assert (broken.status, "broken.py" in broken.message, "the list {what}" in broken.message) == ("warn", True, True)


def test_without_skills_of_ones_own_nothing_is_said_of_them() -> None:
    assert list(doctor.skills(Settings())) == []


def test_a_language_without_sentences_is_for_a_language_model() -> None:
    settings = Settings.model_validate({"stt": {"language": "it"}})
    alone = by_subject(doctor.stages(settings))["built-in answers"]
    assert (alone.status, alone.hint) == ("warn", "Get a language model: assistant models recommend --language it")
    helped = Settings.model_validate({"stt": {"language": "it"}, "llm": {"engine": "fake"}})
    assert by_subject(doctor.stages(helped))["built-in answers"].status == "ok"


def test_engines_switched_off_on_purpose_are_well() -> None:
    settings = Settings.model_validate({"stt": {"engine": "none"}, "tts": {"engine": "none"}})
    found = by_subject(doctor.stages(settings))
    assert (found["hearing"].message, found["speaking"].message) == ("switched off", "switched off")


def test_a_package_that_breaks_when_imported_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_import_error", lambda package: f"OSError: {package} is broken")
    found = by_subject(doctor.engines(Settings()))
    assert found["tts espeak-ng"].status == "warn"
    assert "espeakng_loader is broken" in found["tts espeak-ng"].message


def test_a_check_that_breaks_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Settings) -> Iterator[Finding]:
        raise RuntimeError("oh")

    monkeypatch.setattr(doctor, "CHECKS", (broken, doctor.storage))
    found = by_subject(doctor.examine())
    assert (found["broken"].status, found["broken"].message) == ("fail", "RuntimeError: oh")
    assert "history" in found


@pytest.mark.parametrize(
    ("echo", "said"),
    [
        ("off", "off (audio.echo)"),
        ("auto", "on, unless the loudspeaker is a headset (audio.echo is auto)"),
        ("kalman", "on (audio.echo)"),
    ],
)
def test_whether_echo_is_removed_is_said(echo: str, said: str) -> None:
    found = by_subject(doctor.listening(Settings.model_validate({"audio": {"echo": echo}})))
    assert found["echo removal"].message == said
    assert found["noise suppressor"].message == "off (audio.noise_suppression)"
    assert "wake word" not in found, "it listens to everything"


def test_whether_noise_is_suppressed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings.model_validate({"audio": {"noise_suppression": "low"}})
    monkeypatch.setitem(sys.modules, "webrtc_noise_gain", SimpleNamespace(AudioProcessor=None))
    assert by_subject(doctor.listening(settings))["noise suppressor"].message == "on, low (audio.noise_suppression)"
    monkeypatch.setitem(sys.modules, "webrtc_noise_gain", None)
    missing = by_subject(doctor.listening(settings))["noise suppressor"]
    assert missing.status == "warn"
    assert "pip install" in missing.hint


def test_the_wake_word_is_looked_for_where_it_is_waited_for(tmp_path: Path) -> None:
    def wake(word: str) -> doctor.Finding:
        listen = {"mode": "wake", "wake_word": word, "sensitivity": 0.7}
        return by_subject(doctor.listening(Settings.model_validate({"listen": listen})))["wake word"]

    assert (wake("okay_nabu").status, wake("okay_nabu").message) == (
        "ok",
        "“okay nabu”, model okay_nabu found, sensitivity 0.7",
    )
    missing = wake(str(tmp_path / "mine.json"))
    assert missing.status == "fail"
    assert missing.hint


def test_a_full_disk_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "ROOMY_BYTES", 10**18)
    assert by_subject(doctor.storage(Settings()))["models folder"].status == "warn"


def test_a_history_that_can_be_written_is_not_touched(tmp_path: Path) -> None:
    assert doctor.history(tmp_path / "new" / "history.db").status == "ok"
    assert list(tmp_path.iterdir()) == []


def test_a_history_below_a_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "blocked").write_text("")
    assert doctor.history(tmp_path / "blocked" / "history.db").status == "warn"


def test_a_build_that_fits() -> None:
    assert doctor_llama.misfit(lambda: INFO, FLAGS, "x86_64") is None


@pytest.mark.parametrize("extra", ["AMX_INT8", "AVX512_BF16", "AVX_VNNI"])
def test_a_build_with_what_the_processor_lacks(extra: str) -> None:
    problem = doctor_llama.misfit(lambda: f"{INFO} {extra} = 1 |", FLAGS, "x86_64")
    assert problem is not None
    assert extra in problem


def test_a_build_for_another_arm() -> None:
    info = "CPU : NEON = 1 | DOTPROD = 1 | MATMUL_INT8 = 1 |"
    assert doctor_llama.misfit(lambda: info, frozenset({"asimd", "asimddp", "i8mm"}), "aarch64") is None
    assert "MATMUL_INT8" in str(doctor_llama.misfit(lambda: info, frozenset({"asimd", "asimddp"}), "aarch64"))


def test_a_feature_that_is_off_does_no_harm() -> None:
    assert doctor_llama.misfit(lambda: f"{INFO} AMX_INT8 = 0 |", FLAGS, "x86_64") is None


def test_names_are_not_compared_where_the_kernel_lists_none() -> None:
    assert doctor_llama.misfit(lambda: INFO, frozenset(), "x86_64") is None


def test_a_library_that_dies_is_a_problem() -> None:
    def die() -> str:
        raise OSError("it dies with signal 4")

    assert doctor_llama.misfit(die, FLAGS, "x86_64") == "llama.cpp does not start: it dies with signal 4"


@pytest.mark.parametrize(
    ("code", "message"),
    [("import os; os.kill(os.getpid(), 4)", "signal 4"), ("raise ImportError('no libllama')", "no libllama")],
)
def test_what_the_other_process_died_of_is_told(code: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_llama, "ASK", code)
    with pytest.raises(OSError, match=message):
        doctor_llama.system_info()


@pytest.mark.parametrize("name", ["flags", "Features"])
def test_the_features_of_the_first_core(name: str, tmp_path: Path) -> None:
    (tmp_path / "cpuinfo").write_text(f"processor\t: 0\n{name}\t\t: fpu avx2\nprocessor\t: 1\n{name}\t: other\n")
    assert doctor_llama.cpu_flags(tmp_path / "cpuinfo") == {"fpu", "avx2"}
    assert doctor_llama.cpu_flags(tmp_path / "absent") == frozenset()


def test_an_engine_that_crashed_is_told_and_tried_again_at_the_users_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verdicts, "default_folder", lambda: tmp_path / "trials")
    model = tmp_path / "m.gguf"
    verdicts.remember(tmp_path / "trials", Verdict("llama.cpp", model, "it crashes", "Build it again."), {})
    [finding] = doctor.trials(Settings())
    assert finding == Finding("llama.cpp with m.gguf", "warn", "it crashes", "Build it again.")
    monkeypatch.setattr(doctor, "examine", lambda: list(doctor.trials(Settings())))
    machine.doctor()
    assert list(doctor.trials(Settings())) == [finding]
    machine.doctor(retry=True)
    assert list(doctor.trials(Settings())) == []


def test_the_echo_is_measured_only_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "CHECKS", ())
    monkeypatch.setattr(doctor, "echo", lambda _: iter([Finding("echo", "ok", "measured")]))
    assert "echo" not in by_subject(doctor.examine())
    assert by_subject(doctor.examine(with_echo=True))["echo"].message == "measured"


def test_without_devices_the_echo_is_not_measured_and_the_reason_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.audio.speaker.system", lambda: PortAudio(FakeSounddevice()))
    (finding,) = doctor.echo(Settings())
    assert finding.status == "warn"
    assert finding.message == "not measured: there is no default output device"
    assert finding.hint

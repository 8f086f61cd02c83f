"""The commands as a user types them, on the shipped fakes."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from ctypes.util import find_library
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from assistant import errors
from assistant.audio import devices
from assistant.audio.devices import DeviceInfo
from assistant.cli import app
from assistant.commands import talk
from assistant.errors import DeviceNotFound
from assistant.models import fakes, registry

FAKES = ["--llm", "fake", "--tts", "fake"]
ROOT = Path(__file__).parents[1]
SPEECH = ROOT.parent / "shared" / "speech"
odd_files = sorted((SPEECH / "odd-format").glob("*"))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing of the real user: not their files, their devices or their environment."""

    def no_device(name: str | None, kind: str, *_: object) -> None:
        raise DeviceNotFound(f"there is no {kind} device", hint="Plug one in.")

    for variable in [name for name in os.environ if name.startswith("ASSISTANT_")]:
        monkeypatch.delenv(variable)
    for variable in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    for module in ("assistant.sound", "assistant.audio.devices", "assistant.audio.speaker"):
        monkeypatch.setattr(f"{module}.find_device", no_device)
    monkeypatch.setattr(registry, "make_vad", fakes.EnergyVad)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def sound(home: Path) -> Path:
    """Half a second of tone, a second of silence, half a second of tone, as 44.1 kHz stereo."""
    tone = 0.5 * np.sin(np.arange(22_050) * 0.05)
    pcm = np.concatenate([tone, np.zeros(44_100), tone])
    soundfile.write(home / "sound.wav", np.stack([pcm, pcm], axis=1), 44_100, subtype="PCM_24")
    return home / "sound.wav"


def run(*arguments: object, code: int = 0, stdin: str | None = None) -> tuple[str, str]:
    """stdout and stderr of a command that ends with ``code``, and never with a traceback."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)
    assert "Traceback" not in result.output
    assert result.exit_code == code, result.output
    return result.stdout, result.stderr


def refused(error: type[errors.AssistantError], *arguments: object, stdin: str | None = None) -> str:
    """The one line on stderr of a command that fails with ``error``."""
    out, line = run(*arguments, code=error.exit_code, stdin=stdin)
    assert out == ""
    assert line.startswith("error: ")
    assert " — " in line
    assert line.count("\n") == 1
    return line


def test_help_lists_every_command_without_loading_a_heavy_library() -> None:
    code = "import sys; from assistant.__main__ import main\ntry: main()\nfinally: print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code, "--help"], capture_output=True, text=True, check=False, cwd=ROOT)
    for command in "talk daemon ask say transcribe devices doctor config history version".split():  # noqa: SIM905
        assert f"\n  {command} " in done.stdout
    for heavy in ("numpy", "pydantic", "textual", "structlog", "sounddevice", "rich.console"):
        assert f"'{heavy}'" not in done.stdout


def test_a_wrong_option_is_the_parsers_error() -> None:
    assert "No such option" in run("say", "--loud", code=2)[1]


# ask


def test_ask_prints_the_answer() -> None:
    assert run("ask", "what is two plus two")[0] == "2 plus 2 is 4.\n"


def test_ask_reads_the_pipe_and_json_is_one_object() -> None:
    turn = json.loads(run("ask", "-", "--json", stdin="what is two plus two\n")[0])
    assert (turn["event"], turn["transcript"], turn["outcome"]) == ("turn_ended", "what is two plus two", "answered")
    assert turn["reply"] == "2 plus 2 is 4."


def test_ask_aloud_without_a_loudspeaker_still_answers() -> None:
    assert run("ask", "what is two plus two", "--speak")[0] == "2 plus 2 is 4.\n"


def test_ask_refuses_no_text_and_too_much() -> None:
    assert "no text" in refused(errors.InputError, "ask", " ")
    assert "10,000" in refused(errors.InputError, "ask", "-", stdin="x" * 100_000)


def test_ask_fails_with_the_error_of_the_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    from assistant.brain.brain import AssistantBrain

    def broken(*_: object) -> Iterator[str]:
        raise errors.EngineFailed("the engine broke", hint="Mend it.")
        yield ""

    monkeypatch.setattr(AssistantBrain, "respond", broken)
    assert "the engine broke — Mend it." in run("ask", "hello", code=errors.EngineFailed.exit_code)[1]


def test_an_unknown_engine_is_refused_with_the_names_there_are() -> None:
    assert "pocketsphinx" in refused(errors.EngineUnavailable, "transcribe", "x.wav", "--stt", "sphinks")


# say


def test_say_writes_a_wav(home: Path) -> None:
    said = json.loads(run("say", "hello there", "-o", home / "out.wav", "--tts", "fake", "--json")[0])
    assert said["output"] == str(home / "out.wav")
    assert soundfile.info(home / "out.wav").duration == pytest.approx(said["seconds"], abs=0.001)


@pytest.mark.skipif(find_library("portaudio") is None, reason="PortAudio is not installed")
def test_say_without_a_loudspeaker_says_what_else_to_do() -> None:
    assert "-o out.wav" in refused(errors.DeviceNotFound, "say", "hello", "--tts", "fake")


def test_say_refuses_to_mix_sound_and_json() -> None:
    refused(errors.InputError, "say", "hello", "-o", "-", "--json")


def test_say_takes_a_hundred_thousand_characters(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fakes, "TONE_S_PER_CHARACTER", 0.001)
    run("say", "-", "-o", home / "out.wav", "--tts", "fake", stdin="hello there. " * 7_700)
    assert (home / "out.wav").stat().st_size > 100_000


def test_say_where_nothing_can_be_written() -> None:
    refused(errors.OutputError, "say", "hello", "-o", "absent/out.wav", "--tts", "fake")


# transcribe


def test_transcribe_prints_an_utterance_a_line(sound: Path) -> None:
    out, _ = run("transcribe", sound, "--stt", "fake")
    assert len(out.splitlines()) == 2


def test_transcribe_json_says_when_and_by_whom(sound: Path) -> None:
    out, _ = run("transcribe", sound, "--stt", "fake", "--json")
    first, second = (json.loads(line) for line in out.splitlines())
    assert (first["file"], first["engine"]) == (str(sound), "fake")
    assert first["start_s"] == 0
    assert second["end_s"] == pytest.approx(2.0, abs=0.04)


def test_transcribe_goes_on_after_a_bad_file_and_ends_with_its_code(sound: Path, home: Path) -> None:
    (home / "empty.wav").touch()
    out, line = run(
        "transcribe", "absent.wav", sound, home / "empty.wav", "--stt", "fake", code=errors.AudioFileError.exit_code
    )
    assert [part.split(": ")[0] for part in out.splitlines()] == [str(sound)] * 2
    assert line.count("error: ") == 2


def test_transcribe_reads_a_pipe(sound: Path) -> None:
    command = [sys.executable, "-m", "assistant", "transcribe", "-", "--stt", "fake", "--json"]
    done = subprocess.run(command, input=sound.read_bytes(), capture_output=True, check=True, cwd=ROOT)
    assert json.loads(done.stdout.splitlines()[0])["file"] == "-"


@pytest.mark.skipif(not odd_files, reason=f"there are no recordings in {SPEECH}")
@pytest.mark.parametrize("path", odd_files, ids=[path.name for path in odd_files])
def test_transcribe_odd_files_without_a_traceback(path: Path) -> None:
    result = CliRunner().invoke(app, ["transcribe", "--stt", "fake", str(path)])
    assert result.exit_code in (0, errors.AudioFileError.exit_code)
    assert "Traceback" not in result.output
    assert (result.exit_code == 0) != ("error: " in result.stderr)


# talk and daemon


def test_talk_with_a_file_prints_events(sound: Path, home: Path) -> None:
    out, _ = run("talk", "--input", sound, "--output", home / "a.wav", "--fast", "--stt", "fake", *FAKES)
    events = [json.loads(line)["event"] for line in out.splitlines()]
    assert events[0] == "session_started"
    assert events[-1] == "session_ended"
    assert "turn_ended" in events
    assert "levels" not in events
    assert soundfile.info(home / "a.wav").frames > 0


def test_talk_does_not_write_the_answers_over_the_question(sound: Path, home: Path) -> None:
    (home / "link.wav").symlink_to(sound)
    before = sound.read_bytes()
    refused(
        errors.InputError, "talk", "--input", sound, "--output", home / "link.wav", "--fast", "--stt", "fake", *FAKES
    )
    assert sound.read_bytes() == before


def test_talk_to_nobody_answers_the_sample(home: Path) -> None:
    out, _ = run("talk", "--stt", "fake", *FAKES)
    assert "Question:" in out
    assert "Answer:" in out
    assert "there is no input device. Plug one in." in out
    assert "To go on:" in out
    assert soundfile.info(home / "reply.wav").frames > 0


@pytest.mark.parametrize(
    ("found", "said"), [(None, "To go on, with .venv/bin/assistant for assistant:"), ("x", "To go on:")]
)
def test_who_came_by_make_is_told_where_the_command_is(
    found: str | None, said: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [str(home / ".venv" / "bin" / "assistant"), "talk"])
    monkeypatch.setattr("shutil.which", lambda _: found)
    assert said in run("talk", "--stt", "fake", *FAKES)[0]


def test_talk_in_a_terminal_opens_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[object] = []
    monkeypatch.setattr(talk, "_is_terminal", lambda: True)
    monkeypatch.setattr("assistant.tui.app.run", shown.append)
    assert run("talk") == ("", "")
    assert len(shown) == 1


def test_talk_with_a_microphone_nobody_named_wrongly() -> None:
    refused(errors.DeviceNotFound, "talk", "--input-device", "nothing like it")


def test_fast_is_for_files() -> None:
    assert "--input" in refused(errors.InputError, "talk", "--fast")


def test_talk_with_a_bad_configuration(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "bad.toml").write_text("[stt\n")
    monkeypatch.setenv("ASSISTANT_CONFIG", str(home / "bad.toml"))
    assert "not valid TOML" in refused(errors.ConfigError, "talk")


def test_a_trigger_without_a_daemon(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert "assistant daemon" in refused(errors.NotRunning, "trigger", "start")


def test_the_daemon_listens_when_it_is_triggered_and_when_it_is_signalled() -> None:
    with tempfile.TemporaryDirectory(prefix="run-") as runtime:  # a short name: a socket's path may not be long
        environment = {**os.environ, "XDG_RUNTIME_DIR": runtime}
        assistant = [sys.executable, "-m", "assistant"]
        command = [*assistant, "daemon", "--listen", "push", "--stt", "fake", *FAKES]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment) as daemon:
            assert daemon.stdout is not None
            ears = (line for line in map(json.loads, daemon.stdout) if line["event"] == "ear_changed")
            assert (said := next(ears))["mode"] == "push"
            assert not said["open"]
            subprocess.run([*assistant, "trigger", "start"], cwd=ROOT, env=environment, check=True)
            assert next(ears)["open"]
            daemon.send_signal(signal.SIGUSR1)
            assert not next(ears)["open"]
            daemon.send_signal(signal.SIGTERM)
            assert list(ears) == []
        assert daemon.returncode == 0
        assert list(Path(runtime, "assistant").iterdir()) == []


def test_a_wake_word_that_nobody_knows() -> None:
    pytest.importorskip("pymicro_wakeword", reason="pymicro-wakeword is not installed")
    run("config", "set", "listen.wake_word", "okay nabo")
    assert "Did you mean okay_nabu?" in refused(errors.ModelMissing, "talk", "--headless", "--listen", "wake")


def test_the_daemon_ends_on_sigterm_and_exits_0() -> None:
    command = [sys.executable, "-m", "assistant", "daemon", "--stt", "fake", *FAKES]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as daemon:
        assert daemon.stdout is not None
        assert json.loads(daemon.stdout.readline())["event"] == "session_started"
        daemon.send_signal(signal.SIGTERM)
        events = [json.loads(line)["event"] for line in daemon.stdout]
    assert daemon.returncode == 0
    assert "session_ended" in events


# devices, doctor, version


def test_devices_are_listed_with_rates_and_default(monkeypatch: pytest.MonkeyPatch) -> None:
    microphone = DeviceInfo("USB Mic", "ALSA", 1, 0, 48_000, True, False, (16_000, 44_100), ())
    monkeypatch.setattr(devices, "list_devices", lambda: [microphone])
    assert run("devices")[0].splitlines()[1] == "USB Mic  ALSA      input, default  16, 44.1"
    assert json.loads(run("devices", "--json")[0])[0]["name"] == "USB Mic"


def test_no_device_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "list_devices", list)
    assert "there is no sound device" in run("devices")[1]
    assert json.loads(run("devices", "--json")[0]) == []


@pytest.mark.parametrize(("status", "code"), [("ok", 0), ("warn", 0), ("fail", 1)])
def test_the_doctors_verdict_is_the_exit_code(status: str, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from assistant import doctor

    monkeypatch.setattr(doctor, "examine", lambda: [doctor.Finding("python", status, "3.1", "Install it.")])  # type: ignore[arg-type]
    assert run("doctor", code=code)[0].splitlines()[1].split() == ["python", status, "3.1", "Install", "it."]
    assert json.loads(run("doctor", "--json", code=code)[0])[0]["status"] == status


def test_version() -> None:
    assert run("version")[0].strip()


# config


def test_config_show_path_and_set(home: Path) -> None:
    path = Path(run("config", "path")[0].strip())
    assert path.is_relative_to(home)
    assert run("config", "set", "tts.speed", "1.5")[0] == "tts.speed = 1.5\n"
    shown = [re.split("  +", line) for line in run("config", "show")[0].splitlines()]
    assert ["tts.speed", f"{path}, line 2", "1.5"] in shown
    assert json.loads(run("config", "show", "--json")[0])["tts.speed"]["value"] == 1.5


def test_config_set_that_is_outranked_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_TTS_SPEED", "2")
    out, line = run("config", "set", "tts.speed", "1.5")
    assert out == "tts.speed = 2.0\n"
    assert line.startswith("warning: $ASSISTANT_TTS_SPEED outranks")


def test_config_set_refuses() -> None:
    assert "Did you mean tts.speed?" in refused(errors.ConfigError, "config", "set", "tts.sped", "1")
    refused(errors.ConfigError, "config", "set", "tts.speed", "fast")


# history


def test_history_lists_and_shows_what_was_asked() -> None:
    assert "nothing was recorded" in run("history")[1]
    run("ask", "what is two plus two")
    assert "what is two plus two" in run("history")[0]
    assert json.loads(run("history", "list", "--json")[0])[0]["turn_count"] == 1
    shown = run("history", "show", "last")[0]
    assert "You:        what is two plus two" in shown
    assert "Assistant:  2 plus 2 is 4." in shown
    assert json.loads(run("history", "show", "1", "--json")[0])["turns"][0]["outcome"] == "answered"


def test_no_history_keeps_nothing() -> None:
    run("ask", "what is two plus two", "--no-history")
    assert "nothing was recorded" in run("history")[1]


@pytest.mark.parametrize(("group", "more"), [("history", ["list"]), ("agenda", ["lists"]), ("agenda", ["cancel", "1"])])
def test_what_cannot_be_read_is_one_line_and_not_nothing(group: str, more: list[str], home: Path) -> None:
    (home / "assistant").mkdir()
    (home / "assistant" / f"{group}.db").mkdir()
    assert "cannot be used" in refused(errors.HistoryError, group)
    assert "cannot be used" in refused(errors.HistoryError, group, *more)


def test_help_that_cannot_be_printed_is_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "assistant", "--help"]
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == errors.OutputError.exit_code
    assert ended.stderr.startswith("error: the output cannot be written")
    assert ended.stderr.count("\n") == 1


def test_history_of_an_unknown_session() -> None:
    refused(errors.HistoryError, "history", "show", "7")


# Ctrl-C


def test_ctrl_c_while_transcribing_is_130_without_a_word(home: Path) -> None:
    endless = home / "endless.wav"
    question, rate_hz = soundfile.read(ROOT / "assistant" / "samples" / "question.wav")
    soundfile.write(endless, np.tile(question, 400), rate_hz)
    command = [sys.executable, "-m", "assistant", "transcribe", "--stt", "fake", str(endless)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, errors_printed = process.communicate()
    assert (process.returncode, errors_printed) == (130, "")

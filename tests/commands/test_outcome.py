"""Whatever a command raises ends in one line on stderr and the right exit code."""

import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from assistant import errors
from assistant.commands import outcome
from assistant.errors import AssistantError, AudioFileError, InputError


def exit_code(raised: BaseException) -> int:
    with pytest.raises(typer.Exit) as caught, outcome.outcome():
        raise raised
    return caught.value.exit_code


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


def test_our_own_error_is_one_line_with_its_hint(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(AudioFileError("x.wav is\nempty", hint="Record it\nagain.")) == AudioFileError.exit_code
    assert capsys.readouterr() == ("", "error: x.wav is empty — Record it again.\n")


def test_ctrl_c_is_130_and_silent(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(KeyboardInterrupt()) == 130
    assert capsys.readouterr() == ("", "")


def test_ctrl_c_that_a_library_turns_into_its_own_error_is_130_too(capsys: pytest.CaptureFixture[str]) -> None:
    def import_library() -> None:
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise ImportError("initialization failed") from None

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(typer.Exit) as caught, outcome.outcome():
        import_library()
    assert caught.value.exit_code == 130
    assert capsys.readouterr() == ("", "")
    assert signal.getsignal(signal.SIGINT) is before


def test_a_bug_is_one_line_and_its_traceback_is_saved(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(ZeroDivisionError("oh")) == 70
    line = capsys.readouterr().err
    assert line.startswith("error: something went wrong inside: ZeroDivisionError: oh — The details are in ")
    assert line.count("\n") == 1
    [log] = state.rglob("crash.log")
    assert str(log) in line
    assert "Traceback" in log.read_text()


def test_a_bug_whose_traceback_cannot_be_saved_says_so(
    state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (state / "state").write_text("a file in place of the folder")
    assert exit_code(ZeroDivisionError("oh")) == 70
    assert "could not be saved" in capsys.readouterr().err


def test_a_commands_own_exit_code_passes() -> None:
    assert exit_code(typer.Exit(7)) == 7


def test_what_ends_well_raises_nothing() -> None:
    with outcome.outcome():
        pass


def test_an_output_that_takes_no_more_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Full(io.StringIO):
        def flush(self) -> None:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys, "stdout", Full())
    with pytest.raises(typer.Exit) as caught, outcome.outcome():
        pass
    assert caught.value.exit_code == errors.OutputError.exit_code
    assert "No space left on device" in capsys.readouterr().err


def test_a_reader_that_left_is_quiet() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "assistant", "config", "path"]
    with os.fdopen(writer, "wb") as out:
        done = subprocess.run(command, stdout=out, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (141, b"")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_colour_only_where_it_is_wanted(
    environment: dict[str, str], coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stderr", Terminal())
    outcome.report(InputError("no text", hint="Give some."))
    assert ("\x1b[" in sys.stderr.getvalue()) == coloured  # type: ignore[attr-defined]


def test_no_colour_into_a_pipe(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("TERM", "xterm")
    outcome.notice("hello", "warning")
    assert capsys.readouterr().err == "warning: hello\n"


def test_every_error_has_its_own_exit_code() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, AssistantError)]
    assert [outcome.exit_code_of(kind.code) for kind in kinds] == [kind.exit_code for kind in kinds]
    assert len({kind.exit_code for kind in kinds}) == len(kinds)
    assert outcome.exit_code_of("internal") == 70
    assert outcome.exit_code_of(None) == 70

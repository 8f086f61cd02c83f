"""Text and sound that commands are given."""

import io
import sys
from pathlib import Path

import pytest

from assistant.commands import given
from assistant.errors import ConfigError, InputError


@pytest.fixture(autouse=True)
def no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_CONFIG", str(tmp_path / "none.toml"))


def pipe(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


def test_the_argument_is_the_text() -> None:
    assert given.text("  what time is it ", 100) == "what time is it"


def test_a_dash_reads_the_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe("\ufeffgrüß dich\n".encode(), monkeypatch)
    assert given.text("-", 100) == "grüß dich"


def test_a_pipe_that_is_not_text_is_taken_as_far_as_it_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe(b"ab\xff\x00cd", monkeypatch)
    assert given.text("-", 100) == "ab\ufffdcd"


@pytest.mark.parametrize("text", ["", "  \n", "\0"])
def test_no_text_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="no text"):
        given.text(text, 100)


def test_no_standard_input_at_all_is_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(InputError, match="no text"):
        given.text("-", 100)


def test_a_broken_argument_is_mended() -> None:
    given.text("caf\udce9", 100).encode()


@pytest.mark.parametrize("piped", [False, True])
def test_too_much_text_names_the_limit(piped: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "x" * (given.LONGEST_QUESTION + 1)
    pipe(text.encode(), monkeypatch)
    with pytest.raises(InputError, match="10,000 characters"):
        given.text("-" if piped else text, given.LONGEST_QUESTION)


def test_as_much_text_as_the_limit_is_taken() -> None:
    assert len(given.text("x" * given.LONGEST_QUESTION, given.LONGEST_QUESTION)) == given.LONGEST_QUESTION


def test_an_endless_pipe_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless(io.RawIOBase):
        read_so_far = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
            self.read_so_far += len(buffer)
            assert self.read_so_far < 1_000_000
            buffer[:] = b"x" * len(buffer)
            return len(buffer)

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Endless())))
    with pytest.raises(InputError, match="longer"):
        given.text("-", 1000)


def test_flags_become_settings_and_the_rest_stays() -> None:
    settings = given.settings(stt="fake", no_history=True, no_bias=True, no_speculate=True)
    assert settings.turn.speculate == "off"
    assert given.settings().turn.speculate
    assert (settings.stt.engine, settings.stt.bias, settings.history.enabled, settings.tts.engine) == (
        "fake",
        False,
        False,
        "auto",
    )


def test_a_sound_file_is_used_where_it_is() -> None:
    with given.sound_file("a.wav") as path:
        assert path == Path("a.wav")


def test_a_piped_sound_is_kept_only_while_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe(b"RIFF", monkeypatch)
    with given.sound_file("-") as path:
        assert path.read_bytes() == b"RIFF"
    assert not path.exists()


def test_a_profile_gives_models_and_settings_and_flags_outrank_it() -> None:
    settings = given.settings(profile="pi5", tts="espeak-ng")
    assert str(settings.stt.model) == "faster-whisper-base.en"
    assert settings.turn.model is not None
    assert settings.turn.model.name.startswith("smart-turn")
    assert settings.llm.context_tokens == 2048
    assert settings.tts.engine == "espeak-ng"


def test_the_profile_of_the_tests_names_models_that_are_there() -> None:
    settings = given.settings(profile="nano")
    assert all(stage.model is not None and stage.model.exists() for stage in (settings.stt, settings.llm, settings.tts))


def test_an_unknown_profile_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="no profile 'x'") as raised:
        given.settings(profile="x")
    assert "pi4" in raised.value.hint

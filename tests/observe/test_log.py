import json
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from assistant.config import LogSettings
from assistant.errors import OutputError
from assistant.observe.log import FILE_BYTES, configure


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Logging is global: put it back as pytest had it."""
    root, ours = logging.getLogger(), logging.getLogger("assistant")
    handlers, levels, raising = root.handlers[:], (root.level, ours.level), logging.raiseExceptions
    root.handlers[:] = []  # configure closes what it replaces
    yield
    for handler in root.handlers:
        handler.close()
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    ours.setLevel(levels[1])
    logging.raiseExceptions = raising
    logging.captureWarnings(False)
    structlog.reset_defaults()


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def settings(level: str = "info", form: str = "json") -> LogSettings:
    return LogSettings.model_validate({"level": level, "format": form})


def test_our_lines_and_those_of_dependencies_look_alike(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "assistant.log"
    configure(settings(), path)
    structlog.get_logger("assistant.session").bind(turn_id=3).info("committed", text="café")
    logging.getLogger("somebody.else").warning("odd %s", "thing", extra={"size": 4})
    first, second = lines(path)
    assert first.pop("timestamp") <= second.pop("timestamp")
    assert first == {
        "event": "committed",
        "level": "info",
        "logger": "assistant.session",
        "text": "café",
        "turn_id": 3,
    }
    assert second == {"event": "odd thing", "level": "warning", "logger": "somebody.else", "size": 4}


def test_the_level_is_ours_and_dependencies_only_warn(tmp_path: Path) -> None:
    path = tmp_path / "assistant.log"
    configure(settings("debug"), path)
    structlog.get_logger("assistant").debug("fine")
    logging.getLogger("somebody").info("chatter")
    assert [line["event"] for line in lines(path)] == ["fine"]
    configure(settings("error"), path)
    structlog.get_logger("assistant").warning("hidden")
    logging.getLogger("somebody").warning("hidden")
    logging.getLogger("somebody").error("shown")
    assert [line["event"] for line in lines(path)] == ["fine", "shown"]


def test_exceptions_warnings_and_the_context_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "assistant.log"
    configure(settings(), path)
    with structlog.contextvars.bound_contextvars(turn_id=9):
        try:
            raise ValueError("broken")
        except ValueError:
            structlog.get_logger("assistant").exception("failed")
    warnings.warn("soon gone", stacklevel=1)
    failed, warned = lines(path)
    assert (failed["turn_id"], failed["exception"][0]["exc_value"]) == (9, "broken")
    assert "soon gone" in warned["event"]


def test_the_console_form_is_plain_text_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    configure(settings(form="console"))
    structlog.get_logger("assistant").info("hello", number=1)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "hello" in captured.err
    assert "number=1" in captured.err
    assert "\x1b" not in captured.err


def test_a_log_file_keeps_the_screen_clean(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    configure(settings(form="console"), tmp_path / "assistant.log")
    structlog.get_logger("assistant").error("bad")
    logging.getLogger("somebody").error("worse")
    assert capsys.readouterr() == ("", "")


def test_the_file_is_rotated(tmp_path: Path) -> None:
    configure(settings(), tmp_path / "assistant.log")
    for _ in range(12):
        structlog.get_logger("assistant").info("x" * (FILE_BYTES // 3))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["assistant.log", "assistant.log.1", "assistant.log.2"]


def test_a_log_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written"):
        configure(settings(), tmp_path / "file" / "assistant.log")

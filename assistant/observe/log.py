"""The log: one configuration of structlog, through which the standard library's logging of dependencies goes as well.

Modules log with ``structlog.get_logger(__name__).info("event", key=value)``; a turn's own logger is
``log.bind(turn_id=turn.id)``.
"""

import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import structlog

from assistant.config import LogSettings
from assistant.errors import OutputError

FILE_BYTES = 1_000_000
FILES_KEPT = 3
OURS = "assistant"

_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=False),
    structlog.processors.StackInfoRenderer(),
]


def default_path() -> Path:
    """The log file in the user's log folder, whether it exists or not."""
    import platformdirs

    return platformdirs.user_log_path("assistant") / "assistant.log"


def configure(settings: LogSettings, path: Path | None = None) -> None:
    """Send every log line to ``path``, or to stderr; the last call counts. Raises OutputError.

    A screen that draws itself must log to a file. The file is rotated at FILE_BYTES. Dependencies are logged from
    warnings up, whatever the level; theirs and ours look alike.
    """
    handler = _file_handler(path) if path is not None else logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(settings, colors=path is None and sys.stderr.isatty()))
    level = logging.getLevelName(settings.level.upper())
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(max(level, logging.WARNING))
    logging.getLogger(OURS).setLevel(level)
    logging.captureWarnings(True)
    logging.raiseExceptions = False  # a full disk must not print tracebacks over the screen
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _formatter(settings: LogSettings, colors: bool) -> logging.Formatter:
    renderers: list[Any] = (
        [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if settings.format == "json"
        else [structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=structlog.dev.plain_traceback)]
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
    )


def _file_handler(path: Path) -> logging.Handler:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return RotatingFileHandler(
            path, maxBytes=FILE_BYTES, backupCount=FILES_KEPT - 1, encoding="utf-8", errors="replace"
        )
    except OSError as error:
        raise OutputError(
            f"the log {path} cannot be written: {error.strerror}", hint="Check the folder's permissions."
        ) from error

"""Logs: JSON lines on stdout, one event in the past tense each, with nothing in them that opens a door."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

_SECRET_KEYS = re.compile(
    r"token|secret|password|assertion|authorization|verifier|^code$|cookie|session_key", re.IGNORECASE
)
_SECRET_TEXT = re.compile(r"eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*|Bearer\s+\S+|(?:(?<=[?&]code=)|(?<=[?&]state=))[^&\s]+")
_REDACTED = "[redacted]"


def configure(level: str = "INFO", *, to_terminal: bool | None = None) -> None:
    """Set logging up once per process. A terminal gets colours and columns, everything else gets JSON."""
    pretty = sys.stdout.isatty() if to_terminal is None else to_terminal
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    renderer: Any = structlog.dev.ConsoleRenderer() if pretty else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    _route_libraries(level)


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank out what is named like a secret, and what looks like a token, at any depth."""
    return {key: _REDACTED if _SECRET_KEYS.search(key) else _clean(value) for key, value in event.items()}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _SECRET_TEXT.sub(_REDACTED, value)
    if isinstance(value, Mapping):
        return {key: _REDACTED if _SECRET_KEYS.search(str(key)) else _clean(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(inner) for inner in value]
    return value


class _ToStructlog(logging.Handler):
    """What libraries log goes the same way, through the same redaction."""

    def emit(self, record: logging.LogRecord) -> None:
        logger = structlog.get_logger(record.name)
        trouble = {"exc_info": record.exc_info} if record.exc_info else {}
        logger.log(record.levelno, record.getMessage(), **trouble)


def _route_libraries(level: str) -> None:
    root = logging.getLogger()
    root.handlers = [_ToStructlog()]
    root.setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level.upper()]))

"""Logs: JSON lines on stdout, one event in the past tense each, without secrets."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

_REDACTED = "[redacted]"
_NAMED = r"token|secret|password|passphrase|assertion|authorization|verifier|cookie|session_key"
_SECRET_KEYS = re.compile(rf"{_NAMED}|^code$", re.IGNORECASE)
# A short word of letters only, as in "a bearer token is needed". No issuer creates such a token: it has to contain 128
# random bits (RFC 6749, 10.10), which take 23 letters.
_ENGLISH = r"""[a-z]{1,15}[.,;:!?)\]}"']*(?:\s|$)"""
# The groups are kept: the name of a secret, and the quote before its value.
_SECRET_TEXTS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"()eyJ[\w-]{10,1024}\.[\w-]{10,}\.[\w-]*",  # a signed token; its header is short
        rf"(Bearer\s+)(?!{_ENGLISH})\S+",
        r"([?&](?:code|state)=)[^&\s]+",  # the sign-in page's addresses
        rf"((?:{_NAMED})=)[^&\s]+",  # a form
        rf"""((?P<q>["'])[\w-]*(?:{_NAMED})(?P=q)\s*:\s*["'])[^"']+""",  # JSON, or Python's repr
        r"(\brediss?(?:\+\w+)?://)\S+",  # a password may split a Redis address, so that it could be anywhere
        r"(\bunix://)\S+(?=@)",
        r"(://)[^/\s@:]*:[^/\s@]+(?=@)",  # any other address with a password
    )
)


def configure(level: str = "INFO", *, to_terminal: bool | None = None) -> None:
    """Set up logging once per process. A terminal gets colours and columns, everything else gets JSON."""
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
    """Redact keys that are named like a secret and values that look like a token, at any depth."""
    return {key: _REDACTED if _SECRET_KEYS.search(key) else _clean(value) for key, value in event.items()}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _clean_text(value)
    if isinstance(value, Mapping):
        return {key: _REDACTED if _SECRET_KEYS.search(str(key)) else _clean(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(inner) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return _clean_text(repr(value))  # the renderers would do so, after us


def _clean_text(text: str) -> str:
    for pattern in _SECRET_TEXTS:
        text = pattern.sub(rf"\1{_REDACTED}", text)
    return text


class _ToStructlog(logging.Handler):
    """Sends the logs of libraries through the same redaction."""

    def emit(self, record: logging.LogRecord) -> None:
        logger = structlog.get_logger(record.name)
        trouble = {"exc_info": record.exc_info} if record.exc_info else {}
        # msal includes unreadable answers of Entra in its errors, and an answer may be part of a token.
        said = str(record.msg) if record.name.startswith("msal.") else record.getMessage()
        logger.log(record.levelno, said, **trouble)


def _route_libraries(level: str) -> None:
    root = logging.getLogger()
    root.handlers = [_ToStructlog()]
    root.setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level.upper()]))

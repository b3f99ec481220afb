"""Logging: readable lines in a terminal, JSON elsewhere, secrets in neither."""

import logging
import sys
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any, Final

import structlog

_SECRET_WORDS: Final = (
    "password",
    "secret",
    "token",
    "code",
    "challenge",
    "authorization",
    "cookie",
    "email",
    "key",
    "address",
    "body",
    "link",
)
_HARMLESS: Final = {"status_code", "error_code", "smtp_code"}


def redact(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The last processor before rendering: values under telling names never leave."""
    for name in event:
        if _is_telling(name):
            event[name] = "***"
    return event


@lru_cache(maxsize=1000)
def _is_telling(name: str) -> bool:
    """Asked for every word of every line, of which there are few."""
    return name not in _HARMLESS and any(word in name.lower() for word in _SECRET_WORDS)


def configure_logging(*, level: str = "INFO", readable: bool | None = None) -> None:
    """Set up structlog for the process and send the standard library's records the same way.

    It may be called again to change the level.
    """
    if readable is None:
        readable = sys.stderr.isatty()
    exceptions = structlog.processors.ExceptionRenderer(
        structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    )
    first: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if readable:
        last: list[Any] = [
            redact,
            structlog.dev.ConsoleRenderer(
                exception_formatter=structlog.dev.plain_traceback, pad_event_to=32
            ),
        ]
    else:
        last = [exceptions, redact, structlog.processors.JSONRenderer()]
    structlog.configure(
        processors=[*first, *last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=first,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)

"""Structured logs, ours and those of the libraries, to standard error."""

from __future__ import annotations

import logging
import sys
from typing import Any

import msgspec
import structlog

from portvakt.settings import Settings

_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure(settings: Settings) -> None:
    """Log as the settings say. May be called again."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    render = _json() if settings.log_format == "json" else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[*_SHARED, structlog.processors.format_exc_info, render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                render,
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(level, logging.INFO), force=True)
    # Exceptions reach the log through the request's own line, without their text.
    logging.getLogger("uvicorn.error").setLevel(max(level, logging.WARNING))
    logging.getLogger("alembic").setLevel(logging.WARNING)


def _json() -> Any:
    def serialize(event: dict[str, Any], **_: Any) -> str:
        return msgspec.json.encode(event, enc_hook=str).decode()

    return structlog.processors.JSONRenderer(serializer=serialize)

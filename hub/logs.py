"""Structured logs: one JSON object a line, without secrets, personal data, stack values or forged lines."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any

import structlog

from hub.canonical.errors import BadRecord, StocklineError

Event = MutableMapping[str, Any]
HIDDEN = "[hidden]"

_SECRET = re.compile(r"secret|token|passw|authoriz|cookie|api_?key|private|signature|hmac|credential", re.IGNORECASE)
_PERSONAL = re.compile(
    r"^(e_?mail|phone|buyer|customer|(first|last|full)_?name|address|ship_to|bill_to|street|lines?|postal_code|"
    r"zip|city|company|note|raw|payload|body|value|document)$",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_URL_PASSWORD = re.compile(r"(\w+://[^\s:/@]*):[^\s/@]+@")
_BEARER = re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]+", re.IGNORECASE)
_QUERY = re.compile(r"([?&](?:token|key|secret|password|code|signature|hmac)=)[^&\s\"']+", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")


def clean(text: str) -> str:
    """A text that may stand in a log: credentials and e-mail addresses hidden, line breaks and controls spelled out."""
    text = _URL_PASSWORD.sub(rf"\1:{HIDDEN}@", text)
    text = _BEARER.sub(rf"\1 {HIDDEN}", text)
    text = _QUERY.sub(rf"\1{HIDDEN}", text)
    text = _EMAIL.sub(HIDDEN, text)
    return _CONTROL.sub(lambda found: f"\\x{ord(found.group()):02x}", text)


def describe(error: BaseException) -> str:
    """An error without what it carries: our own sentence where it is ours, else only the kind (others quote data)."""
    if isinstance(error, BadRecord):
        return f"{type(error).__name__}: {clean(error.field)}: {clean(error.why)}"
    if isinstance(error, StocklineError):
        return f"{type(error).__name__}: {clean(str(error))}"
    return type(error).__name__


def frames(trace: TracebackType | None, limit: int = 12) -> list[str]:
    """Where it happened, innermost last: `file:line function`, no source text and no values."""
    found = traceback.extract_tb(trace)[-limit:]
    return [f"{frame.filename.rpartition('site-packages/')[2]}:{frame.lineno} {frame.name}" for frame in found]


def _hide(_logger: object, _method: str, event: Event) -> Event:
    """Processor: hide by name, clean every text."""
    return {name: HIDDEN if _is_hidden(name) else _cleaned(value) for name, value in event.items()}


def _is_hidden(name: str) -> bool:
    return bool(_SECRET.search(name) or _PERSONAL.match(name))


def _cleaned(value: Any, depth: int = 0) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict) and depth < 4:
        return {str(k): HIDDEN if _is_hidden(str(k)) else _cleaned(v, depth + 1) for k, v in value.items()}
    if isinstance(value, (list, tuple)) and depth < 4:
        return [_cleaned(part, depth + 1) for part in value]
    return value if isinstance(value, (int, float, bool, type(None))) else clean(str(value))


def _errors(_logger: object, _method: str, event: Event) -> Event:
    """Processor: an exception becomes its kind and the places it passed, never its values."""
    found = event.pop("exc_info", None)
    error = sys.exc_info()[1] if found is True else found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        event["error"] = describe(error)
        event["where"] = frames(error.__traceback__)
    event.pop("stack_info", None)
    return event


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
_LAST: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, _errors, _hide]


def set_up(level: str = "info", form: str = "json", stream: Any = None) -> None:
    """Send every logger of this process, ours and the libraries', to one stream (stderr) in one form.

    Args: level: debug, info, warning or error.  form: "json" or "text".
    """
    render: Any = structlog.processors.JSONRenderer() if form == "json" else _text
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=[*_SHARED, _plain_message], processors=[*_LAST, render])
    )
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    _calm_libraries()


def _plain_message(_logger: object, _method: str, event: Event) -> Event:
    """Keep a library's message, drop its arguments: they may be anything."""
    event.pop("positional_args", None)
    return event


def _text(_logger: object, _method: str, event: Event) -> str:
    head = f"{event.pop('timestamp', '')} {event.pop('level', ''):7} {event.pop('event', '')}"
    return head + "".join(f" {name}={value}" for name, value in event.items())


def _calm_libraries() -> None:
    """Libraries speak from warnings on; their own handlers would print past ours.

    APScheduler warns of each look that is left out while the one before goes on: that is how the scheduler is set.
    """
    for name in ("celery", "kombu", "amqp", "apscheduler", "alembic", "uvicorn", "urllib3", "sqlalchemy", "paramiko"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.ERROR if name == "apscheduler" else logging.WARNING)

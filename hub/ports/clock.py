"""Time as an argument: use cases ask a clock, tests hand in one that they move."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The wall clock, aware, UTC."""
    return datetime.now(UTC)

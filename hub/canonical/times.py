"""Time is UTC. A text without an offset needs the zone that the channel documents."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from hub.canonical.errors import BadRecord


def parse_time(value: object, field: str, zone: tzinfo = UTC) -> datetime:
    """Read an ISO 8601 time. Returns an aware UTC datetime.

    Args:   zone: taken where the text names no offset.
    Raises: BadRecord: not a time, or outside the years 1970 to 9000.
    """
    if not isinstance(value, str) or not value.strip():
        raise BadRecord(field, value, "expected an ISO 8601 time such as 2026-11-23T08:00:00Z")
    try:
        moment = datetime.fromisoformat(value.strip())
        moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadRecord(field, value, "expected an ISO 8601 time such as 2026-11-23T08:00:00Z") from None
    if not 1970 <= moment.year <= 9000:
        raise BadRecord(field, value, "expected a year from 1970 on")
    return moment


def iso(moment: datetime) -> str:
    """An aware datetime as ISO 8601 UTC with `Z`; fractions of a second only where there are any."""
    moment = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return moment.isoformat()[:-6] + "Z"

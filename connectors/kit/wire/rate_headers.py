"""Reads from an answer's headers how long the channel allows no calls: with a 429, and before it has to say one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_S = 86_400.0
REMAINING = ("ratelimit-remaining", "x-ratelimit-remaining", "x-rate-limit-remaining")
RESET = ("ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset", "x-rate-limit-reset-after")
EPOCH = 1_000_000_000
"""From here on a number is a time, in seconds since 1970 (a thousand times that: milliseconds); below it, seconds."""


def used_up(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds until calls are allowed again, where the headers (names in lower case) say that none is left.

    Returns: None where some are left, or nothing that makes sense is said; at most a day.
    Source:  draft-ietf-httpapi-ratelimit-headers (versions 03: three headers; 10: `RateLimit: "name";r=0;t=30`), and
             the X- headers that came before it.
    """
    short = re.search(r";\s*r=0(?:;|,|\s|$)", headers.get("ratelimit", ""))
    if short:
        found = re.search(r";\s*t=(\d{1,10})(?:;|,|\s|$)", headers["ratelimit"])
        return _wait(found.group(1) if found else "", now)
    if not any(headers.get(name, "").strip() == "0" for name in REMAINING):
        return None
    return _wait(next((headers[name] for name in RESET if name in headers), ""), now)


def _wait(text: str, now: datetime) -> float | None:
    if not re.fullmatch(r"\d{1,15}(\.\d{1,9})?", text.strip()):
        return None
    number = float(text)
    if number >= EPOCH:
        number = (number / 1000 if number >= 1000 * EPOCH else number) - now.timestamp()
    return number if 0 < number <= LONGEST_S else None


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds from a `Retry-After` header (a number or an HTTP date); None where there is none that makes sense."""
    text = headers.get("retry-after", "").strip()
    try:
        wait = float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else _until(text, now)
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(wait, 0.0), LONGEST_S)


def _until(text: str, now: datetime) -> float:
    moment = parsedate_to_datetime(text)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (moment - now).total_seconds()

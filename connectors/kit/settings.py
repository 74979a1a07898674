"""Reads the settings that several channels have, each refused by its name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo

from connectors.kit.limiter import Quota
from hub.canonical.errors import BadRecord
from hub.canonical.faults import unfit
from hub.canonical.times import parse_time
from hub.ports.channel import ConnectorSpec, Field
from hub.rules.pacing import quota_faults

ORDERS_SINCE = Field(
    "orders_since",
    "Orders since",
    "Such as 2026-11-01: the first pull leaves out what has not changed since; empty: every order",
    required=False,
)
CALLS_PER_SECOND = Field(
    "calls_per_second",
    "Calls a second",
    "The platform names no limit; lower it when the host answers 429",
    required=False,
    default="5",
)

LONGEST_GAP_S = 86_400


def calls_per_second(settings: Mapping[str, str], spec: ConnectorSpec) -> float:
    """The pace that the merchant set, else the passport's. Raises Misconfigured."""
    text = settings.get("calls_per_second") or str(spec.calls_per_second)
    try:
        pace = float(text)
    except ValueError:
        pace = math.nan
    if not 0.01 <= pace <= 1000:
        return unfit(f"calls_per_second = {text!r}: expected a number from 0.01 to 1000", 1.0)
    return pace


def daily_quota(settings: Mapping[str, str]) -> Quota:
    """The calls a day that the merchant set for a connection of any channel, none by default. Raises Misconfigured."""
    text, zone = settings.get("calls_per_day", ""), settings.get("quota_zone", "") or "UTC"
    faults = quota_faults(text, zone)
    for sentence in faults.values():
        unfit(sentence, None)
    return Quota() if faults else Quota(int(text or 0), zone)


def call_gaps(settings: Mapping[str, str], spec: ConnectorSpec) -> dict[str, float]:
    """Least seconds between two calls, by operation: the passport's, else the setting's. Raises Misconfigured."""
    found = dict(spec.call_gaps_s)
    for part in filter(None, (part.strip() for part in settings.get("call_gaps", "").split(","))):
        operation, _, seconds = (word.strip() for word in part.partition("="))
        if operation not in found or not (seconds.isascii() and seconds.isdigit()) or int(seconds) > LONGEST_GAP_S:
            known = ", ".join(sorted(found))
            unfit(
                f"call_gaps: {part!r}: expected OPERATION=SECONDS from 0 to {LONGEST_GAP_S}; operations: {known}", None
            )
        else:
            found[operation] = float(seconds)
    return found


def first_pull(settings: Mapping[str, str], zone: tzinfo = UTC) -> datetime | None:
    """Where a pull without cursor starts: `orders_since`, in the shop's zone. Raises Misconfigured."""
    text = settings.get("orders_since", "").strip()
    try:
        return parse_time(text, "orders_since", zone) if text else None
    except BadRecord:
        return unfit(f"orders_since = {text!r}: expected a date such as 2026-11-01", None)

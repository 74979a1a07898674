"""What the settings of a warehouse may be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.canonical.errors import BadInput
from hub.rules.calendars import read_calendar

KINDS = ("warehouse", "store", "supplier")
ASKS_FROM = ("never", "picked", "packed")
LEAST: Mapping[str, int] = {
    "priority": 1, "daily_orders": 0, "accept_minutes": 1, "answer_minutes": 1, "handling": 0, "handling_unit": 0,
}  # fmt: skip
"""Number -> the least it may be; daily_orders and accept_minutes may be None."""
MAY_BE_NONE = ("daily_orders", "accept_minutes")
MOST = 10**12


def check_warehouse(values: Mapping[str, Any]) -> None:
    """Check the settings that are given, others are left alone.

    Raises: BadInput: names the setting, what it is and what it may be.
    """
    for name, least in LEAST.items():
        _number(name, values.get(name, least), least)
    for name, words in (("kind", KINDS), ("asks_from", ASKS_FROM)):
        if values.get(name, words[0]) not in words:
            raise BadInput(f"warehouse.{name} = {values[name]!r}: use one of {', '.join(words)}")
    read_calendar(
        values.get("zone", "UTC"), values.get("hours") or {}, values.get("cutoff"), values.get("holidays") or ()
    )


def _number(name: str, value: object, least: int) -> None:
    if value is None and name in MAY_BE_NONE:
        return
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= MOST:
        raise BadInput(f"warehouse.{name} = {value!r}: use a whole number from {least} on")

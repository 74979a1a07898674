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
    _place(values)
    read_calendar(
        values.get("zone", "UTC"), values.get("hours") or {}, values.get("cutoff"), values.get("holidays") or ()
    )


def _place(values: Mapping[str, Any]) -> None:
    """Where it is and where it ships to."""
    countries = {"country": [values.get("country")], "ships_to": values.get("ships_to") or ()}
    for name, told in countries.items():
        for text in told:
            if text is not None and not is_country(text):
                raise BadInput(f"warehouse.{name} = {text!r}: use two capital letters (ISO 3166) such as DE")
    for name, most in (("lat", 90), ("lon", 180)):
        degrees = values.get(name)
        if degrees is not None and not -most <= degrees <= most:
            raise BadInput(f"warehouse.{name} = {degrees!r}: use degrees from -{most} to {most}")


def is_country(text: str) -> bool:
    """Whether a text has the form of a country's code: two capital letters."""
    return len(text) == 2 and text.isascii() and text.isalpha() and text.isupper()


def _number(name: str, value: object, least: int) -> None:
    if value is None and name in MAY_BE_NONE:
        return
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= MOST:
        raise BadInput(f"warehouse.{name} = {value!r}: use a whole number from {least} on")

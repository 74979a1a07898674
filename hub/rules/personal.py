"""What of an order is about a person, and what stays once that person is to be forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

KEPT_OF_A_PLACE = ("country", "region")
KEPT_OF_EXTRA = ("current", "unexplained", "presentment", "money_back", "payment_told")
"""The keys of `extra` that mean something to the hub; the others are the channel's own, and may say anything."""


def without_person(document: Mapping[str, Any]) -> dict[str, Any]:
    """The canonical order (as JSON-ready values) without its buyer.

    Returns: the same keys. `buyer` and `note` are null; of both addresses country and region stay; of `extra` stay the
             keys that mean something to the hub; `sub_orders` is empty. Lines, amounts and times are untouched.
    """
    gone: dict[str, Any] = {"buyer": None, "note": None, "sub_orders": []}
    places = {name: _place(document.get(name)) for name in ("ship_to", "bill_to")}
    extra = document.get("extra") or {}
    kept = {name: extra[name] for name in KEPT_OF_EXTRA if name in extra}
    changed = {**gone, **places, "extra": kept}
    return {name: changed.get(name, value) for name, value in document.items()}


def _place(address: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if address is None:
        return None
    empty: dict[str, Any] = {name: [] if isinstance(value, list) else None for name, value in address.items()}
    return {**empty, **{name: address.get(name) for name in KEPT_OF_A_PLACE}}

"""Makes a trade of TOP even: lists without their wrapping, and what each line's payment holds beside its goods."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from mappings.engine import readers

Row = Mapping[str, Any]
_LISTS = ("orders", "promotion_details", "service_orders")
_HOLDS = ("top_hold", "team_buy_hold", "share_group_hold", "ofp_hold")
_SHARE = "part_mjz_discount"


def evened(trade: Row) -> dict[str, Any]:
    """The trade with plain lists, `stockline_holds` (the platform's marks that forbid to ship for now), and
    `stockline_beside` on each line: what to take off its `payment`.

    The payment of a trade's only line is that of the trade: it holds the postage, and the trade's discounts are off.
    Among several lines no payment holds postage, and each line's share of the trade's discounts is still in it.
    Raises: BadRecord.
    """
    lists = {name: _unwrapped(trade[name]) for name in _LISTS if name in trade}
    found = enumerate(readers.items(lists.get("orders"), "orders", ()))
    lines = [readers.element(each, "orders[{}]", (at,)) for at, each in found]
    beside = [_beside(trade, line, at, len(lines)) for at, line in enumerate(lines)]
    orders = [{**line, "stockline_beside": amount} for line, amount in zip(lines, beside, strict=True)]
    holds = " ".join(name for name in _HOLDS if readers.same(trade.get(name), "1"))
    return {**trade, **lists, "orders": orders, "stockline_holds": holds}


def _unwrapped(value: Any) -> Any:
    """TOP writes a list as an object with one key, {"order": [...]}, unless `simplify` was asked for."""
    inner = list(value.values()) if isinstance(value, Mapping) else []
    return inner[0] if len(inner) == 1 and isinstance(inner[0], list) else value


def _beside(trade: Row, line: Row, at: int, lines: int) -> Decimal:
    if lines == 1:
        return _amount(trade.get("post_fee"), "post_fee", ())
    return _amount(line.get(_SHARE), f"orders[{{}}].{_SHARE}", (at,))


def _amount(value: Any, place: str, at: tuple[int, ...]) -> Decimal:
    found = None if value is None else readers.money(value, place, at)
    return Decimal(0) if found is None else found

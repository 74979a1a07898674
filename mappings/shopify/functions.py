"""What the YAML of Shopify cannot say: global ids, amounts of the GraphQL API, refunds in two currencies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from hub.canonical.errors import BadRecord
from mappings.engine import readers

_DECIMALS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"), 0),
    **dict.fromkeys(("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
"""Currencies without exactly two decimals (ISO 4217)."""

_KINDS = frozenset(
    {
        "authorization",
        "capture",
        "change",
        "emv_authorization",
        "refund",
        "sale",
        "suggested_refund",
        "void",
    }
)
_STATES = frozenset({"awaiting_response", "error", "failure", "pending", "success", "unknown"})
"""What a transaction is, and how it ended. Source: `OrderTransactionKind` and `-Status` of the GraphQL Admin API."""


def gid(value: Any, place: str, at: tuple[int, ...]) -> str | None:
    """The number at the end of a global id: `gid://shopify/Order/450789469` -> `450789469`; numbers stay, 0 is none."""
    found = readers.ref(value, place, at)
    if found == "0":
        return None
    if found is None or value.__class__ is int or not found.startswith("gid://"):
        return found
    number = found.rsplit("/", 1)[-1].split("?", 1)[0]
    if not (number.isascii() and number.isdecimal()):
        raise BadRecord(place.format(*at), value, "expected a global id such as gid://shopify/Order/450789469")
    return number


def order_id(value: Any, place: str, at: tuple[int, ...]) -> str | None:
    """The id of an order: not below 0, nor the global id of something else (a DraftOrder looks much like an order)."""
    found = gid(value, place, at)
    foreign = isinstance(value, str) and value.strip().startswith("gid://") and "/Order/" not in value
    if foreign or (found or "").startswith("-"):
        raise BadRecord(
            place.format(*at), value, "expected the id of an order, 450789469 or gid://shopify/Order/450789469"
        )
    return found


def bag(value: Any, place: str, at: tuple[int, ...]) -> Decimal | None:
    """An amount of the GraphQL API, `{"amount": "10.0", "currencyCode": "USD"}`, with its currency's decimals: 10.00.

    The GraphQL API writes 10.0 where REST and webhooks write 10.00; both must become the same canonical order.
    """
    if value is None:
        return None
    money = readers.element(value, place, at)
    amount = money.get("amount")
    amount = None if amount is None else readers.money(amount, place + ".amount", at)
    if amount is None:
        return None
    code = readers.text(money.get("currencyCode") or "", place + ".currencyCode", at) or ""
    return readers.trimmed(amount, _DECIMALS.get(code.upper(), 2))


def tags(value: Any, field: str) -> tuple[str, ...] | None:
    """Tags as a tuple: REST writes one text with commas, GraphQL a list."""
    parts = value.split(",") if isinstance(value, str) else readers.items(value, field, ())
    found = (readers.text(part, f"{field}[{{}}]", (index,)) for index, part in enumerate(parts))
    return tuple(tag for tag in found if tag) or None


def refunded(refunds: Any, currency: Any) -> Decimal | None:
    """What went back to the buyer, in the shop's currency: the successful refund transactions of all refunds.

    None where a refund does not tell its transactions, or one is in another currency, for its worth in the shop's is
    not in the payload.
    """
    if refunds is None:
        return None
    total = Decimal("0.00")
    for index, refund in enumerate(readers.items(refunds, "refunds", ())):
        for amount in _transactions(readers.element(refund, "refunds[{}]", (index,)), index, currency):
            if amount is None:
                return None
            total += amount
    return total


def _transactions(refund: Mapping[str, Any], index: int, currency: Any) -> Sequence[Decimal | None]:
    place = "refunds[{}].transactions"
    found: list[Decimal | None] = [None] if refund.get("transactions") is None else []
    for number, each in enumerate(readers.items(refund.get("transactions"), place, (index,))):
        row = readers.element(each, place + "[{}]", (index, number))
        kind, state = (
            _word(row.get(name), f"{place}[{{}}].{name}", (index, number), known)
            for name, known in (("kind", _KINDS), ("status", _STATES))
        )
        if kind != "refund" or state != "success":
            continue
        other = row.get("currency")
        amount = readers.money(row.get("amount"), place + "[{}].amount", (index, number))
        found.append(amount if other is None or readers.same(other, str(currency)) else None)
    return found


def _word(value: Any, place: str, at: tuple[int, ...], known: frozenset[str]) -> str:
    """One of the words that there are, in small letters; "" where nothing is told."""
    found = (readers.text("" if value is None else value, place, at) or "").lower()
    if found and found not in known:
        raise BadRecord(place.format(*at), value, f"expected one of {', '.join(sorted(known))}")
    return found


def rate(presentment: Decimal | None, shop: Decimal | None) -> Decimal | None:
    """Presentment units for one unit of the shop's currency, to 6 decimals; None where either total is unknown or 0."""
    return round(presentment / shop, 6) if presentment and shop else None

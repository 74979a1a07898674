"""How a message read before and how it reads with another mapping: the same, changed, mended, or not any more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import chain
from typing import Any, Literal

from hub.canonical.order import Order
from hub.canonical.told import told
from hub.rules.ruleset_diff import Change, diff_bodies

Verdict = Literal["same", "changed", "mended", "broken", "stuck"]
"""broken: it was read before, and is not any more, or as another order; mended: it is only now; stuck: neither way."""


MONEY = frozenset({
    "amount", "currency", "discount", "discount_total", "other_charges", "refunded_total", "shipping", "tax",
    "tax_included", "tax_total", "total", "unit_price",
})  # fmt: skip
"""Fields of an order, its lines and its charges that say how much is paid."""
SENT = frozenset(
    {"status", "payment", "fulfillment", "fulfilled_by", "quantity", "uom", "sku", "listing_ref", "current"}
)
"""Fields of an order and its lines that say what is sent, and whether."""
KNOWN = frozenset({"total", "unit_price", "refunded_total"})
"""Amounts that are not known where they are missing; others are 0 then."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message says: orders, or why it cannot be read."""

    orders: tuple[Order, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class MessageDiff:
    """One message. number: of its (first) order, else its `ref`; before, after: why it is not read."""

    message_id: int
    ref: str
    number: str
    verdict: Verdict
    changes: tuple[Change, ...] = ()
    before: str = ""
    after: str = ""

    @property
    def money(self) -> tuple[Change, ...]:
        """Those of the changes by which another amount, or one of another currency, would be paid or missing."""
        return tuple(filter(is_money, self.changes))

    @property
    def sent(self) -> tuple[Change, ...]:
        """Those of the changes by which something else would be sent, or the order be ready when it was not."""
        return tuple(change for change in self.changes if not SENT.isdisjoint(change.path))

    @property
    def grave(self) -> tuple[Change, ...]:
        """What is paid or sent, that of money first: nobody changes these unseen."""
        return (*self.money, *self.sent)


def is_money(change: Change) -> bool:
    """Whether money changes, or appears that the parts of the order do not explain; 1.5 and 1.50 are the same."""
    name = change.path[-1]
    if "extra" in change.path:
        return (change.kind, name) == ("added", "unexplained") or "presentment" in change.path
    appears = name in KNOWN and (change.before is None) != (change.after is None)
    return name in MONEY and (appears or _paid(change.before) != _paid(change.after))


def _paid(value: object) -> list[Any]:
    """The amounts that a field holds, those of 0 left out; what is no number as its text."""
    if isinstance(value, dict):
        value = [part for name, part in value.items() if name in MONEY]
    if isinstance(value, list | tuple):
        return sorted(chain.from_iterable(map(_paid, value)), key=str)
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return [] if value is None else [value]
    return [amount] if amount else []


def compare(message_id: int, ref: str, before: Reading, after: Reading) -> MessageDiff:
    """Returns: `changes` are those of the canonical fields, lines by their id; only where both can be read."""
    after = _keeping_ids(before, after)
    found = [*after.orders, *before.orders]
    number = (found[0].number or found[0].channel_ref) if found else ref
    changes = () if before.error or after.error else diff_bodies(_by_ref(before.orders), _by_ref(after.orders))
    verdict = _verdict(before, after, changed=bool(changes))
    return MessageDiff(message_id, ref, number, verdict, changes, before.error, after.error)


def _keeping_ids(before: Reading, after: Reading) -> Reading:
    """An order that would be called otherwise is another order: it would come twice, and its channel not know it."""
    if before.error or after.error or _ids(before.orders) == _ids(after.orders):
        return after
    was, would = _named(before.orders), _named(after.orders)
    return Reading((), told(
        f"the ids of the order or of its lines would change, from {was} to {would}: by these its channel and the hub "
        "find it again; leave channel_ref as it is"
    ))  # fmt: skip


def _ids(orders: Sequence[Order]) -> list[tuple[str, list[str]]]:
    return sorted((order.channel_ref, sorted(line.channel_ref for line in order.lines)) for order in orders)


def _named(orders: Sequence[Order]) -> str:
    """The first order's id and its lines', as people find them."""
    ref, lines = next(iter(_ids(orders)), ("nothing", []))
    return f"{ref} ({', '.join(lines[:3])})"[:80]


def _verdict(before: Reading, after: Reading, *, changed: bool) -> Verdict:
    if before.error and after.error:
        return "stuck"
    if before.error or after.error:
        return "mended" if before.error else "broken"
    return "changed" if changed else "same"


def count(diffs: Iterable[MessageDiff], verdict: Verdict) -> int:
    """How many messages have this verdict."""
    return sum(diff.verdict == verdict for diff in diffs)


def _by_ref(orders: Sequence[Order]) -> dict[str, Any]:
    """One order by its fields; several by their ids."""
    bodies = {order.channel_ref: _body(order) for order in orders}
    return next(iter(bodies.values())) if len(bodies) == 1 else bodies


def _body(order: Order) -> dict[str, Any]:
    found = order.to_dict()
    return {**found, "lines": {line["channel_ref"]: line for line in found["lines"]}}

"""How a message read before and how it reads with another mapping: the same, changed, mended, or not any more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from hub.canonical.order import Order
from hub.canonical.told import told
from hub.rules.ruleset_diff import Change, diff_bodies

Verdict = Literal["same", "changed", "mended", "broken", "stuck"]
"""broken: it was read before, and is not any more, or as another order; mended: it is only now; stuck: neither way."""


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

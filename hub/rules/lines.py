"""Order lines in base units, and what an edit of the order changed on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact
from typing import Literal

LARGEST = 10**15
"""Base units of one line stay below this (a database integer holds sums of them)."""

_EXACT = Context(prec=60, traps=[])


def base_quantity(quantity: Decimal, units: int) -> int | None:
    """How many base units an ordered quantity is.

    Args:    quantity: in the listing's unit, as the channel wrote it.
             units:    base units in one of these, >= 1.
    Returns: whole base units; None where it does not come out whole, is negative, not finite or too large:
             the caller holds the line, nothing is rounded.
    """
    if not quantity.is_finite() or quantity < 0 or units < 1 or quantity.adjusted() > 20:
        return None
    if quantity == (whole := int(quantity)) and whole * units < LARGEST:
        return whole * units
    context = _EXACT.copy()
    product = context.multiply(quantity, Decimal(units))
    if context.flags[Inexact] or product >= LARGEST or product != product.to_integral_value(context=context):
        return None
    return int(product)


@dataclass(frozen=True, slots=True)
class LineState:
    """What one line wants now: `wanted` base units of `sku` (None while the SKU is unknown)."""

    line_ref: str
    sku: str | None
    wanted: int


@dataclass(frozen=True, slots=True)
class LineChange:
    """One change of one line. `before` is None for an added line, `after` for a removed one."""

    kind: Literal["added", "raised", "lowered", "removed", "sku_changed"]
    line_ref: str
    before: LineState | None
    after: LineState | None


def diff_lines(old: Sequence[LineState], new: Sequence[LineState]) -> tuple[LineChange, ...]:
    """What turns the old lines into the new ones.

    Args:    old, new: lines by stable `line_ref`; a repeated ref counts once, as it stands last.
    Returns: at most one change per line: lines of `old` in their order, then added ones in the order of `new`.
             "sku_changed" may change the quantity too: release `before`, reserve `after`.
    """
    was = {line.line_ref: line for line in old}
    now = {line.line_ref: line for line in new}
    changes = [_change(before, now.get(ref)) for ref, before in was.items()]
    added = [LineChange("added", ref, None, after) for ref, after in now.items() if ref not in was]
    return (*(change for change in changes if change), *added)


def _change(before: LineState, after: LineState | None) -> LineChange | None:
    if after is None:
        return LineChange("removed", before.line_ref, before, None)
    if before.sku != after.sku:
        return LineChange("sku_changed", before.line_ref, before, after)
    if before.wanted == after.wanted:
        return None
    return LineChange("raised" if after.wanted > before.wanted else "lowered", before.line_ref, before, after)

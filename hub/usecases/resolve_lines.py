"""Says what an order's lines mean in our SKUs and base units, or why that cannot be said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from msgspec import Struct

from hub.canonical.amounts import plain
from hub.canonical.order import Order, OrderLine
from hub.rules.lifecycle import intake, is_called_off, is_live
from hub.rules.lines import base_quantity
from hub.store.catalog import Catalog, Meaning


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something waits. Equal fingerprints are one cause. until: the day on which it ends by itself."""

    kind: str
    fingerprint: str
    field: str
    value: str
    why: str
    until: date | None = None


class ResolvedLine(Struct, frozen=True):
    """One line; `meaning` is None where the SKU is unknown, then `wanted` is 0. `wanted` is in base units."""

    line: OrderLine
    position: int
    meaning: Meaning | None
    wanted: int

    @property
    def units(self) -> int:
        """Whole listing units wanted."""
        return self.wanted // (self.meaning.units if self.meaning else 1)


def resolve_lines(
    catalog: Catalog, connection_id: int, order: Order
) -> tuple[tuple[ResolvedLine, ...], tuple[Problem, ...]]:
    """Every line with its meaning, and one problem for each that has none.

    An order that is called off wants 0 of each line; one that asks nothing of us any more has no problems.
    """
    live, off = is_live(intake(order)), is_called_off(order)
    resolved: list[ResolvedLine] = []
    problems = [_no_lines(connection_id)] if live and order.extra.get("no_lines") else []
    for position, line in enumerate(order.lines):
        wanted = Decimal(0) if off else order.wanted(line)
        meaning = catalog.meaning(connection_id, line.listing_ref, line.sku)
        pieces = base_quantity(wanted, meaning.units) if meaning else 0
        if live and wanted > 0 and meaning is None:
            problems.append(unknown_sku(connection_id, position, line))
        elif live and (pieces is None or pieces < 0):
            problems.append(_not_whole(connection_id, position, line, plain(wanted)))
        resolved.append(ResolvedLine(line, position, meaning, max(0, pieces or 0)))
    return tuple(resolved), tuple(problems)


def unknown_sku(connection_id: int, position: int, line: OrderLine) -> Problem:
    """The hold for a line whose listing we do not know."""
    offered = line.sku or ""
    ref = line.listing_ref or ""
    return Problem(
        kind="unknown_sku",
        fingerprint=f"unknown_sku:{connection_id}:{ref}:{offered}",
        field=f"lines[{position}].sku",
        value=offered or ref or (line.title or ""),
        why="no listing of this connection links it to a SKU: link it, and every order that waits for it runs again",
    )


def _no_lines(connection_id: int) -> Problem:
    return Problem(
        kind="bad_record",
        fingerprint=f"no_lines:{connection_id}",
        field="lines",
        value="",
        why="the channel sent this order without its lines: pull it again, or look at it in the shop",
    )


def _not_whole(connection_id: int, position: int, line: OrderLine, wanted: str) -> Problem:
    return Problem(
        kind="not_whole",
        fingerprint=f"not_whole:{connection_id}:{line.listing_ref or line.sku or ''}:{wanted}",
        field=f"lines[{position}].quantity",
        value=f"{wanted} {line.uom or ''}".strip(),
        why="does not come out as whole base units: set how many base units one listing unit is",
    )

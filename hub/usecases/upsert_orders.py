"""Writes translated orders: new ones with their lines, later versions as amendments, never by overwriting."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row

from hub.canonical.order import Order
from hub.ports.failpoints import reach
from hub.rules.lifecycle import Counts, intake, is_live, order_state
from hub.store import pushes
from hub.store.catalog import Catalog, read_catalog
from hub.store.events import Event, add_events
from hub.usecases import order_rows
from hub.usecases.amend_orders import amend_orders
from hub.usecases.order_rows import OrderKey
from hub.usecases.resolve_lines import resolve_lines


@dataclass(frozen=True, slots=True)
class Version:
    """One translated order of one message."""

    message_id: int
    connection_id: int
    order: Order

    @property
    def key(self) -> OrderKey:
        return (self.connection_id, self.order.channel_ref)


@dataclass(slots=True)
class Upserted:
    """`order_ids`: message id -> order id. `to_place`: whether any order waits for stock now."""

    order_ids: dict[int, int] = field(default_factory=dict)
    to_place: bool = False


def upsert_orders(db: Connection, versions: Sequence[Version], now: datetime) -> Upserted:
    """Store all versions; of one order they may come several at once, in any order."""
    groups = _by_order(versions)
    catalog = read_catalog(
        db,
        [(version.connection_id, line.listing_ref, line.sku) for version in versions for line in version.order.lines],
    )
    sold: list[pushes.Sold] = []
    created, known = _insert_or_lock(db, groups, catalog, sold, now)
    reach("after_order_upsert")
    amended = amend_orders(db, {key: (row, groups[key][-1].order) for key, row in known.items()}, catalog, now, sold)
    pushes.note_sold(db, sold)
    ids = created | {key: row.id for key, row in known.items()}
    return Upserted({v.message_id: ids[v.key] for v in versions}, bool(created) or amended)


def _by_order(versions: Sequence[Version]) -> dict[OrderKey, list[Version]]:
    """Versions per order, oldest first; orders in key order, so that all workers insert in one order."""
    groups: dict[OrderKey, list[Version]] = defaultdict(list)
    oldest = datetime.min.replace(tzinfo=UTC)
    for version in sorted(versions, key=lambda v: (v.key, v.order.updated_at or oldest, v.message_id)):
        groups[version.key].append(version)
    return dict(groups)


def _insert_or_lock(
    db: Connection, groups: Mapping[OrderKey, list[Version]], catalog: Catalog, sold: list[pushes.Sold], now: datetime
) -> tuple[dict[OrderKey, int], dict[OrderKey, Row[Any]]]:
    """Insert the orders that are new, lock the others; returns (ids of the new ones, rows of the others).

    Both in key order: an order that another worker is just inserting is a lock too, and so nobody waits in a circle.
    """
    created: dict[OrderKey, int] = {}
    locked: dict[OrderKey, Row[Any]] = {}
    documents: list[tuple[int, Mapping[str, Any], Mapping[str, Any]]] = []
    events: list[Event] = []
    there = order_rows.known_orders(db, groups)
    for is_there, run in groupby(groups, key=lambda key: key in there):
        keys = list(run)
        if not is_there:
            for key in keys:
                first, last = groups[key][0].order, groups[key][-1].order
                order_id = _insert_one(db, key[0], first, last, catalog, events, sold, now)
                if order_id is None:
                    locked |= order_rows.lock_orders(db, [key])
                else:
                    created[key] = order_id
                    documents.append((order_id, first.to_dict(), last.to_dict()))
        else:
            locked |= order_rows.lock_orders(db, keys)
    order_rows.insert_documents(db, documents)
    add_events(db, events, now)
    return created, locked


def _insert_one(
    db: Connection, connection_id: int, first: Order, last: Order, catalog: Catalog, events: list[Event],
    sold: list[pushes.Sold], now: datetime,
) -> int | None:  # fmt: skip
    lines, problems = resolve_lines(catalog, connection_id, last)
    pieces = sum(line.wanted for line in lines)
    state = order_state(intake(last), Counts(max(pieces, int(is_live(last))), 0, 0), held=bool(problems))
    order_id = order_rows.insert_order(db, connection_id, last, state, now)
    if order_id is None:
        return None
    at_first = {line.channel_ref: line for line in first.lines}
    if is_live(last):
        sold += [(connection_id, line.line.listing_ref, line.units) for line in lines]
    for line in lines:
        origin = at_first.get(line.line.channel_ref, line.line)
        order_rows.insert_line(db, order_id, line, str(origin.quantity))
    events.append((order_id, "order_imported", {"number": last.number or last.channel_ref, "state": state}))
    if problems:
        order_rows.insert_holds(db, connection_id, problems, now, order_id=order_id)
        events.extend((order_id, "order_held", {"kind": p.kind, "field": p.field, "value": p.value}) for p in problems)
    return order_id

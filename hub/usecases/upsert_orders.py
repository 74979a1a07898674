"""Writes translated orders: new ones with their lines, later versions as amendments, never by overwriting."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Row

from hub.canonical.order import Order
from hub.ports.failpoints import reach
from hub.rules.lifecycle import Counts, intake, is_live, order_state, soft_hold
from hub.rules.selling import soft_until
from hub.store import pushes
from hub.store.catalog import Catalog, read_catalog
from hub.store.events import Event, add_events
from hub.store.selling import SoftTimes, read_soft_times
from hub.usecases import order_rows
from hub.usecases.amend_orders import amend_orders
from hub.usecases.ask_again import Tie, ask_again, is_tie
from hub.usecases.new_orders import NewOrder, Numbered, insert_orders, number
from hub.usecases.order_rows import OrderKey
from hub.usecases.resolve_lines import Problem, resolve_lines
from hub.usecases.told_apart import joined


class Version(Struct, frozen=True):
    """One translated order of one message."""

    message_id: int
    connection_id: int
    order: Order

    @property
    def key(self) -> OrderKey:
        return (self.connection_id, self.order.channel_ref)


@dataclass(slots=True)
class Upserted:
    """What became of messages.

    order_ids: message id -> order id. to_place: whether any order waits for stock now.
    asked:     connections to which something is to be sent.
    skus:      one for each piece that new orders ask for.
    left:      messages that are left to the worker whose turn it is with hot SKUs.
    refunded:  whether any refund was kept.
    """

    order_ids: dict[int, int] = field(default_factory=dict)
    to_place: bool = False
    asked: frozenset[int] = frozenset()
    skus: Sequence[str] = ()
    left: frozenset[int] = frozenset()
    refunded: bool = False


def upsert_orders(db: Connection, versions: Sequence[Version], now: datetime) -> Upserted:
    """Store all versions; of one order they may come several at once, in any order."""
    groups = _by_order(versions)
    catalog = read_catalog(
        db,
        [(version.connection_id, line.listing_ref, line.sku) for version in versions for line in version.order.lines],
    )
    sold: list[pushes.Sold] = []
    created, known = _insert_or_lock(db, groups, catalog, now)
    sold += [each for new in created for each in new.new.sold]
    reach("after_order_upsert")
    amended = amend_orders(db, {key: (row, groups[key][-1].order) for key, row in known.items()}, catalog, now, sold)
    pushes.note_sold(db, sold, now)
    ids = {new.new.key: new.row["id"] for new in created} | {key: row.id for key, row in known.items()}
    skus = [sku for new in created for sku in new.new.skus]
    return Upserted({v.message_id: ids[v.key] for v in versions}, bool(created) or amended, skus=skus)


def _by_order(versions: Sequence[Version]) -> dict[OrderKey, list[Version]]:
    """Versions per order, oldest first; orders in key order, so that all workers insert in one order."""
    groups: dict[OrderKey, list[Version]] = defaultdict(list)
    oldest = datetime.min.replace(tzinfo=UTC)
    for version in sorted(versions, key=lambda v: (v.key, v.order.updated_at or oldest, v.message_id)):
        groups[version.key].append(version)
    return dict(groups)


def _insert_or_lock(
    db: Connection, groups: Mapping[OrderKey, list[Version]], catalog: Catalog, now: datetime
) -> tuple[list[Numbered], dict[OrderKey, Row[Any]]]:
    """Insert the orders that are new, lock the others; returns (the new ones, rows of the others).

    An order that another worker is just inserting is a lock too. Everybody inserts first and locks then, both in key
    order: who waits for an insert holds no lock that anybody asks for, so nobody waits in a circle.
    """
    there = order_rows.known_orders(db, groups)
    soft = read_soft_times(db, {connection_id for connection_id, _ in groups})
    last = joined(db, {key: versions[-1].order for key, versions in groups.items() if key not in there})
    new = [new_order(key, groups[key], catalog, soft, now, order) for key, order in last.items()]
    created = insert_orders(db, number(db, new, now))
    _note_created(db, created, now)
    tied = [found for found in created if _is_tied(groups[found.new.key])]
    ask_again(db, [Tie(found.new.key, found.row["id"], found.row["version"]) for found in tied], now)
    mine = {found.new.key for found in created}
    return created, order_rows.lock_orders(db, [key for key in groups if key not in mine])


def _is_tied(versions: Sequence[Version]) -> bool:
    """Whether the two newest of these versions say different things of one time."""
    orders = [version.order for version in versions[-2:]]
    return len(orders) == 2 and is_tie(orders[0].updated_at, orders[1]) and orders[0].digest() != orders[1].digest()


def new_order(
    key: OrderKey, versions: Sequence[Version], catalog: Catalog, soft: SoftTimes, now: datetime, last: Order
) -> NewOrder:  # fmt: skip
    """What the versions of an order that is not there yet, oldest first, come to; `last`: the newest, with refunds."""
    first = versions[0].order
    lines, problems = resolve_lines(catalog, key[0], last)
    pieces = sum(line.wanted for line in lines)
    until = soft_until(soft.get(key[0], {}), last.payment, now)
    asked = intake(last)
    live = is_live(asked)
    counts = Counts(max(pieces, int(live)), 0, 0)
    state = order_state(asked, counts, held=bool(problems), soft=soft_hold(last.payment, until, now))
    return NewOrder(key, first, last, state, lines, live, problems, until)


def _note_created(db: Connection, created: Sequence[Numbered], now: datetime) -> None:
    """Timelines and holds of new orders."""
    events: list[Event] = []
    for found in created:
        events.append(found.imported)
        events.extend((found.row["id"], "order_held", _told(problem)) for problem in found.new.problems)
    order_rows.insert_holds(db, [hold for found in created for hold in found.held], now)
    add_events(db, events, now)


def _told(problem: Problem) -> dict[str, Any]:
    return {"kind": problem.kind, "field": problem.field, "value": problem.value}

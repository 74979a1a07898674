"""One order with all that is known of it: lines, stock, work, parcels, holds, decisions, timeline, messages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Table, select

from hub.canonical.errors import Conflict, NotFound
from hub.reports.money import Money, money_of
from hub.reports.names import actor_names
from hub.reports.order_facts import (
    DecisionFact,
    EventFact,
    HoldFact,
    LineFact,
    MessageFact,
    OrderFacts,
    ParcelFact,
    PieceFact,
    ToldFact,
    WorkFact,
    WorkLineFact,
)
from hub.reports.orders import summaries_of
from hub.rules.routing import Point, explain, ship_day, why
from hub.store.database import Database
from hub.store.routing_records import Record, read_newest
from hub.store.tables import (
    connections,
    fulfillment_lines,
    fulfillment_orders,
    holds,
    inbox,
    order_documents,
    order_events,
    order_lines,
    order_pieces,
    orders,
    outbox,
    shipment_lines,
    shipments,
    warehouses,
)

NEWEST = 200
"""At most so many events, and a tenth of it of messages and decisions, newest first."""

T = TypeVar("T")


def read_order(db: Database, order_id: int) -> OrderFacts:
    """Everything about one order. Raises NotFound."""
    with db.read() as connection:
        row = connection.execute(select(orders).where(orders.c.id == order_id)).one_or_none()
        if row is None:
            raise NotFound(f"there is no order {order_id}")
        return _facts(connection, row)


def order_id_of(db: Database, number: str) -> int:
    """The id of the order with this number or channel's id, else with this id.

    Args:   number: "1001", or "web-shop/1001" where several connections have such an order.
    Raises: NotFound. Conflict: several connections have one. Of one connection's orders the newest is meant.
    """
    found = orders_called(db, number)
    shops = sorted(set(found.values()))
    if len(shops) > 1:
        text = number.strip()
        choice = " or ".join(f"{name}/{text}" for name in shops)
        raise Conflict(f"{len(shops)} connections have an order {number!r}: write {choice}")
    return next(iter(found))


def orders_called(db: Database, number: str) -> dict[int, str]:
    """Order id -> connection of the orders with this number or channel's id, the newest first; else of this id.

    Raises: NotFound.
    """
    text = number.strip()
    shop, _, rest = text.partition("/")
    with db.read() as connection:
        found = (
            _called(connection, text)
            or _called(connection, text.removeprefix("#"))
            or (_called(connection, rest, shop) if rest else [])
        )
        if not found and text.isascii() and text.isdigit() and len(text) <= 18:
            found = list(connection.execute(_NAMED.where(orders.c.id == int(text))))
    if not found:
        raise NotFound(f"there is no order {number!r}: stockline orders lists those that there are")
    return {int(row.id): str(row.name) for row in found}


_NAMED = select(orders.c.id, connections.c.name).join(connections, connections.c.id == orders.c.connection_id)


def _called(db: Connection, text: str, shop: str = "") -> list[Row[Any]]:
    """The orders with this number or channel's id, the newest first."""
    which = orders.c.number.in_([text, f"#{text}"]) | (orders.c.channel_ref == text)
    if shop:
        which &= connections.c.name == shop
    return list(db.execute(_NAMED.where(which).order_by(orders.c.id.desc())))


def _facts(db: Connection, row: Row[Any]) -> OrderFacts:
    document = db.execute(select(order_documents).where(order_documents.c.order_id == row.id)).one_or_none()
    return OrderFacts(
        summary=summaries_of(db, [row.id])[row.id],
        status=row.status, fulfillment=row.fulfillment, answered=row.answered, version=row.version,
        region=row.region, postal_code=row.postal_code,
        first=document.first if document else {}, current=document.current if document else {},
        lines=_lines(db, row.id), work=_work(db, row.id), parcels=_parcels(db, row.id),
        holds=_plain(db, holds, HoldFact, row.id, newest=NEWEST), decisions=_decisions(db, row.id),
        events=_events(db, row.id), messages=_plain(db, inbox, MessageFact, row.id, newest=NEWEST // 10),
        told=_plain(db, outbox, ToldFact, row.id, newest=NEWEST // 2),
    )  # fmt: skip


def _plain(db: Connection, table: Table, kind: type[T], order_id: int, *, newest: int) -> tuple[T, ...]:
    """Rows of a table whose columns are named as the fields of a fact, newest first."""
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]  # every T here is a dataclass
    query = select(*(table.c[name] for name in names)).where(table.c.order_id == order_id)
    rows = db.execute(query.order_by(table.c.id.desc()).limit(newest))
    return tuple(kind(**row) for row in rows.mappings())


def _lines(db: Connection, order_id: int) -> tuple[LineFact, ...]:
    pieces: dict[int, list[PieceFact]] = defaultdict(list)
    piece = order_pieces.c
    for row in db.execute(select(order_pieces).where(piece.order_id == order_id).order_by(piece.id)):
        pieces[row.line_id].append(PieceFact(row.sku, row.per_unit, row.wanted, row.reserved, row.shipped))
    table = order_lines.c
    rows = db.execute(select(order_lines).where(table.order_id == order_id).order_by(table.position, table.id))
    return tuple(_line(row, tuple(pieces[row.id])) for row in rows)


def _line(row: Row[Any], pieces: tuple[PieceFact, ...]) -> LineFact:
    """A line of kits counts whole kits: the scarcest component decides, of those that it has today."""
    parts = [piece for piece in pieces if piece.per_unit]
    reserved = min((piece.reserved // piece.per_unit for piece in parts), default=0)
    shipped = min((piece.shipped // piece.per_unit for piece in parts), default=0)
    return LineFact(
        row.id, row.channel_ref, row.position, row.listing_ref, row.offered_sku, row.sku, row.title, row.uom, row.units,
        row.ordered, row.wanted, reserved, shipped, row.told, pieces,
    )  # fmt: skip


def _work(db: Connection, order_id: int) -> tuple[WorkFact, ...]:
    lines: dict[int, list[WorkLineFact]] = defaultdict(list)
    table = fulfillment_lines.c
    for row in db.execute(select(fulfillment_lines).where(table.order_id == order_id).order_by(table.id)):
        fact = WorkLineFact(row.id, row.sku, row.quantity, row.picked, row.shipped, row.cancelled)
        lines[row.fulfillment_order_id].append(fact)
    work = fulfillment_orders.c
    query = select(fulfillment_orders, warehouses.c.title).outerjoin(warehouses, warehouses.c.code == work.warehouse)
    rows = db.execute(query.where(work.order_id == order_id).order_by(work.id)).all()
    names = actor_names(db, {row.picker for row in rows})
    return tuple(
        WorkFact(row.id, row.warehouse, row.title or row.warehouse, row.status, row.request_status, names[row.picker],
                 row.created_at, row.updated_at, tuple(lines[row.id]))
        for row in rows
    )  # fmt: skip


def _parcels(db: Connection, order_id: int) -> tuple[ParcelFact, ...]:
    rows = db.execute(select(shipments).where(shipments.c.order_id == order_id).order_by(shipments.c.id)).all()
    contents: dict[int, list[tuple[str, int]]] = defaultdict(list)
    table = shipment_lines.c
    for line in db.execute(select(shipment_lines).where(table.shipment_id.in_([row.id for row in rows]))):
        contents[line.shipment_id].append((line.sku, line.quantity))
    names = actor_names(db, {row.shipped_by for row in rows})
    return tuple(
        ParcelFact(row.id, row.fulfillment_order_id, row.warehouse, row.carrier, row.tracking_no, row.tracking_url,
                   row.shipped_at, names[row.shipped_by], tuple(sorted(contents[row.id])))
        for row in rows
    )  # fmt: skip


def _events(db: Connection, order_id: int) -> tuple[EventFact, ...]:
    table = order_events.c
    rows = db.execute(
        select(order_events).where(table.order_id == order_id).order_by(table.id.desc()).limit(NEWEST)
    ).all()
    names = actor_names(db, {row.actor for row in rows} | {row.data.get("picker", "") for row in rows})
    return tuple(EventFact(row.id, row.at, row.kind, names[row.actor], _named(row.data, names)) for row in rows)


def _named(data: Mapping[str, Any], names: Mapping[str, str]) -> Mapping[str, Any]:
    return {**data, "picker": names[data["picker"]]} if "picker" in data else data


def _decisions(db: Connection, order_id: int) -> tuple[DecisionFact, ...]:
    records = read_newest(db, order_id, NEWEST // 10)
    return tuple(_decision(*pair) for pair in zip(records, money_of(db, records), strict=True))


def _decision(record: Record, money: Money) -> DecisionFact:
    """All candidates are made again from what the plan saw."""
    decision, seen = record.decision, record.seen
    code, words = why(decision)
    candidates = explain(seen, record.demand, record.ruleset, decision).candidates
    points = {place.code: _pair(place.point) for place in seen.places}
    return DecisionFact(
        id=record.id, attempt=record.attempt, outcome=decision.outcome, ruleset_version=decision.ruleset_version,
        snapshot_hash=record.snapshot_hash, created_at=record.created_at, why=code, words=words,
        takes=tuple((take.warehouse, take.sku, take.quantity) for take in decision.takes),
        shortages=tuple((s.sku, s.wanted, s.missing) for s in decision.shortages),
        candidates=candidates, days=tuple(ship_day(seen, found.warehouses) for found in candidates), points=points,
        target=_pair(record.demand.point),
        free=tuple(sorted((place, sku, pieces) for (place, sku), pieces in seen.free.items())),
        strategy=decision.strategy, runner_up=decision.runner_up, money=money,
    )  # fmt: skip


def _pair(point: Point | None) -> tuple[float, float] | None:
    return None if point is None else (point.lat, point.lon)


def latest_decision(db: Database, order_id: int) -> DecisionFact | None:
    """The newest routing decision with all that was weighed; None where there is none."""
    with db.read() as connection:
        return next(iter(_decisions(connection, order_id)), None)

"""Stored decisions with all that they were made from, read back for explaining, replaying and simulating."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from msgspec import structs
from sqlalchemy import Connection, Row, func, select

from hub.rules.routing import Decision, Demand, Piece, Ruleset, Snapshot
from hub.rules.routing_needs import Need
from hub.store.routing_snapshot import Knowledge, read_knowledge, zones_of
from hub.store.rulesets import read_versions
from hub.store.tables import orders, routing_decisions

_d, _o = routing_decisions.c, orders.c
PART = 500


@dataclass(frozen=True, slots=True)
class Record:
    """One stored decision: what it saw and asked, what it answered, and the rules it was made by."""

    id: int
    order_id: int
    seen: Snapshot
    demand: Demand
    decision: Decision
    ruleset: Ruleset
    snapshot_hash: str
    created_at: datetime
    attempt: int


def read_newest(db: Connection, order_id: int, limit: int = 1) -> list[Record]:
    """The decisions of an order, newest first; none where it was never routed."""
    query = select(routing_decisions).where(_d.order_id == order_id).order_by(_d.id.desc()).limit(limit)
    return _records(db, db.execute(query).all())


def read_random(db: Connection, count: int) -> Iterator[Record]:
    """`count` decisions by chance; all of them where there are fewer."""
    ids = list(db.scalars(select(_d.id).order_by(func.random()).limit(count)))
    for start in range(0, len(ids), PART):
        part = ids[start : start + PART]
        yield from _records(db, db.execute(select(routing_decisions).where(_d.id.in_(part))).all())


def read_since(db: Connection, since: datetime, limit: int) -> list[Record]:
    """The newest decision of each order that was routed since then and not moved by hand, oldest first.

    Args: limit: at most so many, the newest.
    """
    found: dict[int, Record] = {}
    below: int | None = None
    while len(found) < limit:
        query = select(routing_decisions).order_by(_d.id.desc()).limit(PART)
        rows = db.execute(query if below is None else query.where(_d.id < below)).all()
        fresh = [row for row in rows if row.created_at >= since]
        for record in _records(db, fresh):
            if record.demand.pinned is None:
                found.setdefault(record.order_id, record)
        if len(fresh) < PART:
            break
        below = rows[-1].id
    return sorted(found.values(), key=lambda record: record.id)[-limit:]


def _records(db: Connection, rows: Sequence[Row[Any]]) -> list[Record]:
    rules = read_versions(db, {row.ruleset_version for row in rows})
    return [_record(row, rules[row.ruleset_version]) for row in rows]


def _record(row: Row[Any], ruleset: Ruleset) -> Record:
    return Record(
        row.id, row.order_id, Snapshot.from_dict(row.snapshot), Demand.from_dict(row.demand),
        Decision.from_dict(row.decision), ruleset, row.snapshot_hash, row.created_at, row.attempt,
    )  # fmt: skip


def completed(
    db: Connection, records: Sequence[Record], asked: Iterable[Need], now: datetime
) -> list[tuple[Snapshot, Demand]]:
    """What the orders saw, with what the rules of then did not ask for and other rules do: rates, zones, bid prices,
    pace and weights of today, and the time of the decision. What was seen then is kept as it was.
    """
    needs = frozenset(asked)
    if not needs:
        return [(record.seen, record.demand) for record in records]
    skus = {sku for record in records for sku in record.demand.skus()}
    known = read_knowledge(db, skus, needs, now)
    ids = sorted({record.order_id for record in records})
    where: dict[int, Any] = {}
    for start in range(0, len(ids), PART):
        query = select(_o.id, _o.country, _o.postal_code).where(_o.id.in_(ids[start : start + PART]))
        where |= {row.id: row for row in db.execute(query)}
    found = []
    for record in records:
        seen = record.seen
        codes = [place.code for place in seen.places]
        zones = record.demand.zones or zones_of(known.zones, codes, where.get(record.order_id))
        pieces = tuple(_weighed(piece, known) for piece in record.demand.pieces)
        demand = structs.replace(record.demand, zones=zones, pieces=pieces)
        wider = replace(
            seen, rates=seen.rates or known.rates, prices=seen.prices or known.prices,
            velocity=seen.velocity or known.velocity, as_of=seen.as_of or record.created_at,
        )  # fmt: skip
        found.append((wider.seen_by(demand), demand))
    return found


def _weighed(piece: Piece, known: Knowledge) -> Piece:
    """With weight and value as they are known now, where none were noted."""
    if piece.weight_g or piece.value:
        return piece
    weight, value = known.items.get(piece.sku, (0, 0))
    return structs.replace(piece, weight_g=weight, value=value)

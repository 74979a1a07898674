"""A later version of an order we have: what changed is recorded, released or reserved anew; nothing is overwritten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from hub.canonical.amounts import plain
from hub.canonical.order import Order
from hub.rules.lifecycle import intake, is_done, is_live, order_state, soft_hold
from hub.store.catalog import Catalog
from hub.store.events import Event, add_events
from hub.store.pushes import Sold
from hub.store.tables import holds, order_documents, order_lines, order_pieces, orders
from hub.store.waiting import mark_owed
from hub.usecases import order_rows
from hub.usecases.ask_again import Tie, ask_again, is_tie
from hub.usecases.ask_warehouses import hold_back
from hub.usecases.firm_up import firm_up, kept_for_authorized
from hub.usecases.fit_parcels import fit_parcels
from hub.usecases.keep_meanings import as_read
from hub.usecases.order_rows import NewHold, OrderKey
from hub.usecases.release_excess import release_excess
from hub.usecases.resolve_lines import ResolvedLine, resolve_lines
from hub.usecases.settle_needless import settle_needless
from hub.usecases.tell_parcel import tell_last_parcels
from hub.usecases.told_apart import joined

Candidates = Mapping[OrderKey, tuple[Row[Any], Order]]


def amend_orders(
    db: Connection, candidates: Candidates, catalog: Catalog, now: datetime, sold: list[Sold], *, agreed: bool = False,
    known: bool = False,
) -> bool:  # fmt: skip
    """Apply the newest version of each (locked) order, with its refunds; returns whether any waits for stock now.

    A version that takes back what a warehouse has in hand waits for that warehouse's answer, where it must be asked.

    Args: agreed: they were asked, and agree. known: these are versions that we have already, with what was told apart
                  since; of two that bear one time nobody asks which one holds.
    """
    fresh = _newer(db, candidates)
    if not fresh:
        return False
    lines = _lines_of(db, fresh)
    events: list[Event] = []
    if not agreed:
        waiting, events = hold_back(db, fresh, lines, catalog, now)
        fresh = {order_id: found for order_id, found in fresh.items() if order_id not in waiting}
    ties = [row for row, order in fresh.values() if not known and is_tie(row.source_updated_at, order)]
    ask_again(db, [Tie((row.connection_id, row.channel_ref), row.id, row.version + 1) for row in ties], now)
    for order_id, (row, order) in sorted(fresh.items()):
        _amend_one(db, row, order, lines[order_id], catalog, events, sold, now)
    causes = {order_id: f"amend:{order_id}:{row.version + 1}" for order_id, (row, _) in fresh.items()}
    late = release_excess(db, causes, now, "amended by the channel")
    events += [(order, "too_late_to_take_back", {"pieces": pieces, "next": "return"}) for order, pieces in late.items()]
    events += fit_parcels(db, {order_id: fresh[order_id][1] for order_id in late}, now)
    firm = firm_up(db, fresh, now)
    events += firm
    states = settle_states(db, {order_id: order for order_id, (_, order) in fresh.items()}, now, tell_end=True)
    due = {order for order, _, _ in firm if states[order] == "routed"} | kept_for_authorized(db, fresh)
    states |= _to_answer(db, [order for order in sorted(due) if not fresh[order][0].answered], now)
    events += [
        (order, "order_state", {"state": state}) for order, state in states.items() if state != fresh[order][0].state
    ]
    refused = {key: order for key, (row, order) in fresh.items() if row.answered == "refused"}
    events += settle_needless(db, refused, now)
    add_events(db, events, now)
    return "waiting" in states.values()


def _to_answer(db: Connection, order_ids: Sequence[int], now: datetime) -> dict[int, str]:
    """Orders whose stock was kept pass through placing once more: there their channel is answered."""
    again = dict.fromkeys(order_ids, "waiting")
    order_rows.write_states(db, again, now)
    return again


def _newer(db: Connection, candidates: Candidates) -> dict[int, tuple[Row[Any], Order]]:
    """The orders, by their ids, whose version with its refunds says something new."""
    refunded = joined(db, {key: order for key, (_, order) in candidates.items()})
    newest = [(row, refunded[key]) for key, (row, _) in candidates.items()]
    return {row.id: (row, order) for row, order in newest if _is_newer(row, order)}


def _is_newer(row: Row[Any], order: Order) -> bool:
    if order.digest() == row.digest:
        return False
    return not (order.updated_at and row.source_updated_at and order.updated_at < row.source_updated_at)


def settle_states(
    db: Connection, documents: Mapping[int, Order], now: datetime, *, tell_end: bool = False
) -> dict[int, str]:
    """Recompute the states of (locked) orders from their pieces, holds and the channel's words.

    Args: tell_end: an order that is shipped now, as nothing more of it is wanted, has its last parcel told as final.
    """
    counts = order_rows.count_pieces(db, documents)
    held = order_rows.held_orders(db, documents)
    columns = (orders.c.id, orders.c.state, orders.c.soft_until, orders.c.answered, order_rows.keeps_pieces())
    before = {row.id: row for row in db.execute(select(*columns).where(orders.c.id.in_(sorted(documents))))}
    states = {
        order_id: str(order_state(
            intake(order), counts[order_id], held=order_id in held, before=before[order_id].state,
            soft=soft_hold(order.payment, before[order_id].soft_until, now),
            off=before[order_id].answered == "refused", kept=before[order_id].kept,
        ))
        for order_id, order in documents.items()
    }  # fmt: skip
    order_rows.write_states(db, states, now)
    if tell_end:
        tell_last_parcels(db, [row.id for row in before.values() if _ends(row, states[row.id], documents[row.id])], now)
    return states


def _ends(before: Row[Any], state: str, order: Order) -> bool:
    """Whether an order is shipped only now; one that the channel ended, or that we called off, ended otherwise."""
    return before.state != state == "shipped" and is_live(intake(order)) and before.answered != "refused"


def _lines_of(db: Connection, order_ids: Iterable[int]) -> dict[int, dict[str, Row[Any]]]:
    found: dict[int, dict[str, Row[Any]]] = defaultdict(dict)
    for row in db.execute(select(order_lines).where(order_lines.c.order_id.in_(sorted(order_ids)))):
        found[row.order_id][row.channel_ref] = row
    return found


def _amend_one(
    db: Connection, row: Row[Any], order: Order, old: Mapping[str, Row[Any]], catalog: Catalog,
    events: list[Event], sold: list[Sold], now: datetime,
) -> None:  # fmt: skip
    changes = apply_meanings(db, row, order, catalog, now, old, sold)
    db.execute(
        orders.update().where(orders.c.id == row.id).values(
            **order_rows.header(order), version=row.version + 1, updated_at=now
        )
    )  # fmt: skip
    db.execute(order_documents.update().where(order_documents.c.order_id == row.id).values(current=order.to_dict()))
    kind = "order_cancelled" if intake(order) == "cancelled" and row.status != "cancelled" else "order_amended"
    events.append((row.id, kind, {"changes": changes, "payment": str(order.payment or "")}))


def apply_meanings(
    db: Connection,
    row: Row[Any],
    order: Order,
    catalog: Catalog,
    now: datetime,
    old: Mapping[str, Row[Any]] | None = None,
    sold: list[Sold] | None = None,
) -> list[dict[str, Any]]:
    """Write what the lines of `order` mean by today's catalog; holds follow. Returns the changed lines.

    `sold` collects what the shop took off its own numbers with this version.
    """
    old = _lines_of(db, [row.id])[row.id] if old is None else old
    resolved, problems = resolve_lines(as_read(db, catalog, row.connection_id, old), row.connection_id, order)
    live = is_live(intake(order))
    if live and order.extra.get("no_lines"):
        old = {}  # lines that were not sent are not lines that were removed
    if sold is not None:
        sold += _sold(row.connection_id, resolved, old)
    changes = _write_lines(db, row, resolved, old)
    if is_done(order):
        _want_no_more(db, row.id)
    kept = {problem.fingerprint for problem in problems} | ({by_hand(row.id)} if live else set())
    release_holds(db, row.id, kept, now, "hub")
    known = set(db.scalars(select(holds.c.fingerprint).where(holds.c.order_id == row.id, holds.c.state == "open")))
    new = [problem for problem in problems if problem.fingerprint not in known]
    order_rows.insert_holds(db, [NewHold(row.connection_id, problem, row.id) for problem in new], now)
    return changes


def _sold(connection_id: int, resolved: Sequence[ResolvedLine], old: Mapping[str, Row[Any]]) -> list[Sold]:
    """How many units more of each listing this version of the order takes."""
    found = [(connection_id, line.listing_ref, -(line.wanted // line.units)) for line in old.values()]
    return found + [(connection_id, line.line.listing_ref, line.units) for line in resolved]


_RETIRE = (
    order_pieces.update()
    .where(
        order_pieces.c.line_id == bindparam("b_line"), order_pieces.c.sku.not_in(bindparam("b_keep", expanding=True))
    )
    .values(wanted=0, per_unit=0)
)


def _write_lines(
    db: Connection, row: Row[Any], resolved: Sequence[ResolvedLine], old: Mapping[str, Row[Any]]
) -> list[dict[str, Any]]:
    """Write the new demand of every line; returns what changed, as {line, before, after}."""
    changes: list[dict[str, Any]] = []
    was_done = row.status == "closed" or row.fulfillment == "fulfilled"
    for found in resolved:
        ref = found.line.channel_ref
        before = old.get(ref)
        if before is None:
            order_rows.insert_lines(db, [(row.id, found, plain(found.line.quantity))])
            changes.append({"line": ref, "sku": found.line.sku, "before": 0, "after": found.wanted})
        elif before.wanted != found.wanted or before.sku != (found.meaning and found.meaning.sku):
            _rewrite_line(db, row.id, before.id, found)
            changes.append({"line": ref, "sku": before.sku, "before": before.wanted, "after": found.wanted})
        elif was_done:
            _rewrite_line(db, row.id, before.id, found)
    gone = [line for ref, line in old.items() if line.wanted and ref not in {f.line.channel_ref for f in resolved}]
    for line in gone:
        db.execute(order_lines.update().where(order_lines.c.id == line.id).values(wanted=0))
        _want_none(db, line.id)
        changes.append({"line": line.channel_ref, "sku": line.sku, "before": line.wanted, "after": 0})
    return changes


def _want_no_more(db: Connection, order_id: int) -> None:
    """Somebody else saw to what has not left yet: none of it is wanted from us."""
    unshipped = (order_pieces.c.order_id == order_id, order_pieces.c.wanted > order_pieces.c.shipped)
    db.execute(order_pieces.update().where(*unshipped).values(wanted=order_pieces.c.shipped))


def _rewrite_line(db: Connection, order_id: int, line_id: int, found: ResolvedLine) -> None:
    meaning, line = found.meaning, found.line
    values: dict[str, Any] = {"wanted": found.wanted, "listing_ref": line.listing_ref, "offered_sku": line.sku}
    if meaning is not None:
        values |= {"sku": meaning.sku, "units": meaning.units}
    db.execute(order_lines.update().where(order_lines.c.id == line_id).values(**values))
    if meaning is None:
        _want_none(db, line_id)
    else:
        db.execute(_RETIRE, {"b_line": line_id, "b_keep": [sku for sku, _ in meaning.components]})
    order_rows.upsert_pieces(db, order_id, line_id, found)


def _want_none(db: Connection, line_id: int) -> None:
    db.execute(order_pieces.update().where(order_pieces.c.line_id == line_id).values(wanted=0))


def by_hand(order_id: int) -> str:
    """The fingerprint of a person's own hold: nothing but that person's word, or the order's end, releases it."""
    return f"by_hand:{order_id}"


def release_holds(db: Connection, order_id: int, keep: set[str], now: datetime, actor: str) -> None:
    """Close the order's open holds except those with these fingerprints."""
    open_ones = (holds.c.order_id == order_id, holds.c.state == "open")
    rows = db.execute(select(holds.c.id, holds.c.fingerprint).where(*open_ones)).all()
    done = [row.id for row in rows if row.fingerprint not in keep]
    if done:
        mark_owed(db, [row.fingerprint for row in rows if row.id in done], now)
        db.execute(
            holds.update().where(holds.c.id.in_(done)).values(state="released", released_at=now, released_by=actor)
        )

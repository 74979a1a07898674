"""Commits a plan: reservations, pick lists, answers to the channels, stock pushes, all in the caller's transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast

from msgspec import Struct
from sqlalchemy import Connection, select

from hub.canonical.errors import NeedsPerson
from hub.canonical.order import Payment
from hub.canonical.order_json import order_from_dict
from hub.canonical.times import iso
from hub.ports.channel import Can
from hub.rules.lifecycle import soft_hold
from hub.rules.routing import Decision, Demand, Shortage, Snapshot, Take, hashed, snapshot_text, why
from hub.store import bulk, capacity, outbox, pushes
from hub.store.capacity import Booking, Leaving
from hub.store.events import Event, add_events, news
from hub.store.routing_snapshot import Terms
from hub.store.selling import read_keepers
from hub.store.stock import Move, apply_moves
from hub.store.tables import (
    fulfillment_lines,
    fulfillment_orders,
    order_documents,
    order_pieces,
    orders,
    routing_decisions,
)
from hub.store.waiting import mark_owed
from hub.usecases.amend_orders import settle_states
from hub.usecases.answers import answer_body
from hub.usecases.context import Context
from hub.usecases.keep_leftovers import KEPT, note_deadlines
from hub.usecases.open_kept import open_kept
from hub.usecases.order_rows import NewHold, insert_holds
from hub.usecases.owe_pieces import Lacking, owe_pieces
from hub.usecases.release_excess import release_excess
from hub.usecases.resolve_lines import Problem
from hub.usecases.tell_shortage import tell_shortage

Rung = Sequence[tuple[str, int | None]]


class Planned(Struct, frozen=True):
    """One order, what it asked, what was decided and on which stock; `row` and `pieces` as in `Claimed`.

    lacks_more: only a part of what the order still needs was asked; the rest lacks as before.
    """

    row: Any
    pieces: tuple[Any, ...]
    demand: Demand
    decision: Decision
    seen: Snapshot
    on_shortage: str
    lacks_more: bool = False


def commit_decisions(
    ctx: Context, db: Connection, planned: Sequence[Planned], terms: Mapping[str, Terms], now: datetime
) -> Rung:
    """Write everything that follows from the decisions; returns the doorbells to ring after the commit.

    An authorized order whose channel waits for our word is answered before it is paid: some take the money only then.

    Args: terms: what each warehouse's pick lists are told.
    """
    skus, events = _take(db, planned, terms, now)
    soft = [plan for plan in planned if soft_hold(plan.row.payment, plan.row.soft_until, now)]
    early = {plan.row.id for plan in soft if plan.row.payment == Payment.AUTHORIZED and wants_answer(ctx, plan)}
    unpaid = [plan for plan in soft if plan.decision.outcome != "short" or plan.row.id not in early]
    events += soft_events(unpaid)
    end_short_holds(db, unpaid, now)
    soft_ids = {plan.row.id for plan in unpaid}
    lacking = [plan for plan in planned if plan.decision.outcome == "short" and plan.row.id not in soft_ids]
    refused, told = _fall_short(db, lacking, now)
    note_deadlines(db, [(plan.row, plan.decision, plan.on_shortage) for plan in planned if not plan.lacks_more])
    _refuse(db, refused, now)
    refused_ids = {plan.row.id for plan in refused}
    states = _settle(db, [plan for plan in planned if plan.row.id not in refused_ids], now)
    firm = [plan for plan in planned if states.get(plan.row.id) == "routed" and wants_answer(ctx, plan)]
    accepted = firm + [plan for plan in soft if plan.row.id in early and plan.decision.outcome == "routed"]
    _answer(db, accepted, now)
    add_events(db, [*events, *told, *((plan.row.id, "order_refused", {}) for plan in refused)], now)
    pushes.mark_skus(db, skus, now)
    asked = {plan.row.connection_id for plan in (*refused, *accepted)}
    return [("outbox.send", connection_id) for connection_id in sorted(asked)]


def _take(
    db: Connection, planned: Sequence[Planned], terms: Mapping[str, Terms], now: datetime
) -> tuple[set[str], list[Event]]:
    """Reserve what the decisions take; returns the SKUs that changed, and what the timelines say of it."""
    asking = [plan for plan in planned if plan.demand.pieces]
    routed = [plan for plan in planned if plan.decision.takes]
    _note_attempts(db, asking)
    _note_reserved(db, routed)
    skus = reserve(db, asking, terms, now)
    events: list[Event] = [_kept_event(plan) if plan.decision.keeps else routed_event(plan) for plan in routed]
    again = [plan for plan in planned if plan.row.attempts and not plan.lacks_more]
    whole = [plan.row.id for plan in again if plan.decision.outcome == "routed"]
    return skus, events + open_kept(db, whole, terms, now)


def _fall_short(db: Connection, lacking: Sequence[Planned], now: datetime) -> tuple[list[Planned], Sequence[Event]]:
    """Let orders that lack pieces wait as far as they may; returns those to be refused, and what the timelines say."""
    owed = owe_pieces(
        db, [Lacking(plan.row.id, plan.row.connection_id, plan.decision.shortages) for plan in lacking], now
    )
    short = [plan for plan in lacking if plan.row.id not in owed.order_ids]
    refused = [plan for plan in short if _is_refused(plan) and plan.row.id not in owed.promised]
    refused_ids = {plan.row.id for plan in refused}
    told = news(db, [*((plan.row.id, "order_short", {"missing": _missing(plan)}) for plan in short), *owed.events])
    keepers = read_keepers(db, [s.sku for plan in short for s in plan.decision.shortages], now) if short else {}
    insert_holds(
        db, [hold for plan in short if plan.row.id not in refused_ids for hold in _short_holds(plan, keepers)], now
    )
    insert_holds(db, owed.holds, now)
    mark_owed(db, [hold.problem.fingerprint for hold in owed.holds], now)
    return refused, told


def _insert_decisions(db: Connection, planned: Sequence[Planned], now: datetime) -> dict[int, int]:
    """Keep what was decided and why; returns order id -> decision id."""
    ids = bulk.take_ids(db, routing_decisions, len(planned)) if planned else ()
    rows = [_decision_row(plan) | {"id": number} for plan, number in zip(planned, ids, strict=True)]
    bulk.insert(db, routing_decisions, bulk.columns_of(rows), {"created_at": now})
    return {row["order_id"]: row["id"] for row in rows}


def _note_attempts(db: Connection, planned: Sequence[Planned]) -> None:
    attempts = {plan.row.id: plan.row.attempts + 1 for plan in planned}
    ids = sorted(attempts)
    bulk.update(db, orders, {"id": ids}, {"attempts": [attempts[order] for order in ids]})


def _decision_row(plan: Planned) -> dict[str, Any]:
    seen = snapshot_text(plan.seen)
    return {
        "order_id": plan.row.id, "attempt": plan.row.attempts + 1, "outcome": plan.decision.outcome,
        "ruleset_version": plan.decision.ruleset_version, "snapshot_hash": hashed(seen), "snapshot": seen,
        "demand": plan.demand.to_dict(), "decision": plan.decision.to_dict(),
    }  # fmt: skip


def reserve(
    db: Connection, planned: Sequence[Planned], terms: Mapping[str, Terms], now: datetime, *, locked: bool = True
) -> set[str]:
    """Keep the decisions, make the pick lists of their takes and reserve the stock; returns the SKUs that changed.

    Args:   locked: whether the balances of all the orders' SKUs are locked.
    Raises: Conflict: they are not, and stock is gone by now; nothing of the transaction may be kept.
    """
    decided = _insert_decisions(db, planned, now)
    parts = [(plan, place, takes) for plan in planned for place, takes in _by_warehouse(plan.decision.takes).items()]
    ids = bulk.take_ids(db, fulfillment_orders, len(parts)) if parts else ()
    sent = [(plan, place) for plan, place, _ in parts if not plan.decision.keeps]
    asked = [_booking(plan, place, terms[place]) for plan, place in sent if terms[place].booked]
    leaving = capacity.book(db, asked, now)
    lists = [
        _list_row(plan, place, decided, terms[place], leaving, now) | {"id": number}
        for (plan, place, _), number in zip(parts, ids, strict=True)
    ]
    bulk.insert(db, fulfillment_orders, bulk.columns_of(lists), {"created_at": now, "updated_at": now})
    lines = [line for (plan, _, takes), number in zip(parts, ids, strict=True) for line in _lines(plan, takes, number)]
    bulk.insert(db, fulfillment_lines, bulk.columns_of(lines), {"picked": 0, "shipped": 0, "cancelled": 0})
    moves = [_reserve_move(plan.row.id, decided[plan.row.id], take) for plan, _, takes in parts for take in takes]
    apply_moves(db, moves, now, locked=locked)
    return {move.sku for move in moves}


def _booking(plan: Planned, warehouse: str, terms: Terms) -> Booking:
    """Only a place with a day has capacity left, so there is one."""
    return Booking(plan.row.id, warehouse, cast(date, terms.ships_on))


def _note_reserved(db: Connection, routed: Sequence[Planned]) -> None:
    """Each piece knows how many of it are reserved."""
    taken: dict[int, int] = defaultdict(int)
    for take in (take for plan in routed for take in plan.decision.takes):
        taken[int(take.piece_ref)] += take.quantity
    pieces = sorted(taken)
    reserved = {"reserved": [taken[piece] for piece in pieces]}
    bulk.update(db, order_pieces, {"id": pieces}, reserved, sets=bulk.adding("reserved"))


def _by_warehouse(takes: Sequence[Take]) -> dict[str, list[Take]]:
    found: dict[str, list[Take]] = defaultdict(list)
    for take in takes:
        found[take.warehouse].append(take)
    return dict(sorted(found.items()))


def _list_row(
    plan: Planned, warehouse: str, decided: Mapping[int, int], terms: Terms, leaving: Leaving, now: datetime
) -> dict[str, Any]:
    soft, keeps = soft_hold(plan.row.payment, plan.row.soft_until, now), plan.decision.keeps
    accept_by = None if soft or keeps else terms.accept_by
    return {
        "order_id": plan.row.id, "warehouse": warehouse, "decision_id": decided[plan.row.id],
        "status": "soft" if soft else "kept" if keeps else "open",
        "request_status": "submitted" if accept_by else "accepted", "picker": "", "ship_by": plan.row.ship_by,
        "ships_on": None if keeps else leaving.get((plan.row.id, warehouse), terms.ships_on), "accept_by": accept_by,
    }  # fmt: skip


def _reserve_move(order_id: int, decision_id: int, take: Take) -> Move:
    return Move(
        kind="reserve", sku=take.sku, warehouse=take.warehouse, cause=f"decision:{decision_id}", line=take.piece_ref,
        reserved=take.quantity, order_id=order_id, reason="routed", lot=take.lot,
    )  # fmt: skip


def _lines(plan: Planned, takes: Sequence[Take], list_id: int) -> list[dict[str, Any]]:
    line_of = {str(piece.id): piece.line_id for piece in plan.pieces}
    return [
        {
            "fulfillment_order_id": list_id, "order_id": plan.row.id, "line_id": line_of[take.piece_ref],
            "piece_id": int(take.piece_ref), "sku": take.sku, "lot": take.lot, "quantity": take.quantity,
        }
        for take in takes
    ]  # fmt: skip


def routed_event(plan: Planned) -> Event:
    """What the order's timeline says of its decision."""
    code, words = why(plan.decision)
    return (plan.row.id, "order_routed", {"why": code, "words": words, "takes": _taken(plan)})


def _taken(plan: Planned) -> list[dict[str, Any]]:
    return [{"warehouse": t.warehouse, "sku": t.sku, "quantity": t.quantity} for t in plan.decision.takes]


def _kept_event(plan: Planned) -> Event:
    """What the order's timeline says of pieces that are kept until the rest is there."""
    return (plan.row.id, "pieces_kept", {"takes": _taken(plan)})


def soft_events(unpaid: Sequence[Planned]) -> list[Event]:
    """What timelines say of stock that is kept for orders until they are paid."""
    return [
        (plan.row.id, "soft_short", {"missing": _missing(plan)})
        if plan.decision.outcome == "short"
        else (plan.row.id, "soft_held", {"until": iso(plan.row.soft_until)})
        for plan in unpaid
    ]


def end_short_holds(db: Connection, unpaid: Sequence[Planned], now: datetime) -> None:
    """An unpaid order that there is no stock for keeps nothing and holds up nobody; it is planned once it is paid."""
    short = sorted(plan.row.id for plan in unpaid if plan.decision.outcome == "short")
    if short:
        db.execute(orders.update().where(orders.c.id.in_(short)).values(soft_until=now))


def _missing(plan: Planned) -> list[dict[str, Any]]:
    return [{"sku": s.sku, "wanted": s.wanted, "missing": s.missing} for s in plan.decision.shortages]


Keepers = Mapping[str, Mapping[int, str]]
"""SKU -> connection_id -> what an exclusive pool keeps for it, in words"""


def _short_holds(plan: Planned, keepers: Keepers) -> list[NewHold]:
    return [
        NewHold(plan.row.connection_id, _short_problem(plan, s, keepers), plan.row.id) for s in plan.decision.shortages
    ]


def _short_problem(plan: Planned, s: Shortage, keepers: Keepers) -> Problem:
    days = dict(plan.decision.presale)
    if until := days.get(s.sku):
        why = f"{s.missing} of {s.wanted} x {s.sku} are kept for presale until {until}"
        return Problem("short", f"short:{s.sku}", "stock", s.sku, why, date.fromisoformat(until))
    owner = plan.row.connection_id
    others = [words for keeper, words in sorted(keepers.get(s.sku, {}).items()) if keeper != owner]
    why = tell_shortage(plan.seen, plan.demand, plan.decision, s, others)
    return Problem("short", f"short:{s.sku}", "stock", s.sku, why)


def _is_refused(plan: Planned) -> bool:
    """Whether the channel is told at once; rules that let the rest wait come first."""
    return plan.on_shortage == "refuse" and not _has_shipped(plan) and plan.decision.leftover not in KEPT


def _has_shipped(plan: Planned) -> bool:
    return plan.row.state == "partial" or any(piece.shipped for piece in plan.pieces)


def _documents(db: Connection, order_ids: Sequence[int]) -> dict[int, Mapping[str, Any]]:
    table = order_documents.c
    rows = db.execute(select(table.order_id, table.current).where(table.order_id.in_(sorted(order_ids))))
    return {row.order_id: row.current for row in rows}


def _refuse(db: Connection, refused: Sequence[Planned], now: datetime) -> None:
    """Nothing of a refused order stays reserved, and its channel is told."""
    causes = {plan.row.id: f"refuse:{plan.row.id}:{plan.row.version}" for plan in refused}
    of_these = order_pieces.c.order_id.in_(sorted(causes))
    db.execute(order_pieces.update().where(of_these).values(wanted=order_pieces.c.shipped))
    release_excess(db, causes, now, "refused: short of stock")
    told = {"state": "refused", "answered": "refused", "updated_at": now}
    db.execute(orders.update().where(orders.c.id.in_(sorted(causes))).values(told))
    documents = _documents(db, [plan.row.id for plan in refused])
    outbox.put(db, [answer_row(plan, documents[plan.row.id], False, now) for plan in refused], now)


def _settle(db: Connection, planned: Sequence[Planned], now: datetime) -> dict[int, str]:
    documents = _documents(db, [plan.row.id for plan in planned])
    return settle_states(db, {order: order_from_dict(body) for order, body in documents.items()}, now)


def wants_answer(ctx: Context, plan: Planned) -> bool:
    """Whether the order's channel waits for our word, and has not had it."""
    if plan.row.answered:
        return False
    try:
        return Can.ACCEPT_ORDER in ctx.channel(plan.row.connection_id).spec.can
    except NeedsPerson:
        return False


def _answer(db: Connection, accepted: Sequence[Planned], now: datetime) -> None:
    ids = [plan.row.id for plan in accepted]
    if not ids:
        return
    documents = _documents(db, ids)
    db.execute(orders.update().where(orders.c.id.in_(ids)).values(answered="accepted"))
    outbox.put(db, [answer_row(plan, documents[plan.row.id], True, now) for plan in accepted], now)


def answer_row(plan: Planned, document: Mapping[str, Any], accepted: bool, now: datetime) -> dict[str, Any]:
    """Our word on an order, as the outbox takes it."""
    missing = {s.sku: s.missing for s in plan.decision.shortages}
    reason = (
        "" if accepted else "out of stock: " + ", ".join(f"{sku} ({n} missing)" for sku, n in sorted(missing.items()))
    )
    word = "accepted" if accepted else "refused"
    return {
        "connection_id": plan.row.connection_id, "topic": "answer", "order_id": plan.row.id,
        "key": f"answer:{plan.row.id}:{word}", "body": answer_body(document, accepted, reason, now),
    }  # fmt: skip

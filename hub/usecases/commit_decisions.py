"""Commits a plan: reservations, pick lists, answers to the channels, stock pushes, all in the caller's transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from hub.canonical.errors import NeedsPerson
from hub.canonical.order_json import order_from_dict
from hub.ports.channel import Can
from hub.rules.routing import Decision, Demand, Snapshot, Take, snapshot_hash, why
from hub.store import outbox, pushes
from hub.store.events import Event, add_events
from hub.store.stock import Move, apply_moves
from hub.store.tables import (
    fulfillment_lines,
    fulfillment_orders,
    order_documents,
    order_pieces,
    orders,
    routing_decisions,
)
from hub.usecases.amend_orders import settle_states
from hub.usecases.answers import answer_body
from hub.usecases.context import Context
from hub.usecases.order_rows import insert_holds
from hub.usecases.release_excess import release_excess
from hub.usecases.resolve_lines import Problem

Rung = Sequence[tuple[str, int | None]]


@dataclass(frozen=True, slots=True)
class Planned:
    """One order, what it asked, what was decided and on which stock."""

    row: Row[Any]
    pieces: tuple[Row[Any], ...]
    demand: Demand
    decision: Decision
    seen: Snapshot
    on_shortage: str


def commit_decisions(ctx: Context, db: Connection, planned: Sequence[Planned], now: datetime) -> Rung:
    """Write everything that follows from the decisions; returns the doorbells to ring after the commit."""
    decided = {plan.row.id: _insert_decision(db, plan, now) for plan in planned if plan.demand.pieces}
    routed = [plan for plan in planned if plan.decision.takes]
    moves = _reserve(db, routed, decided, now)
    events: list[Event] = [_routed_event(plan) for plan in routed]
    short = [plan for plan in planned if plan.decision.outcome == "short"]
    refused = [plan for plan in short if plan.on_shortage == "refuse" and not _has_shipped(plan)]
    refused_ids = {plan.row.id for plan in refused}
    for plan in short:
        events.append((plan.row.id, "order_short", {"missing": _missing(plan)}))
        if plan.row.id not in refused_ids:
            insert_holds(db, plan.row.connection_id, _short_problems(plan), now, order_id=plan.row.id)
    _refuse(db, refused, now)
    states = _settle(db, [plan for plan in planned if plan.row.id not in refused_ids], now)
    accepted = [plan for plan in routed if states.get(plan.row.id) == "routed" and _wants_answer(ctx, plan)]
    _answer(db, accepted, now)
    add_events(db, events + [(plan.row.id, "order_refused", {}) for plan in refused], now)
    changed = {move.sku for move in moves}
    pushes.mark_skus(db, changed, now)
    asked = {plan.row.connection_id for plan in (*refused, *accepted)}
    return [("outbox.send", connection_id) for connection_id in sorted(asked)]


def _insert_decision(db: Connection, plan: Planned, now: datetime) -> int:
    attempt = plan.row.attempts + 1
    row = {
        "order_id": plan.row.id, "attempt": attempt, "outcome": plan.decision.outcome,
        "ruleset_version": plan.decision.ruleset_version, "snapshot_hash": snapshot_hash(plan.seen),
        "snapshot": plan.seen.to_dict(), "demand": plan.demand.to_dict(), "decision": plan.decision.to_dict(),
        "created_at": now,
    }  # fmt: skip
    db.execute(orders.update().where(orders.c.id == plan.row.id).values(attempts=attempt))
    return int(db.execute(routing_decisions.insert().returning(routing_decisions.c.id), row).scalar_one())


def _reserve(db: Connection, routed: Sequence[Planned], decided: Mapping[int, int], now: datetime) -> list[Move]:
    """Pick lists, reserved pieces and ledger rows of all takes; one guarded update per balance for the whole batch."""
    moves: list[Move] = []
    lines: list[dict[str, Any]] = []
    for plan in routed:
        line_of = {str(piece.id): piece.line_id for piece in plan.pieces}
        decision_id = decided[plan.row.id]
        for warehouse, takes in _by_warehouse(plan.decision.takes).items():
            fulfillment_order_id = _insert_fulfillment_order(db, plan.row, warehouse, decision_id, now)
            for take in takes:
                moves.append(_reserve_move(plan.row.id, decision_id, take))
                lines.append(_line(fulfillment_order_id, plan.row.id, line_of[take.piece_ref], take))
    if moves:
        db.execute(fulfillment_lines.insert(), lines)
        db.execute(_RESERVED, [{"b_id": line["piece_id"], "take": line["quantity"]} for line in lines])
        apply_moves(db, moves, now)
    return moves


_RESERVED = (
    order_pieces.update()
    .where(order_pieces.c.id == bindparam("b_id"))
    .values(reserved=order_pieces.c.reserved + bindparam("take"))
)


def _by_warehouse(takes: Sequence[Take]) -> dict[str, list[Take]]:
    found: dict[str, list[Take]] = defaultdict(list)
    for take in takes:
        found[take.warehouse].append(take)
    return dict(sorted(found.items()))


def _insert_fulfillment_order(db: Connection, row: Row[Any], warehouse: str, decision_id: int, now: datetime) -> int:
    values = {
        "order_id": row.id, "warehouse": warehouse, "decision_id": decision_id, "status": "open",
        "request_status": "accepted", "picker": "", "ship_by": row.ship_by, "created_at": now, "updated_at": now,
    }  # fmt: skip
    return int(db.execute(fulfillment_orders.insert().returning(fulfillment_orders.c.id), values).scalar_one())


def _reserve_move(order_id: int, decision_id: int, take: Take) -> Move:
    return Move(
        kind="reserve", sku=take.sku, warehouse=take.warehouse, cause=f"decision:{decision_id}", line=take.piece_ref,
        reserved=take.quantity, order_id=order_id, reason="routed",
    )  # fmt: skip


def _line(fulfillment_order_id: int, order_id: int, line_id: int, take: Take) -> dict[str, Any]:
    return {
        "fulfillment_order_id": fulfillment_order_id, "order_id": order_id, "line_id": line_id,
        "piece_id": int(take.piece_ref), "sku": take.sku, "lot": "", "quantity": take.quantity, "picked": 0,
        "shipped": 0, "cancelled": 0,
    }  # fmt: skip


def _routed_event(plan: Planned) -> Event:
    code, words = why(plan.decision)
    takes = [{"warehouse": t.warehouse, "sku": t.sku, "quantity": t.quantity} for t in plan.decision.takes]
    return (plan.row.id, "order_routed", {"why": code, "words": words, "takes": takes})


def _missing(plan: Planned) -> list[dict[str, Any]]:
    return [{"sku": s.sku, "wanted": s.wanted, "missing": s.missing} for s in plan.decision.shortages]


def _short_problems(plan: Planned) -> list[Problem]:
    return [
        Problem(
            "short", f"short:{s.sku}", "stock", s.sku,
            f"{s.missing} of {s.wanted} missing: receive stock of {s.sku}, and the orders that wait for it run again",
        )
        for s in plan.decision.shortages
    ]  # fmt: skip


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
    outbox.put(db, [_answer_row(plan, documents[plan.row.id], False, now) for plan in refused], now)


def _settle(db: Connection, planned: Sequence[Planned], now: datetime) -> dict[int, str]:
    documents = _documents(db, [plan.row.id for plan in planned])
    return settle_states(db, {order: order_from_dict(body) for order, body in documents.items()}, now)


def _wants_answer(ctx: Context, plan: Planned) -> bool:
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
    outbox.put(db, [_answer_row(plan, documents[plan.row.id], True, now) for plan in accepted], now)


def _answer_row(plan: Planned, document: Mapping[str, Any], accepted: bool, now: datetime) -> dict[str, Any]:
    missing = {s.sku: s.missing for s in plan.decision.shortages}
    reason = (
        "" if accepted else "out of stock: " + ", ".join(f"{sku} ({n} missing)" for sku, n in sorted(missing.items()))
    )
    word = "accepted" if accepted else "refused"
    return {
        "connection_id": plan.row.connection_id, "topic": "answer", "order_id": plan.row.id,
        "key": f"answer:{plan.row.id}:{word}", "body": answer_body(document, accepted, reason, now),
    }  # fmt: skip

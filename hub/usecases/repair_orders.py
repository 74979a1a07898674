"""Mends pick lists and orders that disagree about what is promised to whom."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, case, func, select

from hub.canonical.errors import StocklineError
from hub.store.events import add_events
from hub.store.tables import fulfillment_lines, fulfillment_orders, order_documents, order_pieces, orders
from hub.usecases.context import Context
from hub.usecases.pick_orders import resettle
from hub.usecases.release_excess import close_finished, release_excess, release_list
from hub.usecases.repair_balances import Mended

_f, _o, _p = fulfillment_lines.c, fulfillment_orders.c, order_pieces.c
OVER = ("cancelled", "refused", "closed", "shipped")
"""States in which an order holds nothing."""


def empty_lists(ctx: Context, check: str, list_ids: Collection[int]) -> list[Mended]:
    """Cancel what is open on pick lists that are over or belong to nobody. Their stock is freed with the balances."""
    return [mended for each in sorted(list_ids) if (mended := _empty_one(ctx, check, each)) is not None]


def _empty_one(ctx: Context, check: str, list_id: int) -> Mended | None:
    now = ctx.clock()
    with ctx.db.write() as db:
        order_id = db.scalar(select(_o.order_id).where(_o.id == list_id))
        known = _lock_order(db, order_id or 0)
        row = db.execute(select(fulfillment_orders).where(_o.id == list_id).with_for_update()).one()
        if known and row.status not in ("shipped", "cancelled"):
            return None
        room = _f.quantity - _f.shipped
        open_lines = (_f.fulfillment_order_id == list_id, _f.shipped + _f.cancelled < _f.quantity)
        pieces = db.scalar(select(func.sum(room - _f.cancelled)).where(*open_lines)) or 0
        if not pieces:
            return None
        fewer = case((_f.picked > _f.shipped, _f.shipped), else_=_f.picked)
        db.execute(fulfillment_lines.update().where(*open_lines).values(cancelled=room, picked=fewer))
        close_finished(db, [list_id], now)
    words = f"{pieces} pieces were open on a list that is {row.status if known else 'of no order'}: cancelled"
    return Mended(check, f"pick list {list_id}", True, words)


def end_soft_lists(ctx: Context, list_ids: Collection[int], run: str) -> list[Mended]:
    """Give back what is kept without an end: for an unpaid order, or one that waits for nothing."""
    return [mended for each in sorted(list_ids) if (mended := _end_one(ctx, each, run)) is not None]


def _end_one(ctx: Context, list_id: int, run: str) -> Mended | None:
    now = ctx.clock()
    with ctx.db.write() as db:
        order_id = int(db.scalar(select(_o.order_id).where(_o.id == list_id)) or 0)
        _lock_order(db, order_id)
        row = db.execute(select(fulfillment_orders).where(_o.id == list_id).with_for_update()).one()
        order = db.execute(select(orders.c.soft_until, orders.c.state).where(orders.c.id == order_id)).one()
        waits = order.state in ("held", "waiting", "unpaid")
        ends = {"soft": order.soft_until is not None, "kept": waits}.get(row.status, True)
        if ends:
            return None
        skus = release_list(db, row, run, now, reason="kept without an end", actor="hub")
        _note(db, order_id, f"{', '.join(skus)}: kept without an end, given back", now)
    return Mended("soft_lists_end", f"pick list {list_id}", True, f"{', '.join(skus)} were kept without an end: freed")


def mend_pieces(ctx: Context, piece_ids: Collection[int]) -> list[Mended]:
    """Let the orders' own counters say what the pick lists say: those are what people work by."""
    return [mended for each in sorted(piece_ids) if (mended := _mend_piece(ctx, each)) is not None]


def _mend_piece(ctx: Context, piece_id: int) -> Mended | None:
    now = ctx.clock()
    check = "pieces_are_pick_lists"
    with ctx.db.write() as db:
        order_id = int(db.scalar(select(_p.order_id).where(_p.id == piece_id)) or 0)
        known = _lock_order(db, order_id)
        piece = db.execute(select(order_pieces).where(_p.id == piece_id)).one()
        sums = select(func.coalesce(func.sum(_f.quantity - _f.shipped - _f.cancelled), 0),
                      func.coalesce(func.sum(_f.shipped), 0)).where(_f.piece_id == piece_id)  # fmt: skip
        reserved, shipped = (int(number) for number in db.execute(sums).one())
        if (piece.reserved, piece.shipped) == (reserved, shipped):
            return None
        db.execute(order_pieces.update().where(_p.id == piece_id).values(reserved=reserved, shipped=shipped))
        words = f"reserved {piece.reserved}, shipped {piece.shipped} are {reserved} and {shipped}, as its lists say"
        if known:
            _note(db, order_id, f"{piece.sku}: {words}", now)
    return Mended(check, f"order {order_id}, {piece.sku}", True, words)


def free_orders(ctx: Context, check: str, order_ids: Collection[int], run: str) -> list[Mended]:
    """Give back what orders hold beyond what they want; an order that is over wants nothing more."""
    return [mended for each in sorted(order_ids) if (mended := _free_one(ctx, check, each, run)) is not None]


def _free_one(ctx: Context, check: str, order_id: int, run: str) -> Mended | None:
    now = ctx.clock()
    try:
        with ctx.db.write() as db:
            if not _lock_order(db, order_id):
                return None
            before = _held(db, order_id)
            if db.scalar(select(orders.c.state).where(orders.c.id == order_id)) in OVER and before:
                _settle(db, order_id, now)
            if db.scalar(select(orders.c.state).where(orders.c.id == order_id)) in OVER:
                more = (_p.order_id == order_id, _p.wanted > _p.shipped)
                db.execute(order_pieces.update().where(*more).values(wanted=_p.shipped))
            release_excess(db, {order_id: f"{run}:{order_id}"}, now, "found by the audit")
            freed = before - _held(db, order_id)
            if freed:
                _note(db, order_id, f"{freed} pieces given back", now)
    except StocklineError as error:  # told in the report: the other findings are mended all the same
        return Mended(check, f"order {order_id}", False, f"cannot be given back: {error}")
    return Mended(check, f"order {order_id}", True, f"{freed} pieces given back") if freed else None


def _lock_order(db: Connection, order_id: int) -> bool:
    return db.scalar(select(orders.c.id).where(orders.c.id == order_id).with_for_update()) is not None


def _held(db: Connection, order_id: int) -> int:
    return int(db.scalar(select(func.sum(_p.reserved)).where(_p.order_id == order_id)) or 0)


def _settle(db: Connection, order_id: int, now: datetime) -> None:
    """The state that follows from the counters, where the order's document is there to say what is wanted."""
    document = order_documents.c.order_id
    if db.scalar(select(document).where(document == order_id)) is not None:
        resettle(db, order_id, now)


def _note(db: Connection, order_id: int, words: str, now: datetime) -> None:
    """Tell the order's timeline, and plan the order again where something is owed to it now."""
    add_events(db, [(order_id, "repaired", {"what": words})], now)
    _settle(db, order_id, now)

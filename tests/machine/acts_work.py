"""What people in a warehouse do with pick lists."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from sqlalchemy import Row

from hub.rules.confidence import REASONS
from hub.store import tables as t
from hub.usecases.accept_work import accept_work, reject_work
from hub.usecases.pick_orders import pack_order, pick_scan, report_missing, start_picking
from hub.usecases.ship_parcel import Parcel, ship_parcel
from hub.usecases.undo_scan import undo_scan
from tests.machine.acts import INDEX, act
from tests.machine.company import OPEN_WORK, Company


def _work(company: Company, index: int) -> Row[Any] | None:
    return company.choose(index, t.fulfillment_orders, t.fulfillment_orders.c.status.in_(OPEN_WORK))


@act(often=3, index=INDEX, pack=st.booleans())
def pick(company: Company, index: int, pack: bool) -> None:
    work = _work(company, index)
    if work is None:
        return
    company.ask(lambda: start_picking(company.ctx, work.id, "bob"))
    for line in company.open_lines(work.id):
        left = line.quantity - line.cancelled - line.picked
        if left:
            pieces = left if pack else 1
            company.ask(lambda sku=line.sku, n=pieces: pick_scan(company.ctx, work.id, sku, "bob", n))  # type: ignore[misc]
    if pack:
        company.ask(lambda: pack_order(company.ctx, work.id, "bob"))


@act(index=INDEX)
def put_back(company: Company, index: int) -> None:
    line = company.choose(index, t.fulfillment_lines, t.fulfillment_lines.c.picked > t.fulfillment_lines.c.shipped)
    if line:
        company.ask(lambda: undo_scan(company.ctx, line.fulfillment_order_id, line.id, "bob"))


@act(often=4, index=INDEX, part=st.integers(0, 4), again=st.booleans())
def ship(company: Company, index: int, part: int, again: bool) -> None:
    """A parcel leaves with `part` pieces of the first line, or (0) with all that is open; told twice it leaves once."""
    work = _work(company, index)
    if work is None:
        return
    lines = company.open_lines(work.id)
    contents = {line.id: min(part, line.quantity - line.shipped - line.cancelled) for line in lines[:1]}
    parcel = Parcel(company.key("parcel"), "DHL", "T", contents=contents if part else None)
    before = company.pieces_in_all()
    first = company.ask(lambda: ship_parcel(company.ctx, work.id, parcel, "bob"))
    if first is not None and again:
        assert company.ask(lambda: ship_parcel(company.ctx, work.id, parcel, "bob")) in (first, None)
    if company.alone:
        rows = company.world.rows(t.shipment_lines, t.shipment_lines.c.shipment_id == (first or 0))
        assert company.pieces_in_all() == before - sum(row.quantity for row in rows)


@act(often=2, index=INDEX)
def miss(company: Company, index: int) -> None:
    """The shelf lacks a piece."""
    work = _work(company, index)
    for line in company.open_lines(work.id)[:1] if work else []:
        company.ask(lambda n=line.id: report_missing(company.ctx, n, 1, "bob", "gone"))  # type: ignore[misc]


@act(index=INDEX)
def accept(company: Company, index: int) -> None:
    work = _work(company, index)
    if work:
        company.ask(lambda: accept_work(company.ctx, work.id, "bob"))


@act(often=2, index=INDEX, reason=st.sampled_from(sorted(REASONS)))
def reject(company: Company, index: int, reason: str) -> None:
    """The warehouse will not do it: its pieces are free, and others are asked."""
    work = _work(company, index)
    if work is None:
        return
    done = company.ask(lambda: reject_work(company.ctx, work.id, reason, "bob") is None)
    if company.alone and done:
        assert company.open_lines(work.id) == []

"""What buyers, channels and the office do with orders."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from hub.rules.lifecycle import OVER
from hub.store import tables as t
from hub.usecases.cancel_order import answer_cancel, ask_cancel
from hub.usecases.fix_holds import hold_order, link_listing, replay_hold
from hub.usecases.move_order import move_order
from hub.usecases.set_selling import add_buffer, drop_buffer, set_life, set_policy, set_pool
from tests.machine.acts import INDEX, LINES, PLACES, SKUS, act
from tests.machine.company import Company


def _one_of(company: Company, index: int) -> str | None:
    refs = sorted(company.versions)
    return refs[index % len(refs)] if refs else None


@act(often=3, lines=LINES, paid=st.booleans())
def buy(company: Company, lines: Any, paid: bool) -> None:
    ref = company.key("order")
    made = company.body(ref, lines, payment="paid" if paid else "unpaid")
    company.arrive(company.version(ref, lambda _: made))


@act(often=2, index=INDEX, lines=LINES, late=st.booleans())
def edit(company: Company, index: int, lines: Any, late: bool) -> None:
    """`late`: the version before comes again after this one."""
    ref = _one_of(company, index)
    if ref is None:
        return
    before = company.versions[ref]
    made = company.body(ref, lines, payment="paid")
    newest = company.version(ref, lambda old: made | {"status": old.get("status", "open")})
    company.arrive(*([newest, before] if late else [newest]))


@act(index=INDEX, how=st.sampled_from([{"status": "cancelled"}, {"payment": "refunded"}, {"payment": "void"}]))
def call_off(company: Company, index: int, how: Any) -> None:
    ref = _one_of(company, index)
    if ref is not None:
        company.arrive(company.version(ref, lambda old: old | how))


@act(index=INDEX)
def pay(company: Company, index: int) -> None:
    ref = _one_of(company, index)
    if ref is not None:
        company.arrive(company.version(ref, lambda old: old | {"payment": "paid"}))


@act(index=INDEX, echo=st.booleans())
def repeat(company: Company, index: int, echo: bool) -> None:
    """A message comes again, byte by byte or with another note."""
    if company.seen:
        body = company.seen[index % len(company.seen)]
        company.arrive(body | {"note": company.key("echo")} if echo else body)


@act(index=INDEX)
def hold(company: Company, index: int) -> None:
    order = company.choose(index, t.orders, t.orders.c.state.not_in(sorted(OVER)))
    if order:
        company.ask(lambda: hold_order(company.ctx, order.id, "why", "eve"))


@act(index=INDEX)
def replay(company: Company, index: int) -> None:
    marks = sorted(set(company.world.holds()))
    if marks:
        company.ask(lambda: replay_hold(company.ctx, marks[index % len(marks)], "eve"))


@act()
def link(company: Company) -> None:
    company.ask(lambda: link_listing(company.ctx, company.world.shop_id, "L-NEW", "C", actor="eve"))


@act(often=2, index=INDEX)
def cancel(company: Company, index: int) -> None:
    """The office calls an order off: at once, or once its warehouse agrees."""
    order = company.choose(index, t.orders, t.orders.c.state.not_in(sorted(OVER)))
    if order is None:
        return
    answer = company.ask(lambda: ask_cancel(company.ctx, order.id, "why", "eve"))
    if company.alone and answer == "cancelled":
        assert company.world.takes_of(order.id) == 0


@act(often=2, index=INDEX, accept=st.booleans())
def answer(company: Company, index: int, accept: bool) -> None:
    request = company.choose(index, t.cancel_requests, t.cancel_requests.c.state == "asked")
    if request:
        company.ask(lambda: answer_cancel(company.ctx, request.order_id, accept, "bob"))


@act(often=2, index=INDEX, place=PLACES)
def move(company: Company, index: int, place: str) -> None:
    """To another warehouse: all of its open work, or none."""
    order = company.choose(index, t.orders, t.orders.c.state.in_(("routed", "partial", "waiting", "held", "unpaid")))
    if order is None:
        return
    before = company.world.takes_of(order.id)
    made = company.ask(lambda: move_order(company.ctx, order.id, place, actor="eve"))
    if company.alone and made is not None:
        assert company.world.takes_of(order.id) == before
        assert {row.warehouse for row in company.world.rows(t.fulfillment_orders) if row.id in made} == {place}


@act(sku=SKUS, mode=st.sampled_from(["stock", "backorder", "presale"]), units=st.integers(1, 5))
def promise_more(company: Company, sku: str, mode: str, units: int) -> None:
    """Sell beyond the stock, or no longer."""
    company.ask(
        lambda: set_policy(company.ctx, sku, mode=mode, units=0 if mode == "stock" else units,
                           available_on=date(2099, 12, 31) if mode == "presale" else None, actor="eve")
    )  # fmt: skip


@act(sku=SKUS, mode=st.sampled_from(["shared", "exclusive", "ratio"]), units=st.integers(0, 3))
def keep_apart(company: Company, sku: str, mode: str, units: int) -> None:
    """A pool for the shop."""
    shop = company.world.shop_id
    company.ask(lambda: set_pool(company.ctx, shop, sku, mode=mode, units=units, permille=500, actor="eve"))


@act(sku=SKUS, units=st.integers(0, 2), index=INDEX)
def buffer(company: Company, sku: str, units: int, index: int) -> None:
    """A rule that keeps pieces back comes, or (0) one goes."""
    rule = company.choose(index, t.buffer_rules)
    if units:
        company.ask(lambda: add_buffer(company.ctx, units=units, sku=sku, actor="eve"))
    elif rule:
        company.ask(lambda: drop_buffer(company.ctx, rule.id, actor="eve"))


@act(sku=SKUS, days=st.sampled_from([0, 1, 30]))
def want_fresh(company: Company, sku: str, days: int) -> None:
    """Lots must be good for some days to be sold."""
    company.ask(lambda: set_life(company.ctx, days, sku=sku, actor="eve"))

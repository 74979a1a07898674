"""Orders: the list with tabs and search, and one order with its reasons, timeline and payloads."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form
from fastapi.responses import HTMLResponse, Response

from hub.canonical.errors import NotFound, Rejected, StocklineError
from hub.pages.route_words import lost_text, money_text, moved_text, second_text, why_text, wish_text
from hub.pages.shell import Page, page_for
from hub.pages.traffic import fetch_words
from hub.pages.words import event_detail
from hub.reports.channels import channel_choices
from hub.reports.order import read_order
from hub.reports.order_facts import DecisionFact, OrderFacts
from hub.reports.orders import TABS, find_orders, order_counts
from hub.reports.people import warehouse_titles
from hub.reports.requests import order_requests
from hub.reports.routing import read_wish
from hub.reports.whereabouts import whereabouts
from hub.usecases.cancel_order import answer_cancel, ask_cancel
from hub.usecases.fix_holds import hold_order, replay_hold
from hub.usecases.move_order import MOVABLE, move_order

router = APIRouter()
Reading = Annotated[Page, Depends(page_for("orders.read"))]
Writing = Annotated[Page, Depends(page_for("orders.write"))]
Text = Annotated[str, Form()]


@router.get("/orders")
def orders_page(page: Reading, tab: str = "all", q: str = "", shop: str = "", after: str = "") -> Response:
    db = page.ctx.db
    tab = tab if tab in TABS else "all"
    shop_id = int(shop) if shop.isascii() and shop.isdigit() and len(shop) < 10 else None
    found = find_orders(db, tab=tab, q=q, connection_id=shop_id, after=after)
    return page.render(
        "orders/list.html", found=found, tab=tab, q=q, shops=channel_choices(db), shop=shop, counts=order_counts(db)
    )


@router.get("/orders/tabs")
def orders_tabs(page: Reading, tab: str = "all") -> Response:
    """The tabs with fresh counts."""
    return HTMLResponse(page.fragment("orders/tabs.html", tab=tab, counts=order_counts(page.ctx.db)))


@router.get("/orders/{order_id}")
def order_page(page: Reading, order_id: int, what_if: str = "") -> Response:
    """One order; `what_if`: a warehouse that should have won, and what would have to change for that."""
    return _order(page, order_id, wished=what_if)


def _order(page: Page, order_id: int, problem: str = "", status: int = 200, wished: str = "") -> Response:
    facts = read_order(page.ctx.db, order_id)
    timeline = [{"event": event, "detail": event_detail(page, event.kind, event.data)} for event in facts.events]
    decisions = [_decision(page, facts, decision) for decision in facts.decisions]
    movable = {work.warehouse for work in facts.work if work.status in MOVABLE}
    places = [row for row in warehouse_titles(page.ctx.db) if movable and {row[0]} != movable]
    short = [hold.value for hold in facts.open_holds if hold.kind == "short"]
    return page.render(
        "orders/order.html", status, facts=facts, order=facts.summary, timeline=timeline, decisions=decisions,
        requests=order_requests(page.ctx.db, order_id), places=places, problem=problem,
        wish=wish_text(page, read_wish(page.ctx.db, order_id, wished)) if wished else None,
        where=whereabouts(page.ctx.db, short, page.ctx.clock(), order_id),
    )  # fmt: skip


def _decision(page: Page, facts: OrderFacts, decision: DecisionFact) -> dict[str, Any]:
    winner = decision.candidates[0] if decision.candidates else None
    second = decision.runner_up
    sets = list(zip(decision.candidates, decision.days, strict=True))
    rows = [
        {"candidate": found, "day": day, "why": lost_text(page, found, winner or found, facts.summary.country)}
        for found, day in sets
    ]
    moved = [moved_text(page, day) for found, day in sets if found.chosen and day.moved_from]
    return {
        "fact": decision, "why": why_text(page, decision.why, decision.words), "rows": rows, "moved": moved,
        "second": second_text(page, second, winner, decision.money, facts.summary.country) if second and winner
        else money_text(page, decision.money),
        "priced": any(found.cost is not None for found in decision.candidates) and not decision.money.unknown,
    }  # fmt: skip


@router.post("/orders/{order_id}/fetch")
def order_fetch(page: Writing, order_id: int) -> Response:
    """Read the order again as it stands at its channel."""
    order = read_order(page.ctx.db, order_id).summary
    try:
        said = fetch_words(page, order.connection_id, order.channel_ref)
    except StocklineError as error:
        return _order(page, order_id, page.said(error), error.status)
    return page.redirect(f"/orders/{order_id}", said)


@router.post("/orders/{order_id}/hold")
def order_hold(page: Writing, order_id: int, why: Text = "") -> Response:
    hold_order(page.ctx, order_id, why.strip() or page.gettext("Held by hand"), page.who.actor)
    return page.redirect(f"/orders/{order_id}", page.gettext("The order waits until somebody releases it."))


@router.post("/orders/{order_id}/release")
def order_release(page: Writing, order_id: int, fingerprint: Text = "") -> Response:
    """Release one hold of this order; others with the same cause run again too."""
    replay_hold(page.ctx, fingerprint, page.who.actor)
    return page.redirect(f"/orders/{order_id}", page.gettext("Released: the order is planned again."))


@router.post("/orders/{order_id}/move")
def order_move(page: Writing, order_id: int, to: Text = "", note: Text = "") -> Response:
    """All open work of the order goes to another warehouse, or nothing is changed."""
    try:
        move_order(page.ctx, order_id, to, actor=page.who.actor, note=note.strip())
    except NotFound:
        raise
    except Rejected as error:
        return _order(page, order_id, page.said(error), error.status)
    return page.redirect(
        f"/orders/{order_id}", page.gettext("Moved to %(place)s; the old pick list is revoked.", place=to)
    )


@router.post("/orders/{order_id}/cancel")
def order_cancel(page: Writing, order_id: int, why: Text = "") -> Response:
    """At once while nobody has it in hand; else the warehouse is asked."""
    done = ask_cancel(page.ctx, order_id, why.strip(), page.who.actor)
    if done == "asked":
        return page.redirect(
            f"/orders/{order_id}", page.gettext("The warehouse is asked; nothing moves meanwhile."), "warn"
        )
    return page.redirect(f"/orders/{order_id}", page.gettext("Cancelled: its stock is free, and the channel is told."))


@router.post("/orders/{order_id}/answer")
def order_answer(page: Writing, order_id: int, accept: Text = "", note: Text = "") -> Response:
    """The warehouse's answer to what was asked about the order."""
    answer_cancel(page.ctx, order_id, bool(accept), page.who.actor, note.strip())
    return page.redirect(f"/orders/{order_id}", page.gettext("Answered."))

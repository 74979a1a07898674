"""The invariants of the hub, read off its tables: between any two steps, and once everything has come to rest."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from hub.canonical.amounts import exact, to_micros
from hub.store import tables as t
from hub.store.available import listing_offers, read_listings
from hub.usecases.push_stock import push_stock
from hub.usecases.refetch_orders import refetch_orders
from hub.usecases.send_outbox import send_outbox
from tests.machine.acts_workers import expire_all
from tests.machine.company import Company

ENDS = {
    "fulfillment_orders": ("shipped", "cancelled"), "transfers": ("received", "cancelled"),
    "stock_counts": ("approved", "rejected"), "cancel_requests": ("accepted", "refused", "overtaken"),
}  # fmt: skip
"""Table -> states that nothing ever leaves."""


def check(company: Company) -> None:
    """All promises that hold between any two transactions."""
    company.world.check()  # I1 ledger = balance, I2 the fence, I4 one order per id, and the other laws of the audit
    assert company.errors.seen == []
    whole_or_nothing(company)
    ends_are_ends(company)
    everything_is_told(company)
    money_adds_up(company)


def whole_or_nothing(company: Company) -> None:
    """I3: a plan takes all that an order still needs, or nothing; a routed order has all its pieces."""
    world = company.world
    for row in world.rows(t.routing_decisions, t.routing_decisions.c.outcome == "short"):
        assert row.decision["takes"] == [], f"order {row.order_id} got a part of what it asked"
    pieces = defaultdict(list)
    for piece in world.rows(t.order_pieces):
        pieces[piece.order_id].append(piece)
    for order in world.rows(t.orders, t.orders.c.state == "routed"):
        for piece in pieces[order.id]:
            assert piece.reserved + piece.shipped >= piece.wanted, f"order {order.channel_ref} is routed in part"


def ends_are_ends(company: Company) -> None:
    """I5: what is over stays over, and what has left never comes back into an order."""
    world = company.world
    for name, over in ENDS.items():
        for row in world.rows(getattr(t, name)):
            state = str(row.status if name == "fulfillment_orders" else row.state)
            before = company.ends.get((name, row.id))
            assert before in (None, state), f"{name} {row.id} was {before} and is {state}"
            if state in over:
                company.ends[name, row.id] = state
    for piece in world.rows(t.order_pieces):
        assert piece.shipped >= company.left.get(piece.id, 0), f"piece {piece.id} came back"
        company.left[piece.id] = piece.shipped
    held = {row.order_id for row in world.rows(t.holds, t.holds.c.state == "open")}
    for order in world.rows(t.orders):
        assert order.state != "waiting" or order.id not in held, f"order {order.channel_ref} waits and is held"
        assert order.state not in {"routed", "partial"} or world.takes_of(order.id) > 0


def everything_is_told(company: Company) -> None:
    """I6: each transition has its event and its message, written with it, and an order's messages go in their order."""
    world = company.world
    messages = world.rows(t.outbox)
    events = Counter((row.order_id, row.kind) for row in world.rows(t.order_events))
    decided = Counter(row.order_id for row in world.rows(t.routing_decisions) if row.decision["takes"])
    assert {order: n for (order, kind), n in events.items() if kind == "order_routed"} == decided, "decisions"
    parcels = Counter(row.order_id for row in world.rows(t.shipments))
    assert {order: n for (order, kind), n in events.items() if kind == "parcel_shipped"} == parcels, "parcels"
    answers = {(row.order_id, row.body["accepted"]) for row in messages if row.topic == "answer"}
    for order in world.rows(t.orders, t.orders.c.answered != ""):
        assert (order.id, order.answered == "accepted") in answers, f"order {order.channel_ref}: no message tells it"
    assert _told_in_messages(messages) == _told_in_lines(company)
    _in_order(company, messages)


def _told_in_messages(messages: list[Any]) -> Mapping[tuple[int, str], int]:
    told: Counter[tuple[int, str]] = Counter()
    for row in messages:
        for line in row.body["lines"] if row.topic == "shipment" else ():
            told[row.order_id, line["line_ref"]] += int(line["quantity"])
    return told


def _told_in_lines(company: Company) -> Mapping[tuple[int, str], int]:
    rows = company.world.rows(t.order_lines, t.order_lines.c.told > 0)
    return {(row.order_id, row.channel_ref): row.told // row.units for row in rows}


def _in_order(company: Company, messages: list[Any]) -> None:
    """No message was sent before an earlier one of its order; the channel heard them in that order."""
    number = {row.key: row.id for row in messages}
    waiting: dict[int, int] = {}
    for row in messages:
        assert row.state != "sent" or row.order_id not in waiting, f"message {row.id} overtook {waiting[row.order_id]}"
        if row.state == "new":
            waiting.setdefault(row.order_id, row.id)
    order_of = {row.key: row.order_id for row in messages}
    heard = defaultdict(list)
    for _, key, _ in list(company.world.shop.told):
        heard[order_of[key]].append(number[key])
    for order, numbers in heard.items():
        assert numbers == sorted(numbers), f"order {order}: the channel heard {numbers}"


def money_adds_up(company: Company) -> None:
    """I7: the total of every order is the sum of its lines, to the millionth."""
    totals = {row.id: row.total for row in company.world.rows(t.orders)}
    for row in company.world.rows(t.order_documents):
        lines = row.current["lines"]
        total = sum(to_micros(exact(ln["quantity"], "q") * exact(ln["unit_price"], "p")) for ln in lines)
        assert totals[row.order_id] == total, f"order {row.order_id}: {totals[row.order_id]} is not {total}"


def come_to_rest(company: Company) -> None:
    """Everybody stops sending; the hub works off what is there. Then check, and I8: nothing is leased any more."""
    world = company.world
    world.shop.orders = list(company.versions.values())
    for _ in range(60):
        company.clock.move(minutes=10)  # longer than anybody may think an answer over
        world.work()
        busy = expire_all(company)
        busy += send_outbox(company.ctx, world.shop_id) + push_stock(company.ctx, world.shop_id)
        busy += refetch_orders(company.ctx, world.shop_id)
        if not busy:
            break
    else:
        raise AssertionError("the company never comes to rest")
    check(company)
    nothing_is_left_lying(company)
    the_newest_version_won(company)
    the_channel_shows_what_is_free(company)


def nothing_is_left_lying(company: Company) -> None:
    """I8: no lease, no message, no asked question, no waiting order is left over."""
    world = company.world
    assert {row.state for row in world.rows(t.inbox)} <= {"done"}
    assert [row.channel_ref for row in world.rows(t.orders, t.orders.c.state == "waiting")] == []
    for table in (t.streams, t.outbox, t.stock_pushes):
        assert [row for row in world.rows(table) if row.leased_until] == []
    assert [row.key for row in world.rows(t.outbox, t.outbox.c.state != "sent")] == []
    assert [row.order_id for row in world.rows(t.cancel_requests, t.cancel_requests.c.state == "asked")] == []


def the_newest_version_won(company: Company) -> None:
    """Whatever came late, twice or out of order: the order is what its channel last said, unless that was refused."""
    world = company.world
    refused = {row.order_id for row in world.rows(t.cancel_requests, t.cancel_requests.c.state == "refused")}
    documents = {row.order_id: row.current for row in world.rows(t.order_documents)}
    for ref, newest in company.versions.items():
        order = world.row(ref)
        if order.id not in refused:
            found = {line["channel_ref"]: line["quantity"] for line in documents[order.id]["lines"]}
            assert found == {line["channel_ref"]: line["quantity"] for line in newest["lines"]}, ref


def the_channel_shows_what_is_free(company: Company) -> None:
    """Every change of a number reached the channel: what it shows is what may be sold now."""
    world, shop = company.world, company.world.shop_id
    rows = {row.listing_ref: row for row in world.rows(t.stock_pushes)}
    with company.db.read() as db:
        offers = listing_offers(db, read_listings(db, shop), company.clock())
    for (_, ref), offer in sorted(offers.items()):
        assert rows[ref].seq == rows[ref].sent_seq
        meant = offer.publish(rows[ref].sent_value)
        assert meant in (None, world.shop.shelf.get(ref)), f"{ref} shows {world.shop.shelf.get(ref)}, {meant} is free"

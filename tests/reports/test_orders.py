"""The list of orders and one order: what stands in them after a day's work."""

from __future__ import annotations

import time

import pytest

from hub.canonical.errors import BadInput, Conflict, NotFound
from hub.reports.order import order_id_of, read_order
from hub.reports.orders import TABS, find_orders, order_counts
from hub.store.tables import connections, orders
from tests.fixtures.shop_day import Day


def test_tabs_count_what_they_show(day: Day) -> None:
    counts = order_counts(day.db)
    assert counts == {
        "all": 12, "to_ship": 5, "waiting": 0, "held": 4, "unpaid": 1, "shipped": 1, "refused": 1, "cancelled": 0,
        "closed": 0,
    }  # fmt: skip
    for tab in TABS:
        assert len(find_orders(day.db, tab=tab).rows) == counts[tab], tab


@pytest.mark.parametrize(
    ("_case", "text", "numbers"),
    [
        ("number", "#1003", ["#1003"]),
        ("number without its mark", "1003", ["#1003"]),
        ("beginning of a number", "100", [f"#100{digit}" for digit in range(1, 10)]),
        ("the channel's own id", "450001005", ["#1005"]),
        ("tracking number", "SF1090000000001", ["#1001"]),
        ("SKU", "MUG-蓝-礼盒", ["#1002"]),
        ("SKU that nobody knows", "TEE-RED-XXL", ["#1008", "#1007", "#1006"]),
        ("component of a kit", "TEE-RED-M", ["#1010", "#1004", "#1003"]),
        ("blanks around it", "  #1003 ", ["#1003"]),
        ("a name is not searched", "Ada Weiß", []),
        ("a wildcard stands for itself", "%", []),
        ("a quote", "'; DROP TABLE orders; --", []),
    ],
)  # fmt: skip
def test_search_finds_by_number_id_sku_and_tracking(day: Day, _case: str, text: str, numbers: list[str]) -> None:
    assert sorted(row.number for row in find_orders(day.db, q=text).rows) == sorted(numbers)


def test_pages_by_cursor_show_every_order_once(day: Day) -> None:
    seen: list[int] = []
    after: str | None = ""
    while after is not None:
        page = find_orders(day.db, after=after, limit=5)
        seen += [row.id for row in page.rows]
        after = page.next
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == len(set(seen)) == 12


@pytest.mark.parametrize("cursor", ["x", "MTIz!", "YWJj", "9" * 80])
def test_a_foreign_cursor_is_refused_with_a_reason(day: Day, cursor: str) -> None:
    with pytest.raises(BadInput, match="take it from the page before"):
        find_orders(day.db, after=cursor)
    with pytest.raises(BadInput, match="limit = 0: use 1 to 500"):
        find_orders(day.db, limit=0)


def test_a_row_says_what_was_wanted_and_shipped(day: Day) -> None:
    first = next(row for row in find_orders(day.db).rows if row.number == "#1001")
    assert (first.state, first.units, first.shipped, str(first.total), first.currency) == (
        "shipped",
        3,
        3,
        "57.00",
        "CNY",
    )
    assert (first.connection, first.city, first.skus) == ("tmall-flagship", "深圳市", ("TEE-RED-XL", "MUG-BLUE"))


def test_one_order_tells_lines_parcels_reasons_and_payloads(day: Day) -> None:
    facts = read_order(day.db, order_id_of(day.db, "#1001"))
    assert [(line.sku, line.wanted, line.reserved, line.shipped) for line in facts.lines] == [
        ("TEE-RED-XL", 2, 0, 2), ("MUG-BLUE", 1, 0, 1),
    ]  # fmt: skip
    decision = facts.decisions[0]
    assert (decision.why, decision.words["warehouse"], decision.words["rival"]) == ("first_priority_full", "SZX", "ORD")
    assert [(c.warehouses, c.reason) for c in decision.candidates] == [
        (("SZX",), "chosen"), (("ORD",), "lower_priority"), (("BER",), "covers_less"),
    ]  # fmt: skip
    assert decision.target is not None and decision.points["SZX"] is not None
    assert [event.kind for event in reversed(facts.events)] == [
        "order_imported", "order_routed", "picking_started", "parcel_shipped",
    ]  # fmt: skip
    assert b'"number": "#1001"' in facts.messages[0].raw
    assert [(told.topic, told.state) for told in facts.told] == [("shipment", "new")]
    assert facts.current["number"] == "#1001" and facts.open_holds == ()


def test_a_kit_line_counts_whole_kits(day: Day) -> None:
    facts = read_order(day.db, order_id_of(day.db, "1003"))
    kit = facts.lines[0]
    assert (kit.sku, kit.wanted, kit.reserved) == ("GIFT-SET", 1, 1)
    assert sorted((piece.sku, piece.reserved) for piece in kit.pieces) == [("MUG-BLUE", 1), ("TEE-RED-M", 1)]


def test_a_held_order_names_its_open_hold(day: Day) -> None:
    facts = read_order(day.db, order_id_of(day.db, "#1006"))
    assert [(hold.kind, hold.value) for hold in facts.open_holds] == [("unknown_sku", "TEE-RED-XXL")]
    assert facts.lines[0].sku is None and facts.decisions == ()


def test_an_order_that_is_not_there_is_named(day: Day) -> None:
    with pytest.raises(NotFound, match="there is no order 999"):
        read_order(day.db, 999)
    with pytest.raises(NotFound, match="there is no order 'nobody'"):
        order_id_of(day.db, "nobody")


def test_a_number_that_two_shops_use_is_not_guessed(day: Day) -> None:
    mine = order_id_of(day.db, "1003")
    with day.db.write() as db:
        row = dict(db.execute(orders.select().where(orders.c.id == mine)).mappings().one())
        shop = dict(db.execute(connections.select().where(connections.c.id == row["connection_id"])).mappings().one())
        del row["id"], shop["id"]
        other = db.scalar(connections.insert().values(shop | {"name": "other"}).returning(connections.c.id))
        copy = row | {"connection_id": other, "number": "1003"}
        theirs = db.scalar(orders.insert().values(copy).returning(orders.c.id))
    with pytest.raises(Conflict, match=f"2 connections have an order '1003': write {shop['name']}/1003 or other/1003"):
        order_id_of(day.db, "1003")
    assert (order_id_of(day.db, "other/1003"), order_id_of(day.db, f"{shop['name']}/1003")) == (theirs, mine)
    assert order_id_of(day.db, "#1003") == mine
    with pytest.raises(NotFound, match="there is no order 'nowhere/1003'"):
        order_id_of(day.db, "nowhere/1003")


def test_ten_thousand_orders_stay_fast(day: Day) -> None:
    with day.db.write() as db:
        row = dict(db.execute(orders.select().limit(1)).mappings().one())
        del row["id"]
        many = [row | {"channel_ref": f"m{at}", "number": f"M{at}", "state": "shipped"} for at in range(10_000)]
        db.execute(orders.insert(), many)
    started = time.perf_counter()
    assert order_counts(day.db)["all"] == 10_012
    page = find_orders(day.db, tab="shipped")
    for _ in range(5):
        page = find_orders(day.db, tab="shipped", after=page.next or "")
    assert [row.number for row in find_orders(day.db, q="M9999").rows] == ["M9999"]
    assert find_orders(day.db, q="LAMP-OAK").rows[0].number == "#1011"
    assert time.perf_counter() - started < 3  # nine reads; 20 to 60 ms each on a busy machine

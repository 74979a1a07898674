"""What a shop is told of its orders: refusals while there is time, parcels as marks, each once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.kit.orders.desk import MarkedOrders, parcel_mark, parcel_words, wants_more
from connectors.kit.values import Row
from hub.canonical.errors import BadRecord, Conflict, NotFound
from hub.ports.channel import Dispatch, DispatchLine, OrderAnswer

NOW = datetime(2026, 11, 23, tzinfo=UTC)
PARCEL, REFUSAL = "_stockline_shipment_S1", "_stockline_refused"


class Shop(MarkedOrders):
    """One order, `1`, as it stands; what was written is laid over it, and what was told is kept."""

    dead, over = frozenset({"cancelled", "refunded"}), frozenset({"done"})
    done, cancelled = "done", "cancelled"
    lines = ("lines", "id", "n")

    def __init__(self, status: str = "open", *marks: str) -> None:
        self.row: dict[str, Any] = {"status": status, "marks": dict.fromkeys(marks), "lines": [{"id": 7, "n": "2"}]}
        self.said, self.writes = list[str](), list[tuple[str, Mapping[str, Any]]]()

    def order(self, ref: str) -> Row | None:
        return self.row if ref == "1" else None

    def marks(self, order: Row) -> set[str]:
        return set(order["marks"])

    def change(self, ref: str, state: str, marks: Mapping[str, Any]) -> None:
        self.writes.append((state, marks))
        self.row |= {"status": state or self.row["status"], "marks": {**self.row["marks"], **marks}}

    def track(self, dispatch: Dispatch) -> None:
        self.said.append(dispatch.tracking_no)

    def say(self, ref: str, text: str) -> None:
        self.said.append(text)


def parcel(*, final: bool = True, tracking: str = "T1", known: str = "2", ref: str = "1") -> Dispatch:
    order = {"lines": [{"channel_ref": "7", "quantity": known}]}
    lines = (DispatchLine("7", Decimal(2)),)
    return Dispatch(ref, "#1", "S1", "DHL", tracking, NOW, lines, final, order=order)


def refusal(ref: str = "1") -> OrderAnswer:
    return OrderAnswer(ref, "#1", False, "out of stock", (), NOW)


def test_a_parcel_is_tracked_then_marked_and_the_last_one_ends_the_order() -> None:
    shop = Shop()
    shop.ship(parcel(), "k")
    mark = {"key": "k", "carrier": "DHL", "tracking_no": "T1", "lines": {"7": "2"}}
    assert (shop.said, shop.writes) == (["T1"], [("done", {PARCEL: mark})])
    shop.ship(parcel(), "k")
    assert (shop.said, len(shop.writes)) == (["T1"], 1)


def test_a_parcel_that_turns_out_to_be_the_last_only_ends_the_order() -> None:
    shop = Shop()
    shop.ship(parcel(final=False), "k")
    assert shop.row["status"] == "open"
    shop.ship(parcel(), "k:last")
    assert (shop.said, shop.writes[1:]) == (["T1"], [("done", {})])


def test_a_parcel_without_a_number_is_marked_only() -> None:
    shop = Shop()
    shop.ship(parcel(tracking=""), "k")
    assert (shop.said, shop.row["status"]) == ([], "done")


def test_an_order_that_was_raised_meanwhile_stays_open() -> None:
    shop = Shop()
    shop.ship(parcel(known="1"), "k")
    assert (shop.row["status"], PARCEL in shop.row["marks"]) == ("open", True)


def test_a_parcel_of_a_dead_order_is_a_conflict_and_writes_nothing() -> None:
    shop = Shop("refunded")
    with pytest.raises(Conflict, match="is refunded at the shop"):
        shop.ship(parcel(), "k")
    assert (shop.said, shop.writes) == ([], [])


def test_a_refusal_cancels_and_tells_the_buyer_and_is_finished_where_it_was_cut_off() -> None:
    shop, words = Shop(), "We are sorry: your order cannot be delivered (out of stock)."
    shop.refuse(refusal())
    assert (shop.said, shop.writes) == ([words], [("cancelled", {REFUSAL: "out of stock"})])
    shop.refuse(refusal())
    assert (shop.said, len(shop.writes)) == ([words, words], 1)


@pytest.mark.parametrize(
    ("shop", "why"),
    [
        (Shop("done"), "order 1 is done at the shop; it cannot be refused"),
        (Shop("done", REFUSAL), "order 1 is done at the shop; it cannot be refused"),
        (Shop("open", PARCEL), "something of order 1 left; it cannot be refused"),
    ],
)
def test_a_refusal_that_comes_too_late_is_a_conflict_and_writes_nothing(shop: Shop, why: str) -> None:
    with pytest.raises(Conflict, match=why):
        shop.refuse(refusal())
    assert (shop.said, shop.writes) == ([], [])


def test_an_order_that_is_over_without_us_is_left_as_it_is() -> None:
    shop = Shop("cancelled")
    shop.refuse(refusal())
    assert (shop.said, shop.writes) == ([], [])


def test_an_order_that_the_shop_does_not_know_is_not_found() -> None:
    for tell in (lambda: Shop().ship(parcel(ref="2"), "k"), lambda: Shop().refuse(refusal("2"))):
        with pytest.raises(NotFound, match="the shop has no order 2"):
            tell()


@pytest.mark.parametrize(
    ("known", "now", "more"),
    [("2", "2", False), ("2", 1, False), ("2", "2.5", True), ("2", None, False), ("1", 2, True)],
)
def test_a_line_that_was_raised_wants_more(known: str, now: object, more: bool) -> None:
    assert wants_more(parcel(known=known), [{"id": 7, "n": now}], "id", "n") is more


def test_a_line_that_the_hub_does_not_know_wants_more_unless_it_knows_none() -> None:
    rows = [{"id": 8, "n": 1}]
    assert wants_more(parcel(), rows, "id", "n")
    assert not wants_more(Dispatch("1", "#1", "S1", "DHL", "T1", NOW, (), True), rows, "id", "n")
    with pytest.raises(BadRecord):
        wants_more(parcel(), [{"id": 7, "n": "many"}], "id", "n")


def test_words_and_mark_say_which_parcel_it_is() -> None:
    assert parcel_words(parcel()) == "Parcel S1 left with DHL, tracking number T1."
    assert parcel_mark(parcel(), "k")["lines"] == {"7": "2"}

"""A marketplace's orders by their state: a decision for each line while they wait, parcels once they may leave."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.kit.orders.market import MarketDesk
from connectors.kit.parts import Parts, PartsShop
from connectors.kit.values import Row
from hub.canonical.errors import Conflict, NotFound
from hub.ports.base_channel import ChannelUnsupported
from hub.ports.channel import (
    AnswerLine,
    Connection,
    ConnectorSpec,
    Dispatch,
    DispatchLine,
    OrderAnswer,
)

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


class Desk(MarketDesk):
    """Has the order O with two lines; `told`: what the marketplace was told."""

    state, waits, ready = "state", "NEW", "READY"
    left, dead = frozenset({"SENT"}), frozenset({"GONE"})
    lines, line = "rows", "no"

    def __init__(self, order: Row, *, several: bool = True, known: bool = False) -> None:
        rows = [{"no": 1}, {"no": "2"}]
        super().__init__(lambda ref: {**order, "rows": rows} if ref == "O" else None, several=several)
        self.told, self.known = list[tuple[str, Any]](), known

    def decide(self, ref: str, accepted: Mapping[str, bool]) -> None:
        self.told.append((f"decide {ref}", accepted))

    def may_cancel(self, order: Row) -> bool:
        return bool(order.get("open"))

    def cancel(self, ref: str) -> None:
        self.told.append(("cancel", ref))

    def has_parcel(self, dispatch: Dispatch) -> bool:
        return self.known

    def tell_parcel(self, dispatch: Dispatch) -> None:
        self.told.append(("parcel", dispatch.shipment_no))

    def tell_order(self, dispatch: Dispatch) -> None:
        self.told.append(("order", dispatch.shipment_no))


def word(*promised: int, accepted: bool = True, ref: str = "O") -> OrderAnswer:
    """An answer about lines of two pieces each."""
    lines = tuple(AnswerLine(str(at), Decimal(2), Decimal(number)) for at, number in enumerate(promised, 1))
    return OrderAnswer(ref, ref, accepted, "", lines, NOW)


def parcel(*, lines: int = 1, final: bool = True, ref: str = "O") -> Dispatch:
    held = tuple(DispatchLine(str(at), Decimal(1)) for at in range(lines))
    return Dispatch(ref, ref, "S1", "DHL", "T1", NOW, held, final)


@pytest.mark.parametrize(
    ("_case", "promised", "accepted", "decisions"),
    [
        ("all of it", (2, 2), True, {"1": True, "2": True}),
        ("a line that is short is refused alone", (2, 1), True, {"1": True, "2": False}),
        ("a line that the answer leaves out is accepted", (2,), True, {"1": True, "2": True}),
        ("nothing", (2, 2), False, {"1": False, "2": False}),
    ],
)
def test_an_order_that_waits_gets_a_decision_for_each_line(
    _case: str, promised: tuple[int, ...], accepted: bool, decisions: Mapping[str, bool]
) -> None:
    desk = Desk({"state": "NEW"})
    (desk.accept if accepted else desk.refuse)(word(*promised, accepted=accepted))
    assert desk.told == [("decide O", decisions)]


def test_an_order_that_does_not_wait_any_more_is_not_accepted_again() -> None:
    desk = Desk({"state": "READY"})
    desk.accept(word(2, 2))
    assert desk.told == []
    with pytest.raises(Conflict, match=r"^order O is GONE at the marketplace; it cannot be accepted$"):
        Desk({"state": "GONE"}).accept(word(2, 2))


def test_an_order_is_cancelled_once_it_does_not_wait_and_while_it_may_be() -> None:
    desk = Desk({"state": "READY", "open": True})
    desk.refuse(word(accepted=False))
    assert desk.told == [("cancel", "O")]
    gone = Desk({"state": "GONE"})
    gone.refuse(word(accepted=False))
    assert gone.told == []
    sent = Desk({"state": "SENT"})
    with pytest.raises(Conflict, match=r"^order O is SENT at the marketplace; it cannot be cancelled$"):
        sent.refuse(word(accepted=False))
    assert sent.told == []


@pytest.mark.parametrize(
    ("_case", "several", "known", "parcel", "told"),
    [
        ("one of several", True, False, parcel(final=False), [("parcel", "S1")]),
        ("one that was told", True, True, parcel(), []),
        ("one without a line", True, False, parcel(lines=0), []),
        ("the last one, where an order is told once", False, False, parcel(), [("order", "S1")]),
        ("the last one without a line", False, False, parcel(lines=0), [("order", "S1")]),
        ("another, where an order is told once", False, False, parcel(final=False), []),
    ],
)
def test_parcels_are_told_one_by_one_or_with_the_last(
    _case: str, several: bool, known: bool, parcel: Dispatch, told: list[tuple[str, str]]
) -> None:
    desk = Desk({"state": "READY"}, several=several, known=known)
    desk.ship(parcel, "k")
    assert desk.told == told


@pytest.mark.parametrize("several", [True, False])
def test_a_parcel_of_an_order_that_may_not_leave_is_a_conflict_and_changes_nothing(several: bool) -> None:
    desk = Desk({"state": "NEW"}, several=several)
    with pytest.raises(Conflict) as refused:
        desk.ship(parcel(), "k")
    assert str(refused.value) == (
        "order O is NEW at the marketplace, which takes parcels of orders in READY only; parcel S1 is not told: replay "
        "the message once it is"
    )
    assert desk.told == []


def test_an_order_that_was_told_as_shipped_is_left_alone() -> None:
    desk = Desk({"state": "SENT"}, several=False)
    desk.ship(parcel(), "k")
    assert desk.told == []


def test_an_order_that_the_marketplace_does_not_have_is_not_found() -> None:
    for call in (lambda desk: desk.accept(word(2, ref="X")), lambda desk: desk.ship(parcel(ref="X"), "k")):
        with pytest.raises(NotFound, match="the shop has no order X"):
            call(Desk({"state": "NEW"}))


class Shop(PartsShop):
    spec = ConnectorSpec("s", "S", frozenset())


@pytest.mark.parametrize("accepts", [True, False])
def test_a_shop_accepts_orders_where_its_desk_does(accepts: bool) -> None:
    class Only:
        """Refuses, and cannot accept."""

        ship, refuse = Desk.ship, Desk.refuse

    desk = Desk({"state": "NEW"})
    made: Any = desk if accepts else Only()
    any_part: Any = lambda *_: object()  # noqa: E731 - a part that is not asked
    Shop.parts = Parts(any_part, any_part, any_part, any_part, lambda _: made, any_part)
    shop = Shop(Connection(1, "s", "s", {}, {}))
    if accepts:
        shop.answer_order(word(2, 2), key="k")
        shop.answer_order(word(2, 2, accepted=False), key="k")
        assert [accepted for _, accepted in desk.told] == [{"1": True, "2": True}, {"1": False, "2": False}]
    else:
        with pytest.raises(ChannelUnsupported, match="s does not declare accept_order"):
            shop.answer_order(word(2, 2), key="k")

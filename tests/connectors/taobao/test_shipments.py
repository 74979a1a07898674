"""Parcels: whole trades, split ones by their lines, and those that may not leave."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from connectors.taobao.connector import Taobao
from connectors.taobao.sandbox import TaobaoSandbox
from connectors.taobao.sandbox.shop import UNPAID
from connectors.taobao.shipments import SEND
from hub.canonical.errors import Conflict, NotFound
from hub.ports.channel import Dispatch, DispatchLine
from tests.connectors.contract import SHOPPER
from tests.connectors.taobao.conftest import forms

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
BASKET = [("MUG-RED", 2), ("TEA-GREEN", 1)]


def parcel(sandbox: TaobaoSandbox, ref: str, places: list[int], number: str = "S1", carrier: str = "SF") -> Dispatch:
    trade = sandbox.shop.trade(ref)
    lines = tuple(DispatchLine(str(trade.lines[at].oid), Decimal(trade.lines[at].ordered)) for at in places)
    return Dispatch(ref, ref, number, carrier, f"TRACK-{number}", NOW, lines, True)


def test_a_whole_trade_is_told_without_its_lines(sandbox: TaobaoSandbox, channel: Taobao) -> None:
    ref = sandbox.place_order(SHOPPER, BASKET)
    with forms(sandbox) as posted:
        channel.push_shipment(parcel(sandbox, ref, [0, 1]), key="k")
    (sent,) = [form for form in posted if form["method"] == SEND]
    assert "is_split" not in sent
    assert "sub_tid" not in sent
    assert (sent["company_code"], sent["out_sid"]) == ("SF", "TRACK-S1")


def test_a_part_names_its_lines_and_so_does_the_rest(sandbox: TaobaoSandbox, channel: Taobao) -> None:
    ref = sandbox.place_order(SHOPPER, BASKET)
    with forms(sandbox) as posted:
        channel.push_shipment(parcel(sandbox, ref, [0]), key="k1")
        channel.push_shipment(parcel(sandbox, ref, [1], "S2"), key="k2")
    oids = [str(line.oid) for line in sandbox.shop.trade(ref).lines]
    assert [(form["is_split"], form["sub_tid"]) for form in posted if form["method"] == SEND] == [
        ("1", oids[0]),
        ("1", oids[1]),
    ]


def test_what_is_left_after_a_refund_of_a_line_is_a_whole_trade(sandbox: TaobaoSandbox, channel: Taobao) -> None:
    ref = sandbox.place_order(SHOPPER, BASKET)
    assert sandbox.refund_line(ref, "TEA-GREEN")
    with forms(sandbox) as posted:
        channel.push_shipment(parcel(sandbox, ref, [0]), key="k")
    assert [form.get("is_split") for form in posted if form["method"] == SEND] == [None]
    (book,) = sandbox.book()
    assert (book.state, [line.current for line in book.lines]) == ("shipped", [2, 0])


def test_a_second_parcel_of_the_same_line_needs_a_person(sandbox: TaobaoSandbox, channel: Taobao) -> None:
    ref = sandbox.place_order(SHOPPER, BASKET)
    channel.push_shipment(parcel(sandbox, ref, [0]), key="k1")
    with pytest.raises(Conflict, match="a line of parcel S2 left with TRACK-S1; Taobao keeps one parcel a line"):
        channel.push_shipment(parcel(sandbox, ref, [0], "S2"), key="k2")
    assert sandbox.book()[0].trackings == ("TRACK-S1",)


@pytest.mark.parametrize("state", [UNPAID, "PAY_PENDING", "PAID_FORBID_CONSIGN", "TRADE_CLOSED_BY_TAOBAO"])
def test_a_trade_that_may_not_be_shipped_is_not(state: str, sandbox: TaobaoSandbox, channel: Taobao) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    sandbox.shop.trade(ref).lines[0].status = state
    with pytest.raises(Conflict, match=f"trade {ref} may not be shipped at the shop: it is {state}"):
        channel.push_shipment(parcel(sandbox, ref, [0]), key="k")
    assert sandbox.book()[0].trackings == ()


@pytest.mark.parametrize(
    ("carrier", "code"), [("顺丰速运", "SF"), ("sf", "SF"), ("SF Express", "SF"), ("Yunda", "YUNDA"), ("中通", "ZTO")]
)
def test_a_carrier_is_known_by_code_by_name_or_by_our_table(
    carrier: str, code: str, sandbox: TaobaoSandbox, channel: Taobao
) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    channel.push_shipment(parcel(sandbox, ref, [0], carrier=carrier), key="k")
    assert sandbox.shop.trade(ref).lines[0].company == code


def test_what_cannot_be_told_is_refused_before_anything_is_sent(sandbox: TaobaoSandbox, channel: Taobao) -> None:
    ref = sandbox.place_order(SHOPPER, [("MUG-RED", 1)])
    good = parcel(sandbox, ref, [0])
    with pytest.raises(Conflict, match=r"Taobao knows no carrier 'Pigeon Post': .*a row to the table carriers"):
        channel.push_shipment(replace(good, carrier="Pigeon Post"), key="k")
    with pytest.raises(Conflict, match="parcel S1 has no tracking number"):
        channel.push_shipment(replace(good, tracking_no=""), key="k")
    with pytest.raises(NotFound, match="the shop has no order 999, or has forgotten it"):
        channel.push_shipment(replace(good, order_ref="999"), key="k")
    assert sandbox.book()[0].state == "open"

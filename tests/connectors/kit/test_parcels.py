"""Carriers go by the platform's own list, then by our words for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.kit.orders.parcels import Carriers, ParcelDesk, known_order, refuse_dead, whole_pieces
from connectors.kit.values import Row
from hub.canonical.errors import BadRecord, Conflict, NotFound
from hub.ports.channel import ConnectorSpec, Dispatch, DispatchLine

LISTED = [
    {"id": 7, "code": "SF", "name": "顺丰速运"},
    {"id": 8, "code": "ZTO", "name": "中通快递"},
    {"id": None, "code": "GONE", "name": "没有编号"},
]


def carriers(at: list[float], asked: list[float]) -> Carriers:
    def ask() -> list[Mapping[str, Any]]:
        asked.append(at[0])
        return LISTED

    return Carriers(ask, ("name", "code"), "id", {"sf express": {"code": "sf"}}, clock=lambda: at[0])


def test_a_carrier_goes_by_name_code_or_our_word_however_it_is_written() -> None:
    known = carriers([0.0], [])
    assert [known.find(name) for name in ("顺丰速运", " sf ", "SF Express", "ZTO")] == ["7", "7", "7", "8"]


def test_what_the_platform_does_not_list_is_none() -> None:
    known = carriers([0.0], [])
    assert [known.find(name) for name in ("", "none", "DHL", "GONE")] == [None, None, None, None]


def test_the_list_is_asked_for_once_a_day() -> None:
    at, asked = [0.0], list[float]()
    known = carriers(at, asked)
    for moment in (0.0, 86_399.0, 86_400.0):
        at[0] = moment
        known.find("SF")
    assert asked == [0.0, 86_400.0]


def test_an_order_that_the_shop_does_not_know_is_not_found() -> None:
    orders = {"1": {"id": "1"}}
    assert known_order(orders.get, "1") == {"id": "1"}
    with pytest.raises(NotFound, match="the shop has no order 2, or has forgotten it"):
        known_order(orders.get, "2")


def test_a_dead_order_takes_no_parcel_and_a_living_one_does() -> None:
    parcel = Dispatch("1", "1", "S1", "DHL", "T", datetime(2026, 11, 23, tzinfo=UTC), (), False)
    refuse_dead(parcel, "open", {"cancelled"})
    with pytest.raises(Conflict, match="order 1 is cancelled at the shop; the parcel is not told"):
        refuse_dead(parcel, "cancelled", {"cancelled"})


class Platform:
    """Knows order 1, which was told of parcel T1."""

    spec, settings = ConnectorSpec("douyin", "D", frozenset()), dict[str, str]()

    def order(self, ref: str) -> Row | None:
        return {"id": ref, "told": ["T1"]} if ref == "1" else None


class Desk(ParcelDesk[Platform]):
    """Keeps the carrier of each parcel that it tells."""

    title = "Platform"

    def __init__(self) -> None:
        super().__init__(Platform())
        self.sent = list[str]()

    def _listed(self) -> list[Mapping[str, Any]]:
        return [{"code": "shunfeng", "name": "顺丰速运"}]

    def _told_before(self, dispatch: Dispatch, found: Row) -> bool:
        return dispatch.tracking_no in found["told"]

    def _tell(self, dispatch: Dispatch, found: Row, key: str) -> None:
        self.sent.append(self._carrier(dispatch))


class Plain(Desk):
    """Without words of ours."""

    ours = False


def parcel(tracking: str = "T2", ref: str = "1", carrier: str = "SF Express") -> Dispatch:
    return Dispatch(ref, "1", "S1", carrier, tracking, datetime(2026, 11, 23, tzinfo=UTC), (), False)


def test_a_parcel_is_told_once_by_the_platforms_list_or_the_words_of_its_mapping() -> None:
    desk = Desk()
    for number, carrier in (("T1", "SF Express"), ("T2", "SF Express"), ("T3", "顺丰速运")):
        desk.ship(parcel(number, carrier=carrier), "k")
    assert desk.sent == ["shunfeng", "shunfeng"]


def test_a_parcel_without_order_number_or_known_carrier_is_refused() -> None:
    with pytest.raises(NotFound, match="the shop has no order 2"):
        Desk().ship(parcel(ref="2"), "k")
    with pytest.raises(Conflict, match="parcel S1 has no tracking number; Platform takes none without"):
        Desk().ship(parcel(""), "k")
    with pytest.raises(Conflict, match="or add a row to the table carriers of its mapping"):
        Desk().ship(parcel(carrier="Nobody"), "k")
    with pytest.raises(Conflict, match="Platform knows no carrier 'SF Express'; parcel S1 is not told"):
        Plain().ship(parcel(), "k")


def test_the_pieces_of_a_parcel_are_whole_and_add_up_line_by_line() -> None:
    lines = [DispatchLine("a", Decimal(2)), DispatchLine("b", Decimal("1.0")), DispatchLine("A", Decimal(3))]
    assert whole_pieces(lines) == {"a": 2, "b": 1, "A": 3}
    assert whole_pieces(lines, str.lower) == {"a": 5, "b": 1}
    for wrong in ("1.5", "0", "-1"):
        with pytest.raises(BadRecord, match="expected a whole number of pieces from 1 on"):
            whole_pieces([DispatchLine("a", Decimal(wrong))])
